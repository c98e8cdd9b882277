"""Accounts: the one account that a key belongs to."""

from __future__ import annotations

from mock_klaviyo.config import Account
from mock_klaviyo.json import Json
from mock_klaviyo.resources.registry import beginning, declare
from mock_klaviyo.resources.resource import Resource
from mock_klaviyo.resources.world import World
from mock_klaviyo.store.rows import Row

ACCOUNT = declare(Resource(type="account", make_id=lambda world: world.account.id, not_found="unknown_account"))


def account_row(account: Account) -> Row:
    """The account as it is stored when a world begins."""
    return Row("account", account.id, account_document(account))


def account_document(account: Account) -> Json:
    """The attributes of an account."""
    address = {
        "address1": "1 Test Street",
        "address2": None,
        "city": "Boston",
        "region": "Massachusetts",
        "country": "United States",
        "zip": "02110",
    }
    contact = {
        "default_sender_name": account.name,
        "default_sender_email": "hello@shop.example.org",
        "website_url": "https://shop.example.org",
        "organization_name": account.name,
        "street_address": address,
    }
    return {
        "test_account": False,
        "contact_information": contact,
        "industry": "Software / SaaS",
        "timezone": account.timezone,
        "preferred_currency": account.currency,
        "public_api_key": account.id,
        "locale": account.locale,
    }


@beginning
def begin(world: World) -> None:
    """Store the account of a new world; one that a baseline brought along goes on under this world's id."""
    found = world.store.first("account")
    if found is None:
        world.store.insert(account_row(world.account))
    elif found.id != world.account.id:
        world.store.delete(found)
        world.store.insert(Row("account", world.account.id, found.document | {"public_api_key": world.account.id}))
