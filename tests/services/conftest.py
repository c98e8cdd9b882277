"""The mapping services, each as a target, in front of one Klaviyo."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import datetime
from pathlib import Path
from threading import Thread

import pytest
from flask import Flask
from klaviyo_api import KlaviyoAPI
from werkzeug.serving import WSGIRequestHandler, make_server

from mock_klaviyo.app import create_app
from mock_klaviyo.config import PRIVATE_KEY, Config
from mock_klaviyo.serving import Server
from simulator.contract.inspection import Wire
from simulator.delivery import Delivery, Destination
from simulator.json import Json
from simulator.scenario.judging import judged
from simulator.scenario.scenario import scenarios
from simulator.server import Control, control
from simulator.targets.aim import Aim
from simulator.vendors import vendors
from simulator.verdict import Verdict
from tests.services import service

FOLDER = Path(__file__).parent
SECRET = "s3cret"
EXEC = f"{sys.executable} -m mock_klaviyo exec"


@pytest.fixture(scope="session")
def klaviyo_server() -> Iterator[Server]:
    """A Klaviyo for these tests alone."""
    server = Server(create_app(Config()))
    server.start()
    yield server
    server.close()


@pytest.fixture
def wire(klaviyo_server: Server) -> Iterator[Wire]:
    """The way to that Klaviyo, its faults taken away."""
    destination = Destination(klaviyo_server.url, PRIVATE_KEY, is_mock=True)
    delivery = Delivery(destination, wait=lambda _: None)
    with control(klaviyo_server.url) as routes, closing(delivery):
        yield Wire(delivery, routes)


class Faulty(Control):
    """Control routes that let something go wrong as soon as a run begins."""

    def __init__(self, url: str, fault: Json | None) -> None:
        super().__init__(url)
        self._fault = fault

    def reset(self, clock: datetime) -> None:
        """Empty the mock, and set the fault."""
        super().reset(clock)
        if self._fault is not None:
            self._call("POST", "/__mock/faults", self._fault)


@pytest.fixture
def play(wire: Wire) -> Callable[..., Verdict]:
    """Plays a scenario file against a target."""

    def play(file: Path, target: str, *, klaviyo_fault: Json | None = None) -> Verdict:
        (scenario,) = scenarios(file, vendors())
        control = Faulty(wire.control.url, klaviyo_fault)
        with closing(control):
            return judged(scenario, vendors(), Wire(wire.delivery, control), aim=Aim.asked(target, [SECRET]))

    return play


@pytest.fixture
def flask_service(klaviyo_server: Server) -> Iterator[Callable[..., str]]:
    """Starts the Flask service, with mistakes if any; gives the target."""
    with ExitStack() as stack:

        def start(*, retries: int = 3, **mistakes: object) -> str:
            sdk = KlaviyoAPI(PRIVATE_KEY, max_delay=1, max_retries=retries, test_host=klaviyo_server.url)
            app = service.create_app(sdk, SECRET, **mistakes)
            return f"{stack.enter_context(running(app))}/hooks/{{vendor}}"

        yield start


@pytest.fixture
def target(request: pytest.FixtureRequest, flask_service: Callable[..., str]) -> str:
    """One of the three services by its name."""
    return {
        "function": lambda: "python:tests.services.mapping:to_klaviyo",
        "flask": flask_service,
        "node": lambda: f"command:{EXEC} --url {{klaviyo}} -- node {FOLDER / 'program.mjs'}",
    }[request.param]()


@contextmanager
def running(app: Flask) -> Iterator[str]:
    """The URL of an app on a free port."""
    server = make_server("127.0.0.1", 0, app, request_handler=Silent)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Silent(WSGIRequestHandler):
    """Writes no log."""

    def log(self, *_: object, **__: object) -> None:
        """Say nothing."""
