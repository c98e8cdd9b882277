"""Our own routes below /__mock: state, clock, and what became of each request and event."""

from __future__ import annotations

from collections import Counter

from flask import Response, request

from mock_klaviyo import __version__
from mock_klaviyo.api.views import klaviyo
from mock_klaviyo.contracts.contract import ContractError
from mock_klaviyo.control.answering import PAGE, answer, asked, blueprint, body, duration, moment, page
from mock_klaviyo.control.clock import clock_document
from mock_klaviyo.control.declaring import DURATION, OBJECT, TIME, Argument, ControlError
from mock_klaviyo.control.documents import event_document, violation_document
from mock_klaviyo.control.finding import EVENTS, PROFILES, REQUESTS, Kind, some
from mock_klaviyo.resources.intake import DROPPED
from mock_klaviyo.resources.registry import INTAKES
from mock_klaviyo.resources.world import DELAYS
from mock_klaviyo.spec.recorded import revisions
from mock_klaviyo.violations import violations as every_violation

BASELINES = ("baseline", "empty")
"""What one can go back to."""


@blueprint.get("/health")
@blueprint.get("/ready")
def health() -> Response:
    """Whether the server answers."""
    return answer({"status": "ok"})


@blueprint.get("/version")
def version() -> Response:
    """The version of this program."""
    return answer({"version": __version__})


@blueprint.get("/config")
def config() -> Response:
    """What a client needs to know: URL, keys, revisions."""
    settings = klaviyo().config
    return answer(
        {
            "url": request.host_url.rstrip("/"),
            "private_key": settings.private_key,
            "public_key": settings.account.id,
            "revision": revisions()[-1],
            "revisions": list(klaviyo().recordings.revisions),
            "rate_limits": settings.rate_limits,
            "seed": settings.seed,
            **{name: f"{wait.total_seconds():g}s" for name, wait in klaviyo().world.delays.items()},
        }
    )


@blueprint.put("/config", body=dict.fromkeys(DELAYS, DURATION))
def put_config() -> Response:
    """Let jobs and accepted events take time from now on: `{"job_delay": "30s", "processing_delay": "5s"}`."""
    klaviyo().delay(**{name: duration(text, name) for name, text in body().items()})
    return config()


@blueprint.post(
    "/reset",
    arguments=(Argument("to", "What to go back to.", {"type": "string", "enum": list(BASELINES)}, BASELINES[0]),),
    body={"clock": TIME},
)
def reset() -> Response:
    """Go back to the baseline, `?to=empty` to nothing; `{"clock": "2026-03-01T08:00:00Z"}` also holds the clock."""
    clock, to = body().get("clock"), asked("to")
    if to not in BASELINES:
        raise ControlError(f"to must be one of {', '.join(BASELINES)}, not {to!r}")
    try:
        klaviyo().reset(moment(clock, "clock") if clock is not None else None, is_empty=to == "empty")
    except ValueError as reason:
        raise ControlError(str(reason)) from None
    return answer({"status": "ok", **clock_document()})


@blueprint.put("/baseline")
def keep_baseline() -> Response:
    """Let later resets go back to how things are now."""
    klaviyo().keep_baseline()
    return answer({"status": "ok"})


@blueprint.get("/contracts")
def contracts() -> Response:
    """The contracts that events and profiles are held against."""
    return answer(klaviyo().contracts.document)


@blueprint.put("/contracts", body={"metrics": OBJECT, "profile": OBJECT})
def put_contracts() -> Response:
    """Hold events and profiles against contracts: `{"metrics": {"Placed Order": {"required": ["total"]}}}`."""
    try:
        klaviyo().contracts.put(body())
    except ContractError as reason:
        raise ControlError(str(reason)) from None
    return contracts()


@blueprint.get("/violations")
def violations() -> Response:
    """What in events and profiles is not as the contracts say, assumed facts as notes."""
    found = [*map(violation_document, every_violation(klaviyo()))]
    documented = [each for each in found if not each["is_note"]]
    return answer({"data": found, "violations": len(documented), "notes": len(found) - len(documented)})


@blueprint.get("/requests", arguments=(*PAGE, *REQUESTS.arguments))
def requests() -> Response:
    """The latest requests, oldest first."""
    return found(REQUESTS)


@blueprint.get("/rejected", arguments=PAGE)
def rejected() -> Response:
    """The latest requests that were refused, each with its errors."""
    kept = [*klaviyo().journal.entries(only_rejected=True)]
    return page(
        lambda after, limit: [entry for entry in kept if entry.number > after][:limit], lambda entry: entry.document()
    )


@blueprint.get("/requests/count")
def request_counts() -> Response:
    """How many requests came since the last reset."""
    return answer(klaviyo().journal.counts())


@blueprint.get("/unsupported")
def unsupported() -> Response:
    """What clients asked for that is not there: paths, fields, arguments, revisions, each with its count."""
    return answer(klaviyo().unsupported.document())


@blueprint.get("/events", arguments=(*PAGE, *EVENTS.arguments))
def events() -> Response:
    """Events in the order in which they were accepted, those that Klaviyo would have dropped silently among them."""
    return found(EVENTS)


@blueprint.get("/events/count", arguments=EVENTS.arguments)
def event_count() -> Response:
    """How many events there are, stored and dropped."""
    numbers = Counter(event.type for event in EVENTS.find(klaviyo(), EVENTS.wanted(), 0))
    return answer({"total": numbers.total(), "stored": numbers["event"], "dropped": numbers[DROPPED]})


@blueprint.get("/events/good", arguments=PAGE)
def good_events() -> Response:
    """Events that Klaviyo keeps."""
    return page(lambda after, limit: klaviyo().rows("event", after, limit), lambda row: event_document(klaviyo(), row))


@blueprint.get("/events/bad", arguments=PAGE)
def bad_events() -> Response:
    """The latest requests to send events that were refused, each with its errors."""
    found = klaviyo().journal.entries(only_rejected=True)
    wanted = [entry for entry in found if entry.operation in INTAKES]
    return page(
        lambda after, limit: [entry for entry in wanted if entry.number > after][:limit], lambda entry: entry.document()
    )


@blueprint.get("/events/dropped", arguments=PAGE)
def dropped_events() -> Response:
    """Events that were accepted and that Klaviyo would have dropped silently, each with the reason."""
    return page(lambda after, limit: klaviyo().rows(DROPPED, after, limit), lambda row: event_document(klaviyo(), row))


@blueprint.get("/profiles", arguments=(*PAGE, *PROFILES.arguments))
def profiles() -> Response:
    """Profiles in the order in which they were made."""
    return found(PROFILES)


def found(kind: Kind) -> Response:
    """A page of what the arguments ask for."""
    account, wanted = klaviyo(), kind.wanted()
    return page(
        lambda after, limit: some(kind.find(account, wanted, after), limit), lambda each: kind.document(account, each)
    )
