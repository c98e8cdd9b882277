"""Reviews: written by visitors, moderated by the shop, shown and counted."""

from __future__ import annotations

from base64 import b64decode
from datetime import timedelta

import pytest

from tests.calling import Client, reference, resource

GIF = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"
ANNA = {"review_type": "review", "email": "anna@shop.org", "author": "Anna", "content": "Good", "rating": 5}
HAT = {"external_id": "HAT", "integration_key": "shopify"}
PUBLIC = {"company_id": "MOCK01"}
PUBLISHED = {"value": "published"}


def review(client: Client, *, order: str | None = None, **attributes: object) -> str:
    related = {"order": reference("order", order)} if order else None
    body = resource("review", None, related, **(ANNA | attributes))
    assert None is client.post("/client/reviews", body, **PUBLIC)
    return client.ids("/api/reviews")[-1]


def publish(client: Client, id: str, status: object = PUBLISHED):
    return client.patch(f"/api/reviews/{id}", resource("review", id, status=status))["data"]["attributes"]["status"]


def shown(client: Client, id: str):
    return client.get(f"/api/reviews/{id}")["data"]["attributes"]


def report(client: Client, **query: str):
    asked = {"group_by": "company_id", "timeframe": "all_time", "statistics": "average_rating,total_reviews"} | query
    (found,) = client.get("/client/review-values-reports", **PUBLIC, **asked)["data"]
    return [{**each["groupings"], **each["statistics"]} for each in found["attributes"]["results"]]


def test_a_review_waits_until_it_is_published(client):
    id = review(client)

    assert {"value": "pending"} == shown(client, id)["status"]
    assert {name: ANNA[name] for name in ANNA} == {name: shown(client, id)[name] for name in ANNA}
    assert PUBLISHED == publish(client, id)


def test_a_review_is_rejected_for_a_reason(client):
    id = review(client)
    rejected = {"value": "rejected", "rejection_reason": {"reason": "other", "status_explanation": "rude"}}

    assert rejected == publish(client, id, rejected) == shown(client, id)["status"]
    wrong = resource("review", id, status={"value": "rejected"})
    assert 400 == client.error("PATCH", f"/api/reviews/{id}", wrong)[0]
    assert rejected == shown(client, id)["status"]


def test_an_empty_change_changes_nothing(client):
    id = review(client)

    assert {"value": "pending"} == publish(client, id, None)


def test_reviews_are_filtered_sorted_and_paged(client):
    good = review(client, product=HAT, order="1001")
    poor = review(client, rating=1, content="Bad", review_type="rating")
    publish(client, good)

    assert [poor] == client.ids("/api/reviews", filter='less-or-equal(rating,2),contains(content,"Ba")')
    assert [good] == client.ids("/api/reviews", filter='equals(status,"published"),equals(verified,true)')
    assert [good] == client.ids("/api/reviews", filter='equals(item.id,"$shopify:::$default:::HAT")')
    assert [poor] == client.ids("/api/reviews", filter='equals(review_type,"rating"),any(rating,[1,2])')
    assert [poor, good] == client.ids("/api/reviews", sort="rating")
    assert [good] == client.ids("/api/reviews", sort="-rating", **{"page[size]": "1"})


def test_a_review_of_an_order_is_verified(client):
    assert [False, True] == [shown(client, review(client, order=order))["verified"] for order in (None, "1001")]


def test_a_question_has_no_rating(client):
    assert None is shown(client, review(client, review_type="question", rating=5))["rating"]


def test_a_review_names_its_product(client):
    found = shown(client, review(client, product=HAT))

    assert {"url": "", "name": "HAT", "image_url": None, "external_id": "HAT"} == found["product"]


def test_a_review_is_an_event_of_its_author(client):
    id = review(client)
    found = client.get(f"/api/reviews/{id}", include="events")
    (event,) = found["included"]
    profile = client.get(f"/api/events/{event['id']}/profile")["data"]["attributes"]
    metric = client.get(f"/api/events/{event['id']}/metric")["data"]["attributes"]

    assert ("anna@shop.org", "Submitted review") == (profile["email"], metric["name"])
    assert [{"type": "event", "id": event["id"]}] == found["data"]["relationships"]["events"]["data"]
    assert 5 == event["attributes"]["event_properties"]["rating"]


def test_a_question_is_no_event(client):
    id = review(client, review_type="question")

    assert [] == client.get(f"/api/reviews/{id}", include="events")["included"]


def test_images_that_come_along_are_kept(client, klaviyo):
    first, second = shown(client, review(client, images=["https://shop.org/a.png", GIF]))["images"]
    file = klaviyo.row("image-file", second.rpartition("/")[2])

    assert "https://shop.org/a.png" == first
    assert b64decode(GIF.partition(",")[2]) == b64decode(file.document["content"])


@pytest.mark.parametrize(
    ("attributes", "pointer"),
    [
        ({"email": "anna"}, "/data/attributes/email"),
        ({"rating": 6}, "/data/attributes/rating"),
        ({"review_type": "poem"}, "/data/attributes/review_type"),
        ({"images": ["data:image/png;base64,???"]}, "/data/attributes/images/0"),
        ({"images": ["a", "data:image/png;base64,AAAA"]}, "/data/attributes/images/1"),
    ],
)
def test_a_wrong_review_is_refused(client, attributes, pointer):
    status, error = client.error("POST", "/client/reviews", resource("review", **(ANNA | attributes)), **PUBLIC)

    assert (400, pointer) == (status, error["source"]["pointer"])
    assert [] == client.ids("/api/reviews")
    assert [] == client.ids("/api/profiles")


def test_browsers_see_no_addresses(client):
    id = review(client, images=["https://shop.org/a.png"], incentive_type="loyalty_points")
    other = review(client, rating=1)
    (found,) = client.get("/client/reviews", filter="has(media),equals(incentivized,true)", **PUBLIC)["data"]

    assert id == found["id"]
    assert "email" not in found["attributes"]
    assert [other, id] == client.ids("/client/reviews", sort="rating", **PUBLIC)
    assert [] == client.ids("/client/reviews", filter="has(public_reply),has(smart_quote)", **PUBLIC)


def test_an_unknown_review_is_not_found(client):
    assert 404 == client.error("GET", "/api/reviews/1")[0]


def test_a_report_counts_what_others_see(client):
    for rating, status in ((5, "published"), (2, "featured"), (1, "pending"), (1, "unpublished")):
        publish(client, review(client, rating=rating), {"value": status})

    assert [{"company_id": "MOCK01", "average_rating": 3.5, "total_reviews": 2}] == report(client)


def test_a_report_of_nothing_has_no_average(client):
    assert [{"company_id": "MOCK01", "average_rating": None, "total_reviews": 0}] == report(client)


def test_each_type_of_review_is_counted_for_itself(client):
    for review_type, rating in (("review", 5), ("rating", 4), ("question", None), ("store", 1)):
        publish(client, review(client, review_type=review_type, rating=rating))
    names = "total_reviews,total_ratings,total_questions,total_store_reviews,average_rating,average_store_rating"

    assert [[1, 1, 1, 1, 4.5, 1.0]] == [list(each.values())[1:] for each in report(client, statistics=names)]


def test_a_report_by_product(client):
    publish(client, review(client, product=HAT))
    publish(client, review(client, rating=3, product=HAT | {"external_id": "CAP"}))
    asked = {"group_by": "product_id", "statistics": "average_rating"}

    assert [("HAT", 5.0), ("CAP", 3.0)] == [tuple(each.values()) for each in report(client, **asked)]
    filter = 'any(product_external_ids,["CAP","SHOE"])'
    assert [("CAP", 3.0), ("SHOE", None)] == [tuple(each.values()) for each in report(client, **asked, filter=filter)]


def test_a_report_of_the_last_days(client, klaviyo):
    publish(client, review(client))
    klaviyo.move_clock(klaviyo.clock.now + timedelta(days=31))

    assert [0, 1] == [report(client, timeframe=name)[0]["total_reviews"] for name in ("last_30_days", "last_90_days")]


@pytest.mark.parametrize("query", [{"statistics": "mood"}, {"timeframe": "today"}, {"group_by": "author"}])
def test_a_wrong_report_is_refused(client, query):
    asked = {"group_by": "company_id", "timeframe": "all_time", "statistics": "total_reviews"} | query
    status, error = client.error("GET", "/client/review-values-reports", **PUBLIC, **asked)

    assert (400, next(iter(query))) == (status, error["source"]["parameter"])
