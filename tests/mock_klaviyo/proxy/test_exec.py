"""`mock-klaviyo exec`: programs that call https://a.klaviyo.com, unchanged, in Python, Node and curl."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
PROGRAMS = sorted(file for file in (HERE / "programs").iterdir() if file.is_file())
RUNNERS = {".py": (sys.executable,), ".mjs": ("node",), ".sh": ("sh",)}
NEEDED = {".py": "sh", ".mjs": "node", ".sh": "curl"}
LOOPBACK = {"127.0.0.1", "localhost", "::1", "None"}
OWN_PROXIES = dict.fromkeys(("HTTPS_PROXY", "https_proxy", "NODE_OPTIONS", "NODE_EXTRA_CA_CERTS"), "")

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the programs are run by a POSIX shell")


def execute(*command, options=(), **environment):
    """How a command ends that runs under `mock-klaviyo exec`."""
    whole = [sys.executable, "-m", "mock_klaviyo", "exec", *options, "--", *map(str, command)]
    return subprocess.run(
        whole, env=os.environ | OWN_PROXIES | environment, capture_output=True, text=True, timeout=120, check=False
    )


def python(code, *options, **environment):
    """How a line of Python ends under `mock-klaviyo exec`."""
    return execute(sys.executable, "-c", code, options=options, **environment)


@pytest.fixture
def watched(tmp_path):
    """The environment in which every address that is looked up or connected to is written into a file."""
    watching = HERE / "watching"
    file = tmp_path / "addresses"
    file.touch()
    variables = {
        "WATCHED_TO": str(file),
        "PYTHONPATH": str(watching),
        "NODE_OPTIONS": f"--require {watching}/watch.cjs",
    }
    return variables, file


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
def test_a_program_is_answered_here_and_nothing_but_this_machine_is_contacted(program, watched):
    if shutil.which(NEEDED[program.suffix]) is None:
        pytest.skip(f"{NEEDED[program.suffix]} is not on the PATH")
    variables, file = watched

    ended = execute(*RUNNERS[program.suffix], program, options=["--report"], **variables)

    assert (0, "https://a.klaviyo.com/api/profiles") == (ended.returncode, ended.stdout.strip()), ended.stderr
    assert "0 of them rejected" in ended.stderr
    contacted = set(file.read_text().split())
    assert "127.0.0.1" in contacted
    assert set() == contacted - LOOPBACK


REFUSED = {
    "through the proxy": "import requests; requests.get('https://shop.example/', timeout=9)",
    "past the proxy": "import urllib3; urllib3.PoolManager(retries=False).request('GET', 'https://shop.example/')",
    "plain http": "import requests; print(requests.get('http://shop.example/', timeout=9).text); raise SystemExit(1)",
}


@pytest.mark.parametrize("code", REFUSED.values(), ids=REFUSED)
def test_other_hosts_are_refused(code, watched):
    variables, file = watched

    ended = python(code, "--report", **variables)

    assert 1 == ended.returncode
    assert (
        "403" in ended.stderr
        or "--allow-host shop.example:443" in ended.stderr
        or "shop.example:80 (1)" in ended.stderr
    )
    assert "shop.example" not in set(file.read_text().split())


def test_an_allowed_host_is_asked_for(watched):
    variables, file = watched

    ended = python(REFUSED["through the proxy"], "--allow-host", "shop.invalid", "--report", **variables)
    asked = python(
        REFUSED["through the proxy"].replace(".example", ".invalid"), "--allow-host", "shop.invalid", **variables
    )

    assert (1, 1) == (ended.returncode, asked.returncode)
    assert "403" in ended.stderr
    assert "502" in asked.stderr  # the proxy looked it up, and there is no such host
    assert "shop.invalid" in file.read_text()


@pytest.mark.parametrize(("code", "status"), [("raise SystemExit(7)", 7), ("import os; os.kill(os.getpid(), 9)", 137)])
def test_the_exit_code_is_the_programs(code, status):
    assert status == python(code).returncode


def test_a_program_that_is_not_there_is_exit_code_127():
    ended = execute("no-such-program")

    assert (127, True) == (ended.returncode, "no-such-program: No such file" in ended.stderr)


def test_signals_are_passed_on():
    code = "import signal; signal.signal(15, lambda *_: exit(3)); print('ready', flush=True); signal.pause()"
    command = [sys.executable, "-m", "mock_klaviyo", "exec", "--", sys.executable, "-c", code]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        assert "ready\n" == running.stdout.readline()
        running.send_signal(signal.SIGTERM)

        assert 3 == running.wait(timeout=30)


def test_a_named_key_is_the_only_one():
    code = (
        (HERE / "programs" / "with_requests.py")
        .read_text()
        .replace('print(answer.json()["links"]["self"])', "print(answer.status_code)")
    )

    assert "401\n" == python(code, "--key", "pk_other").stdout
    assert "200\n" == python(code, "--key", "pk_mine").stdout


def test_a_server_that_runs_is_used(server):
    code = (
        (HERE / "programs" / "official_sdk.py")
        .read_text()
        .replace("pk_the_programs_own", "pk_0123456789abcdef0123456789abcdef01")
    )

    ended = python(code, "--url", server.url, "--report")

    assert "https://a.klaviyo.com/api/profiles\n" == ended.stdout
    assert "1 stored, 0 dropped" in ended.stderr


def test_a_server_that_does_not_run_is_exit_code_4():
    ended = python("pass", "--url", "http://127.0.0.1:9")

    assert 4 == ended.returncode
    assert "http://127.0.0.1:9 does not answer: nothing listens there" in ended.stderr
    assert "`mock-klaviyo serve`" in ended.stderr


def test_a_host_that_is_none_is_refused():
    ended = python("pass", "--allow-host", "shop.example:http")

    assert (2, True) == (ended.returncode, "'shop.example:http' is not HOST or HOST:PORT" in ended.stderr)
