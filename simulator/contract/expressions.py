"""Where a contract's field comes from: JMESPath over the vendor event, with the formats that vendors document.

The functions here are a second, independent reading of the vendors' documents; the mapping layer has its own.
"""

from __future__ import annotations

from datetime import datetime
from decimal import ROUND_FLOOR, Decimal
from functools import cache
from typing import Any

import jmespath
from jmespath import functions

from simulator.event import VendorEvent
from simulator.json import Json


class Formats(functions.Functions):
    """What a contract may call in an expression, beside JMESPath's own functions."""

    @functions.signature({"types": ["number", "string"]})
    def _func_floor_cents(self, amount: float | str) -> float:
        """An amount cut down to whole cents."""
        return float(Decimal(str(amount)).quantize(Decimal("0.01"), rounding=ROUND_FLOOR))

    @functions.signature({"types": ["string"]})
    def _func_second(self, text: str) -> str:
        """An ISO time cut to its second, in UTC."""
        at = datetime.fromisoformat(text)
        return f"{at:%Y-%m-%dT%H:%M:%S}Z"


OPTIONS = jmespath.Options(custom_functions=Formats())


@cache
def compiled(expression: str) -> Any:
    """The expression, parsed once."""
    return jmespath.compile(expression)


def facts(event: VendorEvent) -> Json:
    """What an expression can speak of: `payload`, `customer`, `id`, `name` and `occurred_at` (ISO, to the second, Z)."""
    return {
        "payload": event.payload,
        "customer": event.customer,
        "id": event.id,
        "name": event.name,
        "occurred_at": f"{event.occurred_at:%Y-%m-%dT%H:%M:%SZ}",
    }


def expected(expression: str, known: Json) -> Any:
    """What the expression says of an event's facts."""
    return compiled(expression).search(known, options=OPTIONS)
