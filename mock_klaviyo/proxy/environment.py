"""Environment: the variables by which programs in any language find the proxy and believe its certificate."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from mock_klaviyo.proxy.authority import Authority
from mock_klaviyo.proxy.hosts import KLAVIYO_HOSTS, Address

PRELOADS = Path(__file__).parent / "preloads"
LOOPBACK = "localhost,127.0.0.1,::1"


def trusting(authority: Authority) -> Mapping[str, str]:
    """The variables that make Python, Node, curl, Go, Ruby, PHP and others believe an authority."""
    bundle, certificate = str(authority.bundle), str(authority.certificate)
    files = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "PIP_CERT", "GIT_SSL_CAINFO")
    return {**dict.fromkeys(files, bundle), "NODE_EXTRA_CA_CERTS": certificate}


def proxied(port: int) -> Mapping[str, str]:
    """The variables that make programs go through the proxy, but not to this machine."""
    names = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY")
    url = f"http://127.0.0.1:{port}"
    proxies = {spelling: url for name in names for spelling in (name, name.lower())}
    return {**proxies, "NO_PROXY": LOOPBACK, "no_proxy": LOOPBACK, "NODE_USE_ENV_PROXY": "1"}


def preloaded(secure: int, allowed: Sequence[Address], environ: Mapping[str, str] = os.environ) -> Mapping[str, str]:
    """The variables for what never asks for a proxy: Node's fetch before 22.21, and Python's bare urllib3.

    Small scripts of ours run first there and turn Klaviyo's host into the port that speaks TLS for it.
    """
    node = f'--require "{PRELOADS / "node.cjs"}"'
    python = str(PRELOADS / "python")
    return {
        "MOCK_KLAVIYO_EXEC_HOSTS": ",".join(KLAVIYO_HOSTS),
        "MOCK_KLAVIYO_EXEC_PORT": str(secure),
        "MOCK_KLAVIYO_EXEC_ALLOWED": ",".join(map(str, allowed)),
        "NODE_OPTIONS": " ".join(filter(None, (environ.get("NODE_OPTIONS"), node))),
        "PYTHONPATH": os.pathsep.join(filter(None, (python, environ.get("PYTHONPATH")))),
    }
