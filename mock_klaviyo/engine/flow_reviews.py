"""Flow reviews: what manual actions leave to a human, who sends or cancels it; filters are looked at again then.

https://help.klaviyo.com/hc/en-us/articles/360002732652
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from mock_klaviyo.engine.flow_run import Run
from mock_klaviyo.engine.flow_steps import ACTIONS, Step, Wait
from mock_klaviyo.engine.flow_walk import REVIEW
from mock_klaviyo.json import Json
from mock_klaviyo.resources import tasks
from mock_klaviyo.resources.flow_runs import CANCELLED, FLOW_REVIEW, FLOW_RUN, SENT, SKIPPED, WAITING
from mock_klaviyo.resources.world import World, rounded
from mock_klaviyo.store.rows import Row

if TYPE_CHECKING:
    from mock_klaviyo.engine.flows import Flows

QUEUED = "queued"


def waiting(world: World, flow_id: str, ids: Sequence[str] | None = None) -> list[Row]:
    """What waits for review in a flow; of some ids only when they are given."""
    wanted: dict[str, Any] = {} if ids is None else {"id": list(ids)}
    return world.store.rows(FLOW_REVIEW.type, flow_id=flow_id, status=WAITING, **wanted)


def cancel(world: World, reviews: Sequence[Row]) -> None:
    """Let nobody get what waited."""
    for row in reviews:
        settle(world, row, CANCELLED)


def settle(world: World, review: Row, status: str, reason: str | None = None) -> None:
    """Note what became of something that waited."""
    review.document |= {"status": status, "reason": reason, "settled_at": rounded(world.now)}
    world.store.update(review)


def send(flows: Flows, reviews: Sequence[Row], at: datetime) -> None:
    """Do what waited, unless a check says now that it is skipped."""
    for row in reviews:
        send_one(flows, row, at)


def send_one(flows: Flows, review: Row, at: datetime) -> None:
    """Do one thing that waited."""
    world, plan = flows.world, flows.plan(review.document["flow_id"])
    row = world.store.row(FLOW_RUN.type, review.document["run_id"])
    action = plan.actions.get(review.document["action_id"]) if plan else None
    if plan is None or row is None or action is None:
        return settle(world, review, SKIPPED, "Action Deleted")
    walk, run = flows.walk(plan, at), Run(row)
    subject = walk.subjects([run.profile_id]).get(run.profile_id)
    if subject is None:
        return settle(world, review, SKIPPED, "Person Deleted")
    event = walk.events([run]).get(run.id)
    subject.start = run.start(event)
    step = Step(walk, run, action, subject, event)
    way = walk.skipped(step) or ACTIONS[action["type"]](step)
    if isinstance(way, Wait):
        tasks.later(world, way.until, REVIEW, review.id, review_id=review.id)
    last: Json = row.document["path"][-1]
    outcome = QUEUED if isinstance(way, Wait) else SKIPPED if last["outcome"] == SKIPPED else SENT
    settle(world, review, outcome, last.get("reason"))
    walk.keep_step(run)
    return None
