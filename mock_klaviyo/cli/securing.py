"""serve --tls: a further port that speaks HTTPS with a certificate for a.klaviyo.com and this machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from mock_klaviyo.cli.starting import failures
from mock_klaviyo.proxy.authority import Authority
from mock_klaviyo.proxy.environment import trusting
from mock_klaviyo.proxy.front import Front

tls_option = click.option(
    "--tls", "tls_port", type=click.IntRange(0, 65535), metavar="PORT",
    help="Speak HTTPS at this port too, as a.klaviyo.com and as localhost; 0 takes a free one.",
)  # fmt: skip
tls_folder_option = click.option(
    "--tls-dir", type=click.Path(file_okay=False, path_type=Path), metavar="DIRECTORY",
    help="Keep the certificate authority here, so that it need be trusted only once.",
)  # fmt: skip


@contextmanager
def secured(to: int, host: str, port: int, folder: Path | None) -> Iterator[int]:
    """The port at which HTTPS is spoken meanwhile for the plain server at another; how to trust it is told."""
    kept = nullcontext(str(folder)) if folder else TemporaryDirectory(prefix="mock-klaviyo-")
    with kept as place, closing(Front()) as front:
        with failures():
            authority = Authority(Path(place).absolute())
            found = front.terminate(authority.context(), to, host, port)
        click.echo(trust(found, authority), err=True)
        yield found


def trust(port: int, authority: Authority) -> str:
    """Where HTTPS is spoken and how clients are told to believe it."""
    lines = {"HTTPS": f"https://localhost:{port}", "CA": str(authority.certificate)}
    told = [f"{name:>12}  {text}" for name, text in lines.items()]
    return "\n".join([*told, *(f"{'':>12}  export {name}={file}" for name, file in trusting(authority).items())])
