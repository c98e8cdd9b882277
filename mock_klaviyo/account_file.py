"""The file of further accounts: `mock-klaviyo serve --accounts FILE`.

[[account]]
id = "SHOP02"                                        # its public key
name = "Second shop"                                 # and timezone, currency, locale, opt_in_process
keys = ["pk_two", "pk_reader:profiles:read"]
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import fields, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from mock_klaviyo.config import Account, Config, Key

TEXTS = tuple(field.name for field in fields(Account))
MEMBERS = (*TEXTS, "keys")


class AccountFileError(ValueError):
    """The file cannot be used; says where and why."""


def configs(config: Config, file: Path | None) -> list[Config]:
    """The configuration of each account: the one of the options first, then those of the file."""
    found = [config, *(of_entry(config, file, *each) for each in entries(file))] if file else [config]
    check_told_apart(found)
    return found


def entries(file: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """The file's accounts with their numbers."""
    try:
        document = tomllib.loads(file.read_text())
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as reason:
        raise AccountFileError(f"{file}: {reason}") from None
    if document.keys() != {"account"} or not isinstance(document["account"], list):
        raise AccountFileError(f"{file}: it must consist of [[account]] tables")
    yield from enumerate(document["account"], start=1)


def of_entry(config: Config, file: Path, number: int, entry: dict[str, Any]) -> Config:
    """The configuration of one account: its own keys and store, everything else as the options say."""
    place = f"{file}: account {number}"
    for name in entry.keys() - set(MEMBERS):
        nearest = "".join(f" ({each}?)" for each in get_close_matches(name, MEMBERS, 1))
        raise AccountFileError(f"{place}: {name} is unknown{nearest}")
    texts = {name: value for name, value in entry.items() if name in TEXTS}
    keys = entry.get("keys")
    if "id" not in texts or not all(isinstance(value, str) for value in texts.values()):
        raise AccountFileError(f"{place}: it needs an id, and all but keys is text")
    if not isinstance(keys, list) or not keys or not all(isinstance(key, str) and key for key in keys):
        raise AccountFileError(f'{place}: it needs keys such as ["pk_two", "pk_reader:profiles:read"]')
    data = config.data and config.data.with_stem(f"{config.data.stem}.{texts['id']}")
    return replace(config, account=Account(**texts), keys=tuple(map(Key.read, keys)), data=data)


def check_told_apart(found: Sequence[Config]) -> None:
    """Refuse accounts that share an id or a key."""
    names = [name for each in found for name in (each.account.id, *(key.key for key in each.keys))]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise AccountFileError(f"{', '.join(twice)} stands for more than one account")
