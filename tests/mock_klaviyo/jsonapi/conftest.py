"""Invented operations to check queries against."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mock_klaviyo.spec.operation import FilterField, Form, Operation, PageSize, Parameter, RateLimit


def operation_of(**members: Any) -> Operation:
    defaults: dict[str, Any] = {
        "id": "get_profiles",
        "method": "GET",
        "path": "/api/profiles",
        "form": Form.LIST,
        "tag": "Profiles",
        "scopes": ("profiles:read",),
        "rate_limit": RateLimit(75, 700),
    }
    return Operation(**(defaults | members))


@pytest.fixture(scope="session")
def operation() -> Callable[..., Operation]:
    """Makes an operation that lists profiles and allows only what the arguments say."""
    return operation_of


@pytest.fixture(scope="session")
def bare() -> Operation:
    """An operation that takes no arguments."""
    return operation_of()


@pytest.fixture(scope="session")
def profiles() -> Operation:
    """An operation that takes all kinds of arguments."""
    return operation_of(
        fields={"profile": ("email", "location", "location.city"), "list": ("name",)},
        additional_fields={"profile": ("subscriptions", "predictive_analytics")},
        include=("lists", "segments"),
        sort=("created", "-created"),
        filters={"email": FilterField(("equals", "any"), ("any",))},
        page_size=PageSize(default=20, minimum=1, maximum=100),
        has_cursor=True,
        parameters={
            "company_id": Parameter({"type": "string"}),
            "timeframe": Parameter({"type": "string", "enum": ["all_time", "last_30_days"]}),
            "limit": Parameter({"type": "integer"}),
            "ratio": Parameter({"type": "number"}),
            "is_new": Parameter({"type": "boolean"}),
            "ratings": Parameter({"type": "array", "items": {"type": "integer"}}),
        },
    )
