"""Events: what is taken in, what is dropped, and what is read back."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from tests.calling import event, patched, profile, resource
from tests.conftest import START

ANNA = "anna@shop.example.org"
PHONE = "+12025550123"
PROFILE = "/data/attributes/profile/data/attributes"


@pytest.fixture
def anna(client):
    return client.create("/api/profiles", profile(email=ANNA))


def stored(client, **query):
    """The attributes of all events."""
    return [each["attributes"] for each in client.get("/api/events", **query)["data"]]


def dropped(klaviyo):
    """Why events were dropped."""
    return [row.document["reason"] for row in klaviyo.rows("dropped-event", 0, 100)]


def bulk(*creates):
    """The body of a bulk job: pairs of a profile's attributes and its events."""
    data = [
        {
            "type": "event-bulk-create",
            "attributes": {
                "profile": {"data": {"type": "profile", "attributes": known}},
                "events": {"data": [event_of(each) for each in events]},
            },
        }
        for known, events in creates
    ]
    return resource("event-bulk-create-job", **{"events-bulk-create": {"data": data}})


def event_of(attributes):
    metric = {"data": {"type": "metric", "attributes": {"name": "Bought"}}}
    return {"type": "event", "attributes": {"properties": {}, "metric": metric} | attributes}


# taking in


def test_an_event_is_accepted_with_an_empty_body(client):
    response = client.call("POST", "/api/events", event("Bought", {"email": ANNA}))

    assert (202, b"") == (response.status, response.body)
    assert "Content-Type" not in response.headers


def test_an_event_makes_its_profile_and_its_metric(client):
    client.post("/api/events", event("Bought", {"email": ANNA, "first_name": "Anna", "location": {"city": "Bonn"}}))

    (anna,) = client.get("/api/profiles")["data"]
    assert ("Anna", "Bonn") == (anna["attributes"]["first_name"], anna["attributes"]["location"]["city"])
    assert ["Bought"] == [each["attributes"]["name"] for each in client.get("/api/metrics")["data"]]


def test_an_event_changes_a_known_profile(client, anna):
    client.post("/api/events", event("Bought", {"email": ANNA, "last_name": "Berg", "properties": {"vip": True}}))

    found = client.profile(anna)
    assert ("Berg", {"vip": True}) == (found["last_name"], found["properties"])


def test_an_event_patches_properties_by_meta_inside_the_attributes(client, anna):
    meta = {"patch_properties": {"append": {"tags": "buyer"}}}
    client.post("/api/events", event("Bought", {"email": ANNA, "meta": meta}))

    assert {"tags": ["buyer"]} == client.profile(anna)["properties"]


@pytest.mark.parametrize(
    "identifier",
    [{"email": ANNA}, {"phone_number": PHONE}, {"external_id": "17"}, {"anonymous_id": "visitor"}, {"_kx": "k"}],
)
def test_any_identifier_is_enough(client, identifier):
    client.post("/api/events", event("Bought", identifier))
    client.post("/api/events", event("Viewed", identifier))

    assert 1 == len(client.ids("/api/profiles"))


def test_an_integer_external_id_and_its_text_name_the_same_profile(client):
    for number, external_id in enumerate([17, "17", 17]):
        client.post("/api/events", event("Bought", {"external_id": external_id}, unique_id=f"{number}"))

    (found,) = client.get("/api/profiles")["data"]
    assert 17 == found["attributes"]["external_id"]


def test_an_event_without_an_identifier_is_refused(client):
    status, error = client.error("POST", "/api/events", event("Bought", {"first_name": "Anna"}))

    assert (400, PROFILE) == (status, error["source"]["pointer"])


def test_a_profile_is_named_by_its_id(client, anna):
    asked = event("Bought", {})
    asked["data"]["attributes"]["profile"]["data"]["id"] = anna
    client.post("/api/events", asked)

    assert 1 == len(client.ids("/api/events", filter=f'equals(profile_id,"{anna}")'))


def test_an_event_for_an_unknown_id_alone_is_dropped(client, klaviyo):
    asked = event("Bought", {})
    asked["data"]["attributes"]["profile"]["data"]["id"] = "nobody"
    client.post("/api/events", asked)

    assert ["there is no profile with id nobody"] == dropped(klaviyo)


def test_the_strongest_identifier_names_the_profile(client):
    by_email = client.create("/api/profiles", profile(email=ANNA))
    by_external_id = client.create("/api/profiles", profile(external_id="17"))
    client.post("/api/events", event("Bought", {"email": ANNA, "external_id": "17", "phone_number": PHONE}))

    assert client.profile(by_external_id)["last_event_date"]
    assert client.profile(by_email)["last_event_date"] is None
    assert PHONE == client.profile(by_external_id)["phone_number"]


def test_an_event_never_takes_an_identifier_from_a_profile(client, anna):
    client.post("/api/events", event("Bought", {"external_id": "17", "email": ANNA}))
    client.post("/api/events", event("Bought", {"external_id": "18", "email": ANNA}))

    assert "17" == client.profile(anna)["external_id"]


def test_a_secondary_email_address_names_the_profile(client, anna):
    patch = {"patch_identifiers": {"append": {"email": "work@shop.example.org"}}}
    client.call("PATCH", f"/api/profiles/{anna}", patched(anna, patch))

    client.track("Bought", "work@shop.example.org")

    assert [anna] == client.ids("/api/profiles")


# identifiers


def test_a_bad_phone_number_beside_a_good_address_is_ignored(client):
    client.post("/api/events", event("Bought", {"email": ANNA, "phone_number": "call me"}))

    (anna,) = client.get("/api/profiles")["data"]
    assert (ANNA, None) == (anna["attributes"]["email"], anna["attributes"]["phone_number"])


def test_a_bad_phone_number_alone_is_refused(client):
    status, error = client.error("POST", "/api/events", event("Bought", {"phone_number": "call me"}))

    assert (400, f"{PROFILE}/phone_number") == (status, error["source"]["pointer"])


@pytest.mark.parametrize("email", ["anna", "a" * 90 + "@shop.example.org"])
def test_a_bad_email_address_is_refused(client, email):
    status, error = client.error("POST", "/api/events", event("Bought", {"email": email}))

    assert (400, "Invalid email address") == (status, error["detail"])
    assert f"{PROFILE}/email" == error["source"]["pointer"]


@pytest.mark.parametrize("email", ["anna@example.com", "otto@test.com", "ANNA@Example.com"])
def test_events_for_placeholder_domains_are_accepted_and_dropped_with_a_hint(client, klaviyo, email):
    response = client.call("POST", "/api/events", event("Bought", {"email": email}))

    assert 202 == response.status
    assert "drops them without a word" in response.headers["X-Mock-Hint"]
    assert ([], []) == (client.ids("/api/events"), client.ids("/api/profiles"))
    assert ["Klaviyo drops events for placeholder domains such as @example.com"] == dropped(klaviyo)


# anonymous visitors


def test_an_anonymous_visitor_becomes_a_person_by_giving_an_address(client):
    client.post("/api/events", event("Viewed", {"anonymous_id": "visitor"}))
    client.post("/api/events", event("Bought", {"anonymous_id": "visitor", "email": ANNA}))

    (anna,) = client.get("/api/profiles")["data"]
    assert ANNA == anna["attributes"]["email"]
    assert 2 == len(client.ids("/api/events"))


def test_an_anonymous_visitor_who_gives_a_known_address_is_merged_into_its_owner(client, anna):
    client.post("/api/events", event("Viewed", {"anonymous_id": "visitor", "properties": {"theme": "dark"}}))
    assert 2 == len(client.ids("/api/profiles"))

    client.post("/api/events", event("Bought", {"anonymous_id": "visitor", "email": ANNA}))

    assert [anna] == client.ids("/api/profiles")
    assert 2 == len(client.ids("/api/events", filter=f'equals(profile_id,"{anna}")'))
    assert {"theme": "dark"} == client.profile(anna)["properties"]


def test_a_visitor_is_merged_when_all_events_come_in_one_batch(client, anna):
    for metric, known in [
        ("Viewed", {"anonymous_id": "visitor"}),
        ("Bought", {"anonymous_id": "visitor", "email": ANNA}),
        ("Viewed again", {"anonymous_id": "visitor"}),
    ]:
        client.post("/api/events", event(metric, known))

    assert [anna] == client.ids("/api/profiles")
    assert 3 == len(client.ids("/api/events", filter=f'equals(profile_id,"{anna}")'))


def test_two_persons_are_never_merged_by_an_event(client, anna):
    client.post("/api/events", event("Viewed", {"anonymous_id": "visitor", "email": "otto@shop.example.org"}))
    client.post("/api/events", event("Bought", {"anonymous_id": "visitor", "email": ANNA}))

    assert 2 == len(client.ids("/api/profiles"))


# once and only once


def test_a_repeated_unique_id_is_kept_once_and_the_first_one_stays(client, klaviyo):
    client.track("Bought", ANNA, unique_id="order-1", properties={"try": 1})
    client.track("Bought", ANNA, unique_id="order-1", properties={"try": 2}, time="2025-01-01")

    assert [{"try": 1, "$event_id": "order-1"}] == [each["event_properties"] for each in stored(client)]
    assert ["duplicate of an event with unique_id order-1"] == dropped(klaviyo)


def test_the_same_unique_id_of_another_profile_or_metric_is_another_event(client):
    client.track("Bought", ANNA, unique_id="1")
    client.track("Bought", "otto@shop.example.org", unique_id="1")
    client.track("Refunded", ANNA, unique_id="1")

    assert 3 == len(client.ids("/api/events"))


def test_without_a_unique_id_there_is_one_event_per_profile_metric_and_second(client, klaviyo):
    for time in ("2025-05-01T10:00:00.1Z", "2025-05-01T10:00:00.9Z", "2025-05-01T10:00:01Z"):
        client.track("Bought", ANNA, time=time)

    assert ["1746093601", "1746093600"] == [each["event_properties"]["$event_id"] for each in stored(client)]
    assert 1 == len(dropped(klaviyo))


def test_a_repetition_across_batches_is_dropped_as_well(client):
    client.track("Bought", ANNA, unique_id="1")
    assert 1 == len(client.ids("/api/events"))
    client.track("Bought", ANNA, unique_id="1")

    assert 1 == len(client.ids("/api/events"))


# time


def test_an_event_without_a_time_happened_when_it_was_received(client, klaviyo):
    klaviyo.move_clock(START + timedelta(seconds=1, microseconds=900_000))
    client.track("Bought", ANNA)

    (found,) = stored(client)
    assert ("2026-01-01T00:00:01+00:00", 1767225601) == (found["datetime"], found["timestamp"])


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        ("2025-05-01T10:00:00.999Z", "2025-05-01T10:00:00+00:00"),
        ("2025-05-01T10:00:00+02:00", "2025-05-01T08:00:00+00:00"),
        ("2025-05-01T10:30", "2025-05-01T10:30:00+00:00"),
        ("2025-05-01T10", "2025-05-01T10:00:00+00:00"),
        ("2025-05-01", "2025-05-01T00:00:00+00:00"),
        ("2025-05-01t10:00:00z", "2025-05-01T10:00:00+00:00"),
    ],
)
def test_a_time_is_cut_to_the_second_and_missing_parts_are_zero(client, time, expected):
    client.track("Bought", ANNA, time=time)

    assert [expected] == [each["datetime"] for each in stored(client)]


@pytest.mark.parametrize(
    "time",
    [1746093600, "1746093600", "yesterday", "1999-12-31T23:59:59Z", "2027-01-03T00:00:00Z", "2025-02-30T00:00:00Z", ""],
)
def test_an_impossible_time_is_refused(client, time):
    status, error = client.error("POST", "/api/events", event("Bought", {"email": ANNA}, time=time))

    assert (400, "/data/attributes/time") == (status, error["source"]["pointer"])


def test_a_time_up_to_one_year_ahead_is_taken(client):
    client.track("Bought", ANNA, time="2026-12-31T00:00:00Z")

    assert 1 == len(stored(client))


def test_the_uuid_of_an_event_holds_exactly_its_second(client):
    client.track("Bought", ANNA, time="2025-05-01T10:00:00Z")

    uuid = UUID(stored(client)[0]["uuid"])
    assert (1, 1) == (uuid.version, uuid.clock_seq)
    assert 1746093600 == uuid.time / 10**7 - 12219292800


# value and properties


def test_a_value_and_its_currency_are_read_back_among_the_properties(client):
    client.track("Bought", ANNA, value=9.5, value_currency="EUR", unique_id="1")

    expected = {"$event_id": "1", "$value": 9.5, "$value_currency": "EUR"}
    assert [expected] == [each["event_properties"] for each in stored(client)]


def test_once_a_metric_had_a_value_events_without_one_have_0(client):
    client.track("Bought", ANNA, unique_id="1")
    client.track("Bought", ANNA, unique_id="2", value=5)
    client.track("Bought", ANNA, unique_id="3")

    values = {each["event_properties"]["$event_id"]: each["event_properties"].get("$value") for each in stored(client)}
    assert {"1": None, "2": 5, "3": 0} == values


def test_an_unknown_currency_is_refused(client):
    status, error = client.error("POST", "/api/events", event("Bought", {"email": ANNA}, value_currency="XXX"))

    assert (400, "/data/attributes/value_currency") == (status, error["source"]["pointer"])


def test_properties_are_required_but_may_be_empty(client):
    asked = event("Bought", {"email": ANNA})
    del asked["data"]["attributes"]["properties"]

    assert 400 == client.error("POST", "/api/events", asked)[0]


def test_properties_are_read_back_as_they_were_sent(client):
    properties = {"$extra": {"a": [1, {"b": None}]}, "zero": 0, "empty": "", "none": None, "text": "Žluťoučký 🐎"}
    client.track("Bought", ANNA, properties=properties, unique_id="1")

    assert [properties | {"$event_id": "1"}] == [each["event_properties"] for each in stored(client)]


def nested(depth):
    return {"a": nested(depth - 1)} if depth else 1


@pytest.mark.parametrize(
    "properties",
    [
        {f"{number}": 1 for number in range(401)},
        {"text": "x" * (100 * 1024 + 1)},
        {"items": [0] * 4001},
        {"integer": 2**63},
        nested(11),
    ],
    ids=["401 properties", "over 100 KB", "4001 items", "64 bits and more", "11 levels"],
)
def test_properties_over_a_limit_are_refused(client, properties):
    status, error = client.error("POST", "/api/events", event("Bought", {"email": ANNA}, properties=properties))

    assert 400 == status
    assert error["source"]["pointer"].startswith("/data/attributes/properties")


def test_properties_at_the_limits_are_taken(client):
    properties = {f"{number}": 1 for number in range(396)}
    properties |= {"text": "x" * 100 * 1024, "items": [0] * 4000, "integer": 2**63 - 1, "deep": nested(9)}
    client.track("Bought", ANNA, properties=properties)

    assert 1 == len(stored(client))


def test_the_profile_of_an_event_has_at_most_95_kb(client):
    known = {"email": ANNA, "properties": {"text": "x" * 96 * 1024}}

    assert 413 == client.error("POST", "/api/events", event("Bought", known))[0]


@pytest.mark.parametrize(("length", "status"), [(0, 400), (1, 202), (255, 202), (256, 400)])
def test_a_unique_id_has_1_to_255_characters(client, length, status):
    assert status == client.call("POST", "/api/events", event("Bought", {"email": ANNA}, unique_id="x" * length)).status


@pytest.mark.parametrize(("length", "status"), [(0, 400), (1, 202), (127, 202), (128, 400)])
def test_a_metric_name_is_shorter_than_128_characters(client, length, status):
    assert status == client.call("POST", "/api/events", event("x" * length, {"email": ANNA})).status


def test_a_null_character_is_refused_where_it_stands(client):
    status, error = client.error("POST", "/api/events", event("Bought", {"email": ANNA}, unique_id="a\0b"))

    assert (400, "/data/attributes/unique_id") == (status, error["source"]["pointer"])


def test_a_backslash_before_u0000_is_no_null_character(client):
    client.track("Bought", ANNA, unique_id="\\u0000")

    assert 1 == len(stored(client))


# bulk


def test_a_bulk_job_is_accepted_with_an_empty_body_and_stores_all(client):
    times = [{"time": f"2025-05-0{day}"} for day in (1, 2)]
    response = client.call(
        "POST", "/api/event-bulk-create-jobs", bulk(({"email": ANNA}, times), ({"phone_number": PHONE}, times))
    )

    assert (202, b"") == (response.status, response.body)
    assert (4, 2) == (len(client.ids("/api/events")), len(client.ids("/api/profiles")))


def test_a_bulk_job_patches_properties_by_meta_beside_the_attributes(client, anna):
    asked = bulk(({"email": ANNA}, [{}]))
    create = asked["data"]["attributes"]["events-bulk-create"]["data"][0]
    create["attributes"]["profile"]["data"]["meta"] = {"patch_properties": {"append": {"tags": "buyer"}}}
    client.post("/api/event-bulk-create-jobs", asked)

    assert {"tags": ["buyer"]} == client.profile(anna)["properties"]


def test_one_bad_event_refuses_a_whole_bulk_job_with_its_place(client):
    asked = bulk(({"email": ANNA}, [{}]), ({"email": ANNA}, [{}, {"unique_id": ""}]))
    status, error = client.error("POST", "/api/event-bulk-create-jobs", asked)

    place = "/data/attributes/events-bulk-create/data/1/attributes/events/data/1/attributes/unique_id"
    assert (400, place) == (status, error["source"]["pointer"])
    assert [] == client.ids("/api/events")


def test_a_bad_profile_of_a_bulk_job_is_named_once_where_it_stands(client):
    response = client.call("POST", "/api/event-bulk-create-jobs", bulk(({"email": "anna"}, [{}, {}])))

    place = "/data/attributes/events-bulk-create/data/0/attributes/profile/data/attributes/email"
    assert [place] == [each["source"]["pointer"] for each in response.document["errors"]]


@pytest.mark.parametrize(("counts", "status"), [((600, 400), 202), ((600, 401), 400)])
def test_a_bulk_job_has_at_most_1000_events_over_all_profiles(client, counts, status):
    creates = [({"external_id": f"{count}"}, [{}] * count) for count in counts]

    assert status == client.call("POST", "/api/event-bulk-create-jobs", bulk(*creates)).status


def test_a_bulk_job_without_events_does_nothing(client):
    client.post("/api/event-bulk-create-jobs", bulk(({"email": ANNA}, [])))
    client.track("Bought", ANNA)

    assert 1 == len(client.ids("/api/events"))


def test_repetitions_within_a_bulk_job_are_dropped(client):
    client.post("/api/event-bulk-create-jobs", bulk(({"email": ANNA}, [{"unique_id": "1"}, {"unique_id": "1"}])))

    assert 1 == len(client.ids("/api/events"))


# reading


@pytest.fixture
def three(client):
    """Three events: two purchases of Anna in May, one view by Otto in June."""
    client.track("Bought", ANNA, time="2025-05-01T00:00:00Z")
    client.track("Bought", ANNA, time="2025-05-02T00:00:00Z")
    client.track("Viewed", "otto@shop.example.org", time="2025-06-01T00:00:00Z")


def times(client, **query):
    return [each["datetime"][:10] for each in stored(client, **query)]


def test_the_newest_event_comes_first(client, three):
    assert ["2025-06-01", "2025-05-02", "2025-05-01"] == times(client)


@pytest.mark.parametrize("sort", ["datetime", "timestamp"])
def test_events_are_sorted(client, three, sort):
    assert ["2025-05-01", "2025-05-02", "2025-06-01"] == times(client, sort=sort)
    assert ["2025-06-01", "2025-05-02", "2025-05-01"] == times(client, sort=f"-{sort}")


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("greater-than(datetime,2025-05-02)", ["2025-06-01"]),
        ("greater-or-equal(datetime,2025-05-02T00:00:00Z)", ["2025-06-01", "2025-05-02"]),
        ("less-than(datetime,2025-05-02)", ["2025-05-01"]),
        ("greater-than(datetime,2025-05-01),less-or-equal(datetime,2025-05-02)", ["2025-05-02"]),
        ("less-than(timestamp,1746144000)", ["2025-05-01"]),
        ("less-than(timestamp,1746144000.5)", ["2025-05-02", "2025-05-01"]),
        ("greater-than(timestamp,1e99)", []),
        ("has(profile),has(metric)", ["2025-06-01", "2025-05-02", "2025-05-01"]),
        ('equals(metric_id,"nothing")', []),
        ('equals(profile_id,"nobody")', []),
    ],
)
def test_events_are_filtered(client, three, text, days):
    assert days == times(client, filter=text)


def test_events_are_filtered_by_metrics_and_profile(client, three):
    bought, viewed = client.ids("/api/metrics")
    anna, _ = client.ids("/api/profiles")

    assert 2 == len(times(client, filter=f'equals(metric_id,"{bought}"),equals(profile_id,"{anna}")'))
    assert 3 == len(times(client, filter=f'equals(metric_id,["{bought}","{viewed}"])'))


def test_an_event_always_tells_its_profile_and_metric(client, three):
    (anna, _), (bought, _) = client.ids("/api/profiles"), client.ids("/api/metrics")

    relationships = client.get("/api/events", sort="datetime")["data"][0]["relationships"]
    assert {"type": "profile", "id": anna} == relationships["profile"]["data"]
    assert {"type": "metric", "id": bought} == relationships["metric"]["data"]


def test_included_profiles_and_metrics_stand_there_once(client, three):
    found = client.get("/api/events", include="profile,metric,attributions")["included"]

    assert ["metric", "metric", "profile", "profile"] == sorted(each["type"] for each in found)


def test_an_event_leads_to_its_metric_and_profile(client, three):
    (anna, _), (bought, _) = client.ids("/api/profiles"), client.ids("/api/metrics")
    first = client.ids("/api/events", sort="datetime")[0]

    assert anna == client.get(f"/api/events/{first}/profile")["data"]["id"]
    assert bought == client.get(f"/api/events/{first}/metric")["data"]["id"]
    assert {"type": "metric", "id": bought} == client.get(f"/api/events/{first}/relationships/metric")["data"]


def test_a_malformed_event_id_is_invalid_input_and_an_unknown_one_is_not_found(client):
    status, error = client.error("GET", "/api/events/NOPE01")
    assert (400, "Invalid Event ID: 'NOPE01'") == (status, error["detail"])
    assert {"pointer": "/data/id"} == error["source"]

    assert 404 == client.error("GET", "/api/events/7qWkC6JPz7g")[0]


def test_event_ids_have_eleven_letters_and_digits(client, three):
    assert all(len(id) == 11 and id.isalnum() for id in client.ids("/api/events"))


def test_the_first_page_has_200_events_and_the_largest_1000(client):
    client.post(
        "/api/event-bulk-create-jobs", bulk(({"email": ANNA}, [{"unique_id": f"{number}"} for number in range(201)]))
    )

    assert 200 == len(client.ids("/api/events"))
    assert 201 == len(client.ids("/api/events", **{"page[size]": "1000"}))
    assert 400 == client.error("GET", "/api/events", **{"page[size]": "1001"})[0]
