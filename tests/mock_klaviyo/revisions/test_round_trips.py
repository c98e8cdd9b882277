"""The life of a resource of each type in each revision: create, read, list, update, relate, delete, 404."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mock_klaviyo.config import Config
from mock_klaviyo.jsonapi.document import plural
from mock_klaviyo.klaviyo import Klaviyo
from mock_klaviyo.resources.reference import RESOURCES
from mock_klaviyo.spec.operation import Form
from mock_klaviyo.spec.recorded import recording, revisions
from tests.calling import REVISION
from tests.conftest import START
from tests.contract.arranging import OPERATIONS
from tests.mock_klaviyo.revisions.asking import asked_in, client_in, scene_of


def is_made_and_read(revision, type):
    """Whether a revision creates resources of a type, answers with them, and reads them."""
    routes = recording(revision)
    made, read = routes.route("POST", f"/api/{plural(type)}"), routes.route("GET", f"/api/{plural(type)}/1")
    return bool(made and read and made[0].responses[made[0].success])


CASES = [(revision, type) for revision in revisions() for type in RESOURCES if is_made_and_read(revision, type)]


class Life:
    """A resource in a world of its own, to which everything is done in one revision."""

    def __init__(self, klaviyo, revision, type):
        self.revision, self.type = revision, type
        self.path = f"/api/{plural(type)}"
        self.scene = scene_of(klaviyo)
        if type != "profile":  # others come to it by the same address
            self.scene.one("profile")
        self.older = replace(self.scene, client=client_in(klaviyo, revision))

    def operation(self, method, path):
        """The revision's operation, if it has it."""
        found = recording(self.revision).route(method, path)
        return found and found[0]

    def asked(self, method, path):
        """A call that is about to succeed."""
        newest, _ = recording(REVISION).route(method, path)
        return asked_in(self.revision, self.scene.asked(newest.id), self.scene)

    def done(self, asked):
        """The document of the answer to a call that must succeed."""
        response = self.older.call(asked)
        assert response.status < 300, response.document
        return response.document

    def create(self):
        self.scene.made[self.type] = self.done(self.asked("POST", self.path))["data"]["id"]
        return self.scene.made[self.type]

    def read(self):
        return self.done(self.asked("GET", f"{self.path}/{{id}}"))["data"]

    def ids(self, asked, **query):
        return [each["id"] for each in self.done(replace(asked, query=asked.query | query))["data"]]


@pytest.fixture(scope="module")
def klaviyo():
    shared = Klaviyo(Config(clock=START))
    yield shared
    shared.close()


@pytest.fixture
def life(klaviyo, revision, type):
    klaviyo.reset(START)
    return Life(klaviyo, revision, type)


@pytest.mark.parametrize(("revision", "type"), CASES)
def test_a_resource_lives_in_each_revision(life):
    id = life.create()

    assert (life.type, id) == (life.read()["type"], id)
    is_listed(life, id)
    is_updated(life)
    is_related(life)
    is_deleted(life)


def is_listed(life, id):
    """The resource is in the list, in each order, and by each filter that its attributes allow."""
    operation = life.operation("GET", life.path)
    if operation is None:
        return
    asked, attributes = life.asked("GET", life.path), life.read()["attributes"]
    assert id in life.ids(asked)
    for sort in operation.sort:
        assert id in life.ids(asked, sort=sort), sort
    for field, allowed in operation.filters.items():
        value = attributes.get(field)
        if "equals" in allowed.operators and isinstance(value, str | bool) and "filter" not in asked.query:
            assert id in life.ids(asked, filter=f"equals({field},{literal(value)})"), field


def literal(value):
    return str(value).lower() if isinstance(value, bool) else f'"{value}"'


def is_updated(life):
    """The texts that the body gives are shown afterwards."""
    path = f"{life.path}/{{id}}"
    if life.operation("PATCH", path) is None:
        return
    asked = life.asked("PATCH", path)
    life.done(asked)
    shown = life.read()["attributes"]
    given = asked.body["data"].get("attributes", {}).items()
    texts = {name: value for name, value in given if isinstance(value, str) and name in shown}
    assert texts == {name: shown[name] for name in texts}


def is_related(life):
    """What is added to a relationship is in it, until it is removed."""
    paths = [each.path for each in OPERATIONS.values() if each.form is Form.ADD_RELATED]
    for path in paths:
        if not path.startswith(f"{life.path}/") or life.operation("POST", path) is None:
            continue
        asked = life.asked("POST", path)
        life.done(asked)
        (other,) = asked.body["data"]
        assert is_within(other["id"], life.older.client.ids(asked.path))
        removal = life.operation("DELETE", path)
        if removal and other.keys() == {"type", "id"}:  # to part custom objects needs more than an id
            life.done(replace(asked, operation=removal))
            assert not is_within(other["id"], life.older.client.ids(asked.path))


def is_within(id, ids):
    """Whether an id is among others, or a part of them: relationships of custom objects have composite ones."""
    return any(id in each for each in ids)


def is_deleted(life):
    """What is deleted is not found."""
    path = f"{life.path}/{{id}}"
    if life.operation("DELETE", path) is not None:
        asked = life.asked("DELETE", path)
        life.done(asked)
        assert 404 == life.older.client.call("GET", asked.path).status
