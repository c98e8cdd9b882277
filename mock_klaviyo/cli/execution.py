"""exec: any program, unchanged, with this machine in Klaviyo's place."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from inspect import signature
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

import click

from mock_klaviyo.cli.asking import ask
from mock_klaviyo.cli.serving import SWITCH_INTERVAL, configured, serve
from mock_klaviyo.cli.starting import failures
from mock_klaviyo.config import Config
from mock_klaviyo.proxy.authority import Authority
from mock_klaviyo.proxy.environment import preloaded, proxied, trusting
from mock_klaviyo.proxy.front import Front
from mock_klaviyo.proxy.hosts import Address
from mock_klaviyo.proxy.proxy import Proxy

NOT_FOUND, NOT_EXECUTABLE = 127, 126
"""The exit codes by which shells say that they could not run a command."""

TAKEN = signature(configured).parameters.keys() - {"any_key", "allow_host"}
"""The options of `serve` that are taken here too: all that make an account what it is."""

PASSED_ON = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP", "SIGINT") if hasattr(signal, name))


class Allowed(click.ParamType[Address]):
    """A host, perhaps with a port."""

    name = "host"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Address:
        """The address that a text names."""
        try:
            return value if isinstance(value, Address) else Address.read(value)
        except ValueError as reason:
            self.fail(str(reason), param, ctx)


@click.command("exec", context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED, metavar="-- COMMAND...")
@click.option("--url", metavar="URL", help="Use the server that runs here instead of starting one.")
@click.option("--allow-host", "allowed", multiple=True, type=Allowed(), metavar="HOST[:PORT]",
              help="Another host that the program may reach; repeat it for several.")  # fmt: skip
@click.option("--report", is_flag=True, help="At the end, tell on standard error what Klaviyo received.")
def execute(
    command: tuple[str, ...],
    url: str | None,
    allowed: tuple[Address, ...],
    report: bool,  # noqa: FBT001 - click passes flags so
    **settings: Any,
) -> None:
    """Run a program, in any language, whose calls to https://a.klaviyo.com are answered on this machine.

    Neither its code nor its configuration changes. A server is started for it, which takes every key unless --key
    names some, and ends with it. Other hosts are refused unless --allow-host names them. The exit code is the
    program's.

    \b
    Examples:
      mock-klaviyo exec -- python sync.py
      mock-klaviyo exec --report --data shop.sqlite -- node worker.mjs
      mock-klaviyo exec --allow-host api.shop.example -- ./run-everything.sh
    """
    settings["any_key"] = click.get_current_context().get_parameter_source("keys").name == "DEFAULT"  # type: ignore[union-attr]
    if command[0].startswith("-"):  # click hands on options that it does not know
        raise click.NoSuchOption(command[0])
    config = configured(**settings, allow_host=tuple(each.host for each in allowed))
    with ExitStack() as stack:
        here = url or stack.enter_context(served(config))
        proxy, variables = stack.enter_context(in_place_of_klaviyo(here, allowed))
        before = counts(here)
        code = ended(command, {**config.environment(here), **variables})
        if report:
            click.echo(received(here, proxy, before), err=True)
    raise SystemExit(code)


execute.params += [each for each in serve.params if each.name in TAKEN]


@contextmanager
def served(config: Config) -> Iterator[str]:
    """The URL of a server that runs meanwhile."""
    from mock_klaviyo.app import create_app
    from mock_klaviyo.serving import Server

    with failures():
        server = Server(create_app(config))
    sys.setswitchinterval(SWITCH_INTERVAL)
    server.start()
    with closing(server):
        yield server.url


@contextmanager
def in_place_of_klaviyo(url: str, allowed: Sequence[Address]) -> Iterator[tuple[Proxy, Mapping[str, str]]]:
    """A proxy that leads to a server, and the variables by which a program finds it."""
    ask(url, "GET", "/health")
    port = urlsplit(url).port or 80
    with TemporaryDirectory(prefix="mock-klaviyo-") as folder, closing(Front()) as front:
        authority = Authority(Path(folder))
        proxy = Proxy(port, front.terminate(authority.context(), port), allowed)
        entrance = front.listen(proxy.answer)
        yield proxy, {**trusting(authority), **proxied(entrance), **preloaded(proxy.secure, allowed)}


def ended(command: Sequence[str], variables: Mapping[str, str]) -> int:
    """Run a command to its end, with signals passed on to it; gives its exit code as a shell would."""
    try:
        child = subprocess.Popen(command, env=os.environ | variables)
    except OSError as reason:
        click.echo(f"mock-klaviyo exec: {command[0]}: {reason.strerror}", err=True)
        return NOT_FOUND if isinstance(reason, FileNotFoundError) else NOT_EXECUTABLE
    former = {each: signal.signal(each, lambda number, _: child.send_signal(number)) for each in PASSED_ON}
    try:
        code = child.wait()
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
    return code if code >= 0 else 128 - code


def counts(url: str) -> Counter[str]:
    """How many requests, and events, a server has received so far."""
    requests, events = ask(url, "GET", "/requests/count"), ask(url, "GET", "/events/count")
    told = {"requests": requests["total"], "rejected": requests["rejected"]}
    return Counter(told | {"stored": events["stored"], "dropped": events["dropped"]})


def received(url: str, proxy: Proxy, before: Counter[str]) -> str:
    """What Klaviyo received since it had received so many, in short."""
    now = counts(url)
    now.subtract(before)
    lines = {
        "requests": f"{now['requests']}, {now['rejected']} of them rejected",
        "events": f"{now['stored']} stored, {now['dropped']} dropped",
        "refused hosts": ", ".join(f"{host} ({count})" for host, count in sorted(proxy.refused.items())) or "none",
    }
    rejected = ask(url, "GET", f"/rejected?after={before['requests']}")["data"]
    lines |= {f"rejected {each['number']}": f"{each['status']} {each['method']} {each['url']}" for each in rejected}
    return "\n".join(f"{name:>16}  {text}" for name, text in {"Klaviyo": "received", **lines}.items())
