"""The pages: the start page, a flow, profiles and what happened to one, messages and one of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import islice
from typing import Any

from flask import redirect, request
from werkzeug.wrappers import Response

from mock_klaviyo import travel
from mock_klaviyo.api.views import klaviyo
from mock_klaviyo.control.answering import asked, blueprint, duration, whole_number
from mock_klaviyo.control.clock import forward
from mock_klaviyo.control.console.drawing import Drawing, Numbers
from mock_klaviyo.control.console.paper import missing, paper, to
from mock_klaviyo.control.declaring import DURATION, NUMBER, Argument
from mock_klaviyo.control.documents import identifiers
from mock_klaviyo.control.finding import profile_ids
from mock_klaviyo.control.flows import flow_document
from mock_klaviyo.control.messages import SEARCH, TESTS, wish
from mock_klaviyo.control.timeline import joined, timeline
from mock_klaviyo.json import Json
from mock_klaviyo.jsonapi.filters import Comparison
from mock_klaviyo.klaviyo import Klaviyo
from mock_klaviyo.resources import message_reading
from mock_klaviyo.resources.flow_runs import FLOW_RUN, WAITING
from mock_klaviyo.resources.outbox import OUTBOX_MESSAGE
from mock_klaviyo.store.rows import Row
from mock_klaviyo.store.select import Position, Selection

NEWEST = 10**15 - 1
"""A number that is greater than all others."""

AT_ONCE = 500
A_PAGE = 50
A_FEW = 10
STEPS = ("1h", "1d", "3d", "1w")
"""How far the buttons of the start page move the clock."""

NAMED = ("metric", "list", "segment")
"""What begins flows and has a name."""

COUNTED = {"profile": "profiles", "event": "events", OUTBOX_MESSAGE.type: "messages", "segment": "segments"}
BEFORE = Argument("before", "The number of the last one seen; the newest come first.", NUMBER, NEWEST)
HTML = {200: "The page.", 404: "There is no such thing; a page says so."}


@blueprint.get("/", answers=HTML)
def start() -> Response:
    """The start page: the clock, the flows, what is due next, and the newest messages."""
    here = klaviyo()
    due = travel.due(here, A_FEW)
    return paper(
        "start",
        counts={name: here.number_of(type) for type, name in COUNTED.items()},
        flows=[flow_document(here, row) for row in here.rows("flow", 0, AT_ONCE)],
        due=[{**row.document, "about": about(here, row)} for row in due],
        messages=list(islice(newest(here, OUTBOX_MESSAGE.type), A_FEW)),
        steps=STEPS,
    )


@blueprint.post(
    "/console/clock",
    arguments=(Argument("by", "How far to move; to what is due next unless given.", DURATION),),
    answers={303: "The way back to the start page."},
)
def move_clock() -> Response:
    """Move the clock, as the buttons of the start page do, and lead back to it."""
    by = asked("by")
    if by is not None:
        forward(duration(by))
    else:
        with suppress(travel.NothingDue):
            travel.to_next_due(klaviyo())
    return redirect(to(""), 303)


@blueprint.get("/console/flows/<id>", answers=HTML)
def flow(id: str) -> Response:
    """A flow, drawn with how many profiles came through each action, and its newest runs."""
    here = klaviyo()
    here.catch_up()
    row = here.row("flow", id)
    if row is None:
        return missing("flow", id)
    actions = {each.id: each.document["definition"] for each in here.store.rows("flow-action", flow_id=id)}
    runs = Selection(FLOW_RUN.type, (Comparison("equals", "flow_id", id),))
    return paper(
        "flow",
        flow=flow_document(here, row),
        beginning=beginning(here, row.document["triggers"][0]),
        boxes=list(Drawing(actions).line(row.document["entry_action_id"])),
        numbers=Numbers.of(here.store.every(runs)),
        runs=[(each, whose(here, each)) for each in islice(newest(here, FLOW_RUN.type, flow_id=id), A_PAGE)],
    )


@blueprint.get(
    "/console/profiles",
    arguments=(Argument("who", "An id, email address, phone number or external id; leads to that profile."), BEFORE),
    answers=HTML | {302: "The way to the profile that was looked for."},
)
def profiles() -> Response:
    """Profiles, the newest first."""
    here, who = klaviyo(), asked("who")
    if who:
        here.catch_up()
        return redirect(to("console", "profiles", who)) if profile_ids(here, who) else missing("profile", who)
    return paper("profiles", **page_of(here, "profile", lambda _: True))


@blueprint.get("/console/profiles/<id>", answers=HTML)
def profile(id: str) -> Response:
    """A profile, named by any identifier: what is known of it, where it waits, and everything that happened to it."""
    here = klaviyo()
    here.catch_up()
    row = next((here.row("profile", each) for each in profile_ids(here, id)), None)
    if row is None:
        return missing("profile", id)
    waiting = here.store.rows(FLOW_RUN.type, profile_id=row.id, status=WAITING)
    return paper(
        "profile",
        profile=row,
        who=identifiers(row),
        groups=list(joined(here.store, row.id)),
        waiting=[(run, here.row("flow", run.document["flow_id"])) for run in sorted(waiting, key=until)],
        entries=timeline(here.store, row.id)[::-1],
    )


@blueprint.get("/console/messages", arguments=(*SEARCH, BEFORE), answers=HTML)
def inbox() -> Response:
    """Messages, the newest first, those that were skipped among them; all that one can search by narrows them down."""
    wanted = {each.name: wish(each.name, text) for each in SEARCH if (text := asked(each.name))}
    found = page_of(klaviyo(), OUTBOX_MESSAGE.type, lambda row: all(TESTS[name](row, wanted[name]) for name in wanted))
    return paper("messages", given={name: request.args[name] for name in wanted}, **found)


@blueprint.get("/console/messages/<id>", answers=HTML)
def letter(id: str) -> Response:
    """A message as its reader sees it, the variables that were empty, and its links."""
    here = klaviyo()
    row = here.row(OUTBOX_MESSAGE.type, id)
    if row is None:
        return missing("message", id)
    links = message_reading.links(here.world, row)
    return paper("message", message=row, links=links, text=message_reading.plain_text(row))


def page_of(here: Klaviyo, type: str, fits: Callable[[Row], bool]) -> dict[str, Any]:
    """A page of what fits, the newest first, and the number before which the next page begins."""
    before = whole_number("before")
    found = list(islice(filter(fits, newest(here, type, before)), A_PAGE))
    return {"rows": found, "before": found[-1].number if len(found) == A_PAGE else None}


def newest(here: Klaviyo, type: str, before: int = NEWEST, **fields: str) -> Iterator[Row]:
    """Resources of a type whose fields have these values, the newest first."""
    here.catch_up()
    selection = Selection(type, tuple(Comparison("equals", name, value) for name, value in fields.items()))
    while rows := here.store.page(selection, AT_ONCE, Position(None, before, is_backward=True)).rows:
        yield from reversed(rows)
        before = rows[0].number


def beginning(here: Klaviyo, trigger: Json) -> str:
    """What a flow begins with: the name of its metric, list or segment, or the property that holds its date."""
    named = here.row(trigger["type"], trigger.get("id") or "") if trigger["type"] in NAMED else None
    return str(named.document["name"] if named else trigger.get("date_profile_property") or trigger["type"])


def about(here: Klaviyo, task: Row) -> tuple[Row | None, Row | None]:
    """The flow and the profile that a task is about."""
    given = task.document["given"]
    run = here.row(FLOW_RUN.type, given.get("run_id") or "")
    facts = run.document if run else given
    return here.row("flow", facts.get("flow_id") or ""), here.row("profile", facts.get("profile_id") or "")


def until(run: Row) -> str:
    """Until when a run waits; the end of time when that is not known."""
    return run.document["due"] or "9"


def whose(here: Klaviyo, run: Row) -> Row | None:
    """Whose run it is."""
    return here.row("profile", run.document["profile_id"])
