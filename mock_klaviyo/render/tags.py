"""Klaviyo's tags that Django lacks: one function per tag; and which of Django's tags authors may use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.template import Context, Library, Node, NodeList, TemplateSyntaxError, defaulttags
from django.template.base import FilterExpression, Parser, TextNode, Token, token_kwargs
from django.utils import dateformat
from django.utils.html import format_html
from django.utils.safestring import mark_safe

from mock_klaviyo.json import Json
from mock_klaviyo.render import barcode as barcodes
from mock_klaviyo.render.meter import Meter
from mock_klaviyo.render.surroundings import Surroundings

ALLOWED = (
    "autoescape", "comment", "cycle", "filter", "firstof", "for", "if", "ifchanged", "regroup", "resetcycle",
    "spaceless", "templatetag", "verbatim", "widthratio", "with",
)  # fmt: skip
"""Django's tags that authors may use: none that reads files, calls code or tells of the server."""

SYMBOLS: Mapping[str, str] = {
    "USD": "$", "CAD": "$", "AUD": "$", "NZD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "CNY": "¥", "INR": "₹",
    "KRW": "₩", "ILS": "₪", "BRL": "R$", "MXN": "$", "SGD": "$", "HKD": "$",
}  # fmt: skip
"""What stands before an amount; other currencies show their code."""

WITHOUT_CENTS = ("JPY", "KRW", "CLP", "VND")
LONGEST_BARCODE = 100
WIDEST_BARCODE = 2000

library = Library()
library.tags |= {name: defaulttags.register.tags[name] for name in ALLOWED}


class Scope(Context):
    """A template's variables, and what tags draw on, out of the template's reach."""

    def __init__(self, values: Json, surroundings: Surroundings, meter: Meter, *, is_html: bool) -> None:
        super().__init__(values, autoescape=is_html, use_l10n=False, use_tz=False)
        self.surroundings, self.meter = surroundings, meter
        self.empty: dict[int, str] = {}
        """Where in the template a variable showed nothing → the variable with its filters."""


# links to the recipient's pages


def link(scope: Scope, page: str, words: str) -> str:
    """A link to one of the recipient's pages: an element in HTML, words and address in text."""
    url = scope.surroundings.link(page)
    return format_html('<a href="{}">{}</a>', url, words) if scope.autoescape else f"{words} ({url})"


def url(scope: Scope, page: str) -> str:
    """The address of one of the recipient's pages."""
    return mark_safe(scope.surroundings.link(page))


@library.simple_tag(takes_context=True)
def unsubscribe(context: Scope, words: str = "Unsubscribe") -> str:
    """A link with which the recipient unsubscribes."""
    return link(context, "unsubscribe", words)


@library.simple_tag(takes_context=True)
def unsubscribe_link(context: Scope) -> str:
    """The address at which the recipient unsubscribes."""
    return url(context, "unsubscribe")


@library.simple_tag(takes_context=True)
def manage_preferences(context: Scope, words: str = "Manage Preferences") -> str:
    """A link to the recipient's preferences."""
    return link(context, "manage_preferences", words)


@library.simple_tag(takes_context=True)
def manage_preferences_link(context: Scope) -> str:
    """The address of the recipient's preferences."""
    return url(context, "manage_preferences")


@library.simple_tag(takes_context=True)
def web_view(context: Scope, words: str = "View in Your Browser") -> str:
    """A link to the message as a page."""
    return link(context, "web_view", words)


@library.simple_tag(takes_context=True)
def web_view_link(context: Scope) -> str:
    """The address of the message as a page."""
    return url(context, "web_view")


@library.simple_tag(takes_context=True)
def update_property_link(context: Scope, name: str, value: Any, to: str) -> str:
    """The address at which a click changes a property of the recipient and goes on to a page."""
    query = urlencode({"property": name, "value": value, "url": to})
    return mark_safe(f"{context.surroundings.link('update_property')}?{query}")


# time and money


@library.simple_tag(takes_context=True)
def current_day(context: Scope) -> int:
    """The day of the month."""
    return context.surroundings.now.day


@library.simple_tag(takes_context=True)
def current_weekday(context: Scope) -> str:
    """The day of the week: Monday."""
    return dateformat.format(context.surroundings.now, "l")


@library.simple_tag(takes_context=True)
def current_month(context: Scope) -> int:
    """The number of the month."""
    return context.surroundings.now.month


@library.simple_tag(takes_context=True)
def current_month_name(context: Scope) -> str:
    """The name of the month: January."""
    return dateformat.format(context.surroundings.now, "F")


@library.simple_tag(takes_context=True)
def current_year(context: Scope) -> int:
    """The year."""
    return context.surroundings.now.year


@library.simple_tag(takes_context=True)
def today(context: Scope, form: str = "%Y-%m-%d") -> str:
    """Today in a form of strftime: `{% today '%Y-%m-%d' as today %}`."""
    return context.surroundings.now.strftime(form)


@library.simple_tag(takes_context=True)
def now(context: Scope, form: str) -> str:
    """The time now, in a form of Django's `date`."""
    return dateformat.format(context.surroundings.now, form)


@library.simple_tag(takes_context=True)
def currency_format(context: Scope, value: Any) -> Any:
    """An amount in the account's currency: `$1,234.50`; a text stays as it is."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    currency = context.surroundings.currency
    digits = 0 if currency in WITHOUT_CENTS else 2
    sign = "-" if value < 0 else ""
    return f"{sign}{SYMBOLS.get(currency, f'{currency} ')}{abs(value):,.{digits}f}"


# content


@library.simple_tag
def render_variable(value: Any) -> Any:
    """A variable of the message, such as its preview text."""
    return value


@library.tag
def load(_parser: Parser, _token: Token) -> Node:
    """Nothing: Klaviyo's own output has it, and every tag is there anyway."""
    return TextNode("")


@library.simple_tag(takes_context=True)
def coupon_code(context: Scope, name: str, cut: int = 0) -> str:
    """A code of a coupon, for this recipient; without its first characters when some are cut."""
    code = context.surroundings.coupon_code("".join(str(name)))  # a plain text, where Django gives one of its own kind
    return context.surroundings.unavailable("Coupon Code Unavailable") if code is None else code[cut:]


@library.simple_tag
def barcode(value: Any, width: int = 200, height: int = 50, mode: str = "image") -> str:
    """A barcode of a text, as an image or, with mode='html', as a table."""
    if len(str(value)) > LONGEST_BARCODE:
        raise TemplateSyntaxError(f"barcode takes at most {LONGEST_BARCODE} characters")
    sizes = min(int(width), WIDEST_BARCODE), min(int(height), WIDEST_BARCODE)
    if mode == "html":
        return mark_safe(barcodes.html(str(value), *sizes))
    return format_html('<img src="{}" width="{}" height="{}" alt="{}">', barcodes.data_uri(str(value)), *sizes, value)


@library.simple_tag
def has_category(item: Any, name: str) -> bool:
    """Whether the name of one of a catalog item's categories contains a text."""
    categories = item.get("categories", []) if isinstance(item, dict) else []
    return any(str(name) in str(each.get("name", "") if isinstance(each, dict) else each) for each in categories)


class Block(Node):
    """A tag around a body, in which a value goes by a name."""

    child_nodelists = ("body",)

    def __init__(self, arguments: list[FilterExpression], options: dict[str, FilterExpression], body: NodeList) -> None:
        self.arguments, self.options, self.body = arguments, options, body

    def resolved(self, context: Context) -> tuple[list[Any], dict[str, Any]]:
        """The values of the arguments and of the options."""
        values = [each.resolve(context) for each in self.arguments]
        return values, {name: each.resolve(context) for name, each in self.options.items()}


class CatalogBlock(Block):
    """A body in which `catalog_item` is an item of the catalog."""

    def render(self, context: Any) -> str:
        """The body, or what stands for an item that is not there."""
        (id, *_), options = self.resolved(context)
        item = context.surroundings.catalog_item(str(id), options)
        if item is None:
            return str(context.surroundings.unavailable("Catalog Item Unavailable"))
        with context.push(catalog_item=item):
            return self.body.render(context)


class CustomObjectsBlock(Block):
    """A body in which a name leads to all objects of a type."""

    def __init__(self, options: dict[str, FilterExpression], body: NodeList, name: str) -> None:
        super().__init__([], options, body)
        self.name = name

    def render(self, context: Any) -> str:
        """The body."""
        title = str(self.resolved(context)[1].get("object_type_title", ""))
        with context.push(**{self.name: context.surroundings.custom_objects(title, None)}):
            return self.body.render(context)


@library.tag
def catalog(parser: Parser, token: Token) -> Node:
    """`{% catalog ID unpublished="cancel" %}{{ catalog_item.title }}{% endcatalog %}`."""
    _, *words = token.split_contents()
    if not words:
        raise TemplateSyntaxError("'catalog' needs the id of an item")
    item, options = parser.compile_filter(words[0]), token_kwargs(words[1:], parser)
    return CatalogBlock([item], options, body(parser, "endcatalog"))


@library.tag
def customobjects(parser: Parser, token: Token) -> Node:
    """`{% customobjects object_type_title="Car" as cars %}...{% endcustomobjects %}`."""
    words = token.split_contents()
    if len(words) < 4 or words[-2] != "as":
        raise TemplateSyntaxError("'customobjects' needs object_type_title=... as a name")
    return CustomObjectsBlock(token_kwargs(words[1:-2], parser), body(parser, "endcustomobjects"), words[-1])


@library.simple_tag(takes_context=True)
def customobject(context: Scope, id: Any, object_type_title: str = "") -> Any:
    """`{% customobject id object_type_title="Car" as car %}`; nothing when there is none."""
    found = context.surroundings.custom_objects(str(object_type_title), str(id))
    return found[0] if found else ""


def body(parser: Parser, end: str) -> NodeList:
    """What stands before the tag that ends a block."""
    found = parser.parse((end,))
    parser.delete_first_token()
    return found
