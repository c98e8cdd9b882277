"""flow: flows as files, loaded, saved, checked, and tried on somebody."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from mock_klaviyo.cli.asking import ask, url_option
from mock_klaviyo.cli.options import Moment

FAILED = 1
file_argument = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
json_option = click.option("--json", "as_json", is_flag=True, help="As JSON.")
server_option = click.option(
    "--url", envvar="MOCK_KLAVIYO_URL", help="A running server, whose metrics, lists and contracts count."
)
contracts_option = click.option(
    "--contracts", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE",
    help="What events carry, as `vendor-sim contract schemas` prints it.",
)  # fmt: skip


@click.group()
def flow() -> None:
    """Load flows from files, check them, and try them on somebody.

    \b
    Examples:
      mock-klaviyo flow load welcome.json --status live
      mock-klaviyo flow lint welcome.json
      mock-klaviyo flow preview welcome.json --event '{"properties": {"total": 20}}' --profile ana@example.org
    """


@flow.command()
@file_argument
@url_option
@click.option(
    "--status", type=click.Choice(["draft", "manual", "live"]), help="For all actions, instead of the file's."
)
@json_option
def load(file: Path, url: str, status: str | None, as_json: bool) -> None:  # noqa: FBT001 - click passes flags so
    """Make the flows in FILE on a running server, and tell what became of each id in it.

    FILE is the body of POST /api/flows, the answer of GET /api/flows/{id}, or a whole export: an object with flows,
    metrics, lists, segments and templates. Names may stand for ids, as in METRIC:Placed Order; what is called TPL:NAME
    is read from templates/NAME.html beside FILE. Exits with 1 when an id means nothing to the server.
    """
    query = f"?status={status}" if status else ""
    loaded = ask(url, "POST", f"/flows/load{query}", read(file))["data"]
    if as_json:
        click.echo(json.dumps(loaded, indent=2))
    else:
        click.echo("\n".join(line for each in loaded for line in loaded_lines(each)))
    if any(one["outcome"] == "unresolved" for each in loaded for one in each["resolutions"]):
        sys.exit(FAILED)


def loaded_lines(loaded: Mapping[str, Any]) -> Iterator[str]:
    """A flow that was made, and a line for each different id in it."""
    yield f"{loaded['name']}: flow {loaded['id']}, {loaded['status']}"
    yield from dict.fromkeys(map(resolution_line, loaded["resolutions"]))


def resolution_line(one: Mapping[str, Any]) -> str:
    """What became of an id."""
    name = one["name"] or ""
    return f"  {one['outcome']:11}{one['type']:10}{name:32}{one['id']:12} → {one['local_id'] or one['pointer']}"


@flow.command()
@click.argument("id")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@url_option
def save(id: str, file: Path, url: str) -> None:
    """Save a flow of a running server, with all that it names, in a FILE that `flow load` takes anywhere."""
    export = ask(url, "GET", f"/flows/{id}/export")
    file.write_text(json.dumps(export, indent=2) + "\n")
    others = ", ".join(f"{len(export[kind])} {kind}" for kind in export if kind != "flows" and export[kind])
    click.echo(f"{file}: {export['flows'][0]['attributes']['name']}{f', {others}' if others else ''}")


@flow.command()
@file_argument
@server_option
@contracts_option
@json_option
def lint(file: Path, url: str | None, contracts: Path | None, as_json: bool) -> None:  # noqa: FBT001
    """Tell what in the flows of FILE cannot work, or hardly does what was meant; exits with 1 when something cannot.

    \b
    Examples:
      mock-klaviyo flow lint flow.json --url http://127.0.0.1:4747
      vendor-sim contract schemas smile > smile.json; mock-klaviyo flow lint flow.json --contracts smile.json
    """
    found = ask(url, "POST", "/flows/lint", read(file))["data"] if url else linted(file, contracts)
    if as_json:
        click.echo(json.dumps(found, indent=2))
    else:
        click.echo("\n".join(map(finding_line, found)) or "nothing to complain about")
    if any(each["severity"] == "error" for each in found):
        sys.exit(FAILED)


def finding_line(found: Mapping[str, Any]) -> str:
    """A finding in one line."""
    remedy = f" — {found['remedy']}" if found["remedy"] else ""
    return f"{found['severity']:8}{found['rule']:30}{found['flow']} {found['pointer']}: {found['message']}{remedy}"


@flow.command()
@file_argument
@click.option("--event", default="{}", metavar="JSON", help="The event: properties, value, metric if it is another.")
@click.option("--profile", metavar="JSON|NAME", help="Attributes of a profile, or who of the server's it is.")
@click.option("--consent", multiple=True, type=click.Choice(["email", "sms"]), help="What the profile agrees to.")
@click.option("--at", type=Moment(), help="When it happens; now unless told.")
@server_option
@contracts_option
@json_option
def preview(file: Path, *, as_json: bool, **asked: Any) -> None:
    """Let somebody walk through the first flow of FILE, and show where, when and why; nothing is changed anywhere.

    \b
    Examples:
      mock-klaviyo flow preview points.json --event '{"properties": {"Points Expiring": 320}}' --consent email
      mock-klaviyo flow preview gift.json --profile '{"properties": {"Tier": "Gold"}}' --at 2026-03-01T08:00:00Z
    """
    question = {
        "profile": who(asked["profile"]),
        "consent": list(asked["consent"]),
        "event": parsed(asked["event"], "--event"),
    }
    if asked["at"] is not None:
        question["at"] = asked["at"].isoformat()
    found = previewed(file, question, asked["url"], asked["contracts"])
    if as_json:
        click.echo(json.dumps(found, indent=2))
    else:
        click.echo("\n".join(walk_lines(found)))


def previewed(file: Path, question: Mapping[str, Any], url: str | None, contracts: Path | None) -> Any:
    """The walk through the first flow of a file: in a world of its own, of the server or of this process."""
    wanted = {name: each for name, each in question.items() if each is not None}
    if url:
        return ask(url, "POST", "/flows/preview", {**wanted, "file": read(file)})
    with account(contracts) as client:
        return answered(client.post("/__mock/flows/preview", json={**wanted, "file": read(file)}))


def linted(file: Path, contracts: Path | None) -> Any:
    """What is wrong with the flows of a file, in an account that is empty but for contracts."""
    with account(contracts) as client:
        return answered(client.post("/__mock/flows/lint", json=read(file)))["data"]


@contextmanager
def account(contracts: Path | None) -> Iterator[Any]:
    """A client of the control routes of an account that lives in this process, with these contracts."""
    from mock_klaviyo.app import create_app

    app = create_app()
    client = app.test_client()
    if contracts is not None:
        answered(client.put("/__mock/contracts", data=contracts.read_bytes()))
    yield client
    app.extensions["accounts"].close()


def answered(response: Any) -> Any:
    """What a control route answers; a refusal ends the program."""
    if response.status_code >= 400:
        raise click.ClickException(str(response.json["error"]))
    return response.json


def read(file: Path) -> Any:
    """The flows in a file, with the templates that lie beside it."""
    from mock_klaviyo.flow_files.bundle import BundleError
    from mock_klaviyo.flow_files.folder import document

    try:
        return document(file)
    except BundleError as reason:
        raise click.UsageError(str(reason)) from None


def parsed(text: str, where: str) -> Any:
    """The value of a JSON text."""
    try:
        return json.loads(text)
    except ValueError as reason:
        raise click.UsageError(f"{where} is no JSON: {reason}") from None


def who(text: str | None) -> Any:
    """A profile's attributes, or the text that names one."""
    return parsed(text, "--profile") if text and text.lstrip().startswith("{") else text


def walk_lines(found: Mapping[str, Any]) -> Iterator[str]:
    """The runs of a walk, step by step, and the messages."""
    yield f"{found['flow']} for {found['profile']['email'] or found['profile']['id']}"
    for run in found["runs"]:
        yield from run_lines(run)
    for message in found["messages"]:
        text = message.get("subject") or message.get("body") or ""
        skipped = f"   skipped: {message['skipped']}" if message["skipped"] else ""
        yield f"  {message['at']}  {message['channel']:10} {text}{skipped}"
    if not found["runs"]:
        yield "  nothing started the flow"


def run_lines(run: Mapping[str, Any]) -> Iterator[str]:
    """A run: its entry, each step, and how it ended."""
    yield f"  {run['entered_at']}  {'refused: ' + run['exit'] if run['status'] == 'refused' else 'begins'}"
    yield from (f"      {line}" for line in verdict_lines(run["entry"]))
    for step in run["path"]:
        reason = f" ({step['reason']})" if step.get("reason") else ""
        yield f"  {step['at']}  {step['action_type']:20} {step['outcome']}{reason}"
        yield from (f"      {line}" for line in verdict_lines(step.get("verdicts") or ()))
    if run["status"] == "done":
        yield f"  {run['exited_at']}  ends: {run['exit']}"


def verdict_lines(verdicts: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Conditions with what they saw."""
    for each in verdicts:
        told = {name: value for name, value in each["condition"].items() if name != "type" and value is not None}
        mark = "✓" if each["is_true"] else "✗"
        asked = json.dumps(told, ensure_ascii=False)
        yield f"{mark} {each['condition']['type']} saw {json.dumps(each['saw'], ensure_ascii=False)}: {asked}"
