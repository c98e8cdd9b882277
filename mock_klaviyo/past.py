"""Past: an account as it was just after an earlier event, to read only; made from a copy that is taken back."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace
from typing import TYPE_CHECKING

from mock_klaviyo.resources.tasks import TASK

if TYPE_CHECKING:
    from mock_klaviyo.klaviyo import Klaviyo

MOST_VIEWS = 4
"""How many states are kept at hand, the latest asked for."""


class NoHistoryError(LookupError):
    """There is nothing to look back to; says how to keep it."""


class Past:
    """The earlier states of one account."""

    def __init__(self, klaviyo: Klaviyo) -> None:
        self._klaviyo = klaviyo
        self._views: OrderedDict[int, Klaviyo] = OrderedDict()
        self._lock = klaviyo.store.lock

    def at(self, event: int) -> Klaviyo:
        """The account as it was just after an event; what is done to it changes nothing but it."""
        with self._lock:
            self._klaviyo.catch_up()
            if event not in self._views:
                self._views[event] = self._view(event)
            self._views.move_to_end(event)
            while len(self._views) > MOST_VIEWS:
                self._views.popitem(last=False)[1].close()
            return self._views[event]

    def _view(self, event: int) -> Klaviyo:
        """Make the account as it was."""
        history = self._klaviyo.store.history
        if history is None:
            raise NoHistoryError("no history is kept; `mock-klaviyo serve --history` keeps it")
        at, copy = history.at(event), self._klaviyo.store.copy()
        history.take_back(copy, event)
        copy.execute(f'DELETE FROM "{TASK.type}"')  # what was put off then is not to be done now
        copy.execute("DELETE FROM intake")
        copy.commit()
        config = replace(self._klaviyo.config, data=None, baseline=None, clock=at, keeps_history=False)
        view = type(self._klaviyo)(config, copy)
        copy.close()
        return view

    def forget(self) -> None:
        """Forget all states, since events are numbered anew or everything ends."""
        with self._lock:
            for view in self._views.values():
                view.close()
            self._views.clear()
