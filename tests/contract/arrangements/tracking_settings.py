"""Tracking settings: an account has one set from the start."""

from __future__ import annotations

from tests.calling import resource
from tests.contract.arranging import Arrangement

ARRANGEMENTS = {
    "update_tracking_setting": Arrangement(
        lambda scene: resource("tracking-setting", scene.one("tracking-setting"), auto_add_parameters=True)
    ),
}
MAKERS = {"tracking-setting": lambda scene: scene.client.klaviyo.config.account.id}
