"""Which handler answers an operation: its own function, else the handler of its form."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from mock_klaviyo.resources.call import Call, Reply
from mock_klaviyo.resources.resource import Resource
from mock_klaviyo.resources.world import World

Handler: TypeAlias = Callable[[Call], Reply]

OWN: dict[str, Handler] = {}
"""Operations with an effect of their own, by operation id."""

RESOURCES: dict[str, Resource] = {}
"""Every declared resource, by type."""

INTAKES: set[str] = set()
"""Operations that only take something in: they need not wait until what came before is processed."""


BEGINNINGS: list[Callable[[World], None]] = []
"""What a world needs before anybody calls: each is run whenever a world begins, also on a store that has all."""


def beginning(function: Callable[[World], None]) -> Callable[[World], None]:
    """Declare what a world begins with."""
    BEGINNINGS.append(function)
    return function


def operation(id: str, *, is_intake: bool = False) -> Callable[[Handler], Handler]:
    """Declare the function that answers an operation."""

    def register(handler: Handler) -> Handler:
        OWN[id] = handler
        if is_intake:
            INTAKES.add(id)
        return handler

    return register


def declare(resource: Resource) -> Resource:
    """Declare a resource."""
    RESOURCES[resource.type] = resource
    return resource
