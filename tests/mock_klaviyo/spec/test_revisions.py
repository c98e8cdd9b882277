from __future__ import annotations

from datetime import date

import pytest

from mock_klaviyo.errors import ApiError
from mock_klaviyo.spec.recorded import revisions
from mock_klaviyo.spec.revisions import RELEASES, Resolved, operation_at, resolve

TODAY = date(2026, 8, 1)
LONG_AGO = date(2024, 1, 1)
FAR_AHEAD = date(2031, 1, 1)

SERVED = {
    "the newest": ("2026-07-15", TODAY, "2026-07-15", None),
    "a stable one": ("2025-10-15", TODAY, "2025-10-15", None),
    "the last stable day": ("2025-10-15", date(2026, 10, 14), "2025-10-15", None),
    "the first deprecated day": ("2025-10-15", date(2026, 10, 15), "2025-10-15", "2027-10-15"),
    "a deprecated one": ("2025-04-15", TODAY, "2025-04-15", "2027-04-15"),
    "the last day of a life": ("2024-10-15", date(2026, 10, 14), "2024-10-15", "2026-10-15"),
    "a day between two": ("2026-05-01", TODAY, "2026-04-15", None),
    "the day before a release": ("2026-07-14", TODAY, "2026-04-15", None),
    "a retired one": ("2024-10-15", date(2026, 10, 15), "2025-01-15", "2027-01-15"),
    "one that is not recorded": ("2023-10-15", TODAY, "2024-10-15", "2026-10-15"),
    "a day between two that are not recorded": ("2024-09-01", TODAY, "2024-10-15", "2026-10-15"),
    "a day before the first": ("2019-01-01", TODAY, "2024-10-15", "2026-10-15"),
    "a beta without a recording": ("2026-07-15.pre", TODAY, "2026-07-15", None),
    "a beta between two": ("2026-06-01.pre", TODAY, "2026-04-15", None),
    "spaces around it": (" 2026-07-15 ", TODAY, "2026-07-15", None),
    "a clock in the past": ("2026-07-15", LONG_AGO, "2026-07-15", None),
    "a clock after all are retired": ("2025-04-15", FAR_AHEAD, "2026-07-15", "2028-07-15"),
    "none at all": (None, TODAY, "2026-07-15", None),
}

REFUSED = {
    "after today": ("2026-08-02", {}, 404, "Unable to specify a future revision date"),
    "the beta of a day after the newest": ("2026-10-15.pre", {}, 404, "Unable to specify a future revision date"),
    "a word": ("latest", {}, 400, "'latest' is not a valid revision."),
    "nothing": ("", {}, 400, "'' is not a valid revision."),
    "no such day": ("2026-02-30", {}, 400, "'2026-02-30' is not a valid revision."),
    "another form of a day": ("2026-7-15", {}, 400, "'2026-7-15' is not a valid revision."),
    "another suffix": ("2026-07-15.beta", {}, 400, "'2026-07-15.beta' is not a valid revision."),
    "a retired one, opted out": ("2023-10-15", {"is_fall_forward": False}, 410, "was retired on 2025-10-15."),
    "a day before the first, opted out": ("2019-01-01", {"is_fall_forward": False}, 410, "was retired on 2024-10-17."),
    "none, when one is asked for": (None, {"when_missing": "refuse"}, 400, "A revision header is required."),
}  # fmt: skip

ABSENT = {
    "a method that came later": (
        "2025-07-15", "PATCH", "/api/flow-actions/1", 404,
        "No valid revisions found for method",
    ),
    "a path that came later": (
        "2026-04-15", "GET", "/api/object-types/", 404,
        "Revision 2026-04-15 is before the earliest available, use a date after 2026-07-15",
    ),
    "a method that never was": ("2026-07-15", "PATCH", "/api/flow-messages/1", 405, 'Method "PATCH" not allowed.'),
    "a path that never was": ("2026-07-15", "GET", "/api/users", 404, "The requested resource was not found."),
}  # fmt: skip


@pytest.mark.parametrize(("header", "now", "served", "retirement"), SERVED.values(), ids=SERVED)
def test_a_revision_is_served(header, now, served, retirement):
    assert Resolved(header, served, retirement) == resolve(header, now=now)


@pytest.mark.parametrize(("header", "options", "status", "detail"), REFUSED.values(), ids=REFUSED)
def test_a_revision_is_refused(header, options, status, detail):
    with pytest.raises(ApiError) as refusal:
        resolve(header, now=TODAY, **options)
    assert status == refusal.value.status
    assert detail in str(refusal.value)


def test_a_recorded_beta_serves_itself():
    recorded = ("2026-04-15", "2026-07-15", "2026-07-15.pre")

    assert "2026-07-15.pre" == resolve("2026-07-15.pre", now=TODAY, recorded=recorded).served
    assert "2026-07-15" == resolve("2026-07-15", now=TODAY, recorded=recorded).served
    assert "2026-07-15" == resolve(None, now=TODAY, recorded=recorded).served


@pytest.mark.parametrize(("revision", "method", "path", "status", "detail"), ABSENT.values(), ids=ABSENT)
def test_an_operation_that_is_not_there_says_why(revision, method, path, status, detail):
    with pytest.raises(ApiError) as refusal:
        operation_at(revision, method, path)
    assert status == refusal.value.status
    assert detail == str(refusal.value)


def test_a_method_that_never_was_names_those_that_are():
    with pytest.raises(ApiError) as refusal:
        operation_at("2026-07-15", "PUT", "/api/profiles")
    assert {"Allow": "GET, POST"} == refusal.value.headers


def test_an_operation_is_found_with_its_parameters():
    operation, parameters = operation_at("2024-10-15", "GET", "/api/profiles/01ABC/")

    assert "get_profile" == operation.id
    assert {"id": "01ABC"} == parameters


def test_all_recorded_revisions_are_known_releases():
    assert revisions() == RELEASES[-len(revisions()) :]


def test_a_revision_that_came_after_the_recordings_is_served_as_the_newest_and_says_so():
    found = resolve("2026-07-31", now=TODAY)

    assert revisions()[-1] == found.served
    assert "2026-07-31 is not recorded" in (found.hint or "")


def test_a_revision_that_lives_and_is_older_than_the_recordings_falls_forward_and_says_so():
    found = resolve("2024-08-01", now=date(2026, 1, 1), is_fall_forward=False)

    assert (revisions()[0], "2026-10-15") == (found.served, found.retirement_date)
    assert "2024-07-15 is not recorded" in (found.hint or "")


def test_the_oldest_recording_falls_forward_when_it_is_retired():
    assert "2025-01-15" == resolve("2024-10-15", now=date(2026, 11, 21)).served
