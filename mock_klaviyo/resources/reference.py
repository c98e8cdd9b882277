"""Klaviyo's reference, tag by tag: importing the files of the tags fills the registries that this module gives."""

from __future__ import annotations

from mock_klaviyo.resources import (  # noqa: F401 - each declares what it knows when it is imported
    accounts,
    client,
    data_privacy,
    events,
    lists,
    metric_aggregates,
    metrics,
    profile_jobs,
    profiles,
    push_tokens,
    subscribing,
)
from mock_klaviyo.resources.generic import handler
from mock_klaviyo.resources.registry import INTAKES, OWN, RESOURCES

__all__ = ["INTAKES", "OWN", "RESOURCES", "handler"]
