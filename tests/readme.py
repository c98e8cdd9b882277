"""The parts of the README and the docs that are made from the code."""

from __future__ import annotations

import inspect
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack, chdir, closing
from datetime import datetime
from pathlib import Path
from typing import Any

from click import Argument, Context, Group, Option
from click.testing import CliRunner

from mock_klaviyo.cli import main
from mock_klaviyo.config import Config
from mock_klaviyo.control import blueprint as control
from mock_klaviyo.control.openapi import PLACE
from mock_klaviyo.engine.flow_steps import ACTIONS
from mock_klaviyo.resources.reference import OWN, handler
from mock_klaviyo.spec.coverage import coverage
from mock_klaviyo.spec.recorded import recording, revisions
from mock_klaviyo.wire.fault import KINDS, MEMBERS
from mock_klaviyo.wire.presets import PRESETS
from simulator import json
from simulator.cli import main as simulator
from simulator.contract.trials import single_events
from simulator.mapping.mapping import Metric
from simulator.scenario.arguments import arguments
from simulator.scenario.expectations import EXPECTATIONS
from simulator.scenario.timeline import ENTRIES
from simulator.targets.command import event_document
from simulator.vendors import vendors
from simulator.webhook import SECRET, webhook

ROOT = Path(__file__).parents[1]
PROGRAMS = {"mock-klaviyo": main, "vendor-sim": simulator}
USUAL = "http://127.0.0.1:4747"
RUN = "import sys; from simulator.cli import main; sys.argv[0] = 'vendor-sim'; main()"


def demo() -> str:
    """The report of `make demo`, without the seconds that differ from run to run."""
    command = [sys.executable, "-c", RUN, "run", "scenarios"]
    report = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    lines = ["```", "$ make demo", *(without_seconds(line) for line in report.splitlines()), "```"]
    return "\n".join(lines) + "\n"


def session(arguments: str, *, code: int = 0) -> str:
    """A command of `vendor-sim` and what it prints, without seconds; it must end with a code."""
    command = [sys.executable, "-c", RUN, *shlex.split(arguments)]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if found.returncode != code:
        raise RuntimeError(f"vendor-sim {arguments} ended with {found.returncode}: {found.stderr}")
    lines = ["```", f"$ vendor-sim {arguments}", *map(without_seconds, found.stdout.splitlines()), "```"]
    return "\n".join(lines) + "\n"


def story(*commands: str, clock: str | None = None) -> str:
    """Commands of both programs, one after the other, at one fresh server if there is a clock, and what they print."""
    from mock_klaviyo.app import create_app
    from mock_klaviyo.serving import Server

    with ExitStack() as stack:
        url = None
        if clock is not None:
            server = stack.enter_context(closing(Server(create_app(Config(clock=datetime.fromisoformat(clock))))))
            server.start()
            url = server.url
        stack.enter_context(chdir(ROOT))
        lines = [line for command in commands for line in told(command, url)]
    return "\n".join(["```", *lines, "```"]) + "\n"


def told(command: str, url: str | None) -> list[str]:
    """A command of ours and what it prints; it must succeed. The server's port is told as the usual one."""
    program, *arguments = shlex.split(command)
    ended = CliRunner(env={"MOCK_KLAVIYO_URL": url}).invoke(PROGRAMS[program], arguments)
    if ended.exit_code:
        raise RuntimeError(f"{command} ended with {ended.exit_code}: {ended.output}")
    output = ended.output.replace(url, USUAL) if url else ended.output
    return [f"$ {command}", *map(str.rstrip, output.splitlines())]


def action_table() -> str:
    """The types of flow actions, and what each does here."""
    lines = ["| action | |", "| --- | --- |"]
    lines += [f"| `{type}` | {(act.__doc__ or '').splitlines()[0]} |" for type, act in sorted(ACTIONS.items())]
    return "\n".join(lines) + "\n"


def command_table(group: str) -> str:
    """The commands of a group of `mock-klaviyo`, and what each does."""
    found = main.commands[group]
    assert isinstance(found, Group)
    lines = ["| command | |", "| --- | --- |"]
    for name, command in found.commands.items():
        taken = " ".join(each.make_metavar(Context(command)) for each in command.params if isinstance(each, Argument))
        text = inspect.cleandoc(command.help or "").partition("\n\n")[0].replace("\n", " ")
        lines.append(f"| `mock-klaviyo {' '.join(filter(None, (group, name, taken)))}` | {text} |")
    return "\n".join(lines) + "\n"


def beginning(path: str, *, until: str) -> str:
    """The first lines of a Python file in a code block."""
    text = (ROOT / path).read_text().partition(until)[0].rstrip()
    return f"```python\n{text}\n```\n"


def webhook_table() -> str:
    """How each vendor's webhooks look: what names the event, what proves the sender, and how often it tries again."""
    lines = ["| vendor | event in | proof | tries again | waits |", "| --- | --- | --- | --- | --- |"]
    for vendor in vendors().values():
        event = next(single_events(vendor, 0))
        form = vendor.webhook
        names = [name for name, value in form.headers(event).items() if value == event.name]
        named = f"`{names[0]}`" if names else f"`{next(key for key in ('type', 'event') if key in form.body(event))}`"
        proof = ", ".join(f"`{name}`" for name in form.sign(event, SECRET, b"")) if form.sign else "none"
        first = f"{form.retry.first_wait.total_seconds():g} s"
        lines.append(f"| {vendor.title} | {named} | {proof} | {form.retry.retries} times | {first}, then doubled |")
    return "\n".join(lines) + "\n"


def event_line() -> str:
    """What a program gets for an event."""
    vendor = vendors()["jericommerce"]
    event = next(one for one in single_events(vendor, 0) if one.name == "Balance changed")
    found = {"event": event_document(event, webhook(vendor.webhook, event))}
    return f"```json\n{json.written(found).decode()}\n```\n"


def without_seconds(line: str) -> str:
    """A line of the report without its time."""
    return re.sub(r"   [\d.]+ s$", "", line).rstrip()


def fenced(language: str, path: str) -> str:
    """A file of the repository in a code block."""
    return f"```{language}\n{(ROOT / path).read_text()}```\n"


def python_file(path: str) -> str:
    """A Python file in a code block."""
    return fenced("python", path)


def yaml_file(path: str) -> str:
    """A YAML file in a code block."""
    return fenced("yaml", path)


def option_table(command: str) -> str:
    """The options of a command of `mock-klaviyo`, and their environment variables."""
    found = main.commands[command]
    lines = ["| option | default | variable | |", "| --- | --- | --- | --- |"]
    context = Context(found, **found.context_settings)
    lines += [option_row(option, context) for option in found.params if isinstance(option, Option)]
    return "\n".join(lines) + "\n"


def option_row(option: Option, context: Context) -> str:
    """One option as a row of a table."""
    default = option.get_default(context)
    text = " ".join(default) if isinstance(default, tuple) else str(default)
    shown = f"`{text}`" if isinstance(default, str | int | tuple) and default is not False else ""
    variable = option.envvar or f"{context.auto_envvar_prefix}_{option.name}".upper()
    return f"| `{option.opts[0]}` | {shown} | `{variable}` | {option.help or ''} |"


def control_table() -> str:
    """The control routes: what each takes, and what it does."""
    lines = ["| route | takes | |", "| --- | --- | --- |"]
    for route in sorted(control.routes, key=lambda route: route.rule):
        taken = [f"`?{each.name}`" for each in route.arguments] + [f"`{name}`" for name in route.body or ()]
        rule = PLACE.sub(lambda place: place[2].upper(), route.rule)
        lines.append(f"| `{route.method} {rule}` | {' '.join(taken)} | {route.summary} |")
    return "\n".join(lines) + "\n"


def fault_tables() -> str:
    """What a fault is described by, and the kinds of faults."""
    lines = ["| member | |", "| --- | --- |"]
    lines += [f"| `{name}` | {fault_member(schema)} |" for name, schema in MEMBERS.items()]
    lines += ["", "| kind | |", "| --- | --- |", *(f"| `{kind}` | {meaning} |" for kind, meaning in KINDS.items())]
    return "\n".join(lines) + "\n"


def fault_member(schema: Mapping[str, Any]) -> str:
    """What a member of a fault may be."""
    words = ", ".join(f"`{word}`" for word in schema.get("enum", ()))
    limits = " to ".join(str(schema[name]) for name in ("minimum", "maximum") if name in schema)
    return " ".join(filter(None, (schema.get("description", ""), words, f"({limits})" if "maximum" in schema else "")))


def preset_table() -> str:
    """The presets and what they mean."""
    lines = ["| preset | |", "| --- | --- |"]
    lines += [f"| `{name}` | {preset.meaning} |" for name, preset in PRESETS.items()]
    return "\n".join(lines) + "\n"


def vendor_table() -> str:
    """The vendors: how many events they have, and what becomes of them."""
    lines = ["| vendor | called | events | sent to Klaviyo | deliberately not | profiles written |"]
    lines.append("| --- | --- | --: | --: | --: | --- |")
    for vendor in vendors().values():
        sent = sum(isinstance(each, Metric) for each in vendor.mapping.events.values())
        kept = len(vendor.mapping.events) - sent
        writes = "yes" if vendor.mapping.sync else "no"
        lines.append(f"| {vendor.title} | `{vendor.name}` | {sent + kept} | {sent} | {kept} | {writes} |")
    return "\n".join(lines) + "\n"


def coverage_table() -> str:
    """How many operations of each tag are recorded, answered, and have behaviour of their own."""
    newest = recording(revisions()[-1])
    answered = frozenset(name for name, operation in newest.operations.items() if handler(operation))
    found = coverage(newest, answered, frozenset(OWN))
    lines = [f"| tag, revision {newest.revision} | operations | answered | with behaviour of their own |"]
    lines.append("| --- | --: | --: | --: |")
    lines += [f"| {row.tag} | {row.recorded} | {row.answered} | {row.own} |" for row in (*found.rows, found.total)]
    return "\n".join(lines) + "\n"


def argument_table(function: Callable[..., Any]) -> str:
    """The keys that a function of the scenario language takes."""
    lines = ["| key | |", "| --- | --- |"]
    lines += [f"| `{name}` | {'must be there' if needed else ''} |" for name, needed in keys(function)]
    return "\n".join(lines) + "\n"


def keys(function: Callable[..., Any]) -> list[tuple[str, bool]]:
    """The keys of a function of the scenario language, and whether each must be there."""
    return [(argument.name, argument.is_required) for argument in arguments(function).values()]


def entry_table() -> str:
    """The kinds of timeline entries."""
    return kind_table(ENTRIES)


def expectation_table() -> str:
    """The kinds of expectations."""
    return kind_table({name: each.make for name, each in EXPECTATIONS.items()})


def kind_table(kinds: Mapping[str, Callable[..., Any]]) -> str:
    """Kinds of entries or expectations, their further keys, and what they mean."""
    lines = ["| key | with | |", "| --- | --- | --- |"]
    for name, function in kinds.items():
        others = ", ".join(f"`{key}`" for key, _ in keys(function) if key != name)
        lines.append(f"| `{name}` | {others} | {(function.__doc__ or '').splitlines()[0]} |")
    return "\n".join(lines) + "\n"
