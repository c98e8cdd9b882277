"""Flow calls: what webhook actions send, when it is tried again, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from mock_klaviyo.engine.flow_run import text
from mock_klaviyo.engine.flow_steps import Step, Way, flow_action
from mock_klaviyo.json import Json
from mock_klaviyo.jsonapi.filters import Comparison
from mock_klaviyo.jsonapi.sort import Sort
from mock_klaviyo.outbound import Unreachable
from mock_klaviyo.render.surroundings import TemplateError
from mock_klaviyo.resources.flow_runs import FLOW_CALL, FLOW_RUN
from mock_klaviyo.resources.letters import plain
from mock_klaviyo.resources.webhook_deliveries import DELIVERED, FAILED, RETRIES, WAITING
from mock_klaviyo.resources.world import World
from mock_klaviyo.store.rows import Row
from mock_klaviyo.store.select import Selection

TOO_MANY, SERVER_ERROR = 429, 500


@flow_action("send-webhook")
def send_webhook(step: Step) -> Way:
    """Put down a call with what is known of the profile and the event in place; it is made when the clock goes on."""
    message = step.data.get("message")
    if not message:
        return step.pass_by()
    try:
        written = {name: plain(step.world, message.get(name), step.profile, step.event) for name in ("url", "body")}
        headers = {name: plain(step.world, str(value), step.profile, step.event) for name, value in headers_of(message)}
    except TemplateError as reason:
        step.note("skipped", reason=f"{reason.reason} (line {reason.line}, column {reason.column})")
        return step.onward
    document = {
        **{"flow_id": step.plan.id, "action_id": step.action["id"], "message_id": message["id"]},
        **{"run_id": step.run.id, "profile_id": step.profile.id, "headers": headers},
        **written,
        **{"status": WAITING, "due": text(step.at), "at": text(step.at), "attempts": []},
    }
    row = Row(FLOW_CALL.type, FLOW_CALL.make_id(step.world), document)
    step.walk.calls.append(row)
    step.note("called", call_id=row.id, url=written["url"])
    return step.onward


def headers_of(message: Json) -> list[tuple[str, object]]:
    """The headers of a webhook; what it sends is JSON unless they say otherwise."""
    given: Mapping[str, object] = message.get("headers") or {}
    known = {name.lower() for name in given}
    return [*([] if "content-type" in known else [("Content-Type", "application/json")]), *given.items()]


@dataclass(frozen=True)
class FlowCall:
    """A call that is about to be made."""

    row: Row
    at: datetime


def next_call(world: World) -> FlowCall | None:
    """The call that is due first; None when nothing is due."""
    due = (Comparison("equals", "status", WAITING), Comparison("less-or-equal", "due", world.now))
    row = next(iter(world.store.page(Selection(FLOW_CALL.type, due, Sort("due")), 1).rows), None)
    return FlowCall(row, datetime.fromisoformat(row.document["due"])) if row else None


def attempt(world: World, call: FlowCall) -> int | str:
    """Make a call; gives the status of the answer, or why there is none."""
    document = call.row.document
    try:
        return world.outbound.post(document["url"] or "", document["headers"], (document["body"] or "").encode())
    except Unreachable as reason:
        return str(reason)


def note(world: World, call: FlowCall, outcome: int | str) -> None:
    """Keep what became of a call; too many requests and errors of the server are tried again.

    https://developers.klaviyo.com/en/docs/understanding_webhook_status_codes
    """
    document, number = call.row.document, len(call.row.document["attempts"])
    document["attempts"].append({"at": text(call.at), "outcome": outcome})
    is_again = outcome == TOO_MANY or (isinstance(outcome, int) and outcome >= SERVER_ERROR)
    if is_again and number < len(RETRIES):
        document["due"] = text(call.at + RETRIES[number])
    else:
        document["status"] = DELIVERED if isinstance(outcome, int) and 200 <= outcome < 300 else FAILED
        tell(world, call.row, outcome)
    world.store.update(call.row)


def tell(world: World, call: Row, outcome: int | str) -> None:
    """Let the run know what came of its call."""
    run = world.store.row(FLOW_RUN.type, call.document["run_id"])
    if run is not None:
        is_delivered = call.document["status"] == DELIVERED
        output = {"status_code": outcome if isinstance(outcome, int) else None, "is_success": is_delivered}
        run.document["outputs"][call.document["action_id"]] = output
        world.store.update(run)
