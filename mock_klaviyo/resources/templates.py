"""Templates and universal content: what emails are made of, and rendering them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from mock_klaviyo.errors import Problem, error, problem, raise_all
from mock_klaviyo.json import Json
from mock_klaviyo.jsonapi.filters import Comparison
from mock_klaviyo.render.surroundings import TemplateError
from mock_klaviyo.resources.call import Call, Reply
from mock_klaviyo.resources.generic import require
from mock_klaviyo.resources.presenter import single
from mock_klaviyo.resources.registry import declare, operation
from mock_klaviyo.resources.resource import Resource
from mock_klaviyo.resources.template_blocks import page
from mock_klaviyo.resources.template_surroundings import preview
from mock_klaviyo.resources.world import World
from mock_klaviyo.store.rows import Row
from mock_klaviyo.store.select import Selection
from mock_klaviyo.store.tables import Field

ATTRIBUTES = "/data/attributes"
BY_HAND, BY_BLOCKS = ("CODE", "USER_DRAGGABLE"), "SYSTEM_DRAGGABLE"
EDITOR_TYPES = (*BY_HAND, BY_BLOCKS)
MOST_TEMPLATES = 1000
"""How many templates can be made."""

PARTS: Mapping[str, bool] = {"html": True, "text": False, "amp": True}
"""The parts of a template that are rendered, and whether each is HTML."""

REUSABLE = Comparison("equals", "owner_id", None)
"""That a template is not the own copy of some message, which no list shows and nobody can change."""


def check_new(call: Call, row: Row) -> None:
    """Refuse one template too many, and one without what its editor needs."""
    refuse_too_many(call.world)
    if row.document["editor_type"] not in EDITOR_TYPES:
        reason = f"editor_type must be one of {', '.join(EDITOR_TYPES)}."
        raise error("invalid", reason=reason, pointer=f"{ATTRIBUTES}/editor_type")
    check(row, needed="definition" if row.document["editor_type"] == BY_BLOCKS else "html")


def check_change(call: Call, row: Row) -> None:
    """Refuse what the editor of a template does not allow; a message's own copy is out of reach."""
    if row.document.get("owner_id"):
        raise error("unknown_resource", type="A template", id=row.id)
    changed = {name: value for name, value in call.attributes.items() if name not in ("html", "name") or value}
    check(replace(row, document={"editor_type": row.document["editor_type"], **changed}))


def check(row: Row, needed: str | None = None) -> None:
    """Refuse a template that lacks what it needs, or has what its editor does not allow."""
    raise_all(template_problems(row.document, needed))


def template_problems(template: Json, needed: str | None) -> Iterator[Problem]:
    """What is wrong with a template that its schema cannot tell."""
    if needed and not template.get(needed):
        yield problem("missing_attribute", field=needed, type="template", pointer=f"{ATTRIBUTES}/{needed}")
    if template["editor_type"] != BY_BLOCKS:
        return
    for name in ("html", "amp"):
        if template.get(name) is not None:
            reason = f"'{name}' is not allowed for {BY_BLOCKS} templates."
            yield problem("invalid", reason=reason, pointer=f"{ATTRIBUTES}/{name}")
    definition = template.get("definition")
    if definition and not (definition["body"] or {}).get("sections"):
        reason = "The definition must have at least one section."
        yield problem("invalid", reason=reason, pointer=f"{ATTRIBUTES}/definition/body/sections")


def refuse_attached(call: Call, row: Row) -> None:
    """Refuse to remove the own copy of a flow's message."""
    message = row.document.get("owner_id")
    if message and call.world.store.row("flow-message", message):
        raise error("attached_template", id=row.id, message=message)


def complete(_: Call, row: Row) -> None:
    """Write the HTML of a template that is made of blocks; another one has no definition."""
    template = row.document
    if template["editor_type"] == BY_BLOCKS:
        template["html"] = page(template["definition"])
    else:
        template.pop("definition", None)


def refuse_too_many(world: World) -> None:
    """Refuse the call when there are as many templates as there can be."""
    if world.store.count(Selection("template", (REUSABLE,))) >= MOST_TEMPLATES:
        raise error("too_many_templates", limit=MOST_TEMPLATES)


TEMPLATE = declare(
    Resource(
        type="template",
        make_id=lambda world: world.ids.short(),
        defaults={"html": None, "text": None, "amp": None, "owner_id": None},
        fields=(Field("name"), Field("owner_id"), Field("created"), Field("updated")),
        never_null=("html", "name", "definition"),
        before_create=check_new,
        before_update=check_change,
        before_write=complete,
        before_delete=refuse_attached,
        listed=REUSABLE,
    )
)

UNIVERSAL_CONTENT = declare(
    Resource(
        type="template-universal-content",
        make_id=lambda world: world.ids.ulid(world.now),
        defaults={"screenshot_status": "never_generated", "screenshot_url": ""},
        never_null=("name", "definition"),
        label="Universal content",
    )
)
"""Blocks for many templates; nothing here makes screenshots of them."""


@operation("clone_template")
def clone_template(call: Call) -> Reply:
    """A new template like another one."""
    original = require(call, TEMPLATE.type, call.data["id"])
    refuse_too_many(call.world)
    second = call.world.second
    own = {"name": call.attributes.get("name") or f"Clone of {original.document['name']}", "owner_id": None}
    row = Row(TEMPLATE.type, TEMPLATE.make_id(call.world), {**original.document, **own})
    row.document |= {"created": second, "updated": second}
    call.world.store.insert(row)
    return single(call, row, call.operation.success)


@operation("render_template")
def render_template(call: Call) -> Reply:
    """A template with the values of a context in place; nothing is taken from a profile."""
    row = require(call, TEMPLATE.type, call.data["id"])
    problems: list[Problem] = []
    parts = {name: rendered(call, row, name, problems) for name in PARTS if row.document.get(name) is not None}
    raise_all(problems)
    return single(call, replace(row, document=row.document | parts), call.operation.success)


def rendered(call: Call, row: Row, name: str, problems: list[Problem]) -> str:
    """A part of a template with the context's values in place; what is wrong with it goes to the problems."""
    from mock_klaviyo.render.template import render  # Django takes a while to import, and few need it

    try:
        surroundings = preview(call.world, lambda what: missing(call, what))
        return render(row.document[name], call.attributes["context"], surroundings, is_html=PARTS[name])
    except TemplateError as reason:
        place = {"line": reason.line, "column": reason.column}
        problems.append(
            problem("template_error", part=name, reason=reason.reason, meta={"part": name, **place}, **place)
        )
        return ""


def missing(call: Call, what: str) -> str:
    """Nothing, and a word about it, for something that a template looks up in vain."""
    call.hint(f"{what}: Klaviyo would not send this message at all")
    return ""
