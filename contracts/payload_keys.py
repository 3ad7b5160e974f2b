"""The keys that payloads in Temporal are encrypted under (temporal/codec.py), as an operator writes them down."""

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


def parse_keys(text: str) -> tuple[PayloadKey, ...]:
    """`id:base64,id:base64`; the first encrypts.

    Raises:
        ValueError: which key makes no sense, and why.
    """
    keys = []
    for part in filter(None, text.split(",")):
        id_, colon, encoded = part.strip().partition(":")
        try:
            secret = base64.b64decode(encoded, validate=True)
        except binascii.Error:
            secret = b""
        if not colon or not id_ or len(secret) != KEY_BYTES:
            raise ValueError(f"key {id_!r} is not `id:` and {KEY_BYTES} bytes in base64 (openssl rand -base64 32)")
        keys.append(PayloadKey(id_, secret))
    if len({key.id for key in keys}) != len(keys):
        raise ValueError("two keys have the same id")
    return tuple(keys)
