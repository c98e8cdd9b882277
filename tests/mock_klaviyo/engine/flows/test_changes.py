"""What becomes of runs that wait when a flow, an action or a profile changes or goes.

Source: help centre 115002779051.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from mock_klaviyo.config import Config
from mock_klaviyo.klaviyo import Klaviyo
from tests.calling import Client, resource
from tests.mock_klaviyo.engine.flows.story import DAY, HOUR, START, Story
from tests.mock_klaviyo.resources.test_flows import email, split, wait

ROOT = Path(__file__).parents[4]
ACTIONS = (
    email("a", "w", subject_line="one", smart_sending_enabled=False),
    wait("w", "b"),
    email("b", subject_line="two", smart_sending_enabled=False),
)


def patched(story, flow_id, status):
    story.client.patch(f"/api/flows/{flow_id}", resource("flow", flow_id, status=status))


@pytest.mark.parametrize(
    ("statuses", "sent", "exit"),
    [
        (["draft"], ["one"], "Completed"),
        (["draft", "live"], ["one", "two"], "Completed"),
        (["manual"], ["one"], "Completed"),
    ],
)
def test_a_flow_gets_another_status_while_somebody_waits(story, statuses, sent, exit):
    flow_id = story.flow(*ACTIONS)
    story.happens()
    for status in statuses:
        story.wait(HOUR)
        patched(story, flow_id, status)
    story.wait(DAY * 3)

    assert (sent, exit) == (story.sent(), story.run(flow_id)["exit"])


def test_what_is_sent_is_what_the_message_says_then(story):
    flow_id = story.flow(*ACTIONS)
    story.happens()
    message = story.actions(flow_id)[2][1]["data"]["message"]
    story.revise(flow_id, 2, message=message | {"subject_line": "three"})
    story.wait(DAY * 3)

    assert ["one", "three"] == story.sent()


def test_a_deleted_action_is_left_out(story):
    flow_id = story.flow(*ACTIONS)
    story.happens()
    story.client.delete(f"/api/flow-actions/{story.actions(flow_id)[2][0]}")
    story.wait(DAY * 3)

    assert (["one"], "Completed") == (story.sent(), story.run(flow_id)["exit"])


def test_who_waits_at_a_deleted_delay_moves_on(story):
    flow_id = story.flow(*ACTIONS)
    story.happens()
    story.wait(HOUR)
    story.client.delete(f"/api/flow-actions/{story.actions(flow_id)[1][0]}")
    story.klaviyo.catch_up()

    assert ["one", "two"] == story.sent()
    story.wait(DAY * 3)
    assert ["one", "two"] == story.sent()


def test_who_waits_at_a_deleted_last_delay_leaves(story):
    flow_id = story.flow(wait("w", "s"), split("s", "e"), email("e"))
    story.happens()
    for index in (2, 1, 0):
        story.client.delete(f"/api/flow-actions/{story.actions(flow_id)[index][0]}")
    story.wait(DAY * 3)

    assert ("done", "Completed", []) == (story.run(flow_id)["status"], story.run(flow_id)["exit"], story.sent())


def test_a_deleted_flow_ends_all_runs(story):
    flow_id = story.flow(*ACTIONS)
    story.happens()
    story.client.delete(f"/api/flows/{flow_id}")
    story.klaviyo.catch_up()

    assert ("done", "Flow Deleted") == (story.run(flow_id)["status"], story.run(flow_id)["exit"])
    story.wait(DAY * 3)
    assert ["one"] == story.sent()


def test_an_erased_profile_is_in_no_run(story):
    flow_id = story.flow(*ACTIONS)
    story.happens()
    who = {"data": {"type": "profile", "attributes": {"email": "ana@shop.org"}}}
    story.client.post("/api/data-privacy-deletion-jobs", resource("data-privacy-deletion-job", profile=who))
    story.wait(DAY * 3)

    assert ([], []) == (story.runs(flow_id), story.sent())


def test_the_run_of_a_merged_profile_goes_on_for_the_other(story):
    flow_id = story.flow(*ACTIONS)
    story.happens()
    (ana,), bob = story.client.ids("/api/profiles", filter="equals(email,'ana@shop.org')"), story.person("bob")
    story.merge(ana, bob)
    story.wait(DAY * 3)

    assert bob == story.run(flow_id)["profile_id"]
    assert "bob@shop.org" == story.klaviyo.rows("outbox-message", 0, 10)[-1].document["to"]


@pytest.mark.parametrize("step", [HOUR, DAY, DAY * 3])
def test_a_server_that_is_stopped_in_the_middle_loses_nothing_and_sends_nothing_twice(tmp_path, step):
    """What is on the disk is all that there is: nobody closes the first one in good order."""
    file = tmp_path / "shop.sqlite"
    first = Story(data=file)
    flow_id = first.flow(*ACTIONS)
    first.client.track("Joined", "ana@shop.org")  # accepted and not yet processed
    dead(first.klaviyo)
    second = Klaviyo(Config(clock=START, data=file))
    second.move_clock(START + step)
    dead(second)
    third = Klaviyo(Config(clock=START + step, data=file))
    third.move_clock(START + DAY * 4)

    subjects = [row.document["subject"] for row in third.rows("outbox-message", 0, 10)]
    assert ["one", "two"] == subjects
    (run,) = third.rows("flow-run", 0, 10)
    assert ("done", flow_id) == (run.document["status"], run.document["flow_id"])
    third.close()


def dead(klaviyo):
    """Let a Klaviyo die: what was not committed is gone, and its lock on the file."""
    klaviyo.store._database._connection.rollback()
    klaviyo.close()


def test_a_server_that_is_killed_anywhere_in_a_jump_of_the_clock_ends_as_an_undisturbed_one(tmp_path):
    """Killed between two statements, within a step and between steps, at every ninth one: nothing is lost or twice."""
    command = [sys.executable, str(Path(__file__).with_name("killing.py")), str(tmp_path), "24"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    ran = subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)
    found = json.loads(ran.stdout)

    whole = found["undisturbed"]
    assert ([], 30, 6) == (whole["unfinished"], len(whole["messages"]), whole["members"])
    assert len(found["after"]) >= 24
    assert {number: [signal.SIGKILL, whole] for number in found["after"]} == found["after"]


def test_a_step_that_fails_is_undone_as_a_whole(story, monkeypatch):
    flow_id = story.flow(*ACTIONS)
    story.happens()
    written = story.klaviyo.store.insert

    def broken(*rows):
        if rows and rows[0].type == "outbox-message":
            raise OSError("the disk is full")
        written(*rows)

    monkeypatch.setattr(story.klaviyo.store, "insert", broken)
    with pytest.raises(OSError, match="full"):
        story.wait(DAY * 3)
    monkeypatch.undo()
    story.klaviyo.catch_up()

    assert ("Completed", ["one", "two"]) == (story.run(flow_id)["exit"], story.sent())


def test_two_servers_of_one_seed_send_the_same(story):
    def told(one):
        one.flow(*ACTIONS)
        for number in range(5):
            one.client.track("Joined", f"p{number}@shop.org")
        one.wait(DAY * 3)
        return [
            (row.id, row.document) for type in ("outbox-message", "flow-run") for row in one.klaviyo.rows(type, 0, 99)
        ]

    assert told(story) == told(Story())


def test_the_official_definition_that_is_read_back_behaves_the_same(story):
    flow_id = story.flow(*ACTIONS)
    whole = story.client.get(f"/api/flows/{flow_id}", **{"additional-fields[flow]": "definition"})
    other = Story()
    definition = renewed(whole["data"]["attributes"]["definition"], {story.metric(): other.metric()})
    client = Client(other.klaviyo)
    id = client.create("/api/flows", resource("flow", name="Welcome", definition=definition))
    patched(other, id, "live")
    for each in (story, other):
        each.happens()
        each.wait(DAY * 3)

    assert story.messages() == other.messages()


def renewed(definition, ids):
    """A definition that was read as one that can be sent: with temporary ids, and other metrics."""
    actions = []
    for action in definition["actions"]:
        message = action["data"].get("message")
        data = action["data"] | ({"message": {k: v for k, v in message.items() if k != "id"}} if message else {})
        actions.append({k: v for k, v in action.items() if k != "id"} | {"temporary_id": action["id"], "data": data})
    triggers = [each | {"id": ids[each["id"]]} for each in definition["triggers"]]
    return definition | {"actions": actions, "triggers": triggers}
