"""No parameter is taken and dropped: what was sent is shown at its place, or is where NOT_SHOWN says."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any
from urllib.parse import quote

import pytest

from domain.methods.families import CONSENTED, TYPES
from domain.methods.offered import default_id
from parameters.payment_intents import WITH_CONFIRM_ONLY
from records import payment_intents, payment_methods
from records.codec import dump_intent, dump_method
from records.scope import Cursor
from tests.api.conftest import Api, connected
from tests.fidelity.parameter_types import Path, find, leaves, parameters_of, request_with, sample
from tests.support.builders import CONSENT

INTENTS = "/v1/payment_intents"

PARAMS_OF = {
    "create": "PaymentIntentCreateParams",
    "update": "PaymentIntentUpdateParams",
    "confirm": "PaymentIntentConfirmParams",
    "capture": "PaymentIntentCaptureParams",
    "increment_authorization": "PaymentIntentIncrementAuthorizationParams",
}

NOT_SHOWN: dict[Path, str] = {
    ("allowed_payment_method_types",): "shown as payment_method_types as well",
    ("amount_details", "enforce_arithmetic_validation"): "stored; decides whether a wrong sum is refused or shown",
    ("amount_to_capture",): "shown as amount_received",
    ("amount_to_confirm",): "checked against amount",
    ("confirm",): "the intent is confirmed",
    ("confirmation_token",): "has a test of its own (test_confirmation_tokens.py)",
    ("error_on_requires_action",): "told to the gateway's adapter",
    ("expand",): "tests of its own (test_expand.py)",
    ("final_capture",): "told to the gateway",
    ("mandate",): "has a test of its own (test_mandates.py)",
    ("mandate_data",): "stored, and shown by the mandate",
    ("off_session",): "told to the gateway",
    ("payment_method",): "a test card's name becomes a fresh method",
    ("payment_method_configuration",): "shown as payment_method_configuration_details[id]",
    ("payment_method_data",): "kept in the payment method, its account number in the gateway's vault",
    ("payment_method_options", "blik", "code"): "stored, for the gateway",
    ("payment_method_options", "card", "cvc_token"): "stored, for the gateway",
    ("payment_method_options", "card", "moto"): "shown by the charge",
    ("payment_method_options", "card", "three_d_secure"): "shown by the charge",
    ("payment_method_options", "klarna", "on_demand"): "stored, for the gateway",
    ("payment_method_options", "klarna", "subscriptions"): "stored, for the gateway",
    ("payment_method_options", "p24", "tos_shown_and_accepted"): "stored, for the gateway",
    ("payment_method_options", "paypal", "risk_correlation_id"): "stored, for the gateway",
    ("payment_method_options", "upi", "mandate_options"): "stored, for the gateway",
    ("payment_method_options", "upi", "setup_future_usage"): "shown unless it is none",
    ("payment_method_options", "us_bank_account", "networks"): "stored, for the gateway",
    ("radar_options",): "stored, and shown by the charge",
    ("return_url",): "told to the gateway's adapter, and shown by next_action",
    ("use_stripe_sdk",): "told to the gateway's adapter",
}

NOT_IN_DOLLARS = ("payment_method_unactivated", "payment_method_currency_mismatch", "parameter_missing")
"""Why an intent over dollars cannot be confirmed with every type; what was sent with it is looked for even so."""

RENAMED = {"amount_to_capture": "amount", "final_capture": "final", "session": "radar_session"}
"""What a parameter is called where it is kept."""

ASKED_ONLY = frozenset({"amount_to_confirm", "confirm", "confirmation_token", "expand", "mandate", "payment_method"})
"""What leaves nothing behind to look for; each has its tests."""


def form(value: Any, name: str = "") -> str:
    """A nested request as the SDKs encode it."""
    if isinstance(value, dict):
        pairs = (form(inner, f"{name}[{key}]" if name else key) for key, inner in value.items())
        return "&".join(pair for pair in pairs if pair)
    if isinstance(value, list):
        return "&".join(form(inner, f"{name}[{index}]") for index, inner in enumerate(value))
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return f"{quote(name)}={quote(text)}"


def cases(operation: str) -> list[tuple[Path, Any]]:
    """Every parameter but empty hashes, with a value for it."""
    found = list(leaves(parameters_of(PARAMS_OF[operation])))
    if operation in ("capture", "increment_authorization"):
        # Only cards can be held here, and a card payment has no statement_descriptor: refused, by a test of its own.
        found = [(path, one) for path, one in found if path != ("statement_descriptor",)]
    return [(path, sample(one, *path)) for path, one in found if not (one.kind == "hash" and not one.fields)]


def complete(operation: str, path: Path, request: dict[str, Any]) -> dict[str, Any]:
    """What else the request needs to make sense."""
    if request.get("amount_details") and path[-1] != "enforce_arithmetic_validation":
        request["amount_details"]["enforce_arithmetic_validation"] = False
    if operation in ("create", "increment_authorization") or path == ("amount",):
        request["amount"] = 2_000
    if path[0] == "shipping":
        request["shipping"]["address"].setdefault("city", "Lisbon")
    if path == ("allowed_payment_method_types", "0"):
        request["allowed_payment_method_types"].append("card")
    if path == ("amount_to_confirm",):
        request["amount_to_confirm"] = 1_099
    if path == ("application_fee_amount",) and operation == "create":
        request["transfer_data"] = {}
    if path[0] in ("payment_method", "confirmation_token", "mandate"):
        request.pop(path[0])
    if path[0] == "payment_method_data":
        complete_method(operation, path, request)
    if operation == "create" and path[0] in (*WITH_CONFIRM_ONLY, "confirm", "use_stripe_sdk"):
        request |= {"confirm": True, "payment_method": "pm_card_visa"}
    if path[0] == "mandate_data":
        complete_acceptance(path, request["mandate_data"]["customer_acceptance"])
    if path[0] == "expand":
        del request["expand"]
    if path[0] == "automatic_payment_methods":
        request["automatic_payment_methods"]["enabled"] = True
    if path == ("cancellation_reason",):
        request["cancellation_reason"] = "duplicate"
    return request


def complete_acceptance(path: Path, acceptance: dict[str, Any]) -> None:
    """Who consented, and from where."""
    acceptance.setdefault("type", "offline")
    if path[-1] in ("ip_address", "user_agent"):
        acceptance |= {"type": "online", "online": {"ip_address": "203.0.113.7", "user_agent": "x10"}}


def complete_method(operation: str, path: Path, request: dict[str, Any]) -> None:
    """A payment method of the type that the parameter belongs to, which the intent accepts."""
    data, owner = request["payment_method_data"], path[1]
    if owner == "type":
        account = {"account_number": "000123456789", "institution_number": "000", "transit_number": "11000"}
        request["payment_method_data"] = data = {"type": "acss_debit", "acss_debit": account}
    elif owner in ("billing_details", "allow_redisplay", "metadata", "radar_options", "interac_present"):
        data["type"] = "klarna"
    else:
        data["type"] = owner
    for name, other in TOGETHER.get(data["type"], {}).items():
        data[data["type"]].setdefault(name, other)
    known = {"name": "Jenny Rosen", "email": "jenny@example.com"}
    data["billing_details"] = known | data.get("billing_details", {})
    request["allowed_payment_method_types"] = [data["type"]]
    if operation == "confirm" and data["type"] in CONSENTED:
        request["mandate_data"] = CONSENT


TOGETHER: dict[str, dict[str, str]] = {
    "bacs_debit": {"sort_code": "108800", "account_number": "00012345"},
    "payto": {"bsb_number": "000000", "account_number": "000123456"},
    "us_bank_account": {"routing_number": "110000000", "account_number": "000123456789"},
}
"""What is of use only with the rest of it."""


def currency_of(request: dict[str, Any]) -> str:
    """One in which the intent can be paid with the type of the request."""
    types = TYPES[request.get("payment_method_data", {}).get("type", "card")].currencies
    return "usd" if "usd" in types or not types else min(types)


async def send(api: Api, operation: str, path: Path, value: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Make an intent ready for the operation, and carry it out; the request as it was completed, and the answer."""
    request = complete(operation, path, request_with(parameters_of(PARAMS_OF[operation]), path, value))
    if operation == "create" and "transfer_data" in request:
        request["transfer_data"]["destination"] = await connected(api)
    if path == ("customer",):
        request["customer"] = (await api.post("/v1/customers")).json()["id"]
    if path == ("payment_method_configuration",):
        request["payment_method_configuration"] = default_id(api.scope.account, api.scope.livemode)
    if operation == "create":
        request.setdefault("currency", "usd")
        if path != ("currency",):
            request["currency"] = currency_of(request)
        response = await api.post(INTENTS, form(request) + "&expand[]=amount_details.line_items")
    else:
        id_ = await _ready(api, operation, path, currency_of(request))
        response = await api.post(
            f"{INTENTS}/{id_}{'' if operation == 'update' else '/' + operation}",
            form(request) + "&expand[]=amount_details.line_items",
        )
    body: dict[str, Any] = response.json()
    return request, body


async def _ready(api: Api, operation: str, path: Path, currency: str) -> str:
    held = "&capture_method=manual&payment_method_options[card][request_incremental_authorization]=if_available" \
           "&payment_method_options[card][request_multicapture]=if_available&confirm=true"  # fmt: skip
    more = {"update": "", "confirm": ""}.get(operation, held)
    more = more and held
    shared = path[0] in ("transfer_data", "application_fee_amount")
    more += f"&transfer_data[destination]={await connected(api)}" if shared else ""
    method = "" if path[0].startswith("payment_method_data") else "&payment_method=pm_card_visa"
    method = method if more or operation == "confirm" else ""
    response = await api.post(INTENTS, f"amount=1099&currency={currency}{more}{method}")
    return str(response.json()["id"])


def pairs(document: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Every name with its value, anywhere in a document."""
    if isinstance(document, dict):
        for key, inner in document.items():
            yield from pairs(inner, key)
    elif isinstance(document, list | tuple):
        for inner in document:
            yield from pairs(inner, name)
    else:
        yield name, document


async def everything(api: Api, body: dict[str, Any]) -> list[tuple[str, Any]]:
    """All that is known of an intent: what is stored, what the gateway was asked, what its vault was given."""
    intent = await payment_intents.load(api.database, api.scope, body["id"])
    assert intent is not None
    methods, _ = await payment_methods.newest(api.database, api.scope, Cursor(limit=1), None)
    effects = [asdict(effect) for effect in api.engine.gateway.performed]
    documents = [dump_intent(intent), [dump_method(method) for method in methods], effects, api.tokenization.accounts]
    return list(pairs(documents))


def shown_at(path: Path) -> Path:
    """Where a parameter is shown; a list of objects has its elements under `data`."""
    if path[:2] == ("amount_details", "line_items"):
        return ("amount_details", "line_items", "data", *path[2:])
    if path[0] == "payment_method_configuration":
        return ("payment_method_configuration_details", "id")
    return path


@pytest.mark.parametrize("operation", PARAMS_OF)
async def test_what_was_sent_is_shown_or_where_it_is_said_to_be(api: Api, operation: str) -> None:
    lost = []
    for path, value in cases(operation):
        request, body = await send(api, operation, path, value)
        error = body.get("error", {})
        if error and not (operation == "confirm" and error.get("code") in NOT_IN_DOLLARS):
            lost.append((path, body["error"]["message"]))
            continue
        # A confirmation that is refused, as its currency is another, leaves no payment method behind.
        if path[0] in ASKED_ONLY or (error and path[0] == "payment_method_data"):
            continue
        body = error.get("payment_intent", body)
        value = find(request, path)
        if any(path[: len(prefix)] == prefix for prefix in NOT_SHOWN):
            name = RENAMED.get(path[-1], path[-1]) if path[-1] != "0" else path[-2]
            known = await everything(api, body)
            if not all(pair in known for pair in pairs(value, name)):
                lost.append((path, f"{name} {value} is nowhere"))
        elif find(body, shown_at(path)) != value:
            lost.append((path, f"{find(body, shown_at(path))!r} instead of {value!r}"))
    assert not lost, "\n".join(f"{path}: {text}" for path, text in lost)
