"""Forms: what visitors sign up with, and the versions that a form has."""

from __future__ import annotations

from collections.abc import Iterator

from mock_klaviyo.errors import Problem, problem, raise_all
from mock_klaviyo.json import Json
from mock_klaviyo.resources.call import Call
from mock_klaviyo.resources.registry import declare
from mock_klaviyo.resources.resource import Resource, many_by, one
from mock_klaviyo.store.rows import Row
from mock_klaviyo.store.tables import Field

STAMPS = ("created_at", "updated_at")
VERSIONS = "/data/attributes/definition/versions"
FULL_PAGE = {"full_screen": "full_page"}
"""What a definition calls the types of forms → what a version calls them, where that differs."""

LISTED_PARTS = ("steps", "columns", "rows", "blocks", "triggers", "teasers")
"""Where the parts of a version, and the parts of these, stand that have ids."""


def complete(call: Call, row: Row) -> None:
    """Make the versions that a form's definition describes, and give all its parts their ids."""
    world, versions = call.world, row.document["definition"]["versions"]
    raise_all(problems(versions))
    for version in versions:
        for _, part in parts(version, VERSIONS):
            part["id"] = world.ids.ulid(world.now)
        version["id"] = int(world.ids.numeric())
    world.store.insert(*(version_row(row, version, number) for number, version in enumerate(versions, 1)))


def problems(versions: list[Json]) -> Iterator[Problem]:
    """What is wrong with a form's versions that their schema cannot tell: there are none, or they bring ids along."""
    if not versions:
        yield problem("invalid", reason="A form must have at least one version.", pointer=VERSIONS)
    for index, version in enumerate(versions):
        for place, part in parts(version, f"{VERSIONS}/{index}"):
            if part.get("id") is not None:
                yield problem("invalid", reason="'id' is not allowed on create.", pointer=f"{place}/id")


def parts(whole: Json, place: str) -> Iterator[tuple[str, Json]]:
    """A version and all parts of it that have an id of their own, each with where it stands."""
    yield place, whole
    for name in LISTED_PARTS:
        for index, part in enumerate(whole.get(name) or []):
            yield from parts(part, f"{place}/{name}/{index}")
    if whole.get("dynamic_button"):
        yield f"{place}/dynamic_button", whole["dynamic_button"]


def version_row(form: Row, version: Json, number: int) -> Row:
    """A version as a resource."""
    name, type = version.get("name") or f"Variation {number}", version.get("type") or "popup"
    document = {
        "form_id": form.id,
        "form_type": FULL_PAGE.get(type, type),
        "variation_name": name,
        "ab_test": {"variation_name": name} if form.document["ab_test"] else None,
        "status": form.document["status"],
        **{stamp: form.document[stamp] for stamp in STAMPS},
    }
    return Row(FORM_VERSION.type, str(version["id"]), document)


def remove_versions(call: Call, row: Row) -> None:
    """Remove the versions of a form."""
    for version in call.world.store.rows(FORM_VERSION.type, form_id=row.id):
        call.world.store.delete(version)


FORM = declare(
    Resource(
        type="form",
        make_id=lambda world: world.ids.short(),
        relationships=(many_by("form-versions", to="form-version", field="form_id"),),
        fields=(Field("name"),),
        stamps=STAMPS,
        before_create=complete,
        before_delete=remove_versions,
    )
)
FORM_VERSION = declare(
    Resource(
        type="form-version",
        make_id=lambda world: world.ids.numeric(),
        relationships=(one("form", to="form", field="form_id", is_known=False),),
        fields=(Field("form_id", is_indexed=True),),
        stamps=STAMPS,
    )
)
