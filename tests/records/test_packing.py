"""Bodies of the request log, packed: how small, how surely they come back, and that a dictionary stays as it is."""

import hashlib

import orjson
import pytest

from records import request_log
from records.packing import DICTIONARIES, NEWEST, WINDOW_BITS, pack, unpack
from rendering.payment_intent import render
from tests.support.builders import make_intent

NO_TWO_ALIKE = b"".join(hashlib.sha256(bytes([number])).digest() for number in range(256))

AS_RELEASED = {1: "ae9ce0e60870a4d5d7f88f53cd13cf62e57bac54c48412af24d17aab4666a9ac"}
"""SHA-256 of each dictionary: what was packed with another cannot be read."""


def test_dictionaries_never_change() -> None:
    assert {number: hashlib.sha256(held).hexdigest() for number, held in DICTIONARIES.items()} == AS_RELEASED
    assert max(map(len, DICTIONARIES.values())) <= 2**-WINDOW_BITS, "what is further back is not looked at"


def test_an_ordinary_answer_takes_a_tenth() -> None:
    answer = orjson.dumps(render(make_intent()))
    packed = request_log.packed_bodies(b"{}", answer)
    assert len(answer) > 1_000
    assert packed is not None
    assert len(packed) < len(answer) / 8


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        "zürich 東京 \\u0000".encode(),
        b"x" * 50_000,
        NO_TWO_ALIKE,
        DICTIONARIES[NEWEST] * 5,
    ],
    ids=["nothing", "small", "letters", "the same", "no two alike", "as the dictionary has it"],
)
def test_whatever_is_packed_comes_back(body: bytes) -> None:
    assert unpack(pack(body)) == body


def test_what_a_newer_release_has_packed_is_not_kept_and_no_error() -> None:
    assert unpack(bytes([NEWEST + 1]) + pack(b"{}")[1:]) is None
