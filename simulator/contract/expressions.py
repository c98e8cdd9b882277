"""Where a contract's field comes from: JMESPath over the vendor event, with the formats that vendors document.

The functions here are a second, independent reading of the vendors' documents; the mapping layer has its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import ROUND_FLOOR, Decimal
from functools import cache
from typing import Any, TypeAlias

import jmespath
from jmespath import functions
from jmespath.visitor import TreeInterpreter

from simulator.event import VendorEvent
from simulator.json import Json

Reading: TypeAlias = Callable[[Any], Any]
"""A function that reads a value out of an event's facts."""

CENT = Decimal("0.01")
CURRENCY_SYMBOLS = {"USD": "$", "CAD": "$", "AUD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "CZK": "Kč", "PLN": "zł"}


def tells_day(text: Any, day: date) -> bool:
    """Whether a text names a day, in whichever way.

    >>> [tells_day(text, date(2026, 12, 3)) for text in ("Dec 3, 2026", "03/12/2026", "Dec 4, 2026", "Never", None)]
    [True, True, False, False, False]
    """
    if not isinstance(text, str):
        return False
    numbers = {int(number) for number in re.findall(r"\d+", text)}
    names_month = day.month in numbers or f"{day:%b}".lower() in text.lower()
    return {day.year, day.day} <= numbers and names_month


def tells_amount(text: Any, mark: str, amount: Decimal) -> bool:
    """Whether a text is an amount to the cent, with a mark such as the currency's symbol and without further words.

    >>> [tells_amount(text, "$", Decimal("1250.5")) for text in ("$1,250.50", "1250.50 $", "1250.50", "$1250.50 off")]
    [True, True, False, False]
    """
    if not isinstance(text, str) or mark not in text:
        return False
    written = re.fullmatch(r"\W*([A-Z]{3})?\W*(?P<number>\d[\d,]*(\.\d+)?)\W*([A-Z]{3})?\W*", text.replace(mark, ""))
    return written is not None and abs(Decimal(written["number"].replace(",", "")) - amount) < CENT


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

    @functions.signature({"types": ["object"]})
    def _func_full_name(self, person: Json) -> str:
        """First and last name of a person, as far as known."""
        return " ".join(person[part] for part in ("first_name", "last_name") if person.get(part))

    @functions.signature({"types": ["string"]})
    def _func_symbol(self, currency: str) -> str:
        """The symbol of a currency."""
        return CURRENCY_SYMBOLS.get(currency, currency)

    @functions.signature({"types": ["string", "null"]}, {"types": []})
    def _func_dated(self, iso: str | None, got: Any) -> Any:
        """What came, if it tells the day of an ISO time to people, or Never when there is none; else how it might."""
        if iso is None:
            return "Never"
        wanted = datetime.fromisoformat(iso)
        return got if got != iso and tells_day(got, wanted) else f"{wanted:%b} {wanted.day}, {wanted.year}"

    @functions.signature({"types": ["string"]}, {"types": ["string"]}, {"types": []})
    def _func_priced(self, amount: str, mark: str, got: Any) -> Any:
        """What came, if it is text with this mark and this amount to the cent; else how it might be."""
        return got if tells_amount(got, mark, Decimal(amount)) else f"{mark}{Decimal(amount):,.2f}"

    @functions.signature({"types": ["number"]})
    def _func_units(self, hundredths: int) -> float:
        """Hundredths as whole units."""
        return float(Decimal(hundredths).scaleb(-2))

    @functions.signature({"types": ["string", "null"]})
    def _func_at_utc(self, text: str | None) -> str | None:
        """An ISO time with its offset as the same instant with +00:00."""
        if text is None:
            return None
        at = datetime.fromisoformat(text)
        return f"{at.replace(tzinfo=None) - (at.utcoffset() or timedelta()):%Y-%m-%dT%H:%M:%S}+00:00"

    @functions.signature({"types": []}, {"types": []}, {"types": []})
    def _func_swapped(self, value: Any, old: Any, new: Any) -> Any:
        """A value, another one in place of one that is told."""
        return new if value == old else value

    @functions.signature({"types": ["string", "null"]})
    def _func_lower(self, text: str | None) -> str | None:
        """A text without regard to case."""
        return None if text is None else text.lower()

    @functions.signature({"types": ["string"]})
    def _func_over_https(self, address: str) -> str:
        """An address of the web, reached by https."""
        return f"https://{address.partition('://')[2]}"

    @functions.signature({"types": ["string"]}, {"types": ["string"]})
    def _func_days_until(self, due: str, now: str) -> int:
        """Whole days from one ISO time to another, the nearest number of them."""
        seconds = (datetime.fromisoformat(due) - datetime.fromisoformat(now)).total_seconds()
        return int(seconds / 86_400 + 0.5)

    @functions.signature({"types": ["number", "null"]}, {"types": ["number", "null"]})
    def _func_without_year(self, month: int | None, day: int | None) -> str | None:
        """Midnight of a day in the year 0000, as text; None unless month and day are known."""
        if month is None or day is None:
            return None
        return "0000-" + str(month).zfill(2) + "-" + str(day).zfill(2) + "T00:00:00"

    @functions.signature({"types": ["number"]}, {"types": ["object", "null"]})
    def _func_in_words(self, number: int, name: Json | None) -> str:
        """A number with commas and the name of what it counts, points unless they have a name."""
        word = (name or {"one": "Point", "other": "Points"})["one" if number == 1 else "other"]
        return re.sub(r"(?<=\d)(?=(\d{3})+$)", ",", str(number)) + f" {word}"

    @functions.signature({"types": ["object", "null"]}, {"types": []})
    def _func_addressed(self, address: Json | None, got: Any) -> Any:
        """What came, if street and postcode stand in it under whichever names; else the vendor's own address."""
        if address is None or not isinstance(got, dict):
            return address
        told = list(got.values())
        return got if address["address1"] in told and address["zip"] in told else address

    @functions.signature({"types": ["string", "null"]})
    def _func_day_or_dash(self, text: str | None) -> str:
        """The day of an ISO date or time, a dash when there is none."""
        return "-" if text is None else f"{datetime.fromisoformat(text):%Y-%m-%d}"


FORMATS = Formats()
OPTIONS = jmespath.Options(custom_functions=FORMATS)


@cache
def compiled(expression: str) -> Reading:
    """The expression as a function of an event's facts; paths and calls, the bulk of them, run as plain Python."""
    return reading({**jmespath.compile(expression).parsed})


def reading(node: Json) -> Reading:
    """A node of a parsed expression as a function; what is rare is left to JMESPath's own interpreter."""
    make = READINGS.get(node["type"])
    return make(node) if make else interpreted(node)


def interpreted(node: Json) -> Reading:
    """A node run by JMESPath's interpreter."""
    interpreter: Any = TreeInterpreter(OPTIONS)
    return lambda known: interpreter.visit(node, known)


def field_reading(node: Json) -> Reading:
    """A field, None where there is none."""
    name = node["value"]
    return lambda known: known.get(name) if isinstance(known, dict) else None


def path_reading(node: Json) -> Reading:
    """A path, step by step."""
    steps = [reading(child) for child in node["children"]]

    def read(known: Any) -> Any:
        for step in steps:
            known = step(known)
        return known

    return read


def call_reading(node: Json) -> Reading:
    """A call of a function; one that takes an expression is left to the interpreter."""
    if any(child["type"] == "expref" for child in node["children"]):
        return interpreted(node)
    name, arguments = node["value"], [reading(child) for child in node["children"]]
    return lambda known: FORMATS.call_function(name, [argument(known) for argument in arguments])


READINGS: dict[str, Callable[[Json], Reading]] = {
    "field": field_reading,
    "subexpression": path_reading,
    "function_expression": call_reading,
}


def facts(event: VendorEvent) -> Json:
    """What an expression can speak of: payload, customer, id, name and occurred_at (ISO, to the second, Z).

    Beside these there is `got`, the value that is judged, for documents that leave open how a value is written.
    """
    return {
        "payload": event.payload,
        "customer": event.customer,
        "id": event.id,
        "name": event.name,
        "occurred_at": f"{event.occurred_at:%Y-%m-%dT%H:%M:%SZ}",
    }


def expected(expression: str, known: Json) -> Any:
    """What the expression says of an event's facts."""
    return compiled(expression)(known)
