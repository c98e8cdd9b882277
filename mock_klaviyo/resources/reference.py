"""Klaviyo's reference, tag by tag: importing this fills the registries that it gives.

A file in this folder that declares a resource or an operation needs no entry anywhere.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from mock_klaviyo import resources
from mock_klaviyo.resources.generic import handler
from mock_klaviyo.resources.registry import INTAKES, OWN, RESOURCES

for module in iter_modules(resources.__path__, f"{resources.__name__}."):
    import_module(module.name)

__all__ = ["INTAKES", "OWN", "RESOURCES", "handler"]
