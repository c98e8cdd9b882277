"""`serve --tls`: the same server over HTTPS, with a certificate authority that can be kept."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from contextlib import contextmanager

import pytest
import requests

from mock_klaviyo.proxy.authority import Authority, AuthorityError

HEADERS = {"Authorization": "Klaviyo-API-Key pk_0123456789abcdef0123456789abcdef01", "revision": "2026-07-15"}


@contextmanager
def serving(folder):
    """The port at which a served process speaks HTTPS."""
    options = ["--port", "0", "--tls", "0", "--tls-dir", str(folder)]
    command = [sys.executable, "-m", "mock_klaviyo", "serve", *options]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        yield next(int(found[1]) for line in process.stderr if (found := re.search(r"https://localhost:(\d+)", line)))
        process.send_signal(signal.SIGTERM)
        assert 0 == process.wait(timeout=30)


def test_the_server_speaks_https_and_its_authority_is_kept(tmp_path):
    with serving(tmp_path) as port:
        url = f"https://localhost:{port}/api/lists"
        answer = requests.get(url, headers=HEADERS, verify=str(tmp_path / "ca.pem"), timeout=30)
        kept = (tmp_path / "ca.pem").read_bytes()
        with pytest.raises(requests.exceptions.SSLError):
            requests.get(url, headers=HEADERS, timeout=30)

    assert (200, url) == (answer.status_code, answer.json()["links"]["self"])
    assert kept == Authority(tmp_path).certificate.read_bytes()


def test_a_broken_authority_is_told(tmp_path):
    for name in ("ca.pem", "ca.key"):
        (tmp_path / name).write_text("no certificate")

    with pytest.raises(AuthorityError, match="delete both for a new one"):
        Authority(tmp_path)


def test_the_key_is_for_its_owner_only(tmp_path):
    Authority(tmp_path)

    assert 0o600 == (tmp_path / "ca.key").stat().st_mode & 0o777
