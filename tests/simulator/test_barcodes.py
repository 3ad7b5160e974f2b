"""Bar codes, read back from their bars as a reader at a counter does."""

import re

import pytest

from simulator.barcodes import NARROW, PATTERNS, interleaved


def read(svg: str) -> str:
    """The digits of a picture, by the widths of its bars and of the spaces between them."""
    bars = [(int(at), int(width)) for at, width in re.findall(r"M(\d+) 0h(\d+)", svg)]
    widths = []
    for (at, width), (then, _) in zip(bars, [*bars[1:], (0, 0)], strict=True):
        widths += [width, then - at - width]
    inner = ["1" if width > NARROW else "0" for width in widths[4:-4]]
    pairs = [inner[start : start + 10] for start in range(0, len(inner), 10)]
    return "".join(
        str(PATTERNS.index("".join(pair[0::2]))) + str(PATTERNS.index("".join(pair[1::2]))) for pair in pairs
    )


@pytest.mark.parametrize(
    ("number", "there"),
    [("01234567890123456789012345678901234567890123", None), ("1234-5678", "12345678"), ("123", "0123")],
)
def test_a_number_is_in_its_bars(number: str, there: str | None) -> None:
    assert read(interleaved(number)) == (there or number)
