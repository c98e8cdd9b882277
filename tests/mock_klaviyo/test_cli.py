"""The command `mock-klaviyo`."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import requests
from click.testing import CliRunner

from mock_klaviyo import __version__
from mock_klaviyo.cli import main
from mock_klaviyo.config import PRIVATE_KEY

ROOT = Path(__file__).parents[2]
DEFINITION = Path(__file__).parent / "spec" / "definition.json"


def run(*arguments, **environment):
    return CliRunner().invoke(main, list(map(str, arguments)), env=environment)


def test_the_version_is_told():
    assert f"mock-klaviyo, version {__version__}" == run("--version").output.strip()


@pytest.mark.parametrize("command", ["demo", "serve", "env", "healthcheck", "record", "coverage"])
def test_every_command_has_help(command):
    assert 0 == run(command, "--help").exit_code


# env


def test_the_variables_of_a_client_are_printed():
    lines = dict(line.split("=") for line in run("env").output.splitlines())

    assert "http://127.0.0.1:4747" == lines["MOCK_KLAVIYO_URL"]
    assert "MOCK01" == lines["KLAVIYO_COMPANY_ID"]


def test_variables_are_printed_as_shell_commands_or_json():
    assert all(line.startswith("export ") for line in run("env", "--export").output.splitlines())
    assert "pk_1" == json.loads(run("env", "--json", "--key", "pk_1:profiles:read").output)["KLAVIYO_API_KEY"]


def test_options_are_read_from_the_environment():
    found = json.loads(run("env", "--json", MOCK_KLAVIYO_PORT="5000", MOCK_KLAVIYO_KEY="pk_2").output)

    assert ("http://127.0.0.1:5000", "pk_2") == (found["MOCK_KLAVIYO_URL"], found["MOCK_KLAVIYO_API_KEY"])


# healthcheck


def test_a_server_that_answers_is_well(server):
    result = run("healthcheck", "--port", server.port)

    assert (0, "ok\n") == (result.exit_code, result.output)


def test_a_server_that_does_not_answer_is_exit_code_4():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        result = run("healthcheck", "--port", listener.getsockname()[1])

    assert (4, True) == (result.exit_code, "does not answer" in result.output)


# record and coverage


def test_a_definition_is_recorded_into_a_folder(tmp_path):
    result = run("record", DEFINITION, "--to", tmp_path)

    assert 0 == result.exit_code, result.output
    assert [tmp_path / "definition.json.gz"] == list(tmp_path.iterdir())


def test_what_is_no_definition_is_refused_and_nothing_is_written(tmp_path):
    (tmp_path / "x.json").write_text("{}")
    (tmp_path / "to").mkdir()
    result = run("record", tmp_path / "x.json", "--to", tmp_path / "to")

    assert (1, []) == (result.exit_code, list((tmp_path / "to").iterdir()))
    assert "Nothing was written." in result.output


def test_coverage_is_told_as_a_table_and_as_json():
    assert "Profiles" in run("coverage").output
    assert json.loads(run("coverage", "--json").output)


def test_operations_count_as_answered_whatever_they_were_called():
    total = json.loads(run("coverage", "--revision", "2024-10-15", "--json").output)["total"]

    assert (261, 261) == (total["recorded"], total["answered"])


def test_a_beta_is_recorded_into_a_folder_only(tmp_path):
    definition = json.loads(DEFINITION.read_text())
    definition["info"]["version"] = "2026-07-15.pre"
    (tmp_path / "beta.json").write_text(json.dumps(definition))
    result = run("record", tmp_path / "beta.json")

    assert 1 == result.exit_code
    assert "--to" in result.output


def test_coverage_of_a_revision_that_nobody_recorded_is_wrong_usage():
    assert 2 == run("coverage", "--revision", "2020-01-01").exit_code


# serve


@pytest.mark.parametrize(
    "arguments",
    [
        ("--port", "70000"),
        ("--clock", "noon"),
        ("--clock", "9999-12-31"),
        ("--clock", "0001-01-01T00:00:00+10:00"),
        ("--rate-limits", "some"),
        ("--journal", "0"),
        ("--data", "."),
        ("--allow-host", "https://shop.example.org/"),
        ("--link-base", "shop.example.org"),
        ("--link-base", "https://shop.example.org/?a=b"),
    ],
)
def test_wrong_options_are_explained(arguments):
    result = run("serve", *arguments)

    assert 2 == result.exit_code, result.output
    assert "Traceback" not in result.output


def test_an_option_that_exec_does_not_have_is_no_command():
    result = run("exec", "--bogus", "--", "true")

    assert (2, True) == (result.exit_code, "No such option '--bogus'" in result.output), result.output


def test_a_data_file_that_cannot_be_used_is_explained(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("garbage " * 1000)
    result = run("serve", "--port", "0", "--data", path)

    assert (1, True) == (result.exit_code, "cannot be used as a store: file is not a database" in result.output)


def test_a_port_that_is_taken_is_explained():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        result = run("serve", "--port", listener.getsockname()[1])

    assert (1, True) == (result.exit_code, "in use" in result.output)


def test_a_served_process_takes_its_options_from_the_environment_and_ends_in_good_order(tmp_path):
    environment = {
        "MOCK_KLAVIYO_PORT": "0",
        "MOCK_KLAVIYO_KEY": "pk_1 pk_2:profiles:read",
        "MOCK_KLAVIYO_DATA": str(tmp_path / "shop.sqlite"),
        "MOCK_KLAVIYO_CLOCK": "2026-03-01T08:00:00Z",
        "MOCK_KLAVIYO_RATE_LIMITS": "real",
        "MOCK_KLAVIYO_PUBLIC_KEY": "SHOP01",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "mock_klaviyo", "serve", "--print-url"],
        cwd=ROOT,
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    url = process.stdout.readline().strip()
    config = requests.get(f"{url}/__mock/config", timeout=10).json()
    clock = requests.get(f"{url}/__mock/clock", timeout=10).json()
    account = requests.get(f"{url}/api/accounts", headers={"authorization": "Bearer pk_1"}, timeout=10)
    process.send_signal(signal.SIGTERM)
    output, banner = process.communicate(timeout=20)

    assert ("pk_1", "SHOP01", "real") == (config["private_key"], config["public_key"], config["rate_limits"])
    assert ("frozen", "2026-03-01T08:00:00+00:00") == (clock["mode"], clock["now"])
    assert (200, "SHOP01") == (account.status_code, account.headers["Cid"])
    assert (tmp_path / "shop.sqlite").exists()
    assert (0, "", True) == (process.returncode, output, url in banner)
    assert "Traceback" not in banner


# clock


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ((), "2026-01-01T00:00:00+00:00  frozen"),
        (("set", "2026-03-01T08:00:00Z"), "2026-03-01T08:00:00+00:00  frozen"),
        (("advance", "3d"), "2026-01-04T00:00:00+00:00  frozen"),
        (("idle",), "2026-01-01T00:00:00+00:00  frozen"),
        (("due",), ""),
        (("next",), "Error: nothing is due within 366 days"),
        (("next-message", "nobody"), "Error: there is no profile 'nobody'; name it by id, email, phone number"),
    ],
)
def test_the_clock_is_shown_and_moved(server, words, line):
    requests.post(f"{server.url}/__mock/reset", json={"clock": "2026-01-01T00:00:00Z"}, timeout=5)

    assert run("clock", "--url", server.url, *words).output.startswith(line)


def test_a_clock_that_nobody_has_is_said():
    assert 4 == run("clock", "--url", "http://127.0.0.1:9").exit_code


# flows


@pytest.fixture
def flow_file(tmp_path):
    """A flow in a file, with the name of its metric in place of an id."""
    email = {"from_email": "shop@example.org", "subject_line": "{{ event.points }} points"}
    action = {"temporary_id": "e", "type": "send-email", "links": {"next": None}, "data": {"message": email}}
    triggers = [{"type": "metric", "id": "METRIC:Points Expiring"}]
    definition = {"triggers": triggers, "actions": [action], "entry_action_id": "e"}
    file = tmp_path / "flow.json"
    file.write_text(json.dumps({"data": {"type": "flow", "attributes": {"name": "Soon", "definition": definition}}}))
    return file


def test_a_flow_in_a_file_is_tried_without_a_server(flow_file):
    result = run("flow", "preview", flow_file, "--event", '{"properties": {"points": 320}}')

    assert 0 == result.exit_code, result.output
    assert "send-email           sent" in result.output
    assert result.output.strip().endswith("320 points")


def test_a_flow_in_a_file_is_checked_without_a_server(flow_file, tmp_path):
    contracts = tmp_path / "contracts.json"
    contracts.write_text('{"metrics": {"Points Expiring": {"properties": {"amount": {}}}}}')
    result = run("flow", "lint", flow_file, "--contracts", contracts)

    assert 0 == result.exit_code, result.output  # warnings alone are no failure
    assert "event.points prints nothing" in result.output


def test_a_flow_goes_from_server_to_file_and_back(server, flow_file, tmp_path):
    requests.post(f"{server.url}/__mock/reset", timeout=5)
    loaded = run("flow", "load", flow_file, "--url", server.url, "--json")
    saved = run("flow", "save", json.loads(loaded.output)[0]["id"], tmp_path / "saved.json", "--url", server.url)
    again = run("flow", "load", tmp_path / "saved.json", "--url", server.url)

    assert (0, 0, 0) == (loaded.exit_code, saved.exit_code, again.exit_code), again.output
    assert "saved.json: Soon, 1 metrics" in saved.output
    assert "found      metric    Points Expiring" in again.output


def test_a_flow_that_names_what_is_not_there_exits_with_1(server, flow_file):
    flow_file.write_text(flow_file.read_text().replace('"from_email"', '"template_id": "TPL:Lost", "from_email"'))
    result = run("flow", "load", flow_file, "--url", server.url)

    assert (1, True) == (result.exit_code, "unresolved template  Lost" in result.output), result.output


def test_flows_are_listed_with_their_numbers_and_shown_run_by_run(server, flow_file):
    requests.post(f"{server.url}/__mock/reset", json={"clock": "2026-03-01T08:00:00Z"}, timeout=5)
    assert "there are no flows yet" in run("flow", "list", "--url", server.url).output
    run("flow", "load", flow_file, "--url", server.url, "--status", "live")
    profile = {"data": {"type": "profile", "attributes": {"email": "ana@shop.org"}}}
    metric = {"data": {"type": "metric", "attributes": {"name": "Points Expiring"}}}
    attributes = {"properties": {"points": 320}, "metric": metric, "profile": profile}
    key = {"authorization": f"Klaviyo-API-Key {PRIVATE_KEY}", "revision": "2026-07-15"}
    event = {"data": {"type": "event", "attributes": attributes}}
    assert 202 == requests.post(f"{server.url}/api/events", json=event, headers=key, timeout=5).status_code
    listed, shown = run("flow", "list", "--url", server.url), run("flow", "runs", "Soon", "--url", server.url)
    nobody = run("flow", "runs", "Soon", "--status", "waiting", "--url", server.url)
    unknown = run("flow", "runs", "Later", "--url", server.url)

    assert "live    Soon    0 waiting,   1 done,   0 refused" in listed.output
    assert "ana@shop.org\n  2026-03-01T08:00:00+00:00  begins\n" in shown.output
    assert shown.output.endswith("ends: Completed\n")
    assert "nobody came\n" == nobody.output
    assert (1, True) == (unknown.exit_code, "no flow 'Later'; there are: Soon" in unknown.output)


@pytest.mark.parametrize("text", ["no json", "{}"])
def test_a_file_without_a_flow_is_refused(flow_file, text):
    flow_file.write_text(text)

    assert 0 < run("flow", "preview", flow_file).exit_code < 3
    assert "Error" in run("flow", "lint", flow_file).output


def test_a_taken_port_is_named(server):
    result = run("serve", "--port", server.port)

    assert (1, True) == (result.exit_code, f"127.0.0.1 port {server.port}; another --port" in result.output)


@pytest.mark.parametrize("token", ["", " ", "é", "a\tb"])
def test_a_lock_that_nobody_could_open_is_refused(token):
    result = run("serve", "--lock", token)

    assert (2, True) == (result.exit_code, "is not a token" in result.output)
