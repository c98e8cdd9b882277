"""serve: the server, until it is interrupted."""

from __future__ import annotations

import gc
import signal
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from mock_klaviyo.account_file import configs
from mock_klaviyo.cli.options import (
    Duration,
    HostName,
    Moment,
    Token,
    WebAddress,
    account_option,
    accounts_option,
    host_option,
    key_option,
    port_option,
)
from mock_klaviyo.cli.securing import secured, tls_folder_option, tls_option
from mock_klaviyo.cli.starting import failures
from mock_klaviyo.config import DEFAULT_JOURNAL, DEFAULT_WORLDS, Account, App, Config, Key, RateLimits

if TYPE_CHECKING:
    from mock_klaviyo.serving import Server

SWITCH_INTERVAL = 0.0005
"""How often threads take turns; with one answering thread this makes reads four times as fast as the default."""


@click.command(
    context_settings={"auto_envvar_prefix": "MOCK_KLAVIYO"},
    epilog="Each option is also read from MOCK_KLAVIYO_ and its name, such as MOCK_KLAVIYO_RATE_LIMITS=real.",
)
@host_option
@port_option
@key_option
@account_option
@click.option("--app", "apps", multiple=True, metavar="ID:SECRET[,uri...]",
              help="An OAuth app, perhaps with the only redirect URIs it may use; repeat it for several.")  # fmt: skip
@click.option("--legacy", is_flag=True, help="Let /api/track and /api/identify work as before they were retired.")
@click.option("--any-key", is_flag=True, help="Take every key, private and public.")
@click.option("--data", type=click.Path(dir_okay=False, path_type=Path), help="Keep everything in this SQLite file.")
@click.option("--clock", type=Moment(), help="Hold the clock at this time instead of following the wall clock.")
@click.option("--seed", type=int, default=0, show_default=True, help="The seed of all ids.")
@click.option(
    "--rate-limits", type=click.Choice([each.value for each in RateLimits]), default=RateLimits.OFF.value,
    show_default=True, help="Whether the recorded rate limits hold.",
)  # fmt: skip
@click.option(
    "--without-revision", type=click.Choice(["newest", "refuse"]), default="newest", show_default=True,
    help="What a request without a revision header gets.",
)  # fmt: skip
@click.option(
    "--opt-in", type=click.Choice(["double_opt_in", "single_opt_in"]), default="double_opt_in", show_default=True,
    help="The account's opt-in process, for consent without a list.",
)  # fmt: skip
@click.option("--baseline", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="Begin with what this data file holds, and go back to it at every reset.")  # fmt: skip
@click.option("--processing-delay", type=Duration(), default="0s", show_default=True,
              help="How long accepted events wait before they can be read, such as 30s or 5m.")  # fmt: skip
@click.option("--job-delay", type=Duration(), default="0s", show_default=True,
              help="How long bulk jobs take, such as 30s: half of it queued, half of it processing.")  # fmt: skip
@click.option("--late-limit", type=Duration(), default="6h", show_default=True,
              help="How late an event may come and still start a flow.")  # fmt: skip
@click.option("--keep-placeholders", is_flag=True, help="Keep events for @example.com, which Klaviyo drops.")
@click.option(
    "--allow-host", multiple=True, type=HostName(), metavar="HOST",
    help="A host beside this machine that webhooks and image URLs may lead to; repeat it for several.",
)  # fmt: skip
@click.option("--smtp", metavar="HOST:PORT",
              help="Also hand each email to this SMTP server, such as Mailpit's localhost:1025.")  # fmt: skip
@click.option("--link-base", metavar="URL", type=WebAddress(),
              help="What links in messages begin with, instead of the URL at which the server is called.")  # fmt: skip
@click.option("--webhooks-need-plan", is_flag=True, help="Refuse webhooks to private keys, as without Advanced KDP.")
@click.option("--journal", type=click.IntRange(1), default=DEFAULT_JOURNAL, show_default=True,
              help="How many requests /__mock/requests shows; counts are exact anyway.")  # fmt: skip
@click.option("--recordings", type=click.Path(exists=True, file_okay=False, path_type=Path), metavar="DIRECTORY",
              help="Serve the recordings in this folder beside the shipped ones, such as one of a beta.")  # fmt: skip
@click.option("--history", is_flag=True, help="Let /__mock/at/N/... show how things were just after event N.")
@click.option("--worlds", type=click.IntRange(0), default=DEFAULT_WORLDS, show_default=True,
              help="How many worlds there may be at once; each takes about 1 MB and what it holds.")  # fmt: skip
@click.option("--lock", metavar="TOKEN", type=Token(),
              help="Let only who sends this as X-Mock-Token use the control routes.")  # fmt: skip
@click.option("--control-port", type=click.IntRange(0, 65535),
              help="Answer the control routes, and nothing else, at this port too; 0 takes a free one.")  # fmt: skip
@tls_option
@tls_folder_option
@accounts_option
@click.option("--print-url", is_flag=True, help="Print the URL as the only line on standard output.")
def serve(
    host: str,
    port: int,
    control_port: int | None,
    tls_port: int | None,
    tls_dir: Path | None,
    account_file: Path | None,
    print_url: bool,  # noqa: FBT001 - click passes flags so
    **settings: Any,
) -> None:
    """Run the server until it is interrupted.

    \b
    Examples:
      mock-klaviyo serve
      mock-klaviyo serve --port 0 --print-url
      mock-klaviyo serve --tls 4743 --tls-dir ~/.mock-klaviyo
      mock-klaviyo serve --data shop.sqlite --key pk_mine --key pk_readonly:profiles:read
    """
    from mock_klaviyo.app import create_app
    from mock_klaviyo.serving import Server

    if tls_dir is not None and tls_port is None:
        raise click.UsageError("--tls-dir needs --tls PORT")
    with failures():
        accounts = configs(configured(**settings), account_file)
        app = create_app(*accounts)
        server = Server(app, host, port, control_port=control_port)
    if print_url:
        click.echo(server.url)
    banner(server, accounts)
    signal.signal(signal.SIGTERM, interrupt)
    tune()
    secure = nullcontext() if tls_port is None else secured(server.port, host, tls_port, tls_dir)
    with secure as app.extensions["tls port"]:
        server.run()


def tune() -> None:
    """Let the interpreter serve fast: threads take turns quickly, and what stays is not looked through for garbage."""
    sys.setswitchinterval(SWITCH_INTERVAL)
    gc.collect()
    gc.freeze()  # recordings and schemas stay; without them in the way answers take an eighth less time


def configured(
    keys: tuple[str, ...],
    public_key: str,
    any_key: bool,  # noqa: FBT001 - click passes flags so
    data: Path | None,
    clock: datetime | None,
    seed: int,
    rate_limits: str,
    without_revision: Any,
    opt_in: str,
    keep_placeholders: bool,  # noqa: FBT001
    journal: int,
    baseline: Path | None,
    processing_delay: timedelta,
    late_limit: timedelta,
    job_delay: timedelta,
    recordings: Path | None,
    allow_host: tuple[str, ...] = (),
    webhooks_need_plan: bool = False,  # noqa: FBT001, FBT002
    apps: tuple[str, ...] = (),
    legacy: bool = False,  # noqa: FBT001, FBT002
    worlds: int = DEFAULT_WORLDS,
    history: bool = False,  # noqa: FBT001, FBT002
    smtp: str | None = None,
    link_base: str | None = None,
    lock: str | None = None,
) -> Config:
    """The configuration that the options of `serve` describe."""
    return Config(
        keys=tuple(map(Key.read, keys)),
        takes_any_key=any_key,
        data=data,
        seed=seed,
        clock=clock,
        rate_limits=RateLimits(rate_limits),
        without_revision=without_revision,
        drops_placeholder_domains=not keep_placeholders,
        journal_size=journal,
        baseline=baseline,
        processing_delay=processing_delay,
        late_limit=late_limit,
        job_delay=job_delay,
        recordings=recordings,
        allowed_hosts=frozenset(allow_host),
        webhooks_need_plan=webhooks_need_plan,
        smtp=smtp,
        link_base=link_base,
        lock=lock,
        is_legacy=legacy,
        most_worlds=worlds,
        keeps_history=history,
        apps=tuple(map(App.read, apps)) or Config.apps,
        account=Account(id=public_key, opt_in_process=opt_in),
    )


def banner(server: Server, accounts: Sequence[Config]) -> None:
    """Tell, on standard error, where the server is and how to use it."""
    store = accounts[0].data or "memory (use --data FILE to keep it)"
    lines = {
        "Klaviyo": server.url,
        "private key": ", ".join(key.key for config in accounts for key in config.keys),
        "public key": ", ".join(config.account.id for config in accounts),
        "store": store,
        "control": f"{server.control_url}/__mock/  (POST reset, GET requests, rejected, events, profiles, clock)",
    }
    click.echo("\n".join(f"{name:>12}  {text}" for name, text in lines.items()), err=True)


def interrupt(_signal: int, _frame: Any) -> NoReturn:
    """Stop in good order when the process is told to end."""
    raise SystemExit(0)
