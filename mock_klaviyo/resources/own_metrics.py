"""Own metrics: the names of all that Klaviyo records itself; an event that somebody sends has a metric of its own."""

from __future__ import annotations

from mock_klaviyo.resources import back_in_stock, consent_events, own_events, reactions, reviews, texting

OWN_METRICS = frozenset(
    {
        *(metric for outcomes in own_events.MESSAGE_METRICS.values() for metric in outcomes.values()),
        *own_events.FORM_METRICS.values(),
        *reviews.METRICS.values(),
        *consent_events.SUBSCRIBED.values(),
        *consent_events.UNSUBSCRIBED.values(),
        *(consent_events.JOINED, consent_events.LEFT, reactions.PREFERENCES, back_in_stock.METRIC, texting.TEXTED),
    }
)
