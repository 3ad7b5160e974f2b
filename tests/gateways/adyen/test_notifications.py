"""Notifications: what is genuine by Adyen's own vectors and library, both ways, and that nothing else is believed."""

import base64
import copy
import json
from typing import Any

import pytest
from Adyen.util import generate_notification_sig, is_valid_hmac_notification
from hypothesis import given
from hypothesis import strategies as st

from gateways.adyen.notifications import (
    ITEMS_MAX,
    Senseless,
    is_admitted,
    is_genuine,
    items,
    notice,
    signature,
)
from tests.gateways.adyen.published import FOLDER, document

VECTORS: dict[str, Any] = json.loads((FOLDER / "webhook-hmac-samples.json").read_text())
SAMPLES: list[dict[str, Any]] = [*VECTORS["samples"], *VECTORS["signed_here"]]
KEY = VECTORS["samples"][0]["hmac_key_hex"]
OTHER_KEY = "00" * 32


def item_of(sample: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = sample["notification"]["notificationItems"][0]["NotificationRequestItem"]
    return found


def test_all_of_adyens_vectors_are_here() -> None:
    assert len(VECTORS["samples"]) == 10
    assert len(VECTORS["signed_here"]) == 19


@pytest.mark.parametrize("sample", SAMPLES, ids=[sample["name"] for sample in SAMPLES])
def test_each_vector_is_judged_as_adyen_does(sample: dict[str, Any]) -> None:
    item, key = item_of(sample), sample["hmac_key_hex"]
    assert is_genuine(item, [key]) is sample["valid"]
    assert is_genuine(item, [OTHER_KEY, key]) is sample["valid"], "an old key counts as well"
    assert not is_genuine(item, [OTHER_KEY])
    assert not is_genuine(item, [])
    judged = copy.deepcopy(sample["notification"])
    assert is_valid_hmac_notification(judged, key) is sample["valid"], "so does Adyen's own library"


TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=30)
ITEMS = st.fixed_dictionaries(
    {
        "pspReference": TEXT, "merchantAccountCode": TEXT, "merchantReference": TEXT, "eventCode": TEXT,
        "success": st.sampled_from(["true", "false"]),
        "amount": st.fixed_dictionaries({"value": st.integers(0, 10**12), "currency": st.just("EUR")}),
    },
    optional={"originalReference": TEXT},
)  # fmt: skip


@given(item=ITEMS)
def test_what_we_sign_adyens_library_believes_and_the_other_way_round(item: dict[str, Any]) -> None:
    theirs = generate_notification_sig(item, KEY).decode()
    assert signature(item, KEY) == theirs
    signed = item | {"additionalData": {"hmacSignature": theirs}}
    assert is_genuine(signed, [KEY])
    batch = {"live": "false", "notificationItems": [{"NotificationRequestItem": copy.deepcopy(signed)}]}
    assert is_valid_hmac_notification(batch, KEY)


@given(item=ITEMS, field=st.sampled_from(["pspReference", "merchantReference", "eventCode", "success", "amount"]))
def test_a_signature_is_of_one_item_only(item: dict[str, Any], field: str) -> None:
    signed = item | {"additionalData": {"hmacSignature": signature(item, KEY)}}
    changed = {"value": item["amount"]["value"] + 1, "currency": "EUR"} if field == "amount" else item[field] + "x"
    assert not is_genuine(signed | {field: changed}, [KEY])


@pytest.mark.parametrize(
    "change",
    [
        {"additionalData": None}, {"additionalData": {}}, {"additionalData": {"hmacSignature": 1}},
        {"additionalData": {"hmacSignature": ""}}, {"additionalData": {"hmacSignature": "ä"}}, {"amount": None},
        {"amount": {"value": "1130", "currency": "EUR"}}, {"amount": {"value": True, "currency": "EUR"}},
        {"amount": {"value": 1130}}, {"success": True}, {"eventCode": None}, {"pspReference": 7914073381342284},
        {"merchantReference": "\ud800"},
    ],
)  # fmt: skip
def test_what_is_not_signed_is_never_believed(change: dict[str, Any]) -> None:
    assert not is_genuine(item_of(SAMPLES[0]) | change, [KEY])


def test_every_event_that_adyen_publishes_can_be_kept() -> None:
    """Of 42 examples those that are standard notifications, and seven of these break Adyen's own schemas."""
    examples = document("Webhooks-v1")["components"]["examples"]
    standard = {name: example for name, example in examples.items() if "notificationItems" in example["value"]}
    assert (len(examples), len(standard)) == (42, 39), "three are of another kind, signed in a header"
    for name, example in standard.items():
        for item in items(json.dumps(example["value"]).encode()):
            signed = item | {"additionalData": {**(item.get("additionalData") or {}), "hmacSignature": ""}}
            signed["additionalData"]["hmacSignature"] = signature(signed, KEY)
            assert is_genuine(signed, [KEY]), name
            kept = notice(signed, "adyen")
            assert (kept.event, kept.reference) == (item["eventCode"], item["pspReference"])
            assert kept.payment == item.get("originalReference", item["pspReference"])
            assert "hmacSignature" not in kept.unsigned


def test_a_batch_is_all_of_its_items() -> None:
    one = {"NotificationRequestItem": item_of(SAMPLES[0])}
    assert len(items(json.dumps({"live": "false", "notificationItems": [one] * 6}).encode())) == 6


@pytest.mark.parametrize(
    "body",
    [
        b"", b"null", b"[]", b"{}", b'{"notificationItems":[]}', b'{"notificationItems":[{}]}', b"\xff",
        b'{"notificationItems":[{"NotificationRequestItem":1}]}', b'{"notificationItems":{"a":1}}', b"[" * 100_000,
        json.dumps({"notificationItems": [{"NotificationRequestItem": {}}] * (ITEMS_MAX + 1)}).encode(),
    ],
)  # fmt: skip
def test_whatever_else_is_no_notification(body: bytes) -> None:
    with pytest.raises(Senseless):
        items(body)


def test_an_item_that_is_neither_true_nor_false_is_none() -> None:
    with pytest.raises(Senseless):
        notice(item_of(SAMPLES[0]) | {"success": "perhaps"}, "adyen")


def test_a_payment_that_was_not_made_here_is_nobodys_amount() -> None:
    kept = notice(item_of(SAMPLES[0]) | {"amount": {"value": 5, "currency": "XTS"}}, "adyen")
    assert (kept.amount, kept.currency) == (0, "")


def test_nothing_in_a_notice_breaks_a_store() -> None:
    kept = notice(item_of(SAMPLES[0]) | {"reason": "a\x00b\ud800" + "x" * 1_000}, "adyen")
    kept.reason.encode()
    assert "\x00" not in kept.reason
    assert len(kept.reason) <= 300


def basic(said: str) -> str:
    return "Basic " + base64.b64encode(said.encode()).decode()


@pytest.mark.parametrize(
    ("header", "admitted"),
    [
        (basic("adyen:secret"), True), (basic("adyen:secret").replace("Basic", "basic"), True),
        (basic("adyen:wrong"), False), (basic("adyen:secret "), False), ("", False), ("Basic", False),
        ("Basic ä", False), ("Bearer " + basic("adyen:secret")[6:], False),
    ],
)  # fmt: skip
def test_who_is_admitted(header: str, admitted: bool) -> None:
    assert is_admitted(header, "adyen:secret") is admitted
    assert not is_admitted(basic(""), ""), "without a password, nobody"
