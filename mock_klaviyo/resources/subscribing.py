"""Subscribing and unsubscribing: the jobs of /api and the form of /client."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from mock_klaviyo.errors import Problem, error, problem, raise_all
from mock_klaviyo.json import Json
from mock_klaviyo.resources import consent, consent_events, conversations, identifiers, job_life, profile_checks
from mock_klaviyo.resources.call import Call, Reply
from mock_klaviyo.resources.consent import Grant
from mock_klaviyo.resources.identity import Profiles
from mock_klaviyo.resources.lists import MEMBERS
from mock_klaviyo.resources.push_tokens import keep_token, remove_token
from mock_klaviyo.resources.registry import operation
from mock_klaviyo.resources.world import rounded
from mock_klaviyo.spec.formats import moment
from mock_klaviyo.store.rows import Row

PROFILES = "/data/attributes/profiles/data"
PROFILE = "/data/attributes/profile/data/attributes"
MOST_SUBSCRIBED = 1000
MOST_UNSUBSCRIBED = 100
NEEDS = {"email": "email", "sms": "phone_number", "whatsapp": "phone_number"}
"""The identifier that a channel needs."""


@operation("bulk_subscribe_profiles")
def bulk_subscribe_profiles(call: Call) -> Reply:
    """Give consent for many profiles; the list, or else the account, decides whether they must confirm it."""
    group_of(call)
    entries = call.attributes["profiles"]["data"]
    is_historical = bool(call.attributes.get("historical_import"))
    raise_all(subscribe_problems(entries, call.world.now, is_historical=is_historical))
    job_life.start_unseen(call)
    return Reply(202)


@job_life.work("bulk_subscribe_profiles")
def subscribe(call: Call, _job: None) -> Json:
    """Subscribe the profiles that a job names."""
    group, profiles = group_of(call), Profiles(call.world)
    entries = call.attributes["profiles"]["data"]
    is_historical = bool(call.attributes.get("historical_import"))
    is_confirmed = is_historical or is_single_opt_in(call, group)
    with call.world.without_flows(when=is_historical):
        for entry in entries:
            subscribe_one(call, profiles, entry["attributes"], group, is_confirmed=is_confirmed, id=entry.get("id"))
    profiles.keep()
    return {}


@operation("create_client_subscription")
def create_client_subscription(call: Call) -> Reply:
    """Give consent for one profile from a form; without a choice of channels, marketing on each that it can get."""
    group = group_of(call)
    data = call.attributes["profile"]["data"]
    attributes = data["attributes"]
    channels = attributes.get("subscriptions") or default_subscriptions(attributes)
    entry = {"attributes": attributes | {"subscriptions": channels}}
    raise_all(client_problems(data, group))
    raise_all(subscribe_problems([entry], call.world.now, is_historical=False, place=PROFILE))
    profiles = Profiles(call.world)
    is_confirmed = is_single_opt_in(call, group)
    row = subscribe_one(call, profiles, entry["attributes"], group, is_confirmed=is_confirmed, id=data.get("id"))
    if row is not None:
        rest = {
            name: value
            for name, value in attributes.items()
            if name not in (*identifiers.IDENTIFIERS, "subscriptions", "meta")
        }
        profiles.write(row, rest, attributes.get("meta"))
    profiles.keep()
    return Reply(202)


@operation("bulk_unsubscribe_profiles")
def bulk_unsubscribe_profiles(call: Call) -> Reply:
    """Take consent back: for the list when the profile is on it, else everywhere."""
    group_of(call)
    raise_all(unsubscribe_problems(call.attributes["profiles"]["data"]))
    job_life.start_unseen(call)
    return Reply(202)


@job_life.work("bulk_unsubscribe_profiles")
def unsubscribe(call: Call, _job: None) -> Json:
    """Unsubscribe the profiles that a job names."""
    group, profiles = group_of(call), Profiles(call.world)
    for entry in call.attributes["profiles"]["data"]:
        unsubscribe_one(call, profiles, entry["attributes"], group)
    profiles.keep()
    return {}


def subscribe_one(
    call: Call, profiles: Profiles, attributes: Json, group: Row | None, *, is_confirmed: bool, id: str | None
) -> Row | None:
    """Subscribe one profile; None when Klaviyo only asks for confirmation and makes no profile yet."""
    named = identifiers.identifiers(attributes, id)
    row = profiles.find(named)
    if row is None and not is_confirmed:
        call.hint(awaiting(named, group))
        return None
    row = row or profiles.find_or_create(named)
    if row is None:
        call.hint(f"there is no profile with id {id}, so nobody was subscribed")
        return None
    profiles.complete(row, named)
    before = consent_events.consents(row)
    asked = list(channel_kinds(attributes["subscriptions"]))
    for channel, kind, entry in asked:
        if not is_confirmed and kind == "marketing" and channel != "push":
            call.hint(awaiting(named, group))
            continue
        grant_one(call, row, channel, kind, entry)
    for token in (attributes["subscriptions"].get("push") or {}).get("tokens") or []:
        keep_token(call.world, profiles, row, token)
    if group is not None and is_confirmed and any(kind != "open_tracking" for _, kind, _ in asked):
        join(call, row, group)
    if call.world.starts_flows:  # what is imported from elsewhere happened there
        consent_events.note_change(call.world, row, before, consent_events.SUBSCRIBED)
    profiles.change(row)
    return row


def join(call: Call, row: Row, group: Row) -> None:
    """Put a profile on a list."""
    is_new = not call.world.store.links.has(MEMBERS, group.id, row.id)
    call.world.store.links.add(MEMBERS, group.id, [row.id], call.world.second)
    if is_new and call.world.starts_flows:
        consent_events.note_list(call.world, row, consent_events.JOINED, group)


def grant_one(call: Call, row: Row, channel: str, kind: str, entry: Json) -> None:
    """Give one consent."""
    given = entry.get("consented_at")
    at = rounded(moment(given)) if given else call.world.second
    source = call.attributes.get("custom_source")
    grant = Grant(at=at, detail=source or "", custom_detail=source)
    consent.subscribe(row, consent.CHANNELS[channel], kind, grant)
    if channel in conversations.CHANNELS:
        conversations.conversation_row(call.world, row.id, channel)


def awaiting(named: Json, group: Row | None) -> str:
    """The hint that somebody must confirm first."""
    who = named.get("email") or named.get("phone_number")
    where = f"list {group.id} has double opt-in" if group else "the account has double opt-in and no list was given"
    return f"{who} is not subscribed until they confirm: {where}"


def unsubscribe_one(call: Call, profiles: Profiles, attributes: Json, group: Row | None) -> None:
    """Unsubscribe one profile; an unknown one is made, so that the wish is kept."""
    named = identifiers.identifiers(attributes)
    row = profiles.find(named) or profiles.create(named)
    links, second = call.world.store.links, call.world.second
    is_member = group is not None and links.has(MEMBERS, group.id, row.id)
    before = consent_events.consents(row)
    for channel, kind, _ in channel_kinds(attributes["subscriptions"]):
        if is_member and group is not None and (channel, kind) == ("email", "marketing"):
            consent.unsubscribe_from_list(row, group.id, second)
        else:
            consent.unsubscribe(row, consent.CHANNELS[channel], kind, second)
    for token in (attributes["subscriptions"].get("push") or {}).get("tokens") or []:
        remove_token(call.world, profiles, token["token"])
    if is_member and group is not None:
        links.remove(MEMBERS, group.id, [row.id])
        consent_events.note_list(call.world, row, consent_events.LEFT, group)
    consent_events.note_change(call.world, row, before, consent_events.UNSUBSCRIBED)
    profiles.change(row)


def group_of(call: Call) -> Row | None:
    """The list that the body names, if any."""
    data = ((call.data.get("relationships") or {}).get("list") or {}).get("data")
    return list_of(call, data["id"], "/data/relationships/list/data") if data else None


def list_of(call: Call, id: str, place: str) -> Row:
    """The list of an id that a body names; unlike in a path, an unknown one is invalid input."""
    row = call.world.store.row("list", id)
    if row is None:
        raise error("list_not_found", id=id, pointer=place)
    return row


def is_single_opt_in(call: Call, group: Row | None) -> bool:
    """Whether consent counts without confirmation."""
    process = group.document["opt_in_process"] if group else call.world.account.opt_in_process
    return bool(process == "single_opt_in")


def channel_kinds(subscriptions: Json) -> Iterator[tuple[str, str, Json]]:
    """Each channel and kind of consent that is named, and what is said of it."""
    for channel, kinds in subscriptions.items():
        for kind, entry in (kinds or {}).items():
            if isinstance(entry, dict) and "consent" in entry:
                yield channel, kind, entry


def default_subscriptions(attributes: Json) -> Json:
    """Marketing on every channel for which there is an identifier."""
    entry = {"marketing": {"consent": consent.SUBSCRIBED}}
    return {channel: entry for channel in ("email", "sms") if attributes.get(NEEDS[channel])}


def subscribe_problems(
    entries: list[Json], now: datetime, *, is_historical: bool, place: str | None = None
) -> Iterator[Problem]:
    """What is wrong with subscriptions that their schema cannot tell."""
    yield from entry_problems(entries, MOST_SUBSCRIBED, place)
    for index, entry in enumerate(entries):
        pointer = place or f"{PROFILES}/{index}/attributes"
        for channel, kind, said in channel_kinds(entry["attributes"]["subscriptions"]):
            if kind == "open_tracking":  # its schema has no consented_at
                continue
            where = f"{pointer}/subscriptions/{channel}/{kind}/consented_at"
            yield from consented_at_problems(said.get("consented_at"), where, now, is_historical=is_historical)


def consented_at_problems(given: str | None, pointer: str, now: datetime, *, is_historical: bool) -> Iterator[Problem]:
    """A historical import needs times of consent, all in the past; nothing else may have any."""
    if is_historical and given is None:
        reason = "consented_at is required when historical_import is true."
        yield problem("invalid", reason=reason, pointer=pointer)
    elif given is not None and not is_historical:
        reason = "consented_at may only be given when historical_import is true."
        yield problem("invalid", reason=reason, pointer=pointer)
    elif given is not None and moment(given) > now:
        yield problem("invalid", reason="consented_at must be in the past.", pointer=pointer)


def unsubscribe_problems(entries: list[Json]) -> Iterator[Problem]:
    """What is wrong with a wish to unsubscribe that its schema cannot tell."""
    return entry_problems(entries, MOST_UNSUBSCRIBED, None)


def entry_problems(entries: list[Json], most: int, place: str | None) -> Iterator[Problem]:
    """Too many profiles, bad identifiers, or none that the channel needs."""
    if not 1 <= len(entries) <= most:
        reason = f"1 to {most} profiles may be sent in one request, {len(entries)} were given."
        yield problem("invalid", reason=reason, pointer=PROFILES)
    for index, entry in enumerate(entries):
        pointer = place or f"{PROFILES}/{index}/attributes"
        attributes = entry["attributes"]
        yield from identifiers.problems(attributes, pointer)
        if not identifiers.identifiers(attributes, entry.get("id")):
            yield problem("no_identifier", pointer=pointer)
        yield from channel_problems(attributes, pointer, knows_id=bool(entry.get("id")))


def channel_problems(attributes: Json, pointer: str, *, knows_id: bool) -> Iterator[Problem]:
    """That a channel is named without the identifier that it needs."""
    for channel, kinds in attributes["subscriptions"].items():
        needed = NEEDS.get(channel)
        if kinds and needed and not attributes.get(needed) and not knows_id:
            yield problem("channel_without_identifier", identifier=needed, channel=channel, pointer=pointer)


def client_problems(data: Json, group: Row | None) -> Iterator[Problem]:
    """A form must have a list and an address or a phone number, and what it says of the profile must be right."""
    attributes = data["attributes"]
    if group is None:
        yield problem("missing_attribute", field="data", type="list", pointer="/data/relationships/list/data")
    yield from profile_checks.problems(data, PROFILE.removesuffix("/attributes"), needs_identifier=False)
    if not attributes.get("email") and not attributes.get("phone_number"):
        yield problem("invalid", reason="Either email or phone_number is required.", pointer=PROFILE)
