"""Payloads are encrypted under the first key, open with any of ours, and with nothing else."""

import base64

import pytest
from temporalio.api.common.v1 import Payload

from contracts.payload_keys import NO_KEY, PayloadKey, parse_keys
from temporal.codec import ENCODING, EncryptedPayloads, KeyUnknown

OLD, NEW = PayloadKey("old", b"o" * 32), PayloadKey("new", b"n" * 32)
PLAIN = Payload(metadata={"encoding": b"json/plain"}, data=b'{"metadata": {"order": "secret-order"}}')


async def test_round_and_round() -> None:
    codec = EncryptedPayloads([NEW, OLD])
    [encrypted] = await codec.encode([PLAIN])
    assert encrypted.metadata["encoding"] == ENCODING
    assert encrypted.metadata["encryption-key-id"] == b"new"
    assert b"secret-order" not in encrypted.SerializeToString()
    [again] = await codec.encode([PLAIN])
    assert again.data != encrypted.data, "no nonce is used twice"
    assert await codec.decode([encrypted, PLAIN]) == [PLAIN, PLAIN]


async def test_a_key_that_was_changed_still_opens_what_is_old() -> None:
    before = await EncryptedPayloads([OLD]).encode([PLAIN])
    assert await EncryptedPayloads([NEW, OLD]).decode(before) == [PLAIN]
    with pytest.raises(KeyUnknown, match="under the key 'old', and PERDURE_PAYLOAD_KEYS of this process has new"):
        await EncryptedPayloads([NEW]).decode(before)
    with pytest.raises(KeyUnknown, match="does not open"):
        await EncryptedPayloads([PayloadKey("old", b"x" * 32)]).decode(before)


async def test_what_is_not_encrypted_yet_or_not_any_more_can_be_read_beside_what_is() -> None:
    [encrypted] = await EncryptedPayloads([OLD]).encode([PLAIN])
    codec = EncryptedPayloads([NO_KEY, OLD])
    assert await codec.encode([PLAIN]) == [PLAIN]
    assert await codec.decode([encrypted, PLAIN]) == [PLAIN, PLAIN]


async def test_what_was_tampered_with_does_not_open() -> None:
    codec = EncryptedPayloads([OLD])
    [encrypted] = await codec.encode([PLAIN])
    encrypted.data = encrypted.data[:-1] + bytes([encrypted.data[-1] ^ 1])
    with pytest.raises(KeyUnknown):
        await codec.decode([encrypted])


def test_keys_as_operators_write_them() -> None:
    one, two = (base64.b64encode(key.secret).decode() for key in (NEW, OLD))
    assert parse_keys(f"new:{one}, old:{two}") == (NEW, OLD)
    assert parse_keys("") == ()
    assert parse_keys("plain") == ()
    assert parse_keys(f"plain,new:{one}") == (NO_KEY, NEW)
    assert one not in repr(parse_keys(f"new:{one}"))
    for wrong in ("x", "x:", f"x:{one[:-8]}", f":{one}", f"a:{one},a:{two}", "a:!!"):
        with pytest.raises(ValueError, match="key") as refused:
            parse_keys(wrong)
        assert one[:-8] not in str(refused.value)
    with pytest.raises(ValueError, match="one of 1 keys is not") as refused:
        parse_keys(one)
    assert one not in str(refused.value), "somebody has forgotten its id"
