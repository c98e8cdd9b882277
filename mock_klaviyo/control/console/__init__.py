"""The console: pages on which people look at flows, profiles and messages; each shows what a JSON route tells too."""

from mock_klaviyo.control.console import pages

__all__ = ["pages"]
