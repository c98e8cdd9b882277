"""Filters of texts; results as Klaviyo's glossary prints them."""

from __future__ import annotations

import hashlib
import html
import re
from base64 import b64decode, b64encode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from typing import Any
from urllib.parse import quote_plus, unquote, unquote_plus

from django.utils.html import escape, strip_tags
from django.utils.safestring import SafeString, mark_safe

from mock_klaviyo.render.values import FILTERS, items, klaviyo_filter, number, text

PLACEHOLDER = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"
"""What an image that is missing is replaced with: one transparent pixel. Klaviyo's own address is not known."""

SHORTENED = 50
ELLIPSIS = "..."


@klaviyo_filter("append")
def append(value: Any, more: Any) -> str:
    """`{{ "hello"|append:" world" }}` is hello world."""
    return text(value) + text(more)


@klaviyo_filter("prepend")
def prepend(value: Any, more: Any) -> str:
    """`{{ "world"|prepend:"hello " }}` is hello world."""
    return text(more) + text(value)


@klaviyo_filter("concat")
def concat(value: Any, more: Any) -> Any:
    """Two texts, or two lists, one after the other."""
    if isinstance(value, list | tuple):
        return [*value, *items(more)]
    return text(value) + text(more)


FILTERS["capitalize"] = FILTERS["capfirst"]
FILTERS["upcase"] = FILTERS["upper"]
FILTERS["downcase"] = FILTERS["lower"]
FILTERS["newline_to_br"] = FILTERS["linebreaksbr"]
FILTERS["size"] = FILTERS["length"]


@klaviyo_filter("truncate")
def truncate(value: Any, length: Any = SHORTENED) -> str:
    """At most so many characters, three dots at the end among them."""
    whole, most = text(value), max(int(number(length) or SHORTENED), len(ELLIPSIS))
    return whole if len(whole) <= most else whole[: most - len(ELLIPSIS)] + ELLIPSIS


@klaviyo_filter("strip")
def strip(value: Any) -> str:
    """Without spaces at both ends."""
    return text(value).strip()


@klaviyo_filter("lstrip")
def lstrip(value: Any) -> str:
    """Without spaces at its beginning."""
    return text(value).lstrip()


@klaviyo_filter("rstrip")
def rstrip(value: Any) -> str:
    """Without spaces at its end."""
    return text(value).rstrip()


@klaviyo_filter("strip_html")
def strip_html(value: Any) -> str:
    """Without HTML tags."""
    return strip_tags(text(value))


@klaviyo_filter("strip_newlines")
def strip_newlines(value: Any) -> str:
    """Without line breaks."""
    return text(value).replace("\r", "").replace("\n", "")


@klaviyo_filter("remove")
def remove(value: Any, part: Any) -> str:
    """Without a text, wherever it stands."""
    return text(value).replace(str(part), "")


@klaviyo_filter("remove_first")
def remove_first(value: Any, part: Any) -> str:
    """Without a text where it stands first."""
    return text(value).replace(str(part), "", 1)


@klaviyo_filter("remove_last")
def remove_last(value: Any, part: Any) -> str:
    """Without a text where it stands last."""
    return replaced_last(text(value), str(part), "")


@klaviyo_filter("find_replace")
def find_replace(value: Any, pair: Any) -> str:
    """`{{ "a-b-c"|find_replace:"-|+" }}` is a+b+c: one argument holds both texts."""
    old, _, new = str(pair).partition("|")
    return text(value).replace(old, new) if old else text(value)


@klaviyo_filter("replace_first")
def replace_first(value: Any, pair: Any) -> str:
    """`{{ "a-b-c"|replace_first:"-|+" }}` is a+b-c."""
    old, _, new = str(pair).partition("|")
    return text(value).replace(old, new, 1) if old else text(value)


@klaviyo_filter("replace_last")
def replace_last(value: Any, pair: Any) -> str:
    """`{{ "a-b-c"|replace_last:"-|+" }}` is a-b+c."""
    old, _, new = str(pair).partition("|")
    return replaced_last(text(value), old, new)


def replaced_last(whole: str, old: str, new: str) -> str:
    """A text with another in place of the last occurrence of a part."""
    before, found, after = whole.rpartition(old) if old else ("", "", whole)
    return before + new + after if found else whole


@klaviyo_filter("split")
def split(value: Any, separator: Any = " ") -> list[str]:
    """`{{ "a,b"|split:"," }}` is a list of a and b."""
    return text(value).split(str(separator) or None)


@klaviyo_filter("escape_once")
def escape_once(value: Any) -> SafeString:
    """Escaped for HTML; what is escaped already stays."""
    return mark_safe(escape(html.unescape(text(value))))


@klaviyo_filter("urlencodeplus")
def urlencodeplus(value: Any) -> str:
    """Encoded for a URL, spaces as plus signs."""
    return quote_plus(text(value))


@klaviyo_filter("urldecode")
def urldecode(value: Any) -> str:
    """Decoded from a URL."""
    return unquote(text(value))


@klaviyo_filter("urldecodeplus")
def urldecodeplus(value: Any) -> str:
    """Decoded from a URL with plus signs for spaces."""
    return unquote_plus(text(value))


@klaviyo_filter("base64_encode")
def base64_encode(value: Any) -> str:
    """In Base64."""
    return b64encode(text(value).encode()).decode()


@klaviyo_filter("base64_decode")
def base64_decode(value: Any) -> str:
    """Out of Base64; nothing when it is none."""
    return decoded(b64decode, value)


@klaviyo_filter("base64_url_safe_encode")
def base64_url_safe_encode(value: Any) -> str:
    """In Base64 with - and _ for + and /."""
    return urlsafe_b64encode(text(value).encode()).decode()


@klaviyo_filter("base64_url_safe_decode")
def base64_url_safe_decode(value: Any) -> str:
    """Out of Base64 with - and _ for + and /."""
    return decoded(urlsafe_b64decode, value)


def decoded(decode: Callable[[bytes], bytes], value: Any) -> str:
    """A text out of Base64; nothing when it is none."""
    content = text(value).encode()
    try:
        return decode(content + b"=" * (-len(content) % 4)).decode(errors="replace")
    except ValueError:
        return ""


@klaviyo_filter("md5_hash")
def md5_hash(value: Any) -> str:
    """The MD5 hash, in hexadecimal."""
    return hashlib.md5(text(value).encode(), usedforsecurity=False).hexdigest()


@klaviyo_filter("sha_1")
def sha_1(value: Any) -> str:
    """The SHA-1 hash, in hexadecimal."""
    return hashlib.sha1(text(value).encode(), usedforsecurity=False).hexdigest()


@klaviyo_filter("sha_256")
def sha_256(value: Any) -> str:
    """The SHA-256 hash, in hexadecimal."""
    return hashlib.sha256(text(value).encode()).hexdigest()


@klaviyo_filter("httpize")
def httpize(value: Any) -> str:
    """An address that begins with http://, unless it has a scheme already."""
    return text(value) if re.match(r"https?://", text(value)) else f"http://{text(value).lstrip('/')}"


@klaviyo_filter("httpsize")
def httpsize(value: Any) -> str:
    """An address that begins with https://."""
    return f"https://{re.sub(r'^(https?:)?//', '', text(value))}"


@klaviyo_filter("trim_slash")
def trim_slash(value: Any) -> str:
    """Without slashes at its end."""
    return text(value).rstrip("/")


@klaviyo_filter("missing_image", "missing_product_image")
def missing_image(value: Any) -> str:
    """The address of an image, or that of a placeholder when there is none."""
    return text(value) or PLACEHOLDER
