"""Flow runs: what is kept of each profile's way through a flow, of messages to review, and of calls to webhooks."""

from __future__ import annotations

from mock_klaviyo.resources.registry import declare
from mock_klaviyo.resources.resource import Resource
from mock_klaviyo.store.tables import Field

WAITING, DONE, REFUSED = "waiting", "done", "refused"
"""What a run can be: it waits at an action, it is over, or it was never begun."""

SENT, SKIPPED, CANCELLED = "sent", "skipped", "cancelled"
"""What becomes of a message that waits for review."""

FLOW_RUN = declare(
    Resource(
        type="flow-run",
        make_id=lambda world: world.ids.ulid(world.now),
        fields=(
            Field("flow_id", is_indexed=True, is_required=True),
            Field("profile_id", is_indexed=True, is_required=True),
            Field("position", is_indexed=True),
            Field("status"),
            Field("entered_at"),
        ),
    )
)
"""Ours: no operation of Klaviyo's leads here."""

FLOW_REVIEW = declare(
    Resource(
        type="flow-review",
        make_id=lambda world: world.ids.ulid(world.now),
        fields=(
            Field("flow_id", is_indexed=True, is_required=True),
            Field("profile_id", is_indexed=True, is_required=True),
            Field("status"),
        ),
    )
)
"""Ours: a message of an action that is manual, which a human sends or cancels."""

FLOW_DATE = declare(
    Resource(
        type="flow-date",
        make_id=lambda world: world.ids.uuid(),
        fields=(Field("flow_id", is_indexed=True), Field("profile_id", is_indexed=True)),
    )
)
"""Ours: the date of a profile that a date flow waits for."""

FLOW_PRODUCT = declare(Resource(type="flow-product", make_id=lambda world: world.ids.uuid()))
"""Ours: what the catalog said of a product last, for flows that begin when that changes."""

FLOW_CALL = declare(
    Resource(
        type="flow-call",
        make_id=lambda world: world.ids.ulid(world.now),
        fields=(
            Field("flow_id", is_indexed=True, is_required=True),
            Field("profile_id", is_indexed=True, is_required=True),
            Field("status", is_indexed=True, is_required=True),
            Field("due", is_indexed=True, is_required=True),
        ),
    )
)
"""Ours: the call that a webhook action makes."""
