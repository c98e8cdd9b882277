"""Every operation of every older revision answers as its own recording says."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mock_klaviyo.config import Config
from mock_klaviyo.klaviyo import Klaviyo
from mock_klaviyo.resources.reference import handler
from mock_klaviyo.spec.recorded import recording
from tests.conftest import START
from tests.contract.arrangements import ARRANGEMENTS
from tests.contract.arranging import OPERATIONS
from tests.mock_klaviyo.revisions.asking import OLDER, asked_in, client_in, operation_in, scene_of

EXISTING = [(revision, name) for name in OPERATIONS for revision in OLDER if operation_in(revision, name)]
READS = sorted({name for _, name in EXISTING if OPERATIONS[name].method == "GET"})
WRITES = [(revision, name) for revision, name in EXISTING if OPERATIONS[name].method != "GET"]


@pytest.fixture(scope="module")
def klaviyo():
    shared = Klaviyo(Config(clock=START))
    yield shared
    shared.close()


@pytest.fixture
def scene(klaviyo):
    """A world in which nothing has happened."""
    klaviyo.reset(START)
    return scene_of(klaviyo)


def answer(klaviyo, scene, revision, asked):
    """The answer in a revision, which its client holds against its recorded schema."""
    older = replace(scene, client=client_in(klaviyo, revision))
    response = older.call(asked_in(revision, asked, older))
    assert response.status < 300, response.document
    assert revision == response.headers["X-Klaviyo-Api-Revision"]
    return response


@pytest.mark.parametrize("name", READS)
def test_what_is_read_is_as_each_revision_has_it(klaviyo, scene, name):
    asked = scene.asked(name)
    for revision in OLDER:
        if operation_in(revision, name):
            data = answer(klaviyo, scene, revision, asked).document["data"]
            assert data or ARRANGEMENTS[name].is_empty, (revision, data)


@pytest.mark.parametrize(("revision", "name"), WRITES)
def test_what_is_written_is_taken_in_each_revision(klaviyo, scene, revision, name):
    answer(klaviyo, scene, revision, scene.asked(name))


@pytest.mark.parametrize("revision", OLDER)
def test_every_operation_of_a_revision_is_answered(revision):
    assert [] == [name for name, operation in recording(revision).operations.items() if handler(operation) is None]
