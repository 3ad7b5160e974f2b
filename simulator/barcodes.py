"""A bar code as a picture: Interleaved 2 of 5, in which vouchers have their number (ISO/IEC 16390)."""

PATTERNS = ("00110", "10001", "01001", "11000", "00101", "10100", "01100", "00011", "10010", "01010")
"""Of each digit: which of its five bars, or spaces, are wide."""
NARROW, WIDE, HEIGHT, QUIET = 2, 5, 70, 20


def interleaved(number: str) -> str:
    """The digits of `number` as SVG; pairs of them: the first in the bars, the second in the spaces between them."""
    digits = "".join(digit for digit in number if digit.isdigit())
    digits = digits.zfill(len(digits) + len(digits) % 2)
    widths = [NARROW] * 4
    for first, second in zip(digits[::2], digits[1::2], strict=True):
        for bar, space in zip(PATTERNS[int(first)], PATTERNS[int(second)], strict=True):
            widths += [WIDE if bar == "1" else NARROW, WIDE if space == "1" else NARROW]
    widths += [WIDE, NARROW, NARROW]
    at, bars = QUIET, []
    for place, width in enumerate(widths):
        if place % 2 == 0:
            bars.append(f"M{at} 0h{width}v{HEIGHT}h-{width}z")
        at += width
    box = f"0 0 {at + QUIET} {HEIGHT}"
    drawn = f'<path d="{"".join(bars)}" fill="#000"/>'
    return f'<svg viewBox="{box}" preserveAspectRatio="none" role="img" aria-label="Bar code">{drawn}</svg>'
