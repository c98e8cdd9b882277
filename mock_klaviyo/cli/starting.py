"""What may keep a server from starting, as an error that says so."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click

from mock_klaviyo.account_file import AccountFileError


@contextmanager
def failures() -> Iterator[None]:
    """End the program with what kept the server from starting."""
    from mock_klaviyo.proxy.authority import AuthorityError
    from mock_klaviyo.smtp import SmtpAddressError
    from mock_klaviyo.spec.recorded import RecordingsError
    from mock_klaviyo.store.database import StoreError

    try:
        yield
    except OSError as reason:
        raise click.ClickException(reason.strerror or str(reason)) from None
    except (StoreError, RecordingsError, AccountFileError, AuthorityError, SmtpAddressError) as reason:
        raise click.ClickException(str(reason)) from None
