"""Statistics: every number that a report can show, worked out of what was counted."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

PRICE_OF_A_CREDIT = 0.01
"""What one credit for text messages costs; ours, for Klaviyo's prices depend on the plan."""


@dataclass
class Tally:
    """What was counted: how often each kind of thing happened, to how many different ones, and its values."""

    counts: Counter[str] = field(default_factory=Counter)
    uniques: dict[str, set[Hashable]] = field(default_factory=lambda: defaultdict(set))
    sums: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))

    def add(self, kind: str, who: Hashable, value: float = 0) -> None:
        """Count one thing."""
        self.counts[kind] += 1
        self.uniques[kind].add(who)
        self.sums[kind] += value

    def count(self, *kinds: str) -> int:
        """How often things of some kinds happened."""
        return sum(self.counts[kind] for kind in kinds)

    def unique(self, kind: str) -> int:
        """To how many different ones a kind of thing happened."""
        return len(self.uniques[kind]) if kind in self.uniques else 0

    def sum(self, kind: str) -> float:
        """The values of a kind of thing together."""
        return self.sums.get(kind, 0.0)

    @property
    def delivered(self) -> int:
        """How many messages arrived."""
        return self.count("sent") - self.count("bounced", "failed")

    @property
    def spend(self) -> float:
        """What the text messages cost."""
        return self.sum("credits") * PRICE_OF_A_CREDIT


Statistic: TypeAlias = Callable[[Tally], float]


def ratio(part: float, whole: float) -> float:
    """A part as a fraction of the whole; 0 of nothing."""
    return part / whole if whole else 0.0


STATISTICS: Mapping[str, Statistic] = {
    "recipients": lambda tally: tally.count("sent"),
    "delivered": lambda tally: tally.delivered,
    "delivery_rate": lambda tally: ratio(tally.delivered, tally.count("sent")),
    "bounced": lambda tally: tally.count("bounced"),
    "bounce_rate": lambda tally: ratio(tally.count("bounced"), tally.count("sent")),
    "failed": lambda tally: tally.count("failed"),
    "failed_rate": lambda tally: ratio(tally.count("failed"), tally.count("sent")),
    "bounced_or_failed": lambda tally: tally.count("bounced", "failed"),
    "bounced_or_failed_rate": lambda tally: ratio(tally.count("bounced", "failed"), tally.count("sent")),
    "opens": lambda tally: tally.count("opened"),
    "opens_unique": lambda tally: tally.unique("opened"),
    "open_rate": lambda tally: ratio(tally.unique("opened"), tally.delivered),
    "clicks": lambda tally: tally.count("clicked"),
    "clicks_unique": lambda tally: tally.unique("clicked"),
    "click_rate": lambda tally: ratio(tally.unique("clicked"), tally.delivered),
    "click_to_open_rate": lambda tally: ratio(tally.unique("clicked"), tally.unique("opened")),
    "spam_complaints": lambda tally: tally.count("marked as spam"),
    "spam_complaint_rate": lambda tally: ratio(tally.count("marked as spam"), tally.delivered),
    "unsubscribes": lambda tally: tally.count("unsubscribed"),
    "unsubscribe_uniques": lambda tally: tally.unique("unsubscribed"),
    "unsubscribe_rate": lambda tally: ratio(tally.unique("unsubscribed"), tally.delivered),
    "conversions": lambda tally: tally.count("converted"),
    "conversion_uniques": lambda tally: tally.unique("converted"),
    "conversion_rate": lambda tally: ratio(tally.unique("converted"), tally.delivered),
    "conversion_value": lambda tally: tally.sum("converted"),
    "average_order_value": lambda tally: ratio(tally.sum("converted"), tally.count("converted")),
    "revenue_per_recipient": lambda tally: ratio(tally.sum("converted"), tally.count("sent")),
    "message_segment_count_sum": lambda tally: tally.sum("segments"),
    "text_message_credit_usage_amount": lambda tally: tally.sum("credits"),
    "text_message_spend": lambda tally: tally.spend,
    "text_message_roi": lambda tally: ratio(tally.sum("converted"), tally.spend),
}
"""What a campaign or a flow did; rates are fractions."""

FORM_STATISTICS: Mapping[str, Statistic] = {
    "viewed_form": lambda tally: tally.count("viewed_form"),
    "viewed_form_uniques": lambda tally: tally.unique("viewed_form"),
    "viewed_form_step": lambda tally: tally.count("viewed_form_step"),
    "viewed_form_step_uniques": lambda tally: tally.unique("viewed_form_step"),
    "submits": lambda tally: tally.count("submitted_form"),
    "submit_rate": lambda tally: ratio(tally.count("submitted_form"), tally.count("viewed_form")),
    "submitted_form_step": lambda tally: tally.count("submitted_form_step"),
    "submitted_form_step_uniques": lambda tally: tally.unique("submitted_form_step"),
    "closed_form": lambda tally: tally.count("closed_form"),
    "closed_form_uniques": lambda tally: tally.unique("closed_form"),
    "qualified_form": lambda tally: tally.count("qualified_form"),
    "qualified_form_uniques": lambda tally: tally.unique("qualified_form"),
}
"""What people did with a form."""

SEGMENT_STATISTICS: Mapping[str, Statistic] = {
    "total_members": lambda tally: int(tally.sum("member")),
    "members_added": lambda tally: int(tally.sum("added")),
    "members_removed": lambda tally: int(tally.sum("removed")),
    "net_members_changed": lambda tally: int(tally.sum("added") - tally.sum("removed")),
}
"""How a segment grew."""
