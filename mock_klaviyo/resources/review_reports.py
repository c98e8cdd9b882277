"""Review values reports: what a shop shows of its reviews in numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from hashlib import sha256

from mock_klaviyo.errors import error
from mock_klaviyo.json import Json
from mock_klaviyo.jsonapi import document as documents
from mock_klaviyo.jsonapi.fields import pruned
from mock_klaviyo.jsonapi.filters import Comparison
from mock_klaviyo.resources.call import Call, Reply
from mock_klaviyo.resources.registry import operation
from mock_klaviyo.store.rows import Row
from mock_klaviyo.store.select import Selection

REPORT = "review-values-report"
SHOWN = ("published", "featured")
"""The statuses in which others see a review; only these are counted."""

OF_PRODUCTS = ("review", "rating")
TIMEFRAMES: Mapping[str, timedelta | None] = {
    "all_time": None,
    "last_30_days": timedelta(days=30),
    "last_90_days": timedelta(days=90),
    "last_365_days": timedelta(days=365),
}


def total(*types: str) -> Callable[[list[Json]], int]:
    """How many reviews of some types there are."""
    return lambda reviews: sum(each["review_type"] in types for each in reviews)


def average(*types: str) -> Callable[[list[Json]], float | None]:
    """The average rating of the reviews of some types; none without ratings."""

    def rating(reviews: list[Json]) -> float | None:
        ratings = [each["rating"] for each in reviews if each["review_type"] in types and each["rating"] is not None]
        return round(sum(ratings) / len(ratings), 2) if ratings else None

    return rating


STATISTICS: Mapping[str, Callable[[list[Json]], float | None]] = {
    "average_rating": average(*OF_PRODUCTS),
    "total_reviews": total("review"),
    "total_ratings": total("rating"),
    "total_questions": total("question"),
    "total_store_reviews": total("store"),
    "average_store_rating": average("store"),
}
"""The statistic's name → its number for some reviews."""


@operation("get_client_review_values_reports")
def get_client_review_values_reports(call: Call) -> Reply:
    """One report: the statistics asked for, of each product or of the whole company."""
    names = statistics(call.query.parameters["statistics"])
    groups = by_product(call) if call.query.parameters["group_by"] == "product_id" else by_company(call)
    results = [
        {"groupings": grouping, "statistics": {name: STATISTICS[name](reviews) for name in names}}
        for grouping, reviews in groups
    ]
    asked = call.query.fields.get(REPORT)
    shown = pruned({"results": results}, asked) if asked is not None else {"results": results}
    id = sha256(call.url.encode()).hexdigest()[:12]
    link = f"{call.base_url}/client/{REPORT}s/{id}/"
    report = documents.resource_object(REPORT, id, shown, self_link=link)
    return Reply(200, documents.collection([report], call.url))


def statistics(text: str) -> list[str]:
    """The statistics that a text names."""
    names = [name.strip() for name in text.split(",")]
    for name in names:
        if name not in STATISTICS:
            reason = f"'{name}' is not a valid statistic. Valid statistics are {', '.join(STATISTICS)}."
            raise error("invalid_parameter", reason=reason, parameter="statistics")
    return names


def counted(call: Call) -> list[Json]:
    """The reviews that others see, of the time that is asked for."""
    window = TIMEFRAMES[call.query.parameters["timeframe"]]
    comparisons = [Comparison("any", "status.value", SHOWN)]
    if window is not None:
        comparisons.append(Comparison("greater-or-equal", "created", call.world.now - window))
    wanted = wanted_products(call)
    rows = call.world.store.every(Selection("review", tuple(comparisons)))
    return [row.document for row in rows if wanted is None or product_id(row) in wanted]


def wanted_products(call: Call) -> list[str] | None:
    """The products that the filter names; None when it names none."""
    if not call.query.filters:
        return None
    values = (each.value for each in call.query.filters)
    return [str(id) for value in values for id in (value if isinstance(value, tuple) else (value,))]


def product_id(row: Row) -> str | None:
    """The product that a review is about."""
    id: str | None = (row.document["product"] or {}).get("external_id")
    return id


def by_company(call: Call) -> list[tuple[Json, list[Json]]]:
    """All reviews, in one group."""
    return [({"company_id": call.world.account.id}, counted(call))]


def by_product(call: Call) -> list[tuple[Json, list[Json]]]:
    """The reviews of each product; a product that was asked for has a group even without reviews."""
    groups: dict[str, list[Json]] = {id: [] for id in wanted_products(call) or ()}
    for review in counted(call):
        if review["product"]:
            groups.setdefault(review["product"]["external_id"], []).append(review)
    return [({"product_id": id}, reviews) for id, reviews in groups.items()]
