"""flow: flows as files, loaded, saved, checked, and tried on somebody."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import click

from mock_klaviyo.cli.asking import ask, url_option
from mock_klaviyo.cli.flow_texts import finding_line, flow_lines, loaded_lines, run_texts, walk_lines
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
      mock-klaviyo flow list
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


@flow.command("list")
@url_option
@json_option
def list_flows(url: str, as_json: bool) -> None:  # noqa: FBT001
    """List the flows of a running server, with how many profiles wait in each, are through, and were refused."""
    found = ask(url, "GET", "/flows?limit=1000")["data"]
    click.echo(json.dumps(found, indent=2) if as_json else "\n".join(flow_lines(found)) or "there are no flows yet")


@flow.command()
@click.argument("name")
@click.option("--profile", help="Only those of a profile, named by id or email address.")
@click.option("--status", type=click.Choice(["waiting", "done", "refused"]), help="Only those with a status.")
@url_option
@json_option
def runs(name: str, *, url: str, as_json: bool, **wanted: str | None) -> None:
    """Show who went through a flow how and why: NAME is the name or id of a flow of a running server.

    \b
    Examples:
      mock-klaviyo flow runs "Points expiring (Smile.io)"
      mock-klaviyo flow runs "Points expiring (Smile.io)" --status waiting --profile ana@example.org
    """
    query = urlencode({key: value for key, value in wanted.items() if value} | {"limit": 1000})
    found = ask(url, "GET", f"/flows/{named(url, name)}/runs?{query}")["data"]
    click.echo(json.dumps(found, indent=2) if as_json else "\n".join(run_texts(found)) or "nobody came")


def named(url: str, name: str) -> str:
    """The id of the flow that a name or an id means, ready for a path."""
    flows = ask(url, "GET", "/flows?limit=1000")["data"]
    found = next((each["id"] for each in flows if name in (each["id"], each["name"])), None)
    if found is None:
        known = ", ".join(each["name"] or each["id"] for each in flows) or "none"
        raise click.ClickException(f"there is no flow {name!r}; there are: {known}")
    return str(found)


@flow.command()
@click.argument("name")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@url_option
def save(name: str, file: Path, url: str) -> None:
    """Save a flow of a running server, by name or id, with all that it names, in a FILE that `flow load` takes."""
    export = ask(url, "GET", f"/flows/{named(url, name)}/export")
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
