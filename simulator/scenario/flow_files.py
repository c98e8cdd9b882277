"""Flow files: the flows that a scenario's Klaviyo holds from the beginning, with the templates that lie beside them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from simulator import json
from simulator.document import DocumentError, Place
from simulator.json import Json
from simulator.server import Control, RefusedByMock

FOLDER = "templates"
NAMED = re.compile(r'"(?:TPL|TEMPLATE):([^"]+)"')
"""How a flow names a template that lies beside it, `templates/NAME.html`."""

UNRESOLVED = "unresolved"


@dataclass(frozen=True)
class FlowFile:
    """A file of flows, where a scenario names it, and what of it a mock loads."""

    place: Place
    document: Json

    @classmethod
    def read(cls, place: Place, file: Path) -> FlowFile:
        """The file, with its templates; raises `ValueError` or `OSError` for one that cannot be read."""
        text = file.read_text()
        named = [(name, file.parent / FOLDER / f"{name}.html") for name in dict.fromkeys(NAMED.findall(text))]
        templates = [template(name, beside) for name, beside in named if beside.is_file()]
        return cls(place, {"flows": json.read(text.encode()), "templates": templates})

    def load(self, control: Control) -> None:
        """Make the flows, live; raises `DocumentError` for what Klaviyo refuses, or what names nothing there."""
        try:
            loaded = control.ask("POST", "/__mock/flows/load?status=live", self.document)["data"]
        except RefusedByMock as error:
            raise DocumentError(self.place, f"klaviyo.flows: {error}") from error
        lost = [each for flow in loaded for each in flow["resolutions"] if each["outcome"] == UNRESOLVED]
        if lost:
            names = ", ".join(f"{each['type']} {each['id']} at {each['pointer']}" for each in lost)
            raise DocumentError(self.place, f"klaviyo.flows: {names} is nowhere: put it beside the flow, or into it")


def template(name: str, file: Path) -> Json:
    """A template as a file of flows holds it."""
    return {"type": "template", "id": f"TPL:{name}", "attributes": {"name": name, "html": file.read_text()}}


def load(files: Sequence[FlowFile], control: Control) -> None:
    """Make the flows of files in a mock."""
    for each in files:
        each.load(control)
