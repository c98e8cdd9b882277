"""Coupons and coupon codes."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from mock_klaviyo.resources import coupons
from tests.calling import profile, reference, references, resource


def make_coupon(client, external_id="10OFF", **attributes):
    return client.post("/api/coupons", resource("coupon", external_id=external_id, **attributes))["data"]["id"]


def code(unique_code, of="10OFF", **attributes):
    return resource("coupon-code", None, {"coupon": reference("coupon", of)}, unique_code=unique_code, **attributes)


def make_code(client, unique_code="AAA", of="10OFF", **attributes):
    return client.post("/api/coupon-codes", code(unique_code, of, **attributes))["data"]["id"]


def make_profile(client):
    return client.post("/api/profiles", profile(email="anna@shop.test"))["data"]["id"]


def assign(klaviyo, profile_id, coupon_id="10OFF"):
    with klaviyo.store.transaction():
        row = coupons.code_for(klaviyo.world, coupon_id, profile_id, "MSG001")
        if row is not None:
            coupons.assign(klaviyo.world, row, profile_id, "MSG001")
        return row


def set_status(client, id, status):
    return client.patch(f"/api/coupon-codes/{id}", resource("coupon-code", id, status=status))["data"]


# coupons


def test_a_coupon_lives(client):
    id = make_coupon(client, description="10% off", monitor_configuration={"low_balance_threshold": 500})
    shown = client.get(f"/api/coupons/{id}")["data"]["attributes"]
    changed = client.patch("/api/coupons/10OFF", resource("coupon", id, description="Ten off"))["data"]["attributes"]
    listed = client.ids("/api/coupons")
    client.delete("/api/coupons/10OFF")

    monitor = {"low_balance_threshold": "500"}
    assert {"external_id": "10OFF", "description": "10% off", "monitor_configuration": monitor} == shown
    assert shown | {"description": "Ten off"} == changed
    assert ["10OFF"] == [id] == listed
    assert 404 == client.error("GET", "/api/coupons/10OFF")[0]


def test_an_unknown_coupon_is_not_found(client):
    status, error = client.error("GET", "/api/coupons/NOPE")

    assert (404, "not_found") == (status, error["code"])
    assert "A coupon with the given identifier 'NOPE' does not exist." == error["detail"]


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_an_id_with_a_hyphen_is_invalid(client, method):
    assert 400 == client.error(method, "/api/coupons/10-OFF")[0]


@pytest.mark.parametrize("external_id", ["10-OFF", "", "10 OFF", "é"])
def test_a_coupon_has_only_letters_digits_and_underscores(client, external_id):
    assert 400 == client.error("POST", "/api/coupons", resource("coupon", external_id=external_id))[0]
    assert [] == client.ids("/api/coupons")


def test_an_external_id_can_be_taken(client):
    make_coupon(client)

    assert 409 == client.error("POST", "/api/coupons", resource("coupon", external_id="10OFF"))[0]


@pytest.mark.parametrize("threshold", [99, 0, -100, "many", True, 100.5, None, [100], "1" * 5000 + "x"])
def test_a_threshold_is_a_number_of_at_least_a_hundred(client, threshold):
    body = resource("coupon", external_id="10OFF", monitor_configuration={"low_balance_threshold": threshold})
    status, error = client.error("POST", "/api/coupons", body)

    assert 400 == status
    assert {"pointer": "/data/attributes/monitor_configuration/low_balance_threshold"} == error["source"]


def test_coupons_come_in_pages(client):
    ids = [make_coupon(client, f"C{number}") for number in range(3)]
    first = client.get("/api/coupons", **{"page[size]": "2"})

    assert ids[:2] == [each["id"] for each in first["data"]]
    assert ids[2:] == client.ids("/api/coupons", **{"page[cursor]": first["links"]["next"]})


def test_a_coupon_is_deleted_with_its_codes(client):
    make_coupon(client)
    id = make_code(client)
    client.delete("/api/coupons/10OFF")

    assert 404 == client.error("GET", f"/api/coupon-codes/{id}")[0]


# codes


def test_a_code_lives(client):
    make_coupon(client)
    id = make_code(client, expires_at="2026-02-01T12:00:00+02:00")
    shown = client.get(f"/api/coupon-codes/{id}")["data"]["attributes"]
    body = resource("coupon-code", id, expires_at="2026-03-01")
    changed = client.patch(f"/api/coupon-codes/{id}", body)["data"]["attributes"]
    client.delete(f"/api/coupon-codes/{id}")

    assert "10OFF-AAA" == id
    assert {"unique_code": "AAA", "expires_at": "2026-02-01T10:00:00+00:00", "status": "UNASSIGNED"} == shown
    assert "2026-03-01T00:00:00+00:00" == changed["expires_at"]
    assert 404 == client.error("GET", f"/api/coupon-codes/{id}")[0]


def test_only_the_answer_to_its_creation_ends_a_time_in_z(client):
    make_coupon(client)
    made = client.post("/api/coupon-codes", code("AAA", expires_at="2026-02-01T12:00:00Z"))["data"]["attributes"]

    assert "2026-02-01T12:00:00Z" == made["expires_at"]
    assert "2026-02-01T12:00:00+00:00" == client.get("/api/coupon-codes/10OFF-AAA")["data"]["attributes"]["expires_at"]


@pytest.mark.parametrize("attributes", [{}, {"expires_at": None}])
def test_a_code_is_good_for_a_year_when_it_does_not_say(client, attributes):
    make_coupon(client)
    id = make_code(client, **attributes)

    assert "2026-12-31T00:00:00+00:00" == client.get(f"/api/coupon-codes/{id}")["data"]["attributes"]["expires_at"]


def test_a_code_leads_to_its_coupon(client):
    make_coupon(client, description="Ten off")
    id = make_code(client)
    shown = client.get(f"/api/coupon-codes/{id}", include="coupon")

    assert reference("coupon", "10OFF") == shown["data"]["relationships"]["coupon"]["data"]
    assert ["Ten off"] == [each["attributes"]["description"] for each in shown["included"]]
    assert "10OFF" == client.get(f"/api/coupon-codes/{id}/coupon")["data"]["id"]
    assert reference("coupon", "10OFF") == client.get(f"/api/coupon-codes/{id}/relationships/coupon")["data"]


def test_a_coupon_leads_to_its_codes(client):
    make_coupon(client)
    make_coupon(client, "20OFF")
    ids = [make_code(client, unique_code) for unique_code in ("AAA", "BBB")]
    make_code(client, "CCC", "20OFF")
    set_status(client, ids[0], "USED")

    assert ids == client.ids("/api/coupons/10OFF/coupon-codes")
    assert ids == client.ids("/api/coupons/10OFF/relationships/coupon-codes")
    assert ids[:1] == client.ids("/api/coupons/10OFF/coupon-codes", filter='equals(status,"USED")')


@pytest.mark.parametrize("rest", ["", "/coupon", "/relationships/coupon"])
def test_an_unknown_code_is_not_found(client, rest):
    status, error = client.error("GET", f"/api/coupon-codes/10OFF-NOPE{rest}")

    assert (404, "A coupon code with given identifier '10OFF-NOPE' does not exist.") == (status, error["detail"])


def test_a_code_can_be_taken(client):
    make_coupon(client)
    make_coupon(client, "20OFF")
    make_code(client)
    make_code(client, "AAA", "20OFF")

    assert 409 == client.error("POST", "/api/coupon-codes", code("AAA"))[0]


@pytest.mark.parametrize("coupon", [{}, {"data": reference("coupon", "NOPE")}])
def test_a_code_needs_a_coupon(client, coupon):
    body = code("AAA")
    body["data"]["relationships"] = {"coupon": coupon}
    status, error = client.error("POST", "/api/coupon-codes", body)

    assert 400 == status
    assert error["source"]["pointer"].startswith("/data/relationships/coupon/data")


@pytest.mark.parametrize(
    "attributes", [{"expires_at": "tomorrow"}, {"status": "GONE"}, {"unique_code": "BBB"}, {"expires_at": 1}]
)
def test_a_bad_change_of_a_code_is_refused(client, attributes):
    make_coupon(client)
    id = make_code(client)
    before = client.get(f"/api/coupon-codes/{id}")

    assert 400 == client.error("PATCH", f"/api/coupon-codes/{id}", resource("coupon-code", id, **attributes))[0]
    assert before == client.get(f"/api/coupon-codes/{id}")


# lists of codes


@pytest.mark.parametrize("query", [{}, {"filter": 'equals(status,"USED")'}])
def test_codes_are_listed_for_a_coupon_or_a_profile_only(client, query):
    status, error = client.error("GET", "/api/coupon-codes", **query)

    assert (400, {"parameter": "filter"}) == (status, error["source"])


def test_codes_are_filtered(client, klaviyo):
    for coupon in ("A", "B", "C"):
        make_coupon(client, coupon)
    ids = [make_code(client, "1", coupon, expires_at=f"2026-0{month}-01") for month, coupon in enumerate("ABC", 1)]
    anna = make_profile(client)
    assign(klaviyo, anna, "B")

    assert ids[:1] == client.ids("/api/coupon-codes", filter='equals(coupon.id,"A")')
    assert ids[:2] == client.ids("/api/coupon-codes", filter='any(coupon.id,["A","B"])')
    assert ids[1:2] == client.ids("/api/coupon-codes", filter=f'equals(profile.id,"{anna}")')
    assert ids[1:2] == client.ids(
        "/api/coupon-codes", filter='any(coupon.id,["A","B"]),equals(status,"ASSIGNED_TO_PROFILE")'
    )
    assert ids[2:] == client.ids(
        "/api/coupon-codes", filter='any(coupon.id,["A","B","C"]),greater-than(expires_at,2026-02-01)'
    )


def test_codes_come_in_pages(client):
    make_coupon(client)
    ids = [make_code(client, str(number)) for number in range(3)]
    query = {"filter": 'equals(coupon.id,"10OFF")', "page[size]": "2", "include": "coupon"}
    first = client.get("/api/coupon-codes", **query)
    second = client.ids("/api/coupon-codes", **query, **{"page[cursor]": first["links"]["next"]})

    assert ids == [each["id"] for each in first["data"]] + second
    assert ["10OFF"] == [each["id"] for each in first["included"]]


# the life of a code


def test_a_code_that_nobody_has_shows_links_to_a_profile_only(client):
    make_coupon(client)
    shown = client.get(f"/api/coupon-codes/{make_code(client)}")["data"]

    assert ["links"] == list(shown["relationships"]["profile"])


def test_the_oldest_free_code_is_assigned(client, klaviyo):
    make_coupon(client)
    ids = [make_code(client, unique_code) for unique_code in ("AAA", "BBB", "CCC")]
    set_status(client, ids[0], "USED")
    anna = make_profile(client)
    assigned = assign(klaviyo, anna)
    shown = client.get(f"/api/coupon-codes/{ids[1]}")["data"]

    assert assigned is not None
    assert ids[1] == assigned.id
    assert "ASSIGNED_TO_PROFILE" == shown["attributes"]["status"]
    assert reference("profile", anna) == shown["relationships"]["profile"]["data"]


def test_an_expired_code_is_not_assigned(client, klaviyo):
    make_coupon(client)
    make_code(client, expires_at="2026-02-01")
    anna = make_profile(client)
    klaviyo.move_clock(datetime(2026, 2, 1, tzinfo=UTC))

    assert assign(klaviyo, anna) is None


def test_a_used_code_stays_with_its_profile_and_a_freed_one_does_not(client, klaviyo):
    make_coupon(client)
    id, anna = make_code(client), make_profile(client)
    assign(klaviyo, anna)
    used = set_status(client, id, "USED")
    freed = set_status(client, id, "UNASSIGNED")

    assert reference("profile", anna) == used["relationships"]["profile"]["data"]
    assert "data" not in freed["relationships"]["profile"]


def test_an_assigned_code_cannot_be_deleted(client, klaviyo):
    make_coupon(client)
    id, anna = make_code(client), make_profile(client)
    assign(klaviyo, anna)

    assert 400 == client.error("DELETE", f"/api/coupon-codes/{id}")[0]
    assert [id] == client.ids("/api/coupons/10OFF/coupon-codes")
    set_status(client, id, "UNASSIGNED")
    client.delete(f"/api/coupon-codes/{id}")


def test_a_code_that_is_called_assigned_cannot_be_deleted_either(client):
    make_coupon(client)
    id = make_code(client)
    set_status(client, id, "ASSIGNED_TO_PROFILE")

    assert 400 == client.error("DELETE", f"/api/coupon-codes/{id}")[0]


# the job

JOBS = "/api/coupon-code-bulk-create-jobs"


def run_job(client, *codes):
    body = resource("coupon-code-bulk-create-job", **{"coupon-codes": {"data": [each["data"] for each in codes]}})
    return client.post(JOBS, body)["data"]


def test_a_job_creates_codes(client):
    make_coupon(client)
    first = run_job(client, code("AAA"), code("BBB", expires_at="2026-02-01"))
    job = client.get(f"{JOBS}/{first['id']}", include="coupon-codes")

    assert ("processing", 0) == (first["attributes"]["status"], first["attributes"]["completed_count"])
    assert ("complete", 2) == (job["data"]["attributes"]["status"], job["data"]["attributes"]["completed_count"])
    assert ["10OFF-AAA", "10OFF-BBB"] == [each["id"] for each in job["included"]]
    assert ["UNASSIGNED"] * 2 == [each["attributes"]["status"] for each in job["included"]]
    assert [first["id"]] == client.ids(JOBS, filter='equals(status,"complete")')


def test_a_job_tells_which_codes_it_could_not_create(client):
    make_coupon(client)
    make_code(client)
    id = run_job(client, code("AAA"), code("BBB", "NOPE"), code("CCC"))["id"]
    job = client.get(f"{JOBS}/{id}")["data"]

    assert ["10OFF-CCC"] == [each["id"] for each in job["relationships"]["coupon-codes"]["data"]]
    assert [
        "/data/attributes/coupon-codes/data/0/attributes",
        "/data/attributes/coupon-codes/data/1/relationships/coupon/data/id",
    ] == [error["source"]["pointer"] for error in job["attributes"]["errors"]]


def test_a_job_takes_a_thousand_codes(client):
    make_coupon(client)
    codes = [code(str(number)) for number in range(1001)]
    id = run_job(client, *codes[:1000])["id"]
    too_many = resource("coupon-code-bulk-create-job", **{"coupon-codes": {"data": [each["data"] for each in codes]}})

    assert 1000 == client.get(f"{JOBS}/{id}")["data"]["attributes"]["completed_count"]
    assert 400 == client.error("POST", JOBS, too_many)[0]


def test_an_unknown_job_is_not_found(client):
    status, error = client.error("GET", f"{JOBS}/01GSQPBF74KQ5YTDEPP41T1BZH")

    detail = "A coupon code bulk create job with the id '01GSQPBF74KQ5YTDEPP41T1BZH' does not exist."
    assert (404, detail) == (status, error["detail"])


def test_a_job_body_of_another_form_is_refused(client):
    assert 400 == client.error("POST", JOBS, references("coupon-code", "A"))[0]
