"""Authority: who vouches that this machine is a.klaviyo.com, to those alone who are told to believe it."""

from __future__ import annotations

import ssl
from pathlib import Path

import trustme
from requests.utils import DEFAULT_CA_BUNDLE_PATH

from mock_klaviyo.proxy.hosts import KLAVIYO_HOSTS

LOCAL_NAMES = ("localhost", "127.0.0.1", "::1")
CERTIFICATE, KEY, BUNDLE = "ca.pem", "ca.key", "ca-bundle.pem"
NAME = "mock-klaviyo, for tests on this machine"


class AuthorityError(Exception):
    """The folder does not hold a certificate authority that can be read; says what to do."""


class Authority:
    """A certificate authority in a folder: the one that is kept there, or a new one that is kept there from now on."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.certificate, self._key = folder / CERTIFICATE, folder / KEY
        self.bundle = folder / BUNDLE
        """Our certificate and the well-known ones, for programs that take one file only."""
        self._authority = self._kept() or self._new()
        self.bundle.write_bytes(Path(DEFAULT_CA_BUNDLE_PATH).read_bytes() + b"\n" + self.certificate.read_bytes())

    def _kept(self) -> trustme.CA | None:
        """The authority that the folder holds."""
        if not (self.certificate.exists() and self._key.exists()):
            return None
        try:
            return trustme.CA.from_pem(self.certificate.read_bytes(), self._key.read_bytes())
        except ValueError as reason:
            raise AuthorityError(
                f"{self.certificate} and {self._key} are no certificate authority ({reason}); delete both for a new one"
            ) from None

    def _new(self) -> trustme.CA:
        """A new authority, kept in the folder; only its owner may read the key."""
        made = trustme.CA(organization_name=NAME)
        self._key.touch(mode=0o600)
        made.private_key_pem.write_to_path(self._key)
        made.cert_pem.write_to_path(self.certificate)
        return made

    def context(self) -> ssl.SSLContext:
        """What a server needs to be believed to be Klaviyo, or this machine."""
        found = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._authority.issue_cert(*KLAVIYO_HOSTS, *LOCAL_NAMES).configure_cert(found)
        return found
