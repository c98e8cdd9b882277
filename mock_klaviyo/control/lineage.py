"""Our own routes to lineage: where requests come from that do not say so themselves."""

from __future__ import annotations

from flask import Response

from mock_klaviyo.api.views import klaviyo
from mock_klaviyo.control.answering import answer, blueprint, body
from mock_klaviyo.control.declaring import TEXT, ControlError
from mock_klaviyo.resources.lineage import HEADERS, Lineage, lineage


@blueprint.get("/lineage")
def told_lineage() -> Response:
    """Where requests come from that carry no header about it."""
    return answer({"lineage": klaviyo().lineage})


@blueprint.put("/lineage", body=dict.fromkeys(HEADERS, TEXT))
def tell_lineage() -> Response:
    """From now on, requests that do not say it come from: `{"cause": "order-1", "target": "ours", "entry": "3"}`."""
    klaviyo().lineage = checked(body())
    return told_lineage()


@blueprint.delete("/lineage")
def end_lineage() -> Response:
    """From now on, nothing is known of requests that do not say where they come from."""
    klaviyo().lineage = None
    return told_lineage()


def checked(given: Lineage) -> Lineage:
    """A lineage whose members are texts, at least one of them."""
    if not any(given.values()) or not all(isinstance(each, str) for each in given.values() if each is not None):
        raise ControlError(
            f'at least one of {", ".join(HEADERS)} must be given, as a text such as {{"cause": "order-1"}}'
        )
    return lineage(given)
