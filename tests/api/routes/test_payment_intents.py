"""PaymentIntents over HTTP: what each operation answers, and that a refused one changes nothing."""

import pytest

from domain.model.outcomes import AuthenticationRequired, Declined
from gateways.base import GatewayUnavailable
from tests.api.conftest import Api, connected, error_of

CARD = "payment_method=pm_card_visa"
PATH = "/v1/payment_intents"


async def test_create(api: Api) -> None:
    intent = await api.create("metadata[order]=6735&description=Shoes&shipping[name]=A&shipping[address][line1]=B")
    assert intent["status"] == "requires_payment_method"
    assert intent["id"].startswith("pi_3")
    assert intent["client_secret"].startswith(intent["id"] + "_secret_")
    assert (intent["amount"], intent["currency"], intent["livemode"]) == (1099, "usd", False)
    assert (intent["capture_method"], intent["confirmation_method"]) == ("automatic_async", "automatic")
    assert intent["metadata"] == {"order": "6735"}
    assert intent["shipping"]["address"]["city"] is None
    assert (intent["latest_charge"], intent["next_action"], intent["last_payment_error"]) == (None, None, None)
    assert intent["payment_method_options"]["card"] == {
        "installments": None,
        "mandate_options": None,
        "network": None,
        "request_three_d_secure": "automatic",
    }


async def test_create_with_a_method_waits_for_confirmation_and_clones_the_test_card(api: Api) -> None:
    first, second = await api.create(CARD), await api.create(CARD)
    assert first["status"] == "requires_confirmation"
    assert first["payment_method"].startswith("pm_1")
    assert first["payment_method"] != second["payment_method"]


async def test_create_and_confirm_in_one_request(api: Api) -> None:
    intent = await api.create(f"{CARD}&confirm=true&expand[]=latest_charge")
    assert (intent["status"], intent["amount_received"]) == ("succeeded", 1099)
    charge = intent["latest_charge"]
    assert (charge["status"], charge["captured"], charge["paid"]) == ("succeeded", True, True)
    assert charge["payment_method_details"]["card"]["last4"] == "4242"
    assert charge["outcome"]["network_status"] == "approved_by_network"


async def test_manual_capture(api: Api) -> None:
    intent = await api.create(f"{CARD}&capture_method=manual&confirm=true")
    assert (intent["status"], intent["amount_capturable"]) == ("requires_capture", 1099)
    captured = (await api.post(f"{PATH}/{intent['id']}/capture", "amount_to_capture=1000")).json()
    assert (captured["status"], captured["amount_received"], captured["amount_capturable"]) == ("succeeded", 1000, 0)
    charge = (await api.get(f"/v1/charges/{captured['latest_charge']}")).json()
    assert (charge["amount_captured"], charge["amount_refunded"], charge["refunded"]) == (1000, 0, False)
    assert (await api.get("/v1/refunds")).json()["data"] == []
    rest = (await api.post("/v1/refunds", f"payment_intent={intent['id']}")).json()
    assert rest["amount"] == 1000
    charge = (await api.get(f"/v1/charges/{captured['latest_charge']}")).json()
    assert (charge["amount_refunded"], charge["refunded"]) == (1000, True)


async def test_a_hold_that_is_let_go_is_no_refund(api: Api) -> None:
    intent = await api.create(f"{CARD}&capture_method=manual&confirm=true")
    gone = (await api.post(f"{PATH}/{intent['id']}/cancel", "expand[]=latest_charge")).json()
    charge = gone["latest_charge"]
    assert (charge["status"], charge["captured"], charge["amount_captured"]) == ("succeeded", False, 0)
    assert (charge["amount_refunded"], charge["refunded"]) == (0, False)
    assert (await api.get("/v1/refunds")).json()["data"] == []
    told = [event["type"] for event in (await api.get("/v1/events")).json()["data"]]
    assert told[0] == "payment_intent.canceled"
    assert "charge.refunded" not in told


async def test_a_decline_is_a_402_with_the_intent_inside_then_another_card_succeeds(api: Api) -> None:
    intent = await api.create()
    api.engine.gateway.answers.append(Declined(decline_code="insufficient_funds", checks={"cvc_check": "pass"}))
    response = await api.post(f"{PATH}/{intent['id']}/confirm", CARD)
    error = error_of(response)
    assert response.status_code == 402
    assert (error["type"], error["code"], error["decline_code"]) == (
        "card_error",
        "card_declined",
        "insufficient_funds",
    )
    inside = error["payment_intent"]
    assert (inside["status"], inside["payment_method"]) == ("requires_payment_method", None)
    assert inside["last_payment_error"]["payment_method"]["card"]["checks"]["cvc_check"] == "pass"
    assert error["payment_method"]["id"] == inside["last_payment_error"]["payment_method"]["id"]
    used = (await api.get(f"/v1/payment_methods/{error['payment_method']['id']}")).json()
    assert used["card"]["checks"] == error["payment_method"]["card"]["checks"]
    assert error["charge"] == inside["latest_charge"]
    assert error["doc_url"].endswith("/card-declined")
    again = (await api.post(f"{PATH}/{intent['id']}/confirm", CARD)).json()
    assert (again["status"], again["last_payment_error"]) == ("succeeded", None)
    history = (await api.get("/v1/charges", f"payment_intent={intent['id']}")).json()["data"]
    assert [(charge["status"], charge["failure_code"]) for charge in history] == [
        ("succeeded", None),
        ("failed", "card_declined"),
    ]


async def test_a_declined_create_leaves_the_intent(api: Api) -> None:
    api.engine.gateway.answers.append(Declined(decline_code="generic_decline"))
    response = await api.post(PATH, f"amount=1099&currency=usd&confirm=true&{CARD}")
    assert response.status_code == 402
    id_ = error_of(response)["payment_intent"]["id"]
    assert (await api.get(f"{PATH}/{id_}")).json()["status"] == "requires_payment_method"


async def test_create_and_confirm_without_a_method_leaves_nothing(api: Api) -> None:
    response = await api.post(PATH, "amount=1099&currency=usd&confirm=true")
    assert response.status_code == 400
    assert "missing a payment method" in error_of(response)["message"]
    assert (await api.get(PATH)).json()["data"] == []
    assert api.engine.started == 0


async def test_authentication(api: Api) -> None:
    api.engine.gateway.answers.append(AuthenticationRequired(authentication="authn_1", url="https://bank.example"))
    intent = await api.create(f"{CARD}&confirm=true&return_url=https://shop.example")
    assert intent["status"] == "requires_action"
    assert intent["next_action"] == {
        "type": "redirect_to_url",
        "redirect_to_url": {"return_url": "https://shop.example", "url": "https://bank.example"},
    }


async def test_update(api: Api) -> None:
    intent = await api.create("metadata[a]=1&description=x&receipt_email=a@example.com")
    changed = (
        await api.post(f"{PATH}/{intent['id']}", "amount=2000&metadata[a]=&metadata[b]=2&description=&currency=EUR")
    ).json()
    assert (changed["amount"], changed["currency"], changed["metadata"]) == (2000, "eur", {"b": "2"})
    assert (changed["description"], changed["receipt_email"]) == (None, "a@example.com")
    cleared = (await api.post(f"{PATH}/{intent['id']}", "metadata=&receipt_email=")).json()
    assert (cleared["metadata"], cleared["receipt_email"]) == ({}, None)
    with_card = (await api.post(f"{PATH}/{intent['id']}", CARD)).json()
    assert with_card["status"] == "requires_confirmation"


@pytest.mark.parametrize(
    ("setup", "path", "form", "text"),
    [
        ("", "capture", "", "status of requires_payment_method"),
        (f"{CARD}&confirm=true", "capture", "", "has been released"),
        (f"{CARD}&confirm=true", "cancel", "", "status of succeeded"),
        (f"{CARD}&confirm=true", "confirm", "", "already succeeded"),
        (f"{CARD}&confirm=true&capture_method=manual", "confirm", "", "status of requires_capture"),
        (f"{CARD}&confirm=true", "increment_authorization", "amount=2000", "status of succeeded"),
        ("", "verify_microdeposits", "amounts[]=32&amounts[]=45", "microdeposits"),
        ("", "apply_customer_balance", "", "customer_balance"),
        (f"{CARD}&confirm=true", "", "amount=5000", "amount could not be updated"),
    ],
)
async def test_an_illegal_command_shows_the_intent_unchanged(
    api: Api, setup: str, path: str, form: str, text: str
) -> None:
    intent = await api.create(setup)
    calls = api.engine.gateway.calls
    response = await api.post(f"{PATH}/{intent['id']}/{path}".rstrip("/"), form)
    error = error_of(response)
    assert (response.status_code, error["code"]) == (400, "payment_intent_unexpected_state")
    assert text in error["message"]
    assert error["payment_intent"] == intent
    assert (await api.get(f"{PATH}/{intent['id']}")).json() == intent
    assert api.engine.gateway.calls == calls


@pytest.mark.parametrize("reason", ["duplicate", "fraudulent", "requested_by_customer", "abandoned"])
async def test_cancel(api: Api, reason: str) -> None:
    intent = await api.create()
    canceled = (await api.post(f"{PATH}/{intent['id']}/cancel", f"cancellation_reason={reason}")).json()
    assert (canceled["status"], canceled["cancellation_reason"]) == ("canceled", reason)
    assert canceled["canceled_at"] == api.clock.now
    again = await api.post(f"{PATH}/{intent['id']}/cancel")
    assert error_of(again)["code"] == "payment_intent_unexpected_state"


async def test_list_filters_and_pages(api: Api) -> None:
    customer = (await api.post("/v1/customers", "email=a@example.com")).json()
    ids = [(await api.create(f"customer={customer['id']}" if n % 2 else ""))["id"] for n in range(5)][::-1]
    page = (await api.get(PATH, "limit=2")).json()
    assert ([i["id"] for i in page["data"]], page["has_more"], page["url"]) == (ids[:2], True, PATH)
    rest = (await api.get(PATH, f"starting_after={ids[1]}")).json()
    assert ([i["id"] for i in rest["data"]], rest["has_more"]) == (ids[2:], False)
    back = (await api.get(PATH, f"ending_before={ids[3]}&limit=2")).json()
    assert [i["id"] for i in back["data"]] == ids[1:3]
    nobody = error_of(await api.get(PATH, "customer=cus_none"))
    assert (nobody["code"], nobody["param"]) == ("resource_missing", "customer")
    theirs = (await api.get(PATH, f"customer={customer['id']}&expand[]=data.customer")).json()
    assert [i["customer"]["email"] for i in theirs["data"]] == ["a@example.com"] * 2
    assert (await api.get(PATH, f"created[gt]={api.clock.now}")).json()["data"] == []
    assert len((await api.get(PATH, "limit=0")).json()["data"]) == 1, "clamped, as Stripe does"


async def test_an_unknown_cursor_or_both(api: Api) -> None:
    response = await api.get(PATH, "starting_after=pi_nowhere")
    assert (response.status_code, error_of(response)["param"]) == (400, "starting_after")
    both = await api.get(PATH, "starting_after=a&ending_before=b")
    assert error_of(both)["message"].startswith("Received both starting_after and ending_before")


async def test_no_answer_from_the_gateway_is_a_503_to_repeat(api: Api) -> None:
    intent = await api.create()
    api.engine.gateway.answers.append(GatewayUnavailable("no answer"))
    form = {"form": CARD, "Idempotency_Key": "once"}
    response = await api.post(f"{PATH}/{intent['id']}/confirm", **form)
    assert (response.status_code, response.headers["stripe-should-retry"]) == (503, "true")
    assert error_of(response)["type"] == "api_error"
    again = await api.post(f"{PATH}/{intent['id']}/confirm", **form)
    assert again.json()["status"] == "succeeded"


async def test_reads_fall_back_to_the_record_when_the_engine_is_away(api: Api) -> None:
    intent = await api.create()
    api.engine.away = True
    assert (await api.get(f"{PATH}/{intent['id']}")).json() == intent
    assert (await api.post(f"{PATH}/{intent['id']}/cancel")).status_code == 503


async def test_a_record_that_is_ahead_of_the_workflow_is_believed(api: Api) -> None:
    intent = await api.create()
    behind = api.engine.states[intent["id"]]
    await api.post(f"{PATH}/{intent['id']}", "description=newer")
    api.engine.states[intent["id"]] = behind
    assert (await api.get(f"{PATH}/{intent['id']}")).json()["description"] == "newer"


async def test_exactly_the_keys_of_the_sdks_type(api: Api) -> None:
    import stripe

    optional = {"hooks", "payment_details", "presentment_details", "transfer_data"}
    intent = await api.create(f"{CARD}&confirm=true")
    declared = {name for name in stripe.PaymentIntent.__annotations__ if name != "OBJECT_NAME"}
    assert set(intent) - declared == {"shared_payment_granted_token"}
    assert declared - set(intent) - optional == set()
    charge = (await api.get(f"/v1/charges/{intent['latest_charge']}")).json()
    declared = {name for name in stripe.Charge.__annotations__ if name != "OBJECT_NAME"}
    optional = {"authorization_code", "level3", "presentment_details", "refunds", "transfer"}
    assert set(charge) - declared == {"destination", "dispute", "order"}
    assert declared - set(charge) - optional == set()


async def test_types_that_are_excluded_are_not_taken_and_the_exclusion_can_be_lifted(api: Api) -> None:
    intent = await api.create("excluded_payment_method_types[]=card")
    path = f"{PATH}/{intent['id']}"
    assert intent["excluded_payment_method_types"] == ["card"]
    refused = error_of(await api.post(path, CARD))
    assert refused["code"] == "payment_intent_incompatible_payment_method"
    lifted = (await api.post(path, "excluded_payment_method_types=")).json()
    assert lifted["excluded_payment_method_types"] is None
    assert (await api.post(path, CARD)).json()["status"] == "requires_confirmation"


@pytest.mark.parametrize("path", ["", "/{id}"])
@pytest.mark.parametrize("param", ["transfer_data[amount]", "application_fee_amount"])
async def test_nobody_gets_less_than_nothing_of_a_payment(api: Api, path: str, param: str) -> None:
    destination = f"transfer_data[destination]={await connected(api)}"
    intent = await api.create(destination)
    form = f"{param}=-5" if path else f"amount=1099&currency=usd&{destination}&{param}=-5"
    refused = await api.post(PATH + path.format(id=intent["id"]), form)
    error = error_of(refused)
    assert (refused.status_code, error["code"], error["param"]) == (400, "parameter_invalid_integer", param)
    assert error["message"] == "This value must be greater than or equal to 0."
    assert (await api.get(PATH)).json()["data"] == [intent]
    nothing = await api.post(PATH, f"amount=1099&currency=usd&{destination}&{param}=0")
    assert nothing.status_code == 200


@pytest.mark.parametrize("param", ["transfer_data[amount]", "application_fee_amount"])
@pytest.mark.parametrize("operation", ["capture?amount_to_capture=500", "increment_authorization?amount=2000"])
async def test_nor_of_what_is_held(api: Api, operation: str, param: str) -> None:
    held = await api.create(
        f"transfer_data[destination]={await connected(api)}&capture_method=manual&payment_method=pm_card_visa"
        "&confirm=true"
        "&payment_method_options[card][request_incremental_authorization]=if_available"
    )
    name, _, form = operation.partition("?")
    error = error_of(await api.post(f"{PATH}/{held['id']}/{name}", f"{form}&{param}=-5"))
    assert (error["code"], error["param"]) == ("parameter_invalid_integer", param)
    assert len(api.engine.gateway.performed) == 1
