"""Accounts: a server has one from the start."""

from __future__ import annotations

ARRANGEMENTS: dict[str, object] = {}
MAKERS = {"account": lambda scene: scene.client.klaviyo.config.account.id}
