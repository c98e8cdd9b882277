"""Places: which country and region a location is in, and how far it is from a postal code.

Klaviyo has a map; here a postal code is where profiles with that code have their coordinates.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import asin, cos, radians, sin, sqrt
from typing import TypeAlias

from mock_klaviyo.json import Json

Point: TypeAlias = tuple[float, float]
"""Latitude and longitude in degrees."""

RADII: Mapping[str, float] = {"kilometers": 6371.0, "miles": 3958.8}
"""The earth's radius in each unit."""

COUNTRIES: Mapping[str, tuple[str, ...]] = {
    "AT": ("AUT", "Austria"),
    "BE": ("BEL", "Belgium"),
    "BG": ("BGR", "Bulgaria"),
    "HR": ("HRV", "Croatia"),
    "CY": ("CYP", "Cyprus"),
    "CZ": ("CZE", "Czechia", "Czech Republic"),
    "DK": ("DNK", "Denmark"),
    "EE": ("EST", "Estonia"),
    "FI": ("FIN", "Finland"),
    "FR": ("FRA", "France"),
    "DE": ("DEU", "Germany"),
    "GR": ("GRC", "EL", "Greece"),
    "HU": ("HUN", "Hungary"),
    "IE": ("IRL", "Ireland"),
    "IT": ("ITA", "Italy"),
    "LV": ("LVA", "Latvia"),
    "LT": ("LTU", "Lithuania"),
    "LU": ("LUX", "Luxembourg"),
    "MT": ("MLT", "Malta"),
    "NL": ("NLD", "Netherlands", "The Netherlands"),
    "PL": ("POL", "Poland"),
    "PT": ("PRT", "Portugal"),
    "RO": ("ROU", "Romania"),
    "SK": ("SVK", "Slovakia"),
    "SI": ("SVN", "Slovenia"),
    "ES": ("ESP", "Spain"),
    "SE": ("SWE", "Sweden"),
    "US": ("USA", "United States", "United States of America"),
    "GB": ("GBR", "UK", "United Kingdom", "Great Britain"),
    "CA": ("CAN", "Canada"),
    "AU": ("AUS", "Australia"),
    "NZ": ("NZL", "New Zealand"),
}
"""The code of a country → its other names; the countries that conditions ask about."""

NAMES: Mapping[str, str] = {name.lower(): code for code, names in COUNTRIES.items() for name in (code, *names)}
REGIONS: Mapping[str, frozenset[str]] = {
    "european_union": frozenset(COUNTRIES) - {"US", "GB", "CA", "AU", "NZ"},
    "united_states": frozenset({"US"}),
}
"""The countries of each region."""


def country_code(name: str) -> str:
    """The code of a country by any of its names; an unknown name stays as it is.

    >>> country_code("germany"), country_code("Peru")
    ('DE', 'PERU')
    """
    return NAMES.get(name.strip().lower(), name.strip().upper())


class Places:
    """Where postal codes are, learnt from profiles that have one and coordinates."""

    def __init__(self) -> None:
        self._points: dict[tuple[str, str], Point] = {}

    def learn(self, location: Json) -> bool:
        """Note where a location's postal code is; says whether that is new."""
        code, point = postal_code(location), coordinates(location)
        if code is None or point is None or self._points.get(code) == point:
            return False
        self._points[code] = point
        return True

    def point(self, location: Json) -> Point | None:
        """Where a location is: its own coordinates, else those of its postal code."""
        code = postal_code(location)
        return coordinates(location) or (self._points.get(code) if code else None)

    def distance(self, location: Json, country: str, zip: str, unit: str) -> float | None:
        """How far a location is from a postal code; None when that cannot be told."""
        wanted = (country_code(country), normal_code(zip))
        if postal_code(location) == wanted:
            return 0.0
        here, there = self.point(location), self._points.get(wanted)
        return None if here is None or there is None else great_circle(here, there) * RADII[unit]


def postal_code(location: Json) -> tuple[str, str] | None:
    """The country and postal code of a location."""
    country, zip = location.get("country"), location.get("zip")
    if not isinstance(country, str) or not isinstance(zip, str) or not country.strip() or not zip.strip():
        return None
    return country_code(country), normal_code(zip)


def normal_code(zip: str) -> str:
    """A postal code as it is compared."""
    return "".join(zip.upper().split())


def coordinates(location: Json) -> Point | None:
    """The coordinates of a location."""
    latitude, longitude = location.get("latitude"), location.get("longitude")
    return None if latitude is None or longitude is None else (float(latitude), float(longitude))


def great_circle(here: Point, there: Point) -> float:
    """The angle between two points on the globe.

    >>> round(great_circle((0, 0), (0, 180)), 5)
    3.14159
    """
    (lat1, lon1), (lat2, lon2) = ((radians(each[0]), radians(each[1])) for each in (here, there))
    half = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lon2 - lon1) / 2) ** 2
    return 2 * asin(sqrt(min(1.0, half)))
