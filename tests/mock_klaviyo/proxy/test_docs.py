"""The page on programs in any language: its commands are real, and its example with curl works."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from mock_klaviyo.cli import main
from mock_klaviyo.omnisend.exchange import PATHS
from tests.mock_klaviyo.proxy.test_exec import execute

PAGE = (Path(__file__).parents[3] / "docs/any-language.md").read_text()


def test_its_options_exist():
    known = {option for name in ("exec", "serve") for each in main.commands[name].params for option in each.opts}

    assert set() == set(re.findall(r"`(?:[a-z -]*)(--[a-z-]+)", PAGE)) - known


def test_it_names_every_path_of_omnisend():
    assert set() == {path for path in PATHS if path not in PAGE}


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not on the PATH")
def test_its_example_with_curl_works():
    script = re.search(r"sh -c '(.*)'", PAGE)[1]
    ended = execute("sh", "-c", script, options=["--report"])

    assert (0, True) == (ended.returncode, '"self":"https://a.klaviyo.com/api/lists"' in ended.stdout)
    assert "1, 0 of them rejected" in ended.stderr
