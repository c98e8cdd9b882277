"""Where Klaviyo's answers differ from its definition; the recording follows the answers."""

from __future__ import annotations

from collections.abc import Mapping

STATUSES: Mapping[str, Mapping[int, int]] = {
    "merge_profiles": {201: 202},
    "clone_template": {201: 200},
    "render_template": {201: 200},  # unsure: a 200 is on record, but no 201 was looked for
}
"""Published status → status seen live, per operation."""

NULLABLE: Mapping[str, tuple[str, ...]] = {"CollectionLinks": ("next", "prev")}
"""Members that are null on the first and last page although they are published as strings."""
