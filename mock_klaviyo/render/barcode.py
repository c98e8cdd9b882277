"""Code 128 barcodes, as an SVG image or as HTML."""

from __future__ import annotations

from base64 import b64encode
from itertools import accumulate

WIDTHS = (
    "212222222122222221121223121322131222122213122312132212221213221312231212112232122132122231113222123122123221223211"
    "221132221231213212223112312131311222321122321221312212322112322211212123212321232121111323131123131321112313132113"
    "132311211313231113231311112133112331132131113123113321133121313121211331231131213113213311213131311123311321331121"
    "312113312311332111314111221411431111111224111422121124121421141122141221112214112412122114122411142112142211241211"
    "221114413111241112134111111242121142121241114212124112124211411212421112421211212141214121412121111143111341131141"
    "114113114311411113411311113141114131311141411131211412211214211232"
)
"""The widths of three bars and three gaps of each symbol, 0 to 105 (ISO/IEC 15417)."""

START_B, CHECK_BASE = 104, 103
STOP = "2331112"
FIRST, LAST = 32, 126


def widths(text: str) -> str:
    """The widths of a text's bars and gaps in code set B, bars first; characters it does not know become spaces."""
    symbols = [ord(each) - FIRST if FIRST <= ord(each) <= LAST else 0 for each in text]
    check = (START_B + sum(place * symbol for place, symbol in enumerate(symbols, 1))) % CHECK_BASE
    return "".join(WIDTHS[6 * symbol : 6 * symbol + 6] for symbol in (START_B, *symbols, check)) + STOP


def bars(text: str) -> tuple[list[tuple[int, int]], int]:
    """Where each bar begins and how wide it is, and the width of the whole."""
    sizes = [int(each) for each in widths(text)]
    ends = list(accumulate(sizes))
    return [(ends[index] - sizes[index], sizes[index]) for index in range(0, len(sizes), 2)], ends[-1]


def svg(text: str) -> str:
    """A barcode as an SVG image."""
    found, total = bars(text)
    path = "".join(f"M{left} 0h{size}v1h-{size}z" for left, size in found)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {total} 1" preserveAspectRatio="none">'
        f'<path d="{path}"/></svg>'
    )


def data_uri(text: str) -> str:
    """A barcode as the source of an image."""
    return f"data:image/svg+xml;base64,{b64encode(svg(text).encode()).decode()}"


def html(text: str, width: int, height: int) -> str:
    """A barcode as a table of coloured cells, for mail readers that show no images."""
    sizes = widths(text)
    module = max(1, width // sum(map(int, sizes)))
    cells = "".join(
        f'<td style="width:{module * int(size)}px;height:{height}px;background:{"#fff" if index % 2 else "#000"}"></td>'
        for index, size in enumerate(sizes)
    )
    return f'<table cellpadding="0" cellspacing="0"><tr>{cells}</tr></table>'
