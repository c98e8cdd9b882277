"""Lists and their members."""

from __future__ import annotations

from datetime import timedelta

import pytest

from mock_klaviyo.config import Account, Config
from mock_klaviyo.klaviyo import Klaviyo
from tests.calling import Client, profile, reference, resource
from tests.conftest import START


@pytest.fixture
def news(client):
    return client.create("/api/lists", resource("list", name="News"))


@pytest.fixture
def people(client):
    return [client.create("/api/profiles", profile(email=f"{name}@shop.example.org")) for name in ("anna", "otto")]


def members(client, method, list_id, *ids):
    named = {"data": [reference("profile", id) for id in ids]}
    return client.call(method, f"/api/lists/{list_id}/relationships/profiles", named)


def test_a_new_list_has_the_accounts_opt_in_process(client):
    created = client.post("/api/lists", resource("list", name="News"))["data"]["attributes"]

    second = "2026-01-01T00:00:00+00:00"
    expected = {"name": "News", "created": second, "updated": second, "opt_in_process": "double_opt_in"}
    assert expected == created


@pytest.mark.parametrize("said", [{}, {"opt_in_process": None}])
def test_the_opt_in_process_of_the_account_can_be_another(said):
    account = Account(id="MOCK01", opt_in_process="single_opt_in")
    client = Client(Klaviyo(Config(clock=START, account=account)))

    created = client.post("/api/lists", resource("list", name="News", **said))["data"]["attributes"]

    assert "single_opt_in" == created["opt_in_process"]


def test_list_ids_have_six_letters_and_digits(news):
    assert (6, True) == (len(news), news.isalnum())


def test_lists_may_have_the_same_name(client, news):
    assert news != client.create("/api/lists", resource("list", name="News"))


def test_a_list_is_renamed_and_null_changes_nothing(client, klaviyo, news):
    klaviyo.move_clock(START + timedelta(hours=1))
    client.call("PATCH", f"/api/lists/{news}", resource("list", news, name="Old news"))
    response = client.call("PATCH", f"/api/lists/{news}", resource("list", news, name=None, opt_in_process=None))

    attributes = response.document["data"]["attributes"]
    assert ("Old news", "double_opt_in") == (attributes["name"], attributes["opt_in_process"])
    assert ("2026-01-01T00:00:00+00:00", "2026-01-01T01:00:00+00:00") == (attributes["created"], attributes["updated"])


def test_an_unknown_list_is_not_found_in_klaviyos_words(client):
    status, error = client.error("GET", "/api/lists/invalid")

    assert (404, "A list with id `invalid` does not exist.") == (status, error["detail"])


def test_a_list_id_is_case_sensitive(client, news):
    assert 404 == client.error("GET", f"/api/lists/{news.swapcase()}")[0]


def test_the_number_of_profiles_is_shown_on_demand_only(client, news, people):
    members(client, "POST", news, *people)
    asked = {"additional-fields[list]": "profile_count"}

    assert 2 == client.get(f"/api/lists/{news}", **asked)["data"]["attributes"]["profile_count"]
    assert "profile_count" not in client.get(f"/api/lists/{news}")["data"]["attributes"]


def test_a_page_has_ten_lists(client):
    for number in range(11):
        client.create("/api/lists", resource("list", name=f"{number}"))

    assert 10 == len(client.ids("/api/lists"))
    assert 400 == client.error("GET", "/api/lists", **{"page[size]": "11"})[0]


def test_lists_are_filtered_and_sorted(client, news):
    offers = client.create("/api/lists", resource("list", name="Offers"))

    assert [offers, news] == client.ids("/api/lists", sort="-name")
    assert [offers] == client.ids("/api/lists", filter='any(name,["Offers","Others"])')
    assert [news] == client.ids("/api/lists", filter=f'equals(id,"{news}")')


# members


def test_members_are_added_and_removed_without_a_body(client, news, people):
    added = members(client, "POST", news, *people)
    assert (204, b"") == (added.status, added.body)

    removed = members(client, "DELETE", news, people[0])
    assert (204, b"") == (removed.status, removed.body)
    assert [people[1]] == client.ids(f"/api/lists/{news}/profiles")


def test_adding_somebody_twice_is_fine_and_keeps_the_first_time(client, klaviyo, news, people):
    members(client, "POST", news, people[0])
    klaviyo.move_clock(START + timedelta(hours=1))
    members(client, "POST", news, *people)

    joined = [each["attributes"]["joined_group_at"] for each in client.get(f"/api/lists/{news}/profiles")["data"]]
    assert ["2026-01-01T00:00:00+00:00", "2026-01-01T01:00:00+00:00"] == sorted(joined)


@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_unknown_members_are_refused_by_name(client, news, people, method):
    response = members(client, method, news, people[0], "XYZABD", "QQQ")

    (error,) = response.document["errors"]
    assert (400, "Invalid profile IDs: XYZABD, QQQ") == (response.status, error["detail"])
    assert {"pointer": "/data/"} == error["source"]
    assert "links" not in error
    assert [] == client.ids(f"/api/lists/{news}/profiles")


def test_at_most_1000_members_can_be_named(client, news, people):
    assert 400 == members(client, "POST", news, *people * 500, people[0]).status
    assert 400 == members(client, "POST", news, *["x"] * 40_000).status


def test_1000_members_can_be_added_at_once(client, news, people):
    assert 204 == members(client, "POST", news, *people * 500).status


def test_members_show_when_they_joined_but_profiles_do_not(client, news, people):
    members(client, "POST", news, people[0])

    assert "joined_group_at" in client.get(f"/api/lists/{news}/profiles")["data"][0]["attributes"]
    assert "joined_group_at" not in client.get(f"/api/profiles/{people[0]}")["data"]["attributes"]


@pytest.mark.parametrize("path", ["profiles", "relationships/profiles"])
def test_members_are_filtered_and_sorted_by_when_they_joined(client, klaviyo, news, people, path):
    members(client, "POST", news, people[0])
    klaviyo.move_clock(START + timedelta(hours=1))
    members(client, "POST", news, people[1])

    late = "greater-than(joined_group_at,2026-01-01T00:30:00Z)"
    assert [people[1]] == client.ids(f"/api/lists/{news}/{path}", filter=late)
    assert people[::-1] == client.ids(f"/api/lists/{news}/{path}", sort="-joined_group_at")
    assert [people[0]] == client.ids(f"/api/lists/{news}/{path}", filter='equals(email,"anna@shop.example.org")')


def test_a_profile_knows_its_lists(client, news, people):
    members(client, "POST", news, people[0])

    assert [news] == client.ids(f"/api/profiles/{people[0]}/lists")
    assert [news] == client.ids(f"/api/profiles/{people[0]}/relationships/lists")


def test_a_deleted_list_leaves_its_members(client, news, people):
    members(client, "POST", news, *people)

    assert 204 == client.call("DELETE", f"/api/lists/{news}").status
    assert 404 == client.call("GET", f"/api/lists/{news}/profiles").status
    assert [] == client.ids(f"/api/profiles/{people[0]}/lists")


@pytest.mark.parametrize("related", ["tags", "flow-triggers"])
def test_what_nobody_can_make_yet_is_an_empty_page(client, news, related):
    assert [] == client.ids(f"/api/lists/{news}/{related}")
    assert [] == client.ids(f"/api/lists/{news}/relationships/{related}")
