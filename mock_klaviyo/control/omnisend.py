"""What came to Omnisend's event endpoint."""

from __future__ import annotations

from flask import Response

from mock_klaviyo.api.views import klaviyo
from mock_klaviyo.control.answering import PAGE, blueprint, page
from mock_klaviyo.json import Json
from mock_klaviyo.omnisend.events import CONTACT, EVENT
from mock_klaviyo.store.rows import Row


@blueprint.get("/omnisend/events", arguments=PAGE)
def omnisend_events() -> Response:
    """Events that Omnisend took in, oldest first."""
    return page(lambda after, limit: klaviyo().rows(EVENT, after, limit), document)


@blueprint.get("/omnisend/contacts", arguments=PAGE)
def omnisend_contacts() -> Response:
    """Omnisend's contacts, oldest first."""
    return page(lambda after, limit: klaviyo().rows(CONTACT, after, limit), document)


def document(row: Row) -> Json:
    """A row as it is shown."""
    return {"number": row.number, "id": row.id, **row.document}
