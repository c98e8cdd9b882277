"""Our own routes to what goes wrong: faults, and presets that are made of them."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Response

from mock_klaviyo.api.views import klaviyo
from mock_klaviyo.control.answering import answer, blueprint, body
from mock_klaviyo.control.declaring import ControlError
from mock_klaviyo.json import Json
from mock_klaviyo.wire.fault import MEMBERS, FaultError
from mock_klaviyo.wire.faults import described
from mock_klaviyo.wire.presets import PRESETS

SEVERAL: Mapping[str, Json] = {
    "faults": {"type": "array", "items": {"type": "object"}},
    "preset": {"type": "string", "enum": list(PRESETS)},
}
"""What stands for several faults."""


@blueprint.get("/faults")
def faults() -> Response:
    """The faults that are set, each with how often it was drawn for and how often it hit."""
    return answer({"data": klaviyo().faults.documents()})


@blueprint.post("/faults", body={**MEMBERS, **SEVERAL}, answers={201: "The faults with their ids."})
def set_faults() -> Response:
    """Let things go wrong: `{"match": "POST /api/events", "status": 503, "rate": 0.5}`, `{"preset": …}`, several."""
    asked = klaviyo()
    try:
        added = asked.faults.add(described(body()), asked.clock.now)
    except FaultError as reason:
        raise ControlError(str(reason)) from None
    return answer({"data": [each.document() for each in added]}, 201)


@blueprint.delete("/faults")
def remove_faults() -> Response:
    """Let nothing go wrong any more."""
    return answer({"removed": klaviyo().faults.remove()})


@blueprint.delete("/faults/<id>", answers={200: "How many were removed.", 404: "There is no such fault."})
def remove_fault(id: str) -> Response:
    """Take one fault away."""
    removed = klaviyo().faults.remove(id)
    return answer({"removed": removed}) if removed else answer({"error": f"there is no fault {id}"}, 404)


@blueprint.get("/presets")
def presets() -> Response:
    """Incidents that can be asked for by name, what each means, and the faults that it is made of."""
    return answer({"data": [preset.document(name) for name, preset in PRESETS.items()]})
