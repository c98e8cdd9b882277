"""Mistakes planted in mapping services: each is caught, and the report names the entry, the event and the field."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulator import report
from tests.services import mistakes

SCENARIO = Path(__file__).parent / "loyalty.yaml"
ENTRIES = {
    number: line.partition("send: ")[2].partition(",")[0]
    for number, line in enumerate(SCENARIO.read_text().splitlines(), start=1)
    if "send: " in line
}
STUMBLE = "{side: klaviyo, match: POST /api/events, status: 503, phase: after, times: 1}"
THROTTLE = "{side: klaviyo, match: POST /api/events, status: 429, times: 1}"
TWICE = "{side: vendor, match: jericommerce, duplicate: 1.0}"
LATE = "{side: vendor, match: jericommerce, late: 1.0, by: 30d}"

MAPPINGS = {
    "local_time_as_utc": (
        "jericommerce/Balance changed",
        "time",
        "expected '2026-03-01T09:00:00Z', got '2026-03-01T04",
    ),
    "cents_as_units": ("trifft/onWalletWasCredited", "value", "got"),
    "wrong_profile_on_referral": (
        "influence/referrals/started",
        "profile.email",
        "expected 'ida@example.net', got 'leo@example.org'",
    ),
    "wrong_metric_name": (
        "jericommerce/Balance changed",
        "metric",
        "expected 'Balance changed', got 'Balance Changed'",
    ),
    "consent_without_opt_in": ("jericommerce/Balance changed", "consent", "got bulk_subscribe_profiles"),
    "dropped_field": ("jericommerce/Reward redeemed (online)", "properties.rewardTitle", "got absent"),
    "wrong_type_of_a_number": ("trifft/onWalletWasCredited", "properties.points", "is not of type"),
    "forgotten_profile": ("trifft/onWalletWasCredited", "profile write", "got absent"),
    "stale_profile": ("trifft/onWalletWasCredited", "profile.properties.trifft_points", "got 0"),
    "crash_without_a_tier": ("jericommerce/Balance changed", "target", "got KeyError: 'tier'"),
}
"""Mistakes in the mapping: entry, field and words of the report."""

SERVICES = {
    "unique_id_lost_on_retry": ((STUMBLE,), "jericommerce/Balance changed", "event", "got 2 events (POST /api/events"),
    "another_unique_id_on_retry": (
        (STUMBLE,),
        "jericommerce/Balance changed",
        "event",
        "got 2 events (POST /api/events",
    ),
    "another_unique_id_for_a_duplicate": ((TWICE,), "jericommerce/Balance changed", "event", "got 2 events"),
    "swallowed_429": ((THROTTLE,), "jericommerce/Balance changed", "event", "POST /api/events answered 429"),
    "another_unique_id_each_time": ((), "jericommerce/Balance changed", "unique_id", "got 'event-"),
}
"""Mistakes in sending, when Klaviyo stumbles."""


def lines(verdict) -> str:
    return "\n".join(report.scenario_lines(verdict))


def is_told(verdict, entry: str, field: str, words: str) -> bool:
    """Whether one finding names all: vendor, event and field in its first line, the entry below."""
    line = next(number for number, event in ENTRIES.items() if event == entry)
    what = f"{entry.replace('/', ' ', 1)}: {field}"
    return any(
        finding.what == what
        and words in f"expected {finding.expected}, got {finding.got}"
        and any(f"loyalty.yaml:{line}:5" in example for example in finding.examples)
        for finding in verdict.tally.failures
    )


@pytest.mark.parametrize(("mistake", "told"), MAPPINGS.items())
def test_a_mistake_in_a_function_is_caught(play, mistake, told):
    verdict = play(SCENARIO, f"python:tests.services.mistakes:{mistake}")

    assert is_told(verdict, *told), lines(verdict)


@pytest.mark.parametrize(("mistake", "told"), MAPPINGS.items())
def test_the_same_mistake_in_a_service_is_caught(play, flask_service, mistake, told):
    verdict = play(SCENARIO, flask_service(mapping=getattr(mistakes, mistake)))
    entry, field, words = ("", "target", "500") if mistake.startswith("crash") else told

    assert is_told(verdict, entry or told[0], field, words), lines(verdict)


@pytest.mark.parametrize(("mistake", "told"), SERVICES.items())
def test_a_mistake_when_klaviyo_stumbles_is_caught(play, flask_service, mistake, told):
    faults, *words = told
    verdict = play(SCENARIO, flask_service(send=getattr(mistakes, mistake), retries=0), *faults)

    assert is_told(verdict, *words), lines(verdict)


@pytest.mark.parametrize("target", ["function", "flask", "node"], indirect=True)
@pytest.mark.parametrize("fault", [STUMBLE, THROTTLE, TWICE, LATE])
def test_a_good_service_passes_whatever_goes_wrong_around_it(play, target, fault):
    verdict = play(SCENARIO, target, fault)

    assert [] == verdict.tally.failures, lines(verdict)


@pytest.mark.parametrize("signature", ["forged", "unsigned"])
def test_a_service_that_believes_what_is_not_signed_is_caught(play, flask_service, signature):
    fault = f"{{side: vendor, match: jericommerce, {signature}: 1.0}}"
    verdict = play(SCENARIO, flask_service(is_genuine=mistakes.unsigned_accepted), fault)
    words = f"expected nothing at Klaviyo, since the webhook was {signature}, got 1 event 'Balance changed'"

    assert is_told(verdict, "jericommerce/Balance changed", "signature", words), lines(verdict)
    assert [] == play(SCENARIO, flask_service(), fault).tally.failures


def test_a_late_event_that_is_stamped_with_now_is_caught(play):
    target = "python:tests.services.mistakes:late_event_stamped_with_now"

    assert [] == play(SCENARIO, target).tally.failures
    assert is_told(play(SCENARIO, target, LATE), "jericommerce/Balance changed", "time", "got '2026-03-31T09:00:00Z'")
