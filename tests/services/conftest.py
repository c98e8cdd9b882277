"""The mapping services, each as a target, in front of one Klaviyo."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
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
from simulator.scenario.judging import judged
from simulator.scenario.scenario import scenarios
from simulator.server import control
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


@pytest.fixture
def play(wire: Wire, tmp_path: Path) -> Callable[..., Verdict]:
    """Plays a scenario file against a target, with faults if any."""

    def play(file: Path, target: str, *faults: str) -> Verdict:
        text = file.read_text() + "".join(["faults:\n", *(f"  - {fault}\n" for fault in faults)] if faults else [])
        copy = tmp_path / file.name
        copy.write_text(text)
        (scenario,) = scenarios(copy, vendors())
        return judged(scenario, vendors(), wire, aim=Aim.asked(target, [SECRET]))

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
