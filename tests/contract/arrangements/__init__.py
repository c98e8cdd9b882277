"""Tables of arrangements, one for each tag of Klaviyo's reference: importing this fills the registries.

A new operation needs an entry only when it takes a body, or more than what its path tells.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from tests.calling import Client
from tests.contract.arranging import ARRANGEMENTS, MAKERS, Scene

for found in iter_modules(__path__, f"{__name__}."):
    table = import_module(found.name)
    ARRANGEMENTS.update(table.ARRANGEMENTS)
    MAKERS.update(getattr(table, "MAKERS", {}))


def scene(client: Client) -> Scene:
    """A scene in the client's Klaviyo."""
    return Scene(client)
