"""A shop on a file whose server is killed at some of its writes while the clock jumps, and what it has told after each.

Run as a program: `killing.py FOLDER POINTS` writes as JSON what was told undisturbed, how many writes that took, and
what was told after the server was killed before a write and another took over, for so many writes.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from shutil import copy
from typing import Any

from mock_klaviyo.config import Config
from mock_klaviyo.klaviyo import Klaviyo
from mock_klaviyo.resources.lists import MEMBERS
from mock_klaviyo.store.database import Database
from tests.mock_klaviyo.engine.flows.story import DAY, HOUR, START, Story
from tests.mock_klaviyo.engine.flows.test_actions import action, operation
from tests.mock_klaviyo.engine.flows.test_dates import birthday
from tests.mock_klaviyo.resources.test_flows import email, split, text, wait

PEOPLE = 6
LATER = START + DAY * 9


def told(klaviyo: Klaviyo) -> Any:
    """What became of everybody: messages, the ways through flows, events, and who is on which list."""
    rows = {type: klaviyo.rows(type, 0, 1000) for type in ("outbox-message", "flow-run", "event", "profile")}
    shown = ("at", "to", "subject", "body", "skipped")
    return {
        "messages": sorted(str([row.document.get(name) for name in shown]) for row in rows["outbox-message"]),
        "runs": sorted(
            str([(each["at"], each["outcome"]) for each in run.document["path"]]) for run in rows["flow-run"]
        ),
        "unfinished": [run.id for run in rows["flow-run"] if run.document["status"] == "waiting"],
        "events": len(rows["event"]),
        "tiers": sorted(str(row.document["properties"]) for row in rows["profile"]),
        "members": len(klaviyo.store.links.ids(MEMBERS, klaviyo.rows("list", 0, 1)[0].id)),
    }


def begin(file: Path) -> None:
    """A shop in the middle of its flows: three kinds of triggers, delays, a split, changes, and quiet hours."""
    story = Story(data=file)
    news = story.list()
    story.flow(email("l", subject_line="Welcome"), trigger={"type": "list", "id": news})
    story.flow(email("b", subject_line="Birthday", smart_sending_enabled=False), trigger=birthday(timezone="UTC"))
    gold = action("update-profile", "u", "s", profile_operations=[operation("create", "string", "Tier", "Gold")])
    join = action("list-update", "j", "w2", name="News", list_id=news, on_execution=True)
    story.flow(
        *(email("a", "w"), wait("w", "u"), gold, split("s", "j", "x"), join, wait("w2", "t", value=32, unit="hours")),
        *(text("t", "x", body="Hi", add_info_link=False, smart_sending_enabled=False), email("x", subject_line="End")),
    )
    for number in range(PEOPLE):
        phone = f"+42060123456{number}"
        story.person(f"p{number}", phone_number=phone, properties={"Birthday": f"1990-03-1{number}"})
        story.subscribe("sms", phone_number=phone)
        story.happens(name=f"p{number}")
        story.wait(HOUR)
    story.klaviyo.close()


def journey(file: Path, before_write: Callable[[], None]) -> Any:
    """What is told at the end of a jump of the clock, in which something happens before each write."""
    run, end = Database.run, Database._end
    klaviyo = Klaviyo(Config(clock=START, data=file))

    def writing(self: Database, *given: Any) -> None:
        before_write()
        run(self, *given)

    def ending(self: Database, *given: Any) -> None:
        before_write()
        end(self, *given)

    Database.run, Database._end = writing, ending  # type: ignore[method-assign]
    klaviyo.move_clock(LATER)
    Database.run, Database._end = run, end  # type: ignore[method-assign]
    found = told(klaviyo)
    klaviyo.close()
    return found


def killed_before(file: Path, number: int) -> int:
    """Let a server die before a write; gives the signal that ended it."""
    child = os.fork()
    if child == 0:
        countdown = iter(range(number, -1, -1))
        journey(file, lambda: os.kill(os.getpid(), signal.SIGKILL) if next(countdown) == 0 else None)
        os._exit(0)
    return os.WTERMSIG(os.waitpid(child, 0)[1])


def main(folder: Path, points: int) -> None:
    """Write what was told undisturbed, and after each death."""
    begun, file, writes = folder / "begun.sqlite", folder / "shop.sqlite", [0]
    begin(begun)
    copy(begun, file)
    undisturbed = journey(file, lambda: writes.__setitem__(0, writes[0] + 1))
    after = {}
    for number in range(0, writes[0], max(1, writes[0] // points)):
        for each in folder.glob("shop.sqlite*"):
            each.unlink()
        copy(begun, file)
        died_of = killed_before(file, number)
        after[number] = (died_of, journey(file, lambda: None))
    sys.stdout.write(json.dumps({"undisturbed": undisturbed, "writes": writes[0], "after": after}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
