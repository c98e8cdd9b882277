"""Web feeds."""

from __future__ import annotations

from tests.calling import resource
from tests.contract.arranging import Arrangement

ARRANGEMENTS = {
    "create_web_feed": Arrangement(
        lambda scene: resource(
            "web-feed",
            name=f"blog_{scene.name}",
            url="https://shop.example.org/feed.json",
            request_method="get",
            content_type="json",
        )
    ),
    "update_web_feed": Arrangement(lambda scene: resource("web-feed", scene.one("web-feed"), content_type="xml")),
}
