"""Users' functions as targets: every shape they may give, and every way they may fail."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulator.targets.choosing import target
from simulator.targets.surroundings import Surroundings, TargetError
from simulator.targets.target import Handover, reaction
from simulator.webhook import Signature

FOLDER = Path(__file__).parent / "mappings"
CODE = (FOLDER / "tea.py").read_text().splitlines()


@pytest.fixture
def made(tea):
    def make(name: str, **options):
        surroundings = Surroundings({"tea": tea}, **{"folders": (FOLDER,), **options})
        return target({"python": f"tea:{name}"}, surroundings)

    return make


def sent(happening):
    return [(one.request.method, one.request.path, one.request.body) for one in happening.outgoing]


EVENT = ("POST", "/api/events", {"cups": 2})


@pytest.mark.parametrize(
    ("name", "requests"),
    [
        ("one", [EVENT]),
        ("in_order", [EVENT, ("POST", "/api/tea/cup.sold", {})]),
        ("by_name", [EVENT, ("POST", "/api/profile-import", {"email": "ana@example.org"})]),
        ("later", [EVENT]),
        ("nothing", []),
    ],
)
def test_what_a_function_gives_becomes_requests(made, sold, name, requests, capsys):
    happening = reaction(made(name), sold)

    assert (requests, []) == (sent(happening), happening.faults)
    assert "" == capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "got", "line"),
    [
        ("raises", "KeyError: 'no such key'", 'return payload["no such key"]'),
        ("raises_on_the_way", "RuntimeError: half way", 'raise RuntimeError("half way")'),
        ("exits", "SystemExit: 3", "raise SystemExit(3)"),
        ("text", "str 'hello'", "def text():"),
        ("wrong_method", "str 'FETCH'", "def wrong_method(payload):"),
        ("wrong_path", "NoneType None", "def wrong_path():"),
        ("wrong_body", "str '{}'", "def wrong_body():"),
        ("wrong_item", "int 5", "def wrong_item(payload):"),
    ],
)
def test_what_a_function_does_wrong_is_told_with_its_place(made, sold, name, got, line):
    happening = reaction(made(name), sold)
    (fault,) = happening.faults
    file, _, number = fault.place.rpartition(":")

    assert ([], got) == (sent(happening), fault.got)
    assert (str(FOLDER / "tea.py"), line) == (file, CODE[int(number) - 1].strip())


def test_a_function_may_refuse_what_is_forged_with_an_exception(made, sold):
    happening = reaction(made("refuses_forged"), sold, Handover(signature=Signature.FORGED))

    assert ([], []) == (happening.outgoing, happening.faults)


def test_a_first_sync_is_one_event_with_all_customers(made, sold):
    (found,) = made("import_all").first_sync("tea", [{"email": "ana@example.org"}], sold.occurred_at)

    assert ("/api/profile-bulk-import-jobs", {"profiles": [{"email": "ana@example.org"}]}) == (
        found.request.path,
        found.request.body,
    )
    assert found.event is None


@pytest.mark.parametrize(
    ("name", "options", "words"),
    [
        ("not_a_function", {}, "is no function but int 5"),
        ("missing", {}, "has no attribute 'missing'"),
        ("asks_for_more", {}, f"{FOLDER}/tea.py:68 must take vendor, event, headers, payload"),
        ("one", {"folders": ()}, "--allow-python takes any"),
        ("one", {"folders": (FOLDER.parent / "elsewhere",)}, "is outside of"),
    ],
)
def test_a_function_that_cannot_be_used_is_refused_with_the_remedy(made, name, options, words):
    with pytest.raises(TargetError) as refusal:
        made(name, **options)

    assert words in str(refusal.value)


def test_any_code_may_be_allowed(made, sold):
    assert [EVENT] == sent(reaction(made("one", folders=(), is_python_allowed=True), sold))
