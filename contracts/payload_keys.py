"""The keys that payloads in Temporal are encrypted under (temporal/codec.py), as an operator writes them down.

The first encrypts, all of them decrypt. `plain` in the first place encrypts nothing: so that every process can decrypt
before the first one encrypts, and still can when none does any more.
"""

import base64
import binascii
from dataclasses import dataclass

KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class PayloadKey:
    """One key, and the id that payloads name it by."""

    id: str
    secret: bytes

    def __repr__(self) -> str:
        """Without the secret."""
        return f"PayloadKey({self.id})"


PLAIN = "plain"
"""Stands for no key."""

NO_KEY = PayloadKey("", b"")


def parse_keys(text: str) -> tuple[PayloadKey, ...]:
    """`id:base64,id:base64`; the first encrypts. `plain` is `NO_KEY`; alone, it is as good as nothing.

    Raises:
        ValueError: which key makes no sense, and why.
    """
    keys = []
    for part in filter(None, text.split(",")):
        if part.strip() == PLAIN:
            keys.append(NO_KEY)
            continue
        id_, colon, encoded = part.strip().partition(":")
        try:
            secret = base64.b64decode(encoded, validate=True)
        except binascii.Error:
            secret = b""
        if not colon or not id_ or len(secret) != KEY_BYTES:
            # What stands in the wrong place may be the secret itself.
            named = f"key {id_!r}" if colon else f"one of {len(text.split(','))} keys"
            raise ValueError(f"{named} is not `id:` and {KEY_BYTES} bytes in base64 (`perdure payload-keys new ID`)")
        keys.append(PayloadKey(id_, secret))
    if len({key.id for key in keys}) != len(keys):
        raise ValueError("two keys have the same id")
    return () if keys == [NO_KEY] else tuple(keys)
