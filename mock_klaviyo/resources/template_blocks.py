"""The HTML of a drag-and-drop template: plain, an element per block, its conditions and repeats as template tags."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape
from typing import Any

from mock_klaviyo.json import Json

Block = Json


def page(definition: Json) -> str:
    """A whole template as HTML."""
    sections = (definition.get("body") or {}).get("sections") or []
    return f"<!DOCTYPE html>\n<html>\n<body>\n{lines(map(section, sections))}</body>\n</html>\n"


def section(found: Json) -> str:
    """A section: its rows, their columns, their blocks."""
    columns = (column for row in found.get("rows") or [] for column in row.get("columns") or [])
    blocks = (block for column in columns for block in column.get("blocks") or [])
    return shown(found, f"<div>\n{lines(map(element, blocks))}</div>")


def element(block: Block) -> str:
    """A block as an element, shown and repeated as its options say."""
    make = BLOCKS.get(block["type"])
    return shown(block, make(block)) if make else ""


def shown(block: Block, html: str) -> str:
    """HTML within the condition and the repeat of a block; both are template expressions."""
    options = (block.get("data") or {}).get("display_options") or {}
    repeat = options.get("content_repeat")
    check = options.get("visible_check") or (options.get("visibility") or {}).get("check")
    if repeat:
        html = f"{{% for {repeat['item_alias']} in {repeat['repeat_for']} %}}{html}{{% endfor %}}"
    return f"{{% if {check} %}}{html}{{% endif %}}" if check else html


def lines(parts: Any) -> str:
    """Parts, each on a line of its own; empty ones are left out."""
    return "".join(f"{part}\n" for part in parts if part)


def properties(block: Block) -> Json:
    """The properties of a block; those of a part of one stand in the part itself."""
    data = block.get("data")
    return (data.get("properties") or {}) if isinstance(data, dict) else block


def content(block: Block) -> str:
    """The content of a block or of a part of one: HTML that the author wrote."""
    data = block.get("data")
    return str((data if isinstance(data, dict) else block).get("content") or "")


def text(block: Block) -> str:
    """A text block."""
    return f"<div>{content(block)}</div>"


def link(block: Block) -> str:
    """A button, or a link in a header."""
    return f'<a href="{attribute(properties(block).get("href"))}">{content(block)}</a>'


def image(block: Block) -> str:
    """An image, perhaps one that leads somewhere."""
    found = properties(block)
    html = f'<img src="{attribute(found.get("src"))}" alt="{attribute(found.get("alt_text"))}">'
    return f'<a href="{attribute(found["href"])}">{html}</a>' if found.get("href") else html


def rule(_block: Block) -> str:
    """A line."""
    return "<hr>"


def space(_block: Block) -> str:
    """Empty space."""
    return "<br>"


def coupon(block: Block) -> str:
    """A coupon's code."""
    name = properties(block).get("coupon") or properties(block).get("coupon_id")
    return f"<div>{{% coupon_code '{name}' %}}</div>" if name and "'" not in name else ""


def social(part: Block) -> str:
    """A link to a social network."""
    return f'<a href="{attribute(part.get("link_url"))}">{attribute(part.get("label") or part.get("link_type"))}</a>'


def product(part: Block) -> str:
    """A product."""
    name = attribute(part.get("title") or part.get("name"))
    return f'<a href="{attribute(part.get("url") or part.get("link"))}">{name} {attribute(part.get("price"))}</a>'


def parts(block: Block) -> str:
    """A block made of parts."""
    known = [part for part in block.get("subblocks") or [] if part["type"] in PARTS]
    return f"<div>\n{lines(PARTS[part['type']](part) for part in known)}</div>"


def attribute(value: Any) -> str:
    """A text within an attribute; template tags in it stay as they are."""
    return escape(str(value or ""), quote=False).replace('"', "&quot;")


BLOCKS: Mapping[str, Callable[[Block], str]] = {
    "text": text,
    "html": content,
    "button": link,
    "image": image,
    "video": image,
    "horizontal_rule": rule,
    "drop_shadow": rule,
    "spacer": space,
    "coupon": coupon,
    "header": parts,
    "social": parts,
    "split": parts,
    "table": parts,
    "product": parts,
}
"""How each type of block is written; reviews have no content of their own."""

PARTS: Mapping[str, Callable[[Block], str]] = {
    "header_link_bar_button": link,
    "header_link_bar_image": image,
    "header_link_bar_logo": image,
    "product": product,
    "social_link_icon": social,
    "table_text": text,
    "table_image": image,
    "table_html": content,
    "table_header": text,
}
"""How each type of part of a block is written; what only stands in for a missing image or text is not."""
