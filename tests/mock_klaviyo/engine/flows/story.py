"""A shop whose flows run while the clock is moved, in short words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from mock_klaviyo.app import create_app
from mock_klaviyo.config import Config
from mock_klaviyo.klaviyo import Klaviyo
from mock_klaviyo.resources.metrics import metric_row
from mock_klaviyo.resources.own_events import SERVICE
from tests.calling import Client, channels, consent, no_channels, profile, references, resource, withdrawal
from tests.mock_klaviyo.resources.test_flows import flow

START = datetime(2026, 3, 2, 12, tzinfo=UTC)
"""A Monday noon."""

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


class Story:
    """An account, its clock held, with the metric `Joined`."""

    def __init__(self, **config: Any) -> None:
        self.klaviyo = Klaviyo(Config(**{"clock": START, **config}))
        self.client = Client(self.klaviyo)
        self.client.track("Joined", "first@shop.org", time="2020-01-01T00:00:00Z")
        self.control = create_app(klaviyo=self.klaviyo).test_client()

    def metric(self, name: str = "Joined") -> str:
        """The id of a metric."""
        found = self.client.get("/api/metrics")["data"]
        known = {each["attributes"]["name"]: each["id"] for each in found}
        if name not in known:
            self.client.track(name, "first@shop.org", time="2020-01-01T00:00:00Z")
            return self.metric(name)
        return str(known[name])

    def flow(self, *actions: Any, trigger: Any = None, status: str = "live", **given: Any) -> str:
        """The id of a new flow that the metric starts, or another trigger."""
        trigger = trigger or {"type": "metric", "id": self.metric()}
        id = self.client.create("/api/flows", flow(*actions, trigger=trigger, **given))
        if status != "draft":
            self.client.patch(f"/api/flows/{id}", resource("flow", id, status=status))
        return id

    def actions(self, flow_id: str) -> Any:
        """The actions of a flow, in order: pairs of an id and a definition."""
        found = self.client.get(f"/api/flows/{flow_id}/flow-actions")["data"]
        return [(each["id"], each["attributes"]["definition"]) for each in found]

    def revise(self, flow_id: str, index: int, **changes: Any) -> None:
        """Change what the action at a place of a flow says."""
        id, definition = self.actions(flow_id)[index]
        revised = definition | {"data": definition["data"] | changes}
        self.client.patch(f"/api/flow-actions/{id}", resource("flow-action", id, definition=revised))

    def set_status(self, flow_id: str, index: int, status: str) -> None:
        """Give the action at a place of a flow another status."""
        self.revise(flow_id, index, status=status)

    def own_metric(self, name: str) -> str:
        """The id of a metric of Klaviyo's own."""
        with self.klaviyo.store.transaction():
            return metric_row(self.klaviyo.world, name, SERVICE).id

    def person(self, name: str = "ana", **attributes: Any) -> str:
        """The id of a new profile."""
        return self.client.create("/api/profiles", profile(email=f"{name}@shop.org", **attributes))

    def happens(self, metric: str = "Joined", name: str = "ana", **given: Any) -> None:
        """A profile does something."""
        self.client.track(metric, f"{name}@shop.org", **given)
        self.klaviyo.catch_up()

    def subscribe(self, channel: str, **identifier: str) -> None:
        """A profile agrees to be written to."""
        agreed = {**identifier, "subscriptions": channels(channel, consented_at="2026-01-01T00:00:00Z")}
        self.client.post("/api/profile-subscription-bulk-create-jobs", consent(agreed, historical_import=True))

    def unsubscribe(self, name: str = "ana") -> None:
        """A profile wants no more email."""
        refused = {"email": f"{name}@shop.org", "subscriptions": no_channels()}
        self.client.post("/api/profile-subscription-bulk-delete-jobs", withdrawal(refused))

    def unsubscribe_sms(self, number: str) -> None:
        """A profile wants no more text messages."""
        refused = {"phone_number": number, "subscriptions": no_channels("sms")}
        self.client.post("/api/profile-subscription-bulk-delete-jobs", withdrawal(refused))

    def list(self, *ids: str) -> str:
        """The id of a new list with members."""
        id = self.client.create("/api/lists", resource("list", name="News", opt_in_process="single_opt_in"))
        return id if not ids else self.join(id, *ids)

    def join(self, list_id: str, *ids: str) -> str:
        """Put profiles on a list."""
        self.client.post(f"/api/lists/{list_id}/relationships/profiles", references("profile", *ids))
        self.klaviyo.catch_up()
        return list_id

    def leave(self, list_id: str, *ids: str) -> None:
        """Take profiles from a list."""
        self.client.delete(f"/api/lists/{list_id}/relationships/profiles", references("profile", *ids))

    def change(self, id: str, **attributes: Any) -> None:
        """Change a profile."""
        self.client.patch(f"/api/profiles/{id}", resource("profile", id, **attributes))
        self.klaviyo.catch_up()

    def merge(self, source: str, destination: str) -> None:
        """Make one profile part of another."""
        data = {
            "type": "profile-merge",
            "id": destination,
            "relationships": {"profiles": references("profile", source)},
        }
        assert self.client.call("POST", "/api/profile-merge", {"data": data}).status == 202
        self.klaviyo.catch_up()

    def wait(self, by: timedelta) -> None:
        """Let time pass."""
        self.klaviyo.move_clock(self.klaviyo.clock.now + by)

    def until(self, time: str) -> None:
        """Let time pass until a moment."""
        self.klaviyo.move_clock(datetime.fromisoformat(time))

    def runs(self, flow_id: str, **query: str) -> Any:
        """The runs of a flow, as the control route tells them."""
        return self.control.get(f"/__mock/flows/{flow_id}/runs", query_string=query).json["data"]

    def run(self, flow_id: str) -> Any:
        """The only run of a flow."""
        (run,) = self.runs(flow_id)
        return run

    def steps(self, flow_id: str) -> list[tuple[str, Any]]:
        """What happened in the only run of a flow: outcomes and reasons."""
        return [(each["outcome"], each.get("reason")) for each in self.run(flow_id)["path"]]

    def messages(self) -> list[tuple[str, str, str | None]]:
        """What was sent and skipped: the time, the subject or body, and the reason."""
        return [
            (
                row.document["at"][:16],
                str(row.document.get("subject") or row.document.get("body")),
                row.document["skipped"],
            )
            for row in self.klaviyo.rows("outbox-message", 0, 1000)
        ]

    def sent(self) -> list[str]:
        """The subjects or texts of what was sent."""
        return [text for _, text, skipped in self.messages() if not skipped]
