"""record, coverage: what is recorded of Klaviyo's definitions, and how much of it is answered."""

from __future__ import annotations

import json
from pathlib import Path

import click


@click.command()
@click.argument("definitions", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--to", "folder", type=click.Path(file_okay=False, path_type=Path), help="Another folder to write into.")
def record(definitions: tuple[Path, ...], folder: Path | None) -> None:
    """Record Klaviyo's OpenAPI definitions in our own form.

    \b
    Example:
      mock-klaviyo record openapi/2026-07-15.json
    """
    from mock_klaviyo.spec.openapi import RecordError
    from mock_klaviyo.spec.record import record as record_definition

    for definition in definitions:
        target = folder / f"{definition.stem}.json.gz" if folder else None
        try:
            click.echo(record_definition(definition, target))
        except RecordError as reason:
            raise click.ClickException(f"{reason}. Nothing was written.") from None


@click.command()
@click.option("--revision", help="A recorded revision; the newest unless given.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def coverage(revision: str | None, as_json: bool) -> None:  # noqa: FBT001 - click passes flags so
    """Tell, tag by tag, how many operations are recorded, answered, and have behaviour of their own."""
    from mock_klaviyo.resources.reference import OWN, handler
    from mock_klaviyo.spec.counterparts import counterpart
    from mock_klaviyo.spec.coverage import coverage as covered
    from mock_klaviyo.spec.recorded import recording, revisions

    try:
        recorded = recording(revision or revisions()[-1])
    except LookupError as reason:
        raise click.UsageError(str(reason.args[0])) from None
    operations = recorded.operations.items()
    answered = frozenset(name for name, operation in operations if handler(operation))
    own = frozenset(name for name, operation in operations if counterpart(operation).id in OWN)
    found = covered(recorded, answered, own)
    click.echo(json.dumps(found.document(), indent=2) if as_json else found.text())
