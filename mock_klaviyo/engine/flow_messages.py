"""Flow messages: the actions that write to a profile, or about it to the account's own people."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from mock_klaviyo.engine import flow_skips
from mock_klaviyo.engine.flow_delays import quiet_until, zone_of
from mock_klaviyo.engine.flow_skips import Skip
from mock_klaviyo.engine.flow_steps import Step, Wait, Way, flow_action
from mock_klaviyo.json import Json
from mock_klaviyo.resources.flow_actions import CHANNELS, data_of
from mock_klaviyo.resources.flow_texts import flow_text
from mock_klaviyo.resources.letters import letter
from mock_klaviyo.resources.outbox import Letter, Sending

CHANGES = ("update-profile", "list-update")
"""Actions that say in other words that the flow is not for a profile any more."""


@flow_action("send-email")
@flow_action("send-sms")
@flow_action("send-mobile-push")
@flow_action("send-whatsapp")
def send(step: Step) -> Way:
    """Send the message of the action, unless a check says that it is skipped."""
    message = step.data.get("message")
    return deliver(step, CHANNELS[step.action["type"]], message) if message else step.pass_by()


def deliver(step: Step, channel: str, message: Json, *, variation: Json | None = None) -> Way:
    """Send a message, or the variation of one that is tried out; a text waits for the end of quiet hours."""
    said = variation or message
    if (skip := flow_skips.of_message(step, channel, said)) is not None:
        return skipped(step, sending(step, channel, message, variation), skip.reason, skip.verdicts)
    if channel == "sms" and said.get("sms_quiet_hours_enabled") and (end := quiet_end(step)) is not None:
        step.note("queued", reason="Quiet Hours", until=end.isoformat())
        return Wait(end, again=True)
    written = letter(step.world, flow_text(step.world, channel, said, step.event), step.profile)
    if written.skipped:
        return skipped(step, sending(step, channel, message, variation), written.skipped, written=written)
    post(step, sending(step, channel, message, variation), written)
    step.note("sent", message_id=message["id"], variation_id=variation["id"] if variation else None)
    return step.onward


def quiet_end(step: Step) -> datetime | None:
    """When the quiet hours end that a text would be sent in."""
    return quiet_until(step.at, step.profile.document["phone_number"], zone_of("profile", step.profile, step.world))


def post(step: Step, sending: Sending, letter: Letter) -> None:
    """Put a letter into the outbox, with the run that it belongs to and what the run's event came from."""
    lineage = step.event.document.get("lineage") if step.event else None
    step.walk.post(sending, replace(letter, content=letter.content | {"run_id": step.run.id, "lineage": lineage}))


def skip_action(step: Step, skip: Skip) -> Way:
    """Do nothing, and say why; what would have been sent is kept with the reason."""
    part = step.data.get("main_action") or step.action
    channel, message = flow_skips.channel_of(step), data_of(part).get("message")
    if message and channel:
        return skipped(step, sending(step, channel, message), skip.reason, skip.verdicts)
    is_filter = step.action["type"] in CHANGES and skip.reason == "Fails Flow Filters"
    step.note("skipped", reason="Fails Flow Conditions" if is_filter else skip.reason, verdicts=skip.verdicts)
    return step.onward


def skipped(
    step: Step, sending: Sending, reason: str, verdicts: list[Json] | None = None, *, written: Letter | None = None
) -> Way:
    """Keep a message that is not sent, with the reason; the run goes on."""
    post(step, sending, replace(written or Letter(step.profile, {}), skipped=reason))
    step.note("skipped", reason=reason, verdicts=verdicts, problem=written.content.get("problem") if written else None)
    return step.onward


def sending(step: Step, channel: str, message: Json, variation: Json | None = None) -> Sending:
    """Where a message comes from, and what its events tell."""
    flow, name = step.plan.flow, message.get("name") or step.plan.flow.document["name"]
    tried = {"$variation": variation["id"], "Variation Name": variation.get("name")} if variation else {}
    return Sending(
        channel=channel,
        message_id=message["id"],
        origin={
            "flow_id": flow.id,
            "flow_name": flow.document["name"],
            "action_id": step.action["id"],
            "variation_id": variation["id"] if variation else None,
        },
        properties={"$flow": flow.id, "$flow_channel": channel, "Campaign Name": name, "Message Name": name, **tried},
        uses_smart_sending=bool(message.get("smart_sending_enabled")),
        at=step.at,
    )


@flow_action("send-internal-alert")
def send_internal_alert(step: Step) -> Way:
    """Write to the account's own people; nobody's consent is asked."""
    message = step.data.get("message")
    if not message:
        return step.pass_by()
    written = letter(step.world, flow_text(step.world, "internal_alert", message, step.event), step.profile)
    to = ", ".join(message["to_emails"])
    post(step, sending(step, "internal_alert", message), replace(written, to=to))
    outcome, problem = "skipped" if written.skipped else "sent", written.content.get("problem")
    step.note(outcome, reason=written.skipped, message_id=message["id"], problem=problem)
    return step.onward
