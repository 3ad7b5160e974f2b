"""Encryption of what Temporal keeps: every payload, AES-256-GCM, with keys that can be changed.

The first key encrypts, unless it is `NO_KEY`; all of them decrypt, by the id that stands in the payload's metadata.
What was written without a key stays readable.

Search attributes (status, amount, currency, customer, account) are not payloads: Temporal has to read them.
"""

import os
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from temporalio.api.common.v1 import Payload
from temporalio.converter import PayloadCodec

from contracts.payload_keys import NO_KEY, PayloadKey

ENCODING = b"binary/encrypted"
NONCE_BYTES = 12


class KeyUnknown(Exception):
    """A payload was encrypted under a key that we do not have, or was tampered with."""


class EncryptedPayloads(PayloadCodec):
    """Encrypts on the way to Temporal, decrypts on the way back."""

    def __init__(self, keys: Sequence[PayloadKey]) -> None:
        """Encrypt under the first of `keys`; nothing, if that is `NO_KEY`."""
        self._first = keys[0].id
        self._ciphers = {key.id: AESGCM(key.secret) for key in keys if key != NO_KEY}

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        if self._first not in self._ciphers:
            return list(payloads)
        return [self._encrypted(payload) for payload in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Decrypt what is encrypted.

        Raises:
            KeyUnknown: with none of our keys.
        """
        return [self._decrypted(payload) for payload in payloads]

    def _encrypted(self, payload: Payload) -> Payload:
        nonce = os.urandom(NONCE_BYTES)
        id_ = self._first.encode()
        data = nonce + self._ciphers[self._first].encrypt(nonce, payload.SerializeToString(), id_)
        return Payload(metadata={"encoding": ENCODING, "encryption-key-id": id_}, data=data)

    def _decrypted(self, payload: Payload) -> Payload:
        if payload.metadata.get("encoding") != ENCODING:
            return payload
        id_ = payload.metadata.get("encryption-key-id", b"")
        cipher = self._ciphers.get(id_.decode(errors="replace"))
        if cipher is None:
            ours = ", ".join(self._ciphers) or "none"
            named = id_.decode(errors="replace")
            raise KeyUnknown(
                f"a payload in Temporal is encrypted under the key {named!r}, and PERDURE_PAYLOAD_KEYS of this process "
                f"has {ours}: give it that key too"
            )
        try:
            plain = cipher.decrypt(payload.data[:NONCE_BYTES], payload.data[NONCE_BYTES:], id_)
        except InvalidTag as error:
            raise KeyUnknown("the payload does not open with its key") from error
        return Payload.FromString(plain)
