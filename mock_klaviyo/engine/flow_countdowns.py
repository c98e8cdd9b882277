"""Flow countdowns: the delays of date flows, and finding the point of a flow at which somebody comes late."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime

from mock_klaviyo.engine import flow_calendar
from mock_klaviyo.engine.flow_delays import until, wait, zone_of
from mock_klaviyo.engine.flow_plans import status
from mock_klaviyo.engine.flow_steps import Step, Way, flow_action


@flow_action("target-date")
def target_date(step: Step) -> Way:
    """Wait for the date itself."""
    return wait_for(step)


@flow_action("countdown-delay")
def countdown_delay(step: Step) -> Way:
    """Wait until some time before the date."""
    return wait_for(step)


def wait_for(step: Step) -> Way:
    """Wait until the moment that an action means; nothing is left to wait for when that has passed."""
    end = ENDS[step.action["type"]](step, step.at)
    if end is None:
        step.note("passed", reason="the flow has no date")
        return step.onward
    return wait(step, end) if end > step.at else step.onward


def target_end(step: Step, _at: datetime) -> datetime | None:
    """When the day of the run's date comes."""
    day, data = day_of(step), step.data
    zone = zone_of(data.get("timezone"), step.profile, step.world)
    return flow_calendar.moment(day, data.get("target_time"), zone, data.get("target_days")) if day else None


def countdown_end(step: Step, _at: datetime) -> datetime | None:
    """When it is so many days, weeks or months before the run's date."""
    day, data = day_of(step), step.data
    zone = zone_of(data.get("timezone"), step.profile, step.world)
    if day is None:
        return None
    early = flow_calendar.before(day, data.get("value") or 0, data.get("unit") or "days")
    return flow_calendar.moment(early, data.get("delay_until_time"), zone, data.get("delay_until_weekdays"))


def delay_end(step: Step, at: datetime) -> datetime | None:
    """When an ordinary delay ends that begins at a moment."""
    return until(at, step.data, zone_of(step.data.get("timezone"), step.profile, step.world))


ENDS: Mapping[str, Callable[[Step, datetime], datetime | None]] = {
    "target-date": target_end,
    "countdown-delay": countdown_end,
    "time-delay": delay_end,
}
"""The type of a delay → when it ends."""


def day_of(step: Step) -> date | None:
    """The day that the run is about."""
    day = step.run.trigger.get("date")
    return date.fromisoformat(day) if day else None


def late(step: Step, moment: datetime, act: Callable[[Step], Way]) -> tuple[Way, datetime]:
    """Do a step of a run that comes late, and give the moment that it would be at that point of the flow.

    A delay that would be over is passed, as is everything that would be done; splits are judged now.
    """
    if step.action["type"] in ENDS:
        end = ENDS[step.action["type"]](step, moment)
        is_over = end is None or end <= step.at
        return (step.onward, max(moment, end or moment)) if is_over or end is None else (wait(step, end), step.at)
    if status(step.action) is None:
        return act(step), moment
    step.note("passed", reason="its time had passed")
    return step.onward, moment
