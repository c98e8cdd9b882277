"""Message reading: what stands in a message: its links, its codes, its text without HTML; and how it arrives."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

from mock_klaviyo.json import Json
from mock_klaviyo.resources.message_links import HREF, URL, page_url
from mock_klaviyo.resources.world import World
from mock_klaviyo.store.rows import Row

UNSEEN = re.compile(r"<(script|style|head)\b.*?</\1\s*>|<!--.*?-->|<[^>]*>", re.IGNORECASE | re.DOTALL)
OWN_PAGE = re.compile(r"/__mock/links/[^/]+/[^/]+/(\w+)")
ONE_TIME_CODE = re.compile(r"(?<![\w.,:$€£/+-])(?=[A-Z]*\d)[A-Z0-9]{4,8}(?![\w%]|[.,:/-]\d)")
"""Four to eight digits and capitals, a digit among them, that are no part of a price, a date or an address."""

NEAR = 80
SPOKEN_OF = re.compile(r"\b(code|passcode|pin|otp|verif\w*|einmal\w*|one[- ]time)\b", re.IGNORECASE)


def links(world: World, message: Row) -> list[Json]:
    """The links of a message, in the order in which they stand: address, kind, and where a click on it leads first."""
    found = [{"index": index, **link(url)} for index, url in enumerate(dict.fromkeys(addresses(message)))]
    for each in found:
        if each["kind"] == "link":
            each["click"] = click_url(world, message, each["index"])
    return found


def link(url: str) -> Json:
    """An address and what it is: a plain link, or one of the recipient's pages such as unsubscribe."""
    page = OWN_PAGE.search(url)
    return {"url": url, "kind": page[1] if page else "link"}


def click_url(world: World, message: Row, index: int) -> str:
    """The address of a link at which a click is noted."""
    short = {url: code for code, url in message.document.get("short_links", {}).items()}
    url = [*dict.fromkeys(addresses(message))][index]
    if url in short:
        return f"{world.message_base}/__mock/s/{world.account.id}/{short[url]}"
    return page_url(world, message.id, f"click/{index}")


def addresses(message: Row) -> Iterator[str]:
    """The addresses that a message leads to: of a text message, those that its short links stand for."""
    document = message.document
    for _, _, url in HREF.findall(document.get("html") or ""):
        if urlsplit(html.unescape(url)).scheme in ("http", "https"):
            yield html.unescape(url)
    yield from URL.findall(document.get("text") or "")
    yield from (document.get("short_links") or {}).values()
    yield from (url for url in URL.findall(document.get("body") or "") if "/__mock/s/" not in url)
    yield from (each["url"] for each in document.get("action_buttons") or () if each.get("url"))


def delivered(world: World, message: Row) -> str:
    """The HTML of an email as it arrives: links that note clicks, a pixel that notes opening, a way to unsubscribe.

    An alert goes to the account's own people, who do nothing of that for the profile that it is about.
    """
    if message.document["channel"] != "email":
        return message.document.get("html") or ""
    known = {each["url"]: each for each in links(world, message)}
    targets = {url: each["click"] for url, each in known.items() if "click" in each}
    targets = targets if tracks(world, message, "clicks") else {}

    def tracked(found: re.Match[str]) -> str:
        target = targets.get(html.unescape(found[3]))
        return f"{found[1]}{found[2]}{html.escape(target)}{found[2]}" if target else found[0]

    body = HREF.sub(tracked, message.document.get("html") or "")
    if not any(each["kind"] == "unsubscribe" for each in known.values()):
        body = before_end(body, f'<p><a href="{page_url(world, message.id, "unsubscribe")}">Unsubscribe</a></p>')
    pixel = f'<img src="{page_url(world, message.id, "open.gif")}" width="1" height="1" alt="">'
    return before_end(body, pixel) if tracks(world, message, "opens") else body


def tracks(world: World, message: Row, what: str) -> bool:
    """Whether `clicks` or `opens` are noted: always, unless the message's campaign says that they are not."""
    campaign = world.store.row("campaign", message.document.get("campaign_id") or "")
    options = (campaign.document.get("tracking_options") or {}) if campaign else {}
    return options.get(f"is_tracking_{what}") is not False


def before_end(body: str, more: str) -> str:
    """HTML with something more at the end of its body."""
    head, end, tail = body.rpartition("</body>")
    return f"{head}{more}{end}{tail}" if end else body + more


def updates(message: Row) -> list[Json]:
    """What links of a message write into a property on a click."""
    return [
        dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))
        for url in addresses(message)
        if link(url)["kind"] == "update_property"
    ]


def plain_text(message: Row) -> str:
    """What a reader sees of a message, without HTML."""
    document = message.document
    seen = html.unescape(UNSEEN.sub(" ", document.get("html") or ""))
    parts = (document.get("subject"), document.get("title"), document.get("body"), seen, document.get("text"))
    return "\n".join(re.sub(r"[ \t\r\f\v]+", " ", part).strip() for part in parts if part)


def one_time_codes(text: str) -> list[str]:
    """The codes that a text tells to type in somewhere: near a word such as code, PIN or verification.

    >>> one_time_codes("Your code is 482913, valid until 2026-01-01. Order 77215 costs $1999.")
    ['482913']
    """
    near = [found.span() for found in SPOKEN_OF.finditer(text)]
    return list(
        dict.fromkeys(
            found[0]
            for found in ONE_TIME_CODE.finditer(text)
            if any(start - NEAR // 2 <= found.start() <= end + NEAR // 4 for start, end in near)
        )
    )


def extract(world: World, message: Row) -> Json:
    """The links, the coupon codes and the one-time codes of a message."""
    text, coupons = plain_text(message), message.document.get("coupon_codes") or {}
    return {
        "links": links(world, message),
        "coupon_codes": coupons,
        "one_time_codes": [each for each in one_time_codes(text) if each not in coupons.values()],
        "text": text,
    }
