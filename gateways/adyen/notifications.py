"""Adyen's notifications: whether they are genuine, and what they say. Pure.

Each item is signed for itself, over eight of its fields: the reason, the date and `additionalData` are not, so nothing
about money is concluded from those. Sources: Adyen's OpenAPI of standard webhooks v1, and
docs.adyen.com/development-resources/webhooks/verify-hmac-signatures.
"""

import base64
import binascii
import hmac
import json
from collections.abc import Mapping, Sequence
from typing import Any

from domain.model.gateway_dealings import Notice
from domain.model.hashes import JsonObject
from gateways.adyen.amounts import Unconvertible, from_adyen

ITEMS_MAX = 100
"""JSON brings one at a time, SOAP up to six; whoever sends more wants something else."""

TEXT_CHARACTERS_MAX = 300


class Senseless(ValueError):
    """It is not of the shape of a notification."""


def items(body: bytes) -> list[JsonObject]:
    """The items of a notification, unjudged.

    Raises:
        Senseless: there are none.
    """
    try:
        found = [each["NotificationRequestItem"] for each in json.loads(body)["notificationItems"]]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise Senseless("not a notification of Adyen's") from error
    if not 0 < len(found) <= ITEMS_MAX or not all(isinstance(item, dict) for item in found):
        raise Senseless("a notification without items")
    return found


def signature(item: Mapping[str, Any], key: str) -> str:
    """The signature of an item under a key (hex). What is signed is not escaped.

    Raises:
        Senseless: a field that is signed is missing, or no text.
    """
    amount = item.get("amount")
    value = amount.get("value") if isinstance(amount, Mapping) else None
    if not isinstance(amount, Mapping) or not isinstance(value, int) or isinstance(value, bool):
        raise Senseless("an item without an amount")
    signed = [
        item.get("pspReference", ""),
        item.get("originalReference", ""),
        item.get("merchantAccountCode", ""),
        item.get("merchantReference", ""),
        str(value),
        amount.get("currency"),
        item.get("eventCode"),
        item.get("success"),
    ]
    if not all(isinstance(field, str) for field in signed):
        raise Senseless("an item with a field that is no text")
    try:
        text = ":".join(signed).encode()
    except UnicodeEncodeError as error:
        raise Senseless("an item that is no text") from error
    return base64.b64encode(hmac.digest(bytes.fromhex(key), text, "sha256")).decode()


def is_genuine(item: Mapping[str, Any], keys: Sequence[str]) -> bool:
    """Whether one of the keys has signed the item. Without a key, or without a signature, nothing is genuine."""
    data = item.get("additionalData")
    said = data.get("hmacSignature") if isinstance(data, Mapping) else None
    if not isinstance(said, str):
        return False
    try:
        return any(hmac.compare_digest(signature(item, key).encode(), said.encode()) for key in keys)
    except (Senseless, UnicodeEncodeError):
        return False


def is_admitted(header: str, basic: str) -> bool:
    """Whether the `Authorization` header has the user and the password of the endpoint; without any, nobody has."""
    scheme, _, encoded = header.partition(" ")
    try:
        said = base64.b64decode(encoded.strip(), validate=True)
    except (binascii.Error, ValueError):
        return False
    return scheme.lower() == "basic" and bool(basic) and hmac.compare_digest(said, basic.encode())


def notice(item: Mapping[str, Any], gateway: str) -> Notice:
    """A genuine item as it is kept.

    Raises:
        Senseless: what is signed makes no sense.
    """
    success, amount = item.get("success"), item["amount"]
    if success not in ("true", "false"):
        raise Senseless("an item that is neither true nor false")
    try:
        value, currency = from_adyen(amount["value"], amount["currency"])
    except Unconvertible:
        # Of a payment that was not made here. It is kept all the same, and nobody's amount.
        value, currency = 0, ""
    data = item.get("additionalData")
    unsigned = data if isinstance(data, Mapping) else {}
    return Notice(
        gateway=gateway,
        event=_text(item["eventCode"]),
        succeeded=success == "true",
        reference=_text(item.get("pspReference", "")),
        original=_text(item.get("originalReference", "")),
        ours=_text(item.get("merchantReference", "")),
        amount=value,
        currency=currency,
        reason=_text(item.get("reason")),
        unsigned={_text(name): _text(said) for name, said in unsigned.items() if name in KEPT},
    )


KEPT = frozenset(
    {"modification.action", "chargebackReasonCode", "chargebackSchemeCode", "disputeStatus", "autoDefended",
     "defensePeriodEndsAt", "capturePspReference"}
)  # fmt: skip
"""Of what is not signed: what people may want to read. Nothing of a card."""


def _text(said: object) -> str:
    text = said if isinstance(said, str) else ""
    return text.encode("utf-8", "replace").decode().replace("\x00", "")[:TEXT_CHARACTERS_MAX]
