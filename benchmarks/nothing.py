"""The yardstick: a Flask view that does nothing, on the same server as the real one."""

from __future__ import annotations

import sys
import threading

from flask import Flask

from mock_klaviyo.cli.serving import SWITCH_INTERVAL
from mock_klaviyo.serving import Server

app = Flask("nothing")


@app.post("/api/events")
def events() -> tuple[str, int]:
    """Nothing, with the status of an accepted event."""
    return "", 202


if __name__ == "__main__":
    sys.setswitchinterval(SWITCH_INTERVAL)
    server = Server(app)
    server.start()
    sys.stdout.write(f"{server.url}\n")
    sys.stdout.flush()
    threading.Event().wait()
