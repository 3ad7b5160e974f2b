"""Bodies of the request log, packed: of a PaymentIntent's 1,300 bytes, 114 stay (ADR 0049).

PostgreSQL compresses no row below 2 kB, and few bodies are larger by themselves; but they are alike, so each is packed
with a dictionary of what such bodies say. A packed body begins with the number of its dictionary. What a dictionary
holds never changes, as what was packed with it could not be read any more: a better one is a file more.
"""

import zlib
from pathlib import Path

NEWEST = 1
"""The number of the dictionary that is packed with."""

DICTIONARIES = {NEWEST: (Path(__file__).parent / "bodies_1.txt").read_bytes()}
"""By number: bodies as they are written, the commonest last, at most 16 kB."""

LEVEL, WINDOW_BITS, MEMORY = 3, -14, 6
"""15 µs for a PaymentIntent. The usual settings take 58 for not a byte less: they prepare for bodies of many kB."""


def pack(body: bytes) -> bytes:
    """The body in a tenth of its size, if it is like those that are usual."""
    packing = zlib.compressobj(LEVEL, zlib.DEFLATED, WINDOW_BITS, MEMORY, zlib.Z_DEFAULT_STRATEGY, DICTIONARIES[NEWEST])
    return bytes([NEWEST]) + packing.compress(body) + packing.flush()


def unpack(packed: bytes) -> bytes | None:
    """The body as it was; None if a newer release has packed it, with a dictionary that is not known here."""
    dictionary = DICTIONARIES.get(packed[0])
    return zlib.decompressobj(WINDOW_BITS, dictionary).decompress(packed[1:]) if dictionary else None
