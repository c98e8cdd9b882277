"""Profiles, their consent and their lists, through the official Python SDK."""

from __future__ import annotations

import json
from typing import Any

import pytest
from klaviyo_api import KlaviyoAPI
from openapi_client.exceptions import ApiException, NotFoundException
from openapi_client.models.profile_create_query import ProfileCreateQuery

from tests.calling import event, profile

ANA, BEN = "ana@example.org", "ben@example.org"
PHONE = "+14155552671"


def resource(type: str, id: str | None = None, **members: Any) -> Any:
    return {"data": {"type": type} | ({"id": id} if id else {}) | members}


def created(sdk: KlaviyoAPI, email: str = ANA, **attributes: Any) -> str:
    """The id of a new profile."""
    return str(sdk.Profiles.create_profile(profile(email=email, **attributes)).data.id)


def new_list(sdk: KlaviyoAPI, name: str = "VIP") -> str:
    """The id of a new list that asks for no confirmation."""
    attributes = {"name": name, "opt_in_process": "single_opt_in"}
    return str(sdk.Lists.create_list(resource("list", attributes=attributes)).data.id)


def references(*ids: str) -> Any:
    return {"data": [{"type": "profile", "id": id} for id in ids]}


def job(type: str, *people: dict[str, Any], list_id: str | None = None) -> Any:
    """A bulk job about people, for a list or for none."""
    profiles = {"data": [{"type": "profile", "attributes": person} for person in people]}
    relationships = {"list": resource("list", list_id)} if list_id else {}
    return resource(type, attributes={"profiles": profiles}, relationships=relationships)


def consent(channel: str, value: str) -> Any:
    return {"subscriptions": {channel: {"marketing": {"consent": value}}}}


def subscribe(sdk: KlaviyoAPI, list_id: str, email: str = ANA) -> None:
    person = {"email": email} | consent("email", "SUBSCRIBED")
    sdk.Profiles.bulk_subscribe_profiles(job("profile-subscription-bulk-create-job", person, list_id=list_id))


def found(sdk: KlaviyoAPI, email: str = ANA) -> list[Any]:
    return list(sdk.Profiles.get_profiles(filter=f'equals(email,"{email}")').data)


def email_marketing(sdk: KlaviyoAPI, email: str = ANA) -> Any:
    """A person's consent to marketing by email."""
    answer = sdk.Profiles.get_profiles(
        filter=f'equals(email,"{email}")', additional_fields_profile=["subscriptions"], page_size=1
    )
    return answer.data[0].attributes.subscriptions.email.marketing


def members(sdk: KlaviyoAPI, list_id: str) -> list[str]:
    return [member.attributes.email for member in sdk.Lists.get_profiles_for_list(list_id).data]


def test_a_profile_is_created_read_and_updated(sdk):
    id = created(sdk, phone_number=PHONE, properties={"tier": "gold", "points": 5}, location={"city": "Boston"})
    change = resource(
        "profile",
        id,
        attributes={"first_name": "Ana", "properties": {"points": 6}},
        meta={"patch_properties": {"unset": "tier", "append": {"badges": "early"}}},
    )

    changed = sdk.Profiles.update_profile(id, change).data

    read = sdk.Profiles.get_profile(id).data
    assert (ANA, PHONE, "Ana") == (read.attributes.email, read.attributes.phone_number, read.attributes.first_name)
    assert {"points": 6, "badges": ["early"]} == changed.attributes.properties == read.attributes.properties
    assert ("Boston", None) == (read.attributes.location.city, read.attributes.location.zip)


def test_a_profile_may_be_sent_as_the_sdk_s_own_model(sdk):
    sdk.Profiles.create_profile(ProfileCreateQuery.from_dict(profile(email=ANA, first_name="Ana")))

    assert ["Ana"] == [each.attributes.first_name for each in found(sdk)]


def test_an_email_in_use_is_a_conflict_that_names_its_profile(sdk):
    id = created(sdk)

    with pytest.raises(ApiException) as refusal:
        created(sdk)

    (conflict,) = json.loads(refusal.value.body)["errors"]
    assert (409, "duplicate_profile") == (refusal.value.status, conflict["code"])
    assert {"duplicate_profile_id": id} == conflict["meta"]


def test_an_import_creates_a_profile_and_then_updates_it(sdk):
    first = sdk.Profiles.create_or_update_profile_with_http_info(profile(email=ANA, first_name="Ana"))
    second = sdk.Profiles.create_or_update_profile_with_http_info(profile(email=ANA, last_name="Silva"))

    assert (201, 200) == (first.status_code, second.status_code)
    assert first.data.data.id == second.data.data.id
    assert ("Ana", "Silva") == (second.data.data.attributes.first_name, second.data.data.attributes.last_name)


def test_many_profiles_are_imported_into_a_list(sdk):
    id = new_list(sdk)
    body = job("profile-bulk-import-job", {"email": ANA}, {"email": BEN})
    body["data"]["relationships"] = {"lists": {"data": [{"type": "list", "id": id}]}}

    started = sdk.Profiles.bulk_import_profiles(body).data

    ended = sdk.Profiles.get_bulk_import_profiles_job(started.id).data
    assert ("queued", 0) == (started.attributes.status, started.attributes.completed_count)
    assert ("complete", 2) == (ended.attributes.status, ended.attributes.completed_count)
    imported = sdk.Profiles.get_profiles_for_bulk_import_profiles_job(started.id).data
    assert [ANA, BEN] == sorted(each.attributes.email for each in imported) == sorted(members(sdk, id))
    assert [] == sdk.Profiles.get_errors_for_bulk_import_profiles_job(started.id).data


def test_a_merge_moves_events_and_removes_the_source(sdk):
    source, destination = created(sdk, BEN, last_name="Silva"), created(sdk, ANA, first_name="Ana")
    sdk.Events.create_event(event("Points Redeemed", {"email": BEN}))

    sdk.Profiles.merge_profiles(resource("profile-merge", destination, relationships={"profiles": references(source)}))

    with pytest.raises(NotFoundException):
        sdk.Profiles.get_profile(source)
    merged = sdk.Profiles.get_profile(destination).data.attributes
    assert (ANA, "Ana", "Silva") == (merged.email, merged.first_name, merged.last_name)
    assert 1 == len(sdk.Events.get_events(filter=f'equals(profile_id,"{destination}")').data)


def test_three_pages_of_profiles_are_read_by_their_next_links(sdk):
    everyone = [created(sdk, f"person{number}@example.org") for number in range(5)]
    pages, link = [], None

    while not pages or link:
        answer = sdk.Profiles.get_profiles(page_size=2, page_cursor=link)
        pages.append([each.id for each in answer.data])
        link = answer.links.next

    assert [2, 2, 1] == [len(page) for page in pages]
    assert sorted(everyone) == sorted(id for page in pages for id in page)


def test_members_are_added_read_and_removed(sdk):
    ana, ben = created(sdk, ANA), created(sdk, BEN)
    id = new_list(sdk)

    sdk.Lists.add_profiles_to_list(id, references(ana, ben))
    assert [ANA, BEN] == sorted(members(sdk, id))
    assert {ana, ben} == {each.id for each in sdk.Lists.get_profile_ids_for_list(id).data}
    assert 2 == sdk.Lists.get_list(id, additional_fields_list=["profile_count"]).data.attributes.profile_count
    assert ["VIP"] == [each.attributes.name for each in sdk.Profiles.get_lists_for_profile(ana).data]

    sdk.Lists.remove_profiles_from_list(id, references(ana))
    assert [BEN] == members(sdk, id)


def test_a_list_is_renamed_found_and_deleted(sdk):
    id = new_list(sdk)
    new_list(sdk, "Others")

    sdk.Lists.update_list(id, resource("list", id, attributes={"name": "Best"}))
    (best,) = sdk.Lists.get_lists(filter='equals(name,"Best")').data
    assert (id, "single_opt_in") == (best.id, best.attributes.opt_in_process)

    sdk.Lists.delete_list(id)
    assert ["Others"] == [each.attributes.name for each in sdk.Lists.get_lists().data]


def test_who_subscribes_is_a_member_and_may_get_email(sdk):
    id = new_list(sdk)

    subscribe(sdk, id)

    marketing = email_marketing(sdk)
    assert ("SUBSCRIBED", True) == (marketing.consent, marketing.can_receive_email_marketing)
    assert [ANA] == members(sdk, id)


def test_who_unsubscribes_may_not_get_email(sdk):
    subscribe(sdk, new_list(sdk))
    person = {"email": ANA} | consent("email", "UNSUBSCRIBED")

    sdk.Profiles.bulk_unsubscribe_profiles(job("profile-subscription-bulk-delete-job", person))

    marketing = email_marketing(sdk)
    assert ("UNSUBSCRIBED", False) == (marketing.consent, marketing.can_receive_email_marketing)
    assert ["UNSUBSCRIBE"] == [each.reason for each in marketing.suppression]


def test_suppression_comes_and_goes_with_its_jobs(sdk):
    created(sdk)

    suppression = sdk.Profiles.bulk_suppress_profiles(job("profile-suppression-bulk-create-job", {"email": ANA})).data
    assert ["USER_SUPPRESSED"] == [each.reason for each in email_marketing(sdk).suppression]
    assert "complete" == sdk.Profiles.get_bulk_suppress_profiles_job(suppression.id).data.attributes.status
    assert [suppression.id] == [each.id for each in sdk.Profiles.get_bulk_suppress_profiles_jobs().data]

    release = sdk.Profiles.bulk_unsuppress_profiles(job("profile-suppression-bulk-delete-job", {"email": ANA})).data
    assert [] == email_marketing(sdk).suppression
    assert "complete" == sdk.Profiles.get_bulk_unsuppress_profiles_job(release.id).data.attributes.status


def test_a_push_token_belongs_to_its_profile_until_it_is_deleted(sdk):
    id = created(sdk)
    token = {"token": "abc", "platform": "ios", "vendor": "apns", "enablement_status": "AUTHORIZED"}

    sdk.Profiles.create_push_token(resource("push-token", attributes=token | {"profile": profile(email=ANA)}))
    (kept,) = sdk.Profiles.get_push_tokens_for_profile(id).data
    assert ("abc", "ios") == (kept.attributes.token, kept.attributes.platform)
    assert id == sdk.Profiles.get_profile_for_push_token(kept.id).data.id

    sdk.Profiles.delete_push_token(kept.id)
    assert [] == sdk.Profiles.get_push_tokens().data


def test_who_asks_for_it_is_forgotten_with_all_events(sdk):
    created(sdk, BEN)
    sdk.Events.create_event(event("Points Redeemed", {"email": ANA}))

    wish = resource("data-privacy-deletion-job", attributes={"profile": profile(email=ANA)})
    assert sdk.Data_Privacy.request_profile_deletion(wish) is None

    assert ([], 1) == (found(sdk, ANA), len(found(sdk, BEN)))
    assert [] == sdk.Events.get_events().data
