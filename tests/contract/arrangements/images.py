"""Images, from a URL and from a file."""

from __future__ import annotations

from base64 import b64decode

from tests.calling import resource
from tests.contract.arranging import Arrangement, Upload

DOT = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

ARRANGEMENTS = {
    "upload_image_from_url": Arrangement(
        lambda _: resource("image", import_from_url=f"data:image/png;base64,{DOT}", name="dot")
    ),
    "upload_image_from_file": Arrangement(lambda _: Upload(b64decode(DOT), {"name": "dot", "hidden": "true"})),
    "update_image": Arrangement(lambda scene: resource("image", scene.one("image"), name="point", hidden=False)),
}
