"""How vendors write values: one function per documented format."""

from __future__ import annotations

from datetime import datetime
from decimal import ROUND_DOWN, Decimal

CENT = Decimal("0.01")


def iso_z(at: datetime) -> str:
    """An instant in UTC to the second, ending in Z.

    >>> from datetime import UTC
    >>> iso_z(datetime(2025, 5, 12, 12, 34, 56, tzinfo=UTC))
    '2025-05-12T12:34:56Z'
    """
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def round_down(amount: Decimal | str | float) -> float:
    """An amount of money cut to whole cents, never rounded up.

    >>> round_down("49.999")
    49.99
    """
    return float(Decimal(str(amount)).quantize(CENT, rounding=ROUND_DOWN))
