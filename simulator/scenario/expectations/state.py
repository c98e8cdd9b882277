"""What holds at the end: profiles with their consent, lists and segments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from simulator.json import Json
from simulator.scenario.expectations.expectation import (
    AtTheEnd,
    Expectation,
    Outcome,
    Shape,
    Subject,
    expectation,
    identities,
    is_of,
)
from simulator.scenario.kinds import Count, Matchers
from simulator.scenario.matchers import ABSENT, Matcher, matcher
from simulator.scenario.savings import reached
from simulator.verdict import Finding

SUBSCRIBED = "SUBSCRIBED"


@dataclass
class ProfileState(AtTheEnd):
    """What one person's profile must be at the end."""

    subject: Subject
    native: Mapping[str, Matcher]
    properties: Mapping[str, Matcher]
    absent: Sequence[str] = ()
    consent: Mapping[str, Matcher] = field(default_factory=dict)
    groups: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def findings(self, outcome: Outcome) -> Iterator[Finding]:
        """Every attribute that is not as it must be."""
        identifier = next(identities((self.subject.person,)))
        profile = outcome.account.profile(identifier)
        if profile is None:
            yield self.subject.finding("profile", f"a profile of {identifier}", "none")
            return
        yield from self._attributes(outcome, profile)
        yield from self._consents(profile)
        for kind, names in self.groups.items():
            yield from self._groups(outcome, profile, kind, names)

    def _attributes(self, outcome: Outcome, profile: Json) -> Iterator[Finding]:
        who, check = self.subject.name, self.subject.check
        for name, wanted in self.native.items():
            value = profile.get(name)
            got = ABSENT if value is None else value
            yield from check(name, wanted.filled(outcome.saved, who), got, ("attributes", name))
        for name, wanted in self.properties.items():
            value = reached(profile.get("properties") or {}, name)
            yield from check(name, wanted.filled(outcome.saved, who), value, ("properties", name))
        for name in self.absent:
            yield from check(name, matcher("absent"), reached(profile.get("properties") or {}, name), ("absent",))

    def _consents(self, profile: Json) -> Iterator[Finding]:
        for channel, wanted in self.consent.items():
            told = (profile.get("subscriptions") or {}).get(channel) or {}
            marketing = told.get("marketing") or told.get("push") or {}
            state = marketing.get("consent") or ABSENT
            is_text = wanted.text not in ("True", "False")
            got = state if is_text else state == SUBSCRIBED
            yield from self.subject.check(f"consent {channel}", wanted, got, ("consent", channel))

    def _groups(self, outcome: Outcome, profile: Json, kind: str, names: Sequence[str]) -> Iterator[Finding]:
        found = outcome.account.groups_of(kind, profile["id"])
        for name in names:
            is_wanted = not name.startswith("!")
            if (name.removeprefix("!") in found) is not is_wanted:
                wanted = f"on {name}" if is_wanted else f"not on {name.removeprefix('!')}"
                yield self.subject.finding(kind, wanted, ", ".join(found) or "on none", (kind,))


@expectation(Shape.BY_PERSON)
def profiles(
    subject: Subject,
    *,
    properties: Matchers | None = None,
    absent: list[str] | None = None,
    attributes: Matchers | None = None,
    consent: Matchers | None = None,
    lists: list[str] | None = None,
    segments: list[str] | None = None,
) -> Expectation:
    """What a profile must be: `ana: {properties: {Smile State: member}, lists: [Loyalty], absent: [ssn]}`."""
    groups = {kind: names for kind, names in (("lists", lists), ("segments", segments)) if names}
    return ProfileState(subject, attributes or {}, properties or {}, absent or (), consent or {}, groups)


@dataclass
class Membership(AtTheEnd):
    """Who must be on a list or in a segment."""

    subject: Subject
    kind: str
    count: Matcher
    members: Sequence[str]
    others: Sequence[str]

    def findings(self, outcome: Outcome) -> Iterator[Finding]:
        """Who is missing, who is too much, and whether there are too few or too many."""
        found = outcome.account.members(self.kind, self.subject.name)
        if found is None:
            yield self.subject.finding("", f"one of the {self.kind}", "none of that name")
            return
        yield from self.subject.check("count", self.count, len(found), ("count",))
        for names, is_wanted, key in ((self.members, True, "members"), (self.others, False, "not")):
            for name in names:
                known = frozenset(map(str.casefold, identities(self.subject.cast.people[name])))
                if any(is_of(profile, known) for profile in found) is not is_wanted:
                    words = ("in it", "not in it")
                    yield self.subject.finding(name, words[not is_wanted], words[is_wanted], (key,))


@expectation(Shape.BY_NAME)
def lists(
    subject: Subject, *, count: Count | None = None, members: list[str] | None = None, not_: list[str] | None = None
) -> Expectation:
    """Who is on a list: `Loyalty: {count: ">= 3", members: [ana], not: [ben]}`."""
    return Membership(subject, "lists", count or matcher("any"), members or (), not_ or ())


@expectation(Shape.BY_NAME)
def segments(
    subject: Subject, *, count: Count | None = None, members: list[str] | None = None, not_: list[str] | None = None
) -> Expectation:
    """Who is in a segment: `Gold members: {members: [ana], not: [ben]}`."""
    return Membership(subject, "segments", count or matcher("any"), members or (), not_ or ())
