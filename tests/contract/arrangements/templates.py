"""Templates and universal content."""

from __future__ import annotations

from tests.calling import resource
from tests.contract.arranging import Arrangement

BLOCK = {
    "content_type": "block",
    "type": "html",
    "data": {"content": "<p>Hello</p>", "display_options": {"show_on": "all"}},
}

ARRANGEMENTS = {
    "create_template": Arrangement(
        lambda _: resource("template", name="Letter", editor_type="CODE", html="<p>Hello {{ first_name }}</p>")
    ),
    "update_template": Arrangement(lambda scene: resource("template", scene.one("template"), name="Note")),
    "render_template": Arrangement(
        lambda scene: resource("template", scene.one("template"), context={"first_name": "Anna"})
    ),
    "clone_template": Arrangement(lambda scene: resource("template", scene.one("template"), name="Copy")),
    "create_universal_content": Arrangement(
        lambda _: resource("template-universal-content", name="Footer", definition=BLOCK)
    ),
    "update_universal_content": Arrangement(
        lambda scene: resource("template-universal-content", scene.one("template-universal-content"), name="Foot")
    ),
}
