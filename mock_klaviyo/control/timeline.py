"""Timeline: everything that happened to a profile, from whatever keeps it, in order of time."""

from __future__ import annotations

from collections.abc import Iterator

from mock_klaviyo.control.documents import utc_text
from mock_klaviyo.json import Json
from mock_klaviyo.resources.flow_runs import FLOW_RUN, REFUSED
from mock_klaviyo.resources.lists import MEMBERS as LIST_MEMBERS
from mock_klaviyo.resources.outbox import OUTBOX_MESSAGE
from mock_klaviyo.resources.segments import MEMBERS as SEGMENT_MEMBERS
from mock_klaviyo.store.rows import Row
from mock_klaviyo.store.store import Store

GROUPS = {"list": LIST_MEMBERS, "segment": SEGMENT_MEMBERS}
SHOWN = ("channel", "subject", "body", "flow_id", "campaign_id", "action_id", "message_id")


def timeline(store: Store, profile_id: str) -> list[Json]:
    """What happened to a profile; of several things at once in this order: joining, events, runs, messages."""
    entries = [*joined(store, profile_id), *events(store, profile_id), *runs(store, profile_id)]
    entries += messages(store, profile_id)
    return sorted(entries, key=lambda entry: str(entry["at"]))


def joined(store: Store, profile_id: str) -> Iterator[Json]:
    """The lists and segments that the profile is in."""
    for kind, link in GROUPS.items():
        for id, _, since in store.links.joined(link, [profile_id]):
            row = store.row(kind, id)
            yield {"at": utc_text(since), "kind": f"joined {kind}", "id": id, "name": row and row.document["name"]}


def events(store: Store, profile_id: str) -> Iterator[Json]:
    """What the profile did."""
    names: dict[str, str | None] = {}
    for row in store.rows("event", profile_id=profile_id):
        document, metric_id = row.document, row.document["metric_id"]
        if metric_id not in names:
            metric = store.row("metric", metric_id)
            names[metric_id] = metric.document["name"] if metric else None
        at = utc_text(document["datetime"])
        yield {
            "at": at,
            "kind": "event",
            "id": row.id,
            "name": names[metric_id],
            "properties": document["event_properties"],
        }


def runs(store: Store, profile_id: str) -> Iterator[Json]:
    """Where the profile was in flows: beginning, steps and end; or that it was not let in, and why."""
    for row in store.rows(FLOW_RUN.type, profile_id=profile_id):
        flow = store.row("flow", row.document["flow_id"])
        about = {"run_id": row.id, "flow_id": row.document["flow_id"], "name": flow and flow.document["name"]}
        yield from (entry | about for entry in steps(row))


def steps(run: Row) -> Iterator[Json]:
    """The beginning, the steps and the end of a run."""
    document = run.document
    entered = {"at": utc_text(document["entered_at"]), "verdicts": document["entry"], "trigger": document["trigger"]}
    if document["status"] == REFUSED:
        yield entered | {"kind": "refused by flow", "reason": document["exit"]}
        return
    yield entered | {"kind": "entered flow"}
    for each in document["path"]:
        yield {**each, "kind": "step", "at": utc_text(each["at"])}
    if document["exited_at"]:
        yield {"at": utc_text(document["exited_at"]), "kind": "left flow", "reason": document["exit"]}


def messages(store: Store, profile_id: str) -> Iterator[Json]:
    """What the profile was sent, and what it was not, with the reason."""
    for row in store.rows(OUTBOX_MESSAGE.type, profile_id=profile_id):
        document = row.document
        kind = "skipped message" if document["skipped"] else "message"
        shown = {name: document[name] for name in SHOWN if document.get(name) is not None}
        yield {"at": utc_text(document["at"]), "kind": kind, "id": row.id, "reason": document["skipped"], **shown}
