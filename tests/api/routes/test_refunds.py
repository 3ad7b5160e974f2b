"""Refunds: whole, in parts, refused, failed; what the charge and the balance say then."""

from dataclasses import replace
from typing import Any

import pytest

from domain.model.outcomes import Declined, Refund
from records.accounts import ensure_account, ensure_key
from tests.api.conftest import Api, error_of
from tests.support.builders import NOW

REFUNDS = "/v1/refunds"
INTENTS = "/v1/payment_intents"
PAID = "confirm=true&payment_method=pm_card_visa"


async def refund(api: Api, form: str, **more: Any) -> dict[str, Any]:
    response = await api.post(REFUNDS, form, **more)
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    return body


async def charge_of(api: Api, intent: dict[str, Any]) -> dict[str, Any]:
    query = "expand[]=latest_charge.refunds&expand[]=latest_charge.balance_transaction"
    body: dict[str, Any] = (await api.get(f"{INTENTS}/{intent['id']}", query)).json()["latest_charge"]
    return body


async def test_all_of_it_by_default(api: Api) -> None:
    intent = await api.create(PAID)
    given = await refund(api, f"payment_intent={intent['id']}&reason=requested_by_customer&metadata[a]=b")
    assert (given["status"], given["amount"], given["reason"]) == ("succeeded", 1_099, "requested_by_customer")
    assert (given["charge"], given["payment_intent"]) == (intent["latest_charge"], intent["id"])
    charge = await charge_of(api, intent)
    assert (charge["amount_refunded"], charge["refunded"]) == (1_099, True)
    assert charge["refunds"]["data"] == [given]
    assert (await api.get(f"{REFUNDS}/{given['id']}")).json() == given
    assert (await api.get(f"{INTENTS}/{intent['id']}")).json()["status"] == "succeeded"


async def test_parts_until_nothing_is_left(api: Api) -> None:
    intent = await api.create(PAID)
    first = await refund(api, f"charge={intent['latest_charge']}&amount=500")
    error = error_of(await api.post(REFUNDS, f"payment_intent={intent['id']}&amount=600"))
    assert (error.get("code"), error["param"]) == (None, "amount")
    assert error["message"] == "Refund amount ($6.00) is greater than unrefunded amount on charge ($5.99)"
    second = await refund(api, f"payment_intent={intent['id']}")
    assert second["amount"] == 599
    error = error_of(await api.post(REFUNDS, f"payment_intent={intent['id']}"))
    assert error["code"] == "charge_already_refunded"
    assert "payment_intent" not in error
    listed = (await api.get(REFUNDS, f"payment_intent={intent['id']}")).json()
    assert [one["id"] for one in listed["data"]] == [second["id"], first["id"]]
    assert (await api.get(REFUNDS, f"charge={intent['latest_charge']}&limit=1")).json()["has_more"]
    amounts = [effect.amount for effect in api.engine.gateway.performed if effect.operation == "refund"]
    assert amounts == [500, 599]


async def test_after_a_partial_capture_only_what_was_taken(api: Api) -> None:
    held = await api.create(f"{PAID}&capture_method=manual")
    error = error_of(await api.post(REFUNDS, f"payment_intent={held['id']}"))
    assert "This uncaptured Charge was created" in error["message"]
    await api.post(f"{INTENTS}/{held['id']}/capture", "amount_to_capture=300")
    error = error_of(await api.post(REFUNDS, f"payment_intent={held['id']}&amount=301"))
    assert error["param"] == "amount"
    assert (await refund(api, f"payment_intent={held['id']}"))["amount"] == 300


async def test_between_captures(api: Api) -> None:
    form = f"{PAID}&capture_method=manual&payment_method_options[card][request_multicapture]=if_available"
    held = await api.create(form)
    await api.post(f"{INTENTS}/{held['id']}/capture", "amount_to_capture=300&final_capture=false")
    await refund(api, f"payment_intent={held['id']}&amount=100")
    shown = (await api.get(f"{INTENTS}/{held['id']}")).json()
    assert (shown["status"], shown["amount_capturable"]) == ("requires_capture", 799)
    assert (await charge_of(api, held))["amount_refunded"] == 100
    done = (await api.post(f"{INTENTS}/{held['id']}/capture")).json()
    assert (done["status"], done["amount_received"]) == ("succeeded", 1_099)
    assert (await refund(api, f"payment_intent={held['id']}"))["amount"] == 999


async def test_one_that_fails_gives_nothing_back(api: Api) -> None:
    intent = await api.create(PAID)
    api.engine.gateway.answers = [Declined(decline_code="generic_decline")]
    failed = await refund(api, f"payment_intent={intent['id']}")
    assert (failed["status"], failed["failure_reason"]) == ("failed", "declined")
    assert failed["balance_transaction"] is None
    charge = await charge_of(api, intent)
    assert (charge["amount_refunded"], charge["refunded"]) == (0, False)
    assert (await refund(api, f"payment_intent={intent['id']}"))["status"] == "succeeded", "another try is another one"


async def test_a_repeated_request_gives_back_once(api: Api) -> None:
    intent = await api.create(PAID)
    form = f"payment_intent={intent['id']}&amount=100"
    first, again = [await refund(api, form, idempotency_key="once") for _ in range(2)]
    assert first == again
    assert (await charge_of(api, intent))["amount_refunded"] == 100


async def test_the_balance(api: Api) -> None:
    intent = await api.create(f"{PAID}&description=Book")
    charge = await charge_of(api, intent)
    transaction = charge["balance_transaction"]
    assert (transaction["amount"], transaction["fee"], transaction["net"]) == (1_099, 62, 1_037)
    assert (transaction["source"], transaction["description"]) == (charge["id"], "Book")
    assert (await api.get(f"/v1/balance_transactions/{transaction['id']}")).json() == transaction
    given = await refund(api, f"payment_intent={intent['id']}&amount=99&expand[]=balance_transaction")
    back = given["balance_transaction"]
    assert (back["amount"], back["fee"], back["type"], back["source"]) == (-99, 0, "refund", given["id"])
    assert (await api.get("/v1/balance_transactions/txn_none")).status_code == 404
    held = await api.create(f"{PAID}&capture_method=manual")
    assert (await charge_of(api, held))["balance_transaction"] is None, "nothing was taken yet"


async def test_metadata_changes_and_nothing_cancels(api: Api) -> None:
    intent = await api.create(PAID)
    given = await refund(api, f"payment_intent={intent['id']}&metadata[a]=1&metadata[b]=2")
    path = f"{REFUNDS}/{given['id']}"
    changed = (await api.post(path, "metadata[a]=&metadata[c]=3")).json()
    assert changed["metadata"] == {"b": "2", "c": "3"}
    error = error_of(await api.post(f"{path}/cancel"))
    assert error["message"] == "Canceling this refund is unsupported."
    assert (await api.get(path)).json() == changed


@pytest.mark.parametrize(
    ("form", "code", "param"),
    [
        ("", None, None),
        ("payment_intent=pi_none", "resource_missing", "payment_intent"),
        ("charge=ch_none", "resource_missing", "id"),
        ("charge={charge}&payment_intent={intent}", "parameters_exclusive", None),
        ("payment_intent={intent}&amount=0", "parameter_invalid_integer", "amount"),
        ("payment_intent={intent}&amount=-5", "parameter_invalid_integer", "amount"),
        ("payment_intent={intent}&amount=1100", None, "amount"),
        ("payment_intent={intent}&reason=bored", None, "reason"),
        ("payment_intent={intent}&currency=eur", None, "currency"),
        ("payment_intent={intent}&reverse_transfer=true", None, "reverse_transfer"),
        ("payment_intent={intent}&refund_application_fee=true", None, "refund_application_fee"),
        ("origin=customer_balance", "parameter_missing", "customer"),
        ("payment_intent={unpaid}", None, None),
        ("charge={failed}", None, None),
    ],
)
async def test_what_cannot_be_refunded(api: Api, form: str, code: str | None, param: str | None) -> None:
    unpaid = await api.create()
    api.engine.gateway.answers = [Declined(decline_code="generic_decline")]
    declined = error_of(await api.post(INTENTS, f"amount=1099&currency=usd&{PAID}"))
    await api.post(f"{INTENTS}/{declined['payment_intent']['id']}/confirm", "payment_method=pm_card_visa")
    intent = await api.create(PAID)
    names = {"intent": intent["id"], "charge": intent["latest_charge"], "unpaid": unpaid["id"],
             "failed": declined["charge"]}  # fmt: skip
    before = len(api.engine.gateway.performed)
    response = await api.post(REFUNDS, form.format(**names))
    error = error_of(response)
    assert response.status_code == (404 if param == "id" else 400)
    assert (error.get("code"), error.get("param")) == (code, param)
    assert len(api.engine.gateway.performed) == before
    assert (await api.get(REFUNDS)).json()["data"] == []


async def test_busy_with_another_refund_is_a_429_to_try_again_and_not_remembered(api: Api) -> None:
    intent = await api.create(PAID)
    state = api.engine.states[intent["id"]]
    pending = Refund(key="k", authorization="auth", amount=1, refund="re_0")
    api.engine.states[intent["id"]] = replace(state, pending=pending)
    form = f"payment_intent={intent['id']}&amount=1"
    response = await api.post(REFUNDS, form, idempotency_key="once")
    assert (response.status_code, error_of(response)["code"]) == (429, "lock_timeout")
    assert response.headers["stripe-should-retry"] == "true"
    api.engine.states[intent["id"]] = state
    assert (await refund(api, form, idempotency_key="once"))["status"] == "succeeded"


async def test_what_no_card_has_paid_goes_back_under_an_id_of_its_own(api: Api) -> None:
    """As recorded: `pyr_1…` of a `py_…`."""
    form = "amount=1099&currency=usd&confirm=true&allowed_payment_method_types[]=cashapp"
    method = "payment_method_data[type]=cashapp&return_url=https://shop.example"
    paid = (await api.post(INTENTS, f"{form}&{method}")).json()
    assert paid["latest_charge"].startswith("py_")
    given = await refund(api, f"payment_intent={paid['id']}&amount=99")
    assert (given["id"][:5], len(given["id"])) == ("pyr_1", len("pyr_1") + 23)
    assert (await api.get(f"{REFUNDS}/{given['id']}")).json() == given
    booked = f"/v1/balance_transactions/{given['balance_transaction']}"
    opened = (await api.get(booked, "expand[]=source")).json()
    assert (opened["source"], opened["type"]) == (given, "payment_refund")


async def test_another_account_reaches_nothing_of_it(api: Api) -> None:
    consent = "mandate_data[customer_acceptance][type]=offline"
    intent = await api.create(f"{PAID}&setup_future_usage=off_session&{consent}&expand[]=latest_charge")
    charge = intent["latest_charge"]
    given = await refund(api, f"payment_intent={intent['id']}")
    form = "payment_method=pm_card_visa"
    token = (await api.post("/v1/test_helpers/confirmation_tokens", form)).json()["id"]
    mandate = charge["payment_method_details"]["card"]["mandate"]
    await ensure_account(api.database, "acct_stranger", "stranger", NOW)
    await ensure_key(api.database, "acct_stranger", "sk_test_stranger", "secret", livemode=False, now=NOW)
    for path in (
        f"{REFUNDS}/{given['id']}", f"/v1/mandates/{mandate}",
        f"/v1/balance_transactions/{charge['balance_transaction']}",
        f"/v1/balance_transactions/{given['balance_transaction']}", f"/v1/confirmation_tokens/{token}",
        f"{INTENTS}/{intent['id']}/amount_details_line_items",
    ):  # fmt: skip
        assert (await api.get(path)).status_code == 200, path
        assert (await api.get(path, key="sk_test_stranger")).status_code == 404, path
    for path in (REFUNDS, f"{INTENTS}/search?query=amount%3E0"):
        assert (await api.get(path, key="sk_test_stranger")).json()["data"] == []
    for path, sent in (
        (REFUNDS, f"payment_intent={intent['id']}"),
        (REFUNDS, f"charge={charge['id']}"),
        (f"{REFUNDS}/{given['id']}", "metadata[a]=b"),
        (f"/v1/test_helpers/payment_intents/{intent['id']}/fast_forward", "seconds=5"),
        (INTENTS, f"amount=1099&currency=usd&confirm=true&confirmation_token={token}"),
        (INTENTS, f"amount=1099&currency=usd&confirm=true&mandate={mandate}"),
    ):
        assert error_of(await api.post(path, sent, key="sk_test_stranger"))["code"] == "resource_missing", path


async def listed(api: Api, path: str) -> list[str]:
    """Every id, page by page, as a library goes through a list."""
    found: list[str] = []
    while True:
        after = f"starting_after={found[-1]}" if found else ""
        page = await api.get(path, after)
        assert page.status_code == 200, page.text
        found += [one["id"] for one in page.json()["data"]]
        if not page.json()["has_more"]:
            return found


async def test_a_charges_list_of_refunds_goes_on_where_it_says(api: Api) -> None:
    intent, other = await api.create(PAID), await api.create(PAID)
    of = [(await refund(api, f"payment_intent={intent['id']}&amount=10"))["id"] for _ in range(12)]
    theirs = (await refund(api, f"payment_intent={other['id']}&amount=10"))["id"]
    inside = (await charge_of(api, intent))["refunds"]
    assert (len(inside["data"]), inside["has_more"], inside["total_count"]) == (10, True, 12)
    assert inside["url"] == f"/v1/charges/{intent['latest_charge']}/refunds"
    assert await listed(api, inside["url"]) == of[::-1]
    few = (await charge_of(api, other))["refunds"]
    assert (few["has_more"], few["total_count"]) == (False, 1)
    unknown = await api.get("/v1/charges/ch_nope/refunds")
    assert (unknown.status_code, error_of(unknown)["code"]) == (404, "resource_missing")
    one = f"{inside['url']}/{of[0]}"
    assert (await api.get(one)).json()["id"] == of[0]
    assert (await api.post(one, "metadata[a]=b")).json()["metadata"] == {"a": "b"}
    wrong = f"{inside['url']}/{theirs}"
    for answer in (await api.get(wrong), await api.post(wrong, "metadata[a]=b")):
        error = error_of(answer)
        assert (answer.status_code, error["code"], error["param"]) == (404, "resource_missing", "refund")
        assert error["message"] == f"No such refund: '{theirs}'"
    assert (await api.get(f"{REFUNDS}/{theirs}")).json()["metadata"] == {}


async def test_a_refund_made_of_a_charge(api: Api) -> None:
    intent = await api.create(PAID)
    path = f"/v1/charges/{intent['latest_charge']}/refunds"
    given = (await api.post(path, "amount=100&reason=duplicate&metadata[a]=b")).json()
    assert (given["object"], given["amount"], given["reason"]) == ("refund", 100, "duplicate")
    assert (given["payment_intent"], given["metadata"]) == (intent["id"], {"a": "b"})
    assert error_of(await api.post(path, f"payment_intent={intent['id']}"))["code"] == "parameter_unknown"
    assert error_of(await api.post(path, "amount=1000"))["param"] == "amount"
    assert [effect.amount for effect in api.engine.gateway.performed if effect.operation == "refund"] == [100]
