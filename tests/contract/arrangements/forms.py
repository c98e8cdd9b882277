"""Sign-up forms and their versions."""

from __future__ import annotations

from tests.calling import resource
from tests.contract.arranging import Arrangement, Scene


def form(scene: Scene):
    """A form with one step."""
    versions = [{"name": "A", "type": "popup", "steps": [{"name": "Email", "columns": [{"rows": []}]}]}]
    return resource("form", name="Join us", status="draft", ab_test=False, definition={"versions": versions})


def version(scene: Scene) -> str:
    """The only version of the form."""
    return scene.one_of(f"/api/forms/{scene.one('form')}/form-versions")


ARRANGEMENTS = {"create_form": Arrangement(form)}
MAKERS = {"form-version": version}
