"""The life of jobs that take time: queued, processing and complete, their effects only at the end."""

from __future__ import annotations

from datetime import timedelta

import pytest

from mock_klaviyo.app import create_app
from mock_klaviyo.config import Config
from mock_klaviyo.klaviyo import Klaviyo
from mock_klaviyo.resources.job_life import WORKS
from mock_klaviyo.spec.recorded import recording, revisions
from tests.calling import Client, channels, consent, no_channels, profile, reference, resource, withdrawal
from tests.conftest import START

ANNA = "anna@shop.example.org"
HALF, WHOLE = START + timedelta(seconds=30), START + timedelta(minutes=1)


@pytest.fixture
def klaviyo():
    slow = Klaviyo(Config(clock=START, job_delay=timedelta(minutes=1)))
    yield slow
    slow.close()


def importing(*people, list_id=None):
    named = {"data": [{"type": "profile", "attributes": each} for each in people]}
    relationships = {"lists": [reference("list", list_id)]} if list_id else {}
    return resource("profile-bulk-import-job", None, relationships, profiles=named)


def bulk(of, action, entries, *data):
    return resource(f"{of}-bulk-{action}-job", None, None, **{entries: {"data": [each["data"] for each in data]}})


def item(name, **attributes):
    whole = {"external_id": name, "title": name, "description": name, "url": "https://shop.example.org"}
    return resource("catalog-item", None, None, **(whole | attributes))


def category(name):
    return resource("catalog-category", None, None, external_id=name, name=name)


def variant(name, item_id):
    whole = {"sku": name, "inventory_quantity": 1, "price": 1.5, "external_id": name, "title": name}
    whole |= {"description": name, "url": "https://shop.example.org"}
    return resource("catalog-variant", None, {"item": reference("catalog-item", item_id)}, **whole)


def code(text):
    return resource("coupon-code", None, {"coupon": reference("coupon", "SPRING")}, unique_code=text)


def suppressing(action, *addresses):
    people = [{"type": "profile", "attributes": {"email": each}} for each in addresses]
    return resource(f"profile-suppression-bulk-{action}-job", None, None, profiles={"data": people})


# what there is before, the path and the body of a job, how many entries, what can be read when it is complete


def import_job(client):
    return "profile-bulk-import-jobs", importing({"email": ANNA}), lambda: client.ids("/api/profiles")


def suppression_job(client):
    client.post("/api/profiles", profile(email=ANNA))
    return "profile-suppression-bulk-create-jobs", suppressing("create", ANNA), lambda: suppressed(client)


def suppressed(client):
    (id,) = client.ids("/api/profiles")
    return client.profile(id)["subscriptions"]["email"]["marketing"]["suppression"]


def coupon_job(client):
    client.post("/api/coupons", resource("coupon", None, None, external_id="SPRING"))
    filter = 'equals(coupon.id,"SPRING")'
    body = bulk("coupon-code", "create", "coupon-codes", code("A1"))
    return "coupon-code-bulk-create-jobs", body, lambda: client.ids("/api/coupon-codes", filter=filter)


def item_job(client):
    body = bulk("catalog-item", "create", "items", item("hat"))
    return "catalog-item-bulk-create-jobs", body, lambda: client.ids("/api/catalog-items")


def category_job(client):
    body = bulk("catalog-category", "create", "categories", category("hats"))
    return "catalog-category-bulk-create-jobs", body, lambda: client.ids("/api/catalog-categories")


def variant_job(client):
    id = client.create("/api/catalog-items", item("hat"))
    body = bulk("catalog-variant", "create", "variants", variant("red", id))
    return "catalog-variant-bulk-create-jobs", body, lambda: client.ids("/api/catalog-variants")


JOBS = (import_job, suppression_job, coupon_job, item_job, category_job, variant_job)


def attributes(client, path, id):
    return client.get(f"/api/{path}/{id}")["data"]["attributes"]


@pytest.mark.parametrize("job", JOBS)
def test_a_job_is_queued_then_processed_then_complete(job, client, klaviyo):
    path, body, _ = job(client)
    created = client.post(f"/api/{path}", body)["data"]

    assert ("queued", None) == (created["attributes"]["status"], created["attributes"]["completed_at"])
    klaviyo.move_clock(HALF - timedelta(seconds=1))
    assert "queued" == attributes(client, path, created["id"])["status"]
    klaviyo.move_clock(HALF)
    assert "processing" == attributes(client, path, created["id"])["status"]
    klaviyo.move_clock(WHOLE + timedelta(hours=1))
    assert "complete" == attributes(client, path, created["id"])["status"]


@pytest.mark.parametrize("job", JOBS)
def test_a_job_has_its_effect_when_it_is_complete(job, client, klaviyo):
    path, body, effects = job(client)
    id = client.create(f"/api/{path}", body)

    klaviyo.move_clock(WHOLE - timedelta(seconds=1))
    assert ([], 0) == (effects(), attributes(client, path, id)["completed_count"])
    klaviyo.move_clock(WHOLE)
    assert (1, 1) == (len(effects()), attributes(client, path, id)["completed_count"])


@pytest.mark.parametrize("job", JOBS)
def test_a_job_ends_at_its_own_time_however_late_it_is_read(job, client, klaviyo):
    path, body, _ = job(client)
    id = client.create(f"/api/{path}", body)
    klaviyo.move_clock(WHOLE + timedelta(days=1))

    found = attributes(client, path, id)
    assert WHOLE.isoformat() == found["completed_at"]
    assert found.get("started_at", HALF.isoformat()) == HALF.isoformat()


def test_import_errors_and_counts_come_at_the_end(client, klaviyo):
    path = "/api/profile-bulk-import-jobs"
    id = client.create(path, importing({"email": ANNA}, {"phone_number": "wrong"}))

    assert [] == client.ids(f"{path}/{id}/import-errors")
    klaviyo.move_clock(WHOLE)
    found = client.get(f"{path}/{id}")["data"]["attributes"]
    assert (2, 1, 1) == tuple(found[name] for name in ("total_count", "completed_count", "failed_count"))
    assert 1 == len(client.ids(f"{path}/{id}/import-errors"))
    assert (START + timedelta(days=7)).isoformat() == found["expires_at"]


def test_errors_of_a_catalog_job_come_at_the_end(client, klaviyo):
    client.create("/api/catalog-items", item("hat"))
    path = "catalog-item-bulk-create-jobs"
    id = client.create(f"/api/{path}", bulk("catalog-item", "create", "items", item("hat"), item("cap")))

    assert [] == attributes(client, path, id)["errors"]
    klaviyo.move_clock(WHOLE)
    found = attributes(client, path, id)
    assert (1, 1, 1) == (found["completed_count"], found["failed_count"], len(found["errors"]))


def test_a_job_that_cannot_be_done_any_more_is_cancelled_and_does_nothing(client, klaviyo):
    path = "profile-bulk-import-jobs"
    list_id = client.create("/api/lists", resource("list", None, None, name="News"))
    id = client.create(f"/api/{path}", importing({"email": ANNA}, list_id=list_id))
    client.delete(f"/api/lists/{list_id}")

    klaviyo.move_clock(WHOLE)
    assert "cancelled" == attributes(client, path, id)["status"]
    assert [] == client.ids("/api/profiles")


def test_jobs_that_take_time_are_done_in_their_order(client, klaviyo):
    for name in ("Ann", "Anna"):
        client.post("/api/profile-bulk-import-jobs", importing({"email": ANNA, "first_name": name}))
    klaviyo.move_clock(WHOLE)

    (found,) = client.get("/api/profiles")["data"]
    assert "Anna" == found["attributes"]["first_name"]


# jobs that nobody can read


def test_a_subscription_takes_time(client, klaviyo):
    client.post("/api/profile-subscription-bulk-create-jobs", historical())
    assert [] == client.ids("/api/profiles")

    klaviyo.move_clock(WHOLE)
    assert "SUBSCRIBED" == email_consent(client)


def test_the_end_of_a_subscription_takes_time(client, klaviyo):
    client.post("/api/profiles", profile(email=ANNA))
    client.post(
        "/api/profile-subscription-bulk-delete-jobs", withdrawal({"email": ANNA, "subscriptions": no_channels()})
    )

    assert "NEVER_SUBSCRIBED" == email_consent(client)
    klaviyo.move_clock(WHOLE)
    assert "UNSUBSCRIBED" == email_consent(client)


def historical():
    given = channels(consented_at="2025-01-01T00:00:00Z")
    return consent({"email": ANNA, "subscriptions": given}, historical_import=True)


def email_consent(client):
    (id,) = client.ids("/api/profiles")
    return client.profile(id)["subscriptions"]["email"]["marketing"]["consent"]


def test_the_end_of_a_suppression_takes_time(client, klaviyo):
    client.post("/api/profile-suppression-bulk-create-jobs", suppressing("create", ANNA))
    klaviyo.move_clock(WHOLE)
    client.post("/api/profile-suppression-bulk-delete-jobs", suppressing("delete", ANNA))

    assert 1 == len(suppressed(client))
    klaviyo.move_clock(WHOLE + timedelta(minutes=1))
    assert [] == suppressed(client)


def test_erasing_somebody_takes_time(client, klaviyo):
    client.post("/api/profiles", profile(email=ANNA))
    named = {"data": {"type": "profile", "attributes": {"email": ANNA}}}
    client.post("/api/data-privacy-deletion-jobs", resource("data-privacy-deletion-job", None, None, profile=named))

    assert 1 == len(client.ids("/api/profiles"))
    klaviyo.move_clock(WHOLE)
    assert [] == client.ids("/api/profiles")


def test_every_job_takes_time():
    operations = recording(revisions()[-1]).operations.values()
    jobs = {each.id for each in operations if each.method == "POST" and each.path.endswith("-jobs")}

    assert {"send_campaign", "bulk_create_events"} == jobs - WORKS.keys()  # these wait for a send time, in the intake
    assert set() == WORKS.keys() - jobs


# options


def test_delays_are_set_while_the_server_runs(klaviyo):
    control = create_app(klaviyo=klaviyo).test_client()
    answer = control.put("/__mock/config", json={"job_delay": "2m", "processing_delay": "1s"})

    assert ("120s", "1s") == (answer.json["job_delay"], answer.json["processing_delay"])
    assert ("120s", "1s") == tuple(
        control.get("/__mock/config").json[name] for name in ("job_delay", "processing_delay")
    )
    client = Client(klaviyo)
    id = client.create("/api/profile-bulk-import-jobs", importing({"email": ANNA}))
    klaviyo.move_clock(WHOLE)
    assert "processing" == attributes(client, "profile-bulk-import-jobs", id)["status"]


@pytest.mark.parametrize("body", [{"job_delay": "soon"}, {"job_delay": 3}, {"delay": "3s"}])
def test_a_delay_that_makes_no_sense_is_refused(klaviyo, body):
    answer = create_app(klaviyo=klaviyo).test_client().put("/__mock/config", json=body)

    assert 400 == answer.status_code
    assert "job_delay" in answer.json["error"]


def test_a_snapshot_brings_the_delays_back_and_a_reset_those_of_the_start(klaviyo):
    snapshot = klaviyo.remember()
    klaviyo.delay(job_delay=timedelta(0))
    klaviyo.recall(snapshot)
    assert timedelta(minutes=1) == klaviyo.world.job_delay

    klaviyo.delay(job_delay=timedelta(0))
    klaviyo.reset()
    assert timedelta(minutes=1) == klaviyo.world.job_delay


def test_work_that_takes_time_survives_a_restart(tmp_path):
    settings = Config(clock=START, job_delay=timedelta(minutes=1), data=tmp_path / "shop.sqlite")
    first = Klaviyo(settings)
    id = Client(first).create("/api/profile-bulk-import-jobs", importing({"email": ANNA}))
    first.close()

    second = Klaviyo(settings)
    second.move_clock(WHOLE)
    assert "complete" == attributes(Client(second), "profile-bulk-import-jobs", id)["status"]
    second.close()
