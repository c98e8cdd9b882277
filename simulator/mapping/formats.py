"""How vendors write values: one function per documented format."""

from __future__ import annotations

from datetime import UTC, date, datetime
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


def from_hundredths(amount: int) -> float:
    """An amount in cents, or hundredths of points, as a number of whole ones.

    >>> from_hundredths(1223)
    12.23
    """
    return amount / 100


def iso_utc(text: str) -> str:
    """A time with any offset as the same instant with the offset of UTC.

    >>> iso_utc("2025-05-12T15:42:17+02:00")
    '2025-05-12T13:42:17+00:00'
    """
    return datetime.fromisoformat(text).astimezone(UTC).isoformat()


MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
NEVER = "Never"
SYMBOLS = {"USD": "$", "CAD": "$", "AUD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "CZK": "Kč", "PLN": "zł"}


def written_day(day: date) -> str:
    """A day as people write it.

    >>> written_day(date(2026, 12, 1))
    'Dec 1, 2026'
    """
    return f"{MONTHS[day.month - 1]} {day.day}, {day.year}"


def written_time(at: datetime) -> str:
    """A time as people write it, to the minute.

    >>> written_time(datetime(2026, 12, 31, 21, 5))
    'Dec 31, 2026 09:05 PM'
    """
    return f"{written_day(at)} {at.hour % 12 or 12:02d}:{at.minute:02d} {'AM' if at.hour < 12 else 'PM'}"


def day_or_never(day: str | None) -> str:
    """An ISO day or time as people write the day, or the word that there is none.

    >>> day_or_never("2026-12-31"), day_or_never("2026-12-31T23:30:00-05:00"), day_or_never(None)
    ('Dec 31, 2026', 'Dec 31, 2026', 'Never')
    """
    return written_day(date.fromisoformat(day[:10])) if day else NEVER


def symbol(currency: str) -> str:
    """The symbol of a currency; its code when it has none.

    >>> symbol("USD"), symbol("CHF")
    ('$', 'CHF')
    """
    return SYMBOLS.get(currency, currency)


def priced(amount: Decimal | str, currency: str) -> str:
    """An amount of money with its currency's symbol, cut to whole cents.

    >>> priced("1250.999", "USD")
    '$1,250.99'
    """
    return f"{symbol(currency)}{round_down(amount):,.2f}"


def counted(number: int, one: str, many: str) -> str:
    """A number of things in words, in groups of three digits.

    >>> counted(1250, "Bean", "Beans"), counted(1, "Bean", "Beans")
    ('1,250 Beans', '1 Bean')
    """
    return f"{number:,} {one if number == 1 else many}"


def day_or_dash(text: str | None) -> str:
    """The day of an ISO date or time, a dash when there is none.

    >>> day_or_dash("2026-03-08T12:00:00Z"), day_or_dash(None)
    ('2026-03-08', '-')
    """
    return text[:10] if text else "-"
