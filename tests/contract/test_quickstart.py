from __future__ import annotations

import runpy
from pathlib import Path

import pytest

from mock_klaviyo.config import Config
from mock_klaviyo.serving import Server

QUICKSTART = Path(__file__).with_name("quickstart.py")


def test_the_readme_s_quick_start_runs_again_and_again(server: Server, monkeypatch, capsys):
    for name, value in Config().environment(server.url).items():
        monkeypatch.setenv(name, value)

    runpy.run_path(str(QUICKSTART))
    runpy.run_path(str(QUICKSTART))

    assert "ana@example.org\nana@example.org\n" == capsys.readouterr().out


def test_the_quick_start_fits_into_the_readme():
    assert len(QUICKSTART.read_text().splitlines()) <= 10


def test_the_quick_start_names_the_variable_that_is_missing(monkeypatch):
    monkeypatch.delenv("MOCK_KLAVIYO_API_KEY", raising=False)

    with pytest.raises(KeyError, match="MOCK_KLAVIYO_API_KEY"):
        runpy.run_path(str(QUICKSTART))
