"""Finds the vendors: each folder here is one and declares `VENDOR` in its vendor.py."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pathlib import Path

from simulator.vendor import Vendor

FOLDER = Path(__file__).parent


@cache
def vendors() -> Mapping[str, Vendor]:
    """Every vendor by name."""
    folders = sorted(path.parent.name for path in FOLDER.glob("*/vendor.py"))
    found = (import_module(f"simulator.vendors.{folder}.vendor").VENDOR for folder in folders)
    return {vendor.name: vendor for vendor in found}
