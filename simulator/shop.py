"""The invented shop that all vendors serve: its name, products and places; seeded."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from faker import Faker

from simulator.chance import chance

PRODUCT_KINDS = ("Tea", "Mug", "Scarf", "Candle", "Notebook", "Backpack", "Coffee", "Soap", "Blanket", "Lamp")


@dataclass(frozen=True, slots=True)
class Product:
    """Something to buy; `price` in major units."""

    sku: str
    name: str
    price: Decimal


@dataclass(frozen=True, slots=True)
class Store:
    """A place to buy it, with coordinates as text of eight places."""

    id: str
    name: str
    street: str
    city: str
    postcode: str
    latitude: str
    longitude: str


@dataclass(frozen=True, slots=True)
class Shop:
    """The whole invented business; `currency` is an ISO 4217 code."""

    name: str
    domain: str
    currency: str
    products: tuple[Product, ...]
    stores: tuple[Store, ...]


def shop(seed: int = 0, *, currency: str = "USD") -> Shop:
    """The shop of a seed: forty products, six stores."""
    faker = Faker("en_US", use_weighting=False)
    faker.seed_instance(f"shop {seed}")
    luck = chance(seed, "shop")
    name = f"{faker.last_name()} & {faker.last_name()}"
    products = tuple(
        Product(
            sku=str(luck.randrange(10**9, 10**10)),
            name=f"{faker.color_name()} {luck.choice(PRODUCT_KINDS)}",
            price=Decimal(luck.randrange(300, 12_000)) / 100,
        )
        for _ in range(40)
    )
    stores = tuple(
        Store(
            id=str(faker.uuid4()),
            name=f"{name}, {city}",
            street=faker.street_address(),
            city=city,
            postcode=faker.postcode(),
            latitude=f"{faker.latitude():.8f}",
            longitude=f"{faker.longitude():.8f}",
        )
        for city in (faker.city() for _ in range(6))
    )
    return Shop(name, f"{faker.domain_word()}.example.org", currency, products, stores)
