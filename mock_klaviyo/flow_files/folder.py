"""Folder: a file of flows with the templates that lie beside it, `templates/NAME.html` for each `TPL:NAME` in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mock_klaviyo import json
from mock_klaviyo.flow_files.bundle import BundleError
from mock_klaviyo.json import Json

FOLDER = "templates"
SYMBOLS = ("TPL:", "TEMPLATE:")


def document(file: Path) -> Json:
    """What a file of flows holds, with its templates; raises `BundleError` for one that is no JSON."""
    try:
        flows = json.read(file.read_bytes())
    except ValueError as reason:
        raise BundleError(f"{file} is no JSON: {reason}") from None
    named = dict.fromkeys(text for text in texts(flows) if text.startswith(SYMBOLS))
    found = [template(text, file.parent / FOLDER / f"{text.partition(':')[2]}.html") for text in named]
    return {"flows": flows, "templates": [each for each in found if each is not None]}


def template(id: str, file: Path) -> Json | None:
    """The template in a file; None when there is no such file."""
    if not file.is_file():
        return None
    return {"type": "template", "id": id, "attributes": {"name": id.partition(":")[2], "html": file.read_text()}}


def texts(value: Any) -> Iterator[str]:
    """Every text in a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from texts(each)
