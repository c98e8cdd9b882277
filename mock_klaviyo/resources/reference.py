"""Klaviyo's reference, tag by tag: importing this fills the registries that it gives.

A file in this folder that declares a resource or an operation needs no entry anywhere.
"""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from pkgutil import iter_modules

from mock_klaviyo import resources
from mock_klaviyo.resources.generic import handler
from mock_klaviyo.resources.registry import BEGINNINGS, INTAKES, OWN, RESOURCES
from mock_klaviyo.resources.resource import Resource
from mock_klaviyo.store.tables import TableForm

for module in iter_modules(resources.__path__, f"{resources.__name__}."):
    import_module(module.name)

__all__ = ["BEGINNINGS", "INTAKES", "OWN", "RESOURCES", "handler", "table_form"]


def table_form(resource: Resource) -> TableForm:
    """What the table of a resource needs, with the links that have other types at their ends."""
    ends = [end for each in RESOURCES.values() for end in each.link_ends]
    names = frozenset(name for name, _, _ in ends)
    lefts = names - {name for name, left, _ in ends if left == resource.type}
    rights = names - {name for name, _, right in ends if right == resource.type}
    return replace(resource.table_form, foreign_lefts=lefts, foreign_rights=rights)
