"""A local Klaviyo that real clients cannot tell from the real one."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mock_klaviyo.testing.mock import KlaviyoMock as KlaviyoMock

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """`from mock_klaviyo import KlaviyoMock`, loaded when it is asked for."""
    if name != "KlaviyoMock":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return import_module("mock_klaviyo.testing.mock").KlaviyoMock
