"""Tests of variations that end by themselves: who wins, and what everybody gets from then on."""

from __future__ import annotations

import pytest

from mock_klaviyo.engine.flow_trials import WINNER_METRICS
from mock_klaviyo.resources import reactions
from mock_klaviyo.resources.reactions import Reaction
from mock_klaviyo.spec.recorded import recording
from tests.calling import REVISION, resource
from tests.mock_klaviyo.engine.flows.story import DAY, HOUR, START, Story
from tests.mock_klaviyo.engine.flows.test_skips import push
from tests.mock_klaviyo.resources.test_flows import trial

END = "2026-03-03T12:00:00+00:00"
"""A day after the story begins."""


def tried(story: Story, winner_metric: str = "unique-clicks", **settings: object) -> str:
    """The id of a flow that tries variations A and B in turn until the next day."""
    found = trial("t")
    automatic = {
        "enabled": True,
        "automatic_end_date": END,
        "automatic_end_statistical_certainty": False,
        **settings,
    }
    experiment = found["data"]["current_experiment"]
    experiment |= {"winner_metric": winner_metric, "automatic_winner_selection_settings": automatic}
    for part, subject in zip((found["data"]["main_action"], *experiment["variations"]), "MAB", strict=True):
        part["data"]["message"]["subject_line"] = f"Subject {subject}"
    return story.flow(found)


def readers(story: Story, subject: str) -> list[str]:
    """The ids of the messages of a subject."""
    rows = story.klaviyo.rows("outbox-message", 0, 1000)
    return [row.id for row in rows if row.document["subject"] == f"Subject {subject}"]


def react(story: Story, message_id: str, metric: str) -> None:
    """Let a recipient do what decides a test; an order is placed after a click."""
    kind = "opened" if metric == "unique-opens" else "clicked"
    message = story.klaviyo.row("outbox-message", message_id)
    assert message is not None
    story.klaviyo.alter(lambda world: reactions.react(world, message, Reaction(kind, {"URL": "https://shop.org"})))
    if metric == "unique-placed-orders":
        story.wait(HOUR)
        story.client.track("Placed Order", message.document["to"])


def crowd(story: Story) -> None:
    """Thirty people begin the flow."""
    for number in range(30):
        story.client.track("Joined", f"p{number}@shop.org")
    story.klaviyo.catch_up()


def latest(story: Story) -> str:
    """The subject that somebody new gets."""
    story.happens(name="late")
    return story.sent()[-1]


def metrics(action_type: str) -> set[str]:
    """What can decide a test, by the recording."""
    found = recording(REVISION).operations["create_flow"].request
    experiment = found["$defs"][action_type]["properties"]["data"]["properties"]["current_experiment"]
    return {*experiment["properties"]["winner_metric"]["enum"]} - {None}


OF_MESSAGES = sorted(metrics("AbTestAction") - {"submission"})


def test_everything_that_can_decide_a_test_is_counted_but_forms():
    assert WINNER_METRICS.keys() == {*OF_MESSAGES} | metrics("ContentExperimentAction")


@pytest.mark.parametrize("winner", ["A", "B"])
@pytest.mark.parametrize("metric", OF_MESSAGES)
def test_what_won_goes_to_everybody_once_the_end_date_is_reached(story, metric, winner):
    flow_id = tried(story, metric)
    crowd(story)
    for message_id in readers(story, winner)[:3]:
        react(story, message_id, metric)
    story.until(END)
    ((_, definition),) = story.actions(flow_id)

    assert definition["data"]["experiment_status"] == "completed"
    assert definition["data"]["main_action"]["data"]["message"]["subject_line"] == f"Subject {winner}"
    assert latest(story) == f"Subject {winner}"


def test_who_does_it_again_counts_once(story):
    tried(story)
    crowd(story)
    for _ in range(5):
        react(story, readers(story, "A")[0], "unique-clicks")
    for message_id in readers(story, "B")[:3]:
        react(story, message_id, "unique-clicks")
    story.until(END)

    assert latest(story) == "Subject B"


def test_a_tie_goes_to_the_first(story):
    tried(story)
    crowd(story)
    story.until(END)

    assert latest(story) == "Subject A"


@pytest.mark.parametrize("settings", [{"enabled": False}, {"automatic_end_date": None}])
def test_a_test_that_does_not_end_by_itself_goes_on(story, settings):
    flow_id = tried(story, **settings)
    crowd(story)
    story.until(END)
    ((_, definition),) = story.actions(flow_id)

    assert definition["data"].get("experiment_status") != "completed"


def test_the_end_can_be_moved(story):
    flow_id = tried(story)
    experiment = story.actions(flow_id)[0][1]["data"]["current_experiment"]
    settings = experiment["automatic_winner_selection_settings"] | {"automatic_end_date": "2026-03-05T12:00:00+00:00"}
    story.revise(flow_id, 0, current_experiment=experiment | {"automatic_winner_selection_settings": settings})
    story.until(END)
    before = story.actions(flow_id)[0][1]["data"].get("experiment_status")
    story.until("2026-03-05T12:00:00+00:00")

    assert (before, "completed") == ("live", story.actions(flow_id)[0][1]["data"]["experiment_status"])


def test_a_test_begins_when_it_is_made_live_and_keeps_its_beginning(story):
    flow_id = tried(story)
    story.wait(HOUR)
    (_, before), *_ = story.actions(flow_id)
    story.revise(flow_id, 0, current_experiment=before["data"]["current_experiment"] | {"started": None})
    ((_, after),) = story.actions(flow_id)

    assert ("live", "2026-03-02T12:00:00+00:00") == (
        after["data"]["experiment_status"],
        after["data"]["current_experiment"]["started"],
    )


def test_a_draft_has_not_begun(story):
    experiment = story.flow(trial("t"), status="draft")
    ((_, definition),) = story.actions(experiment)

    assert ("draft", None) == (
        definition["data"]["experiment_status"],
        definition["data"]["current_experiment"]["started"],
    )


@pytest.mark.parametrize(("clicks", "winner"), [(0, "A"), (3, "B")])
def test_a_test_that_is_made_a_draft_is_over_and_everybody_gets_what_won(story, clicks, winner):
    """A tie goes to the first. Source: help centre 360049849432."""
    flow_id = tried(story, enabled=False)
    crowd(story)
    for message_id in readers(story, "B")[:clicks]:
        react(story, message_id, "unique-clicks")
    for status in ("draft", "live"):
        story.client.patch(f"/api/flows/{flow_id}", resource("flow", flow_id, status=status))
        story.klaviyo.catch_up()

    assert "completed" == story.actions(flow_id)[0][1]["data"]["experiment_status"]
    assert f"Subject {winner}" == latest(story)


@pytest.mark.parametrize(("clicks", "status"), [(2, "live"), (8, "completed")])
def test_a_test_ends_as_soon_as_chance_hardly_explains_its_results(story, clicks, status):
    flow_id = tried(story, automatic_end_date=None, automatic_end_statistical_certainty=True)
    crowd(story)
    for message_id in readers(story, "B")[:clicks]:
        react(story, message_id, "unique-clicks")
    story.wait(DAY * 3)

    assert status == story.actions(flow_id)[0][1]["data"]["experiment_status"]
    assert status == "live" or latest(story) == "Subject B"


def test_a_test_that_goes_on_puts_nothing_off_for_ever(story):
    """Its results are looked at on days after events only, so that nothing is due at last."""
    tried(story, automatic_end_date=None, automatic_end_statistical_certainty=True)
    crowd(story)

    assert story.control.post("/__mock/clock/idle", json={}).json["is_idle"]
    assert START + DAY > story.klaviyo.clock.now


def test_a_content_experiment_ends_too(story):
    parts = [push("main"), push("a", name="A"), push("b", name="B")]
    experiment = {"name": "Taps", "winner_metric": "open-rate", "variations": parts[1:]}
    data = {"main_action": parts[0], "current_experiment": experiment}
    flow_id = story.flow({"temporary_id": "t", "type": "content-experiment", "links": {"next": None}, "data": data})
    story.client.patch(f"/api/flows/{flow_id}", resource("flow", flow_id, status="draft"))
    story.klaviyo.catch_up()
    ((_, definition),) = story.actions(flow_id)

    assert ("completed", "A") == (
        definition["data"]["experiment_status"],
        definition["data"]["main_action"]["data"]["message"]["name"],
    )


def test_the_winner_keeps_the_message_of_the_action_and_gets_a_template_of_its_own(story):
    flow_id = tried(story)
    before = story.actions(flow_id)[0][1]["data"]["main_action"]["data"]["message"]["id"]
    story.until(END)
    (_, definition), *_ = story.actions(flow_id)

    assert before == definition["data"]["main_action"]["data"]["message"]["id"]
    found = story.client.get(f"/api/flow-actions/{story.actions(flow_id)[0][0]}/flow-messages")["data"]
    assert len({each["id"] for each in found}) == 3
