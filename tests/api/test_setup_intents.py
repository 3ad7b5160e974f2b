"""SetupIntents over HTTP: what live Stripe answers, in its words where they were recorded; and what is not done."""

from typing import Any

import pytest
from sqlalchemy import text as statement

from domain.model.outcomes import Approved, AuthenticationRequired, Declined, SetUp, VerificationRequired
from tests.api.conftest import Api, error_of

SETUPS = "/v1/setup_intents"
CARDS = "allowed_payment_method_types[]=card"
"""Who leaves the types to the account must say where a buyer who is sent away comes back to."""

DAY = 86_400
CONSENT = "mandate_data[customer_acceptance][type]=offline"


async def made(api: Api, form: str = "", path: str = SETUPS, **more: Any) -> dict[str, Any]:
    response = await api.post(path, form, **more)
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    return body


async def events(api: Api, id_: str) -> list[str]:
    listed = (await api.get("/v1/events", "limit=100")).json()["data"]
    return [event["type"] for event in reversed(listed) if id_ in str(event["data"]["object"])]


async def test_a_bare_one_waits_for_a_payment_method(api: Api) -> None:
    setup = await made(api, "metadata[order]=1")
    assert setup["id"].startswith("seti_1")
    assert setup["client_secret"].startswith(f"{setup['id']}_secret_")
    assert len(setup["client_secret"].rpartition("_")[2]) == 31
    assert (setup["status"], setup["usage"], setup["latest_attempt"]) == (
        "requires_payment_method",
        "off_session",
        None,
    )
    card = {"mandate_options": None, "network": None, "request_three_d_secure": "automatic"}
    assert setup["payment_method_options"]["card"] == card
    assert setup["automatic_payment_methods"] == {"allow_redirects": "always", "enabled": True}
    assert setup["payment_method_configuration_details"]["id"].startswith("pmc_1")
    assert {"card", "klarna", "link"} <= set(setup["payment_method_types"])
    assert not {"eps", "fpx", "konbini"} & set(setup["payment_method_types"]), "they cannot be kept"
    assert (await api.get(f"{SETUPS}/{setup['id']}")).json() == setup
    assert await events(api, setup["id"]) == ["setup_intent.created"]


async def test_a_card_is_set_up_for_a_customer_and_is_theirs_then(api: Api) -> None:
    customer = (await made(api, path="/v1/customers"))["id"]
    setup = await made(api, f"{CARDS}&customer={customer}&payment_method=pm_card_visa&confirm=true&usage=on_session")
    assert (setup["status"], setup["usage"], setup["mandate"]) == ("succeeded", "on_session", None)
    method = (await api.get(f"/v1/payment_methods/{setup['payment_method']}")).json()
    assert method["customer"] == customer
    told = await events(api, setup["id"])
    assert told == ["setup_intent.created", "setup_intent.succeeded"]
    assert "payment_method.attached" in await events(api, method["id"])
    tried = (await api.get("/v1/setup_attempts", f"setup_intent={setup['id']}")).json()["data"]
    assert [(one["id"], one["status"]) for one in tried] == [(setup["latest_attempt"], "succeeded")]
    whole = "expand[]=latest_attempt&expand[]=payment_method&expand[]=customer"
    shown = (await api.get(f"{SETUPS}/{setup['id']}", whole)).json()
    assert shown["latest_attempt"]["payment_method_details"]["card"]["last4"] == "4242"
    assert (shown["customer"]["id"], shown["payment_method"]["id"]) == (customer, method["id"])


async def test_a_decline_is_told_and_leaves_the_intent_open(api: Api) -> None:
    api.engine.gateway.answers = [Declined(decline_code="generic_decline", network_decline_code="01")]
    setup = await made(api, CARDS)
    refused = await api.post(f"{SETUPS}/{setup['id']}/confirm", "payment_method=pm_card_visa")
    error = error_of(refused)
    assert refused.status_code == 402
    assert (error["type"], error["code"], error["decline_code"]) == ("card_error", "card_declined", "generic_decline")
    assert "charge" not in error
    assert "payment_intent" not in error
    inside = error["setup_intent"]
    assert (inside["status"], inside["payment_method"]) == ("requires_payment_method", None)
    assert inside["last_setup_error"]["decline_code"] == "generic_decline"
    assert inside["last_setup_error"]["payment_method"]["id"] == error["payment_method"]["id"]
    tried = (await api.get("/v1/setup_attempts", f"setup_intent={setup['id']}")).json()["data"]
    assert [(one["status"], one["setup_error"]["code"]) for one in tried] == [("failed", "card_declined")]
    assert await events(api, setup["id"]) == ["setup_intent.created", "setup_intent.setup_failed"]
    again = await made(api, "payment_method=pm_card_visa", f"{SETUPS}/{setup['id']}/confirm")
    assert (again["status"], again["last_setup_error"]) == ("succeeded", None)


async def test_what_cannot_be_done_is_refused_in_stripes_words(api: Api) -> None:
    setup = await made(api, CARDS)
    missing = error_of(await api.post(f"{SETUPS}/{setup['id']}/confirm"))
    assert missing["code"] == "setup_intent_unexpected_state"
    assert missing["message"] == (
        "You cannot confirm this SetupIntent because it's missing a payment method. You can either update the "
        "SetupIntent with a payment method and then confirm it again, or confirm it again directly with a payment "
        "method or ConfirmationToken."
    )
    assert missing["setup_intent"]["id"] == setup["id"]
    verify = error_of(await api.post(f"{SETUPS}/{setup['id']}/verify_microdeposits", "amounts[]=32&amounts[]=45"))
    assert (verify["code"], verify["message"]) == (
        "intent_invalid_state",
        "This SetupIntent cannot be actioned on because it has a status of requires_payment_method. Only a SetupIntent "
        'with one of the following statuses may be actioned on: ["requires_action"].',
    )
    canceled = await made(api, path=f"{SETUPS}/{setup['id']}/cancel")
    assert (canceled["status"], canceled["cancellation_reason"]) == ("canceled", None)
    twice = error_of(await api.post(f"{SETUPS}/{setup['id']}/cancel"))
    assert twice["message"] == "You cannot cancel this SetupIntent because it is already canceled."
    late = error_of(await api.post(f"{SETUPS}/{setup['id']}/confirm", "payment_method=pm_card_visa"))
    assert late["message"] == "You cannot confirm this SetupIntent because it has been canceled."
    assert api.engine.gateway.performed == []
    noted = await made(api, "description=kept&metadata[a]=1", f"{SETUPS}/{setup['id']}")
    assert (noted["description"], noted["metadata"]) == ("kept", {"a": "1"})


async def test_one_that_has_succeeded_stays_as_it_is(api: Api) -> None:
    setup = await made(api, f"{CARDS}&payment_method=pm_card_visa&confirm=true")
    again = error_of(await api.post(f"{SETUPS}/{setup['id']}/confirm"))
    assert again["message"] == "You cannot confirm this SetupIntent because it has already succeeded."
    other = error_of(await api.post(f"{SETUPS}/{setup['id']}", "payment_method=pm_card_visa"))
    assert other["message"] == "You cannot update this SetupIntent because it has already succeeded."
    assert "param" not in other
    cancel = error_of(await api.post(f"{SETUPS}/{setup['id']}/cancel"))
    assert cancel["message"] == (
        "You cannot cancel this SetupIntent because it has a status of succeeded. Only a SetupIntent with one of the "
        "following statuses may be canceled: `requires_payment_method`, `requires_confirmation`, or `requires_action`."
    )
    assert len(api.engine.gateway.performed) == 1


async def test_a_method_is_its_owners(api: Api) -> None:
    one, other = [(await made(api, path="/v1/customers"))["id"] for _ in range(2)]
    method = (await made(api, f"{CARDS}&customer={one}&payment_method=pm_card_visa&confirm=true"))["payment_method"]
    nobodys = error_of(await api.post(SETUPS, f"{CARDS}&payment_method={method}&confirm=true"))
    assert nobodys["message"] == (
        f"The payment method supplied ({method}) belongs to the Customer {one}. Please include the Customer in the "
        "`customer` parameter on the SetupIntent."
    )
    assert (nobodys["param"], "setup_intent" in nobodys) == ("payment_method", False)
    anothers = error_of(await api.post(SETUPS, f"{CARDS}&payment_method={method}&customer={other}"))
    assert anothers["message"].startswith(f"The PaymentMethod {method} does not belong to the Customer you supplied")


async def test_the_buyer_is_asked_and_comes_back(api: Api) -> None:
    challenge = AuthenticationRequired(authentication="authn_1", url="https://bank.example/authn_1")
    api.engine.gateway.answers = [challenge]
    setup = await made(api, f"{CARDS}&payment_method=pm_card_visa&confirm=true&return_url=https://shop.example/done")
    assert (setup["status"], setup["next_action"]["type"]) == ("requires_action", "redirect_to_url")
    assert setup["next_action"]["redirect_to_url"]["url"] == "https://bank.example/authn_1"
    back = await api.http.get("/3d_secure/return", params={
        "authentication": "authn_1", "payment_intent": setup["id"], "closed": "true",
    })  # fmt: skip
    assert back.status_code == 303
    assert f"setup_intent={setup['id']}" in back.headers["location"]
    assert "setup_intent_client_secret=" in back.headers["location"]
    told = {"type": "authentication", "payment_intent": setup["id"], "authentication": "authn_1", "authenticated": True}
    from api.routes.notifications import AuthenticationEnded, _hand_over

    assert await _hand_over(api.services, AuthenticationEnded.model_validate(told))
    after = (await api.get(f"{SETUPS}/{setup['id']}")).json()
    assert (after["status"], after["next_action"]) == ("succeeded", None)
    first, second = api.engine.gateway.performed
    assert isinstance(first, SetUp)
    assert isinstance(second, SetUp)
    assert (first.attempt, second.authentication) == (second.attempt, "authn_1")
    assert first.key != second.key


async def test_an_account_is_proven_by_deposits_and_debited_with_consent(api: Api) -> None:
    data = "payment_method_data"
    account = f"{data}[type]=us_bank_account&{data}[us_bank_account][routing_number]=110000000" \
        f"&{data}[us_bank_account][account_number]=000123456789&{data}[billing_details][name]=J"  # fmt: skip
    customer = (await made(api, path="/v1/customers"))["id"]
    form = f"customer={customer}&allowed_payment_method_types[]=us_bank_account&confirm=true&{account}"
    unasked = error_of(await api.post(SETUPS, form))
    assert unasked["message"].startswith("This SetupIntent requires a mandate")
    sent = VerificationRequired(
        verification="verif_1", microdeposit_type="descriptor_code", arrival_date=1_790_100_000, url="https://x.example"
    )
    api.engine.gateway.answers = [
        sent, Declined(decline_code="microdeposits_mismatch"), Approved(authorization="setatt_1"),
    ]  # fmt: skip
    setup = await made(api, f"{form}&{CONSENT}")
    assert setup["next_action"]["verify_with_microdeposits"]["microdeposit_type"] == "descriptor_code"
    wrong = error_of(await api.post(f"{SETUPS}/{setup['id']}/verify_microdeposits", "descriptor_code=SM99ZZ"))
    assert wrong["code"] == "payment_method_microdeposit_verification_descriptor_code_mismatch"
    assert wrong["setup_intent"]["status"] == "requires_action"
    done = await made(api, "descriptor_code=SM11AA", f"{SETUPS}/{setup['id']}/verify_microdeposits")
    assert (done["status"], done["single_use_mandate"]) == ("succeeded", None)
    mandate = (await api.get(f"/v1/mandates/{done['mandate']}")).json()
    assert (mandate["type"], mandate["payment_method"], mandate["status"]) == (
        "multi_use", done["payment_method"], "active",
    )  # fmt: skip
    assert (await events(api, mandate["id"]))[:1] == ["mandate.updated"]


async def test_an_expanded_attempt_is_as_old_as_its_setup(api: Api) -> None:
    """The row may have gone on by the time that it is read: then the two would contradict each other."""
    api.engine.gateway.answers = [AuthenticationRequired(authentication="authn_1", url="https://bank.example/authn_1")]
    asked = await made(api, f"{CARDS}&payment_method=pm_card_visa&confirm=true&return_url=https://shop.example")
    later = """UPDATE setup_attempts SET status = 'succeeded', data = jsonb_set(data, '{status}', '"succeeded"')
        WHERE id = :id"""
    await api.database.execute(statement(later).bindparams(id=asked["latest_attempt"]))
    for path, expand in ((f"{SETUPS}/{asked['id']}", "latest_attempt"), (SETUPS, "data.latest_attempt")):
        shown = (await api.get(path, f"expand[]={expand}")).json()
        setup = shown["data"][0] if path == SETUPS else shown
        assert (setup["status"], setup["latest_attempt"]["status"]) == ("requires_action", "requires_action")
    alone = (await api.get("/v1/setup_attempts", f"setup_intent={asked['id']}")).json()["data"]
    assert [one["status"] for one in alone] == ["succeeded"], "as its row has it"


def forward(setup: str) -> str:
    return f"/v1/test_helpers/setup_intents/{setup}/fast_forward"


async def test_a_clock_is_moved_until_nobody_is_waited_for_any_more(api: Api) -> None:
    api.engine.gateway.answers = [AuthenticationRequired(authentication="authn_1", url="https://bank.example/authn_1")]
    asked = await made(api, f"{CARDS}&payment_method=pm_card_visa&confirm=true&return_url=https://shop.example")
    assert asked["status"] == "requires_action"
    waits = await made(api, f"seconds={DAY - 60}", forward(asked["id"]))
    assert (waits["status"], waits["latest_attempt"]) == ("requires_action", asked["latest_attempt"])
    over = await made(api, "seconds=120", forward(asked["id"]))
    assert (over["status"], over["next_action"], over["payment_method"]) == ("requires_payment_method", None, None)
    assert over["last_setup_error"]["code"] == "setup_intent_setup_attempt_expired"
    attempts = (await api.get("/v1/setup_attempts", f"setup_intent={asked['id']}")).json()["data"]
    assert [one["status"] for one in attempts] == ["abandoned"]
    assert (await events(api, asked["id"]))[-1] == "setup_intent.setup_failed"


async def test_a_clock_that_cannot_be_moved_says_why(api: Api) -> None:
    ended = await made(api, path=f"{SETUPS}/{(await made(api))['id']}/cancel")
    refused = await api.post(forward(ended["id"]), "seconds=60")
    assert (refused.status_code, error_of(refused)["code"]) == (400, "setup_intent_unexpected_state")
    unknown = await api.post(forward("seti_nope"), "seconds=60")
    assert (unknown.status_code, error_of(unknown)["message"]) == (404, "No such setupintent: 'seti_nope'")
    open_ = await made(api)
    for form, param in (("", "seconds"), ("seconds=0", "seconds"), ("seconds=5&to=5", "seconds"), ("to=5", "to")):
        assert error_of(await api.post(forward(open_["id"]), form))["param"] == param
    assert (await api.get(f"{SETUPS}/{open_['id']}")).json() == open_


@pytest.mark.parametrize(("path", "kind"), [("/v1/payment_intents", "payment_intent"), (SETUPS, "setupintent")])
async def test_a_browser_is_told_that_there_is_no_such_intent(api: Api, path: str, kind: str) -> None:
    """As live Stripe tells Stripe.js and the mobile libraries, whose key is another account's: 404, of either kind."""
    secret = "client_secret=x_nope_secret_1"
    for answer in (
        await api.get(f"{path}/x_nope", secret, key=api.publishable),
        await api.post(f"{path}/x_nope/confirm", f"{secret}&payment_method=pm_card_visa", key=api.publishable),
        await api.get(f"{path}/x_nope"),
    ):
        error = error_of(answer)
        assert (answer.status_code, error["code"], error["param"]) == (404, "resource_missing", "intent")
        assert error["message"] == f"No such {kind}: 'x_nope'"


async def test_a_browser_sees_its_part_and_confirms(api: Api) -> None:
    setup = await made(api, f"{CARDS}&metadata[secret]=1")
    secret = f"client_secret={setup['client_secret']}"
    seen = (await api.get(f"{SETUPS}/{setup['id']}", secret, key=api.publishable)).json()
    assert "metadata" not in seen
    wrong = error_of(await api.get(f"{SETUPS}/{setup['id']}", "client_secret=x", key=api.publishable))
    assert wrong["message"] == (
        "The client_secret provided does not match the client_secret associated with the SetupIntent."
    )
    assert wrong["param"] == "client_secret"
    done = await made(
        api, f"{secret}&payment_method=pm_card_visa", f"{SETUPS}/{setup['id']}/confirm", key=api.publishable
    )
    assert done["status"] == "succeeded"
    assert "customer" not in done


async def test_a_browser_is_never_told_who_the_customer_is(api: Api) -> None:
    mine, other = [(await made(api, path="/v1/customers"))["id"] for _ in range(2)]
    waits = await made(api, f"{CARDS}&customer={mine}&payment_method=pm_card_visa")
    done = await made(api, f"{CARDS}&customer={mine}&payment_method=pm_card_visa&confirm=true")
    await made(api, f"customer={other}", f"{SETUPS}/{done['id']}")
    assert (await api.request("DELETE", f"/v1/customers/{mine}")).status_code == 200
    for setup, text in ((waits, "The customer of this SetupIntent has been deleted."), (done, "for security purposes")):
        path, form = f"{SETUPS}/{setup['id']}/confirm", f"client_secret={setup['client_secret']}"
        refused = await api.post(path, form, key=api.publishable)
        assert text in error_of(refused)["message"]
        assert not [whose for whose in (mine, other) if whose in refused.text]
    assert len(api.engine.gateway.performed) == 1
    assert (await api.get(f"{SETUPS}/{waits['id']}")).json()["status"] == "requires_confirmation"


NAMED = {"Stripe_Version": "2025-08-27.basil"}


@pytest.mark.parametrize("before", ["", CARDS, "automatic_payment_methods[enabled]=true"])
async def test_who_names_the_types_later_has_them_named(api: Api, before: str) -> None:
    setup = await made(api, before)
    named = await made(api, "payment_method_types[]=us_bank_account", f"{SETUPS}/{setup['id']}", **NAMED)
    left = ("allowed_payment_method_types", "automatic_payment_methods", "payment_method_configuration_details")
    assert (named["payment_method_types"], [named[name] for name in left]) == (["us_bank_account"], [None] * 3)
    described = await made(api, "description=later", f"{SETUPS}/{setup['id']}")
    assert described["payment_method_types"] == ["us_bank_account"]
    single = await api.post(f"{SETUPS}/{setup['id']}", "payment_method_types[]=eps", **NAMED)
    assert error_of(single)["param"] == "payment_method_types"


async def test_there_is_a_type_to_choose(api: Api) -> None:
    text = "No valid payment method types for this Setup Intent."
    assert text in error_of(await api.post(SETUPS, "allowed_payment_method_types[]=eps"))["message"]
    setup = await made(api)
    every = "&".join(f"excluded_payment_method_types[]={type_}" for type_ in setup["payment_method_types"])
    for path, form in ((SETUPS, every), (f"{SETUPS}/{setup['id']}", every),
                       (f"{SETUPS}/{setup['id']}", "allowed_payment_method_types[]=eps")):  # fmt: skip
        refused = await api.post(path, form)
        assert (refused.status_code, text in error_of(refused)["message"]) == (400, True)
    assert (await api.get(f"{SETUPS}/{setup['id']}")).json() == setup
    assert len((await api.get(SETUPS)).json()["data"]) == 1


async def test_what_is_for_the_accounts_own_money_is_for_no_customer(api: Api) -> None:
    customer = (await made(api, path="/v1/customers"))["id"]
    theirs, own = await made(api, f"{CARDS}&customer={customer}"), await made(api, f"{CARDS}&attach_to_self=true")
    for setup, form, param in (
        (theirs, "attach_to_self=true", "attach_to_self"),
        (own, f"customer={customer}", "attach_to_self"),
        (theirs, "flow_directions[]=outbound", "flow_directions"),
        (own, "attach_to_self=false&flow_directions[]=outbound", "flow_directions"),
    ):
        assert error_of(await api.post(f"{SETUPS}/{setup['id']}", form))["param"] == param
        assert (await api.get(f"{SETUPS}/{setup['id']}")).json() == setup
    assert (await made(api, "flow_directions[]=outbound", f"{SETUPS}/{own['id']}"))["flow_directions"] == ["outbound"]
    given = await made(api, f"attach_to_self=false&customer={customer}", f"{SETUPS}/{own['id']}")
    assert given["customer"] == customer


async def test_a_token_says_nothing_of_how_a_payment_is_made(api: Api) -> None:
    plan = "payment_method_options[card][installments][plan]"
    said = f"{plan}[type]=fixed_count&{plan}[count]=3&{plan}[interval]=month&payment_method=pm_card_visa"
    for key in (api.secret, api.publishable):
        token = (await made(api, said, "/v1/test_helpers/confirmation_tokens"))["id"]
        setup = await made(api, CARDS)
        form = f"confirmation_token={token}&client_secret={setup['client_secret']}"
        done = await made(api, form, f"{SETUPS}/{setup['id']}/confirm", key=key)
        assert done["status"] == "succeeded"
        shown = (await api.get(f"{SETUPS}/{setup['id']}")).json()
        assert shown["payment_method_options"] == setup["payment_method_options"]


async def test_a_mandate_for_one_payment_is_in_a_currency_that_there_is(api: Api) -> None:
    form = (f"allowed_payment_method_types[]=us_bank_account&payment_method=pm_usBankAccount_success&confirm=true"
            f"&{CONSENT}&single_use[amount]=500&single_use[currency]=")  # fmt: skip
    error = error_of(await api.post(SETUPS, f"{form}zzz"))
    assert (error["message"][:22], error["param"]) == ("Invalid currency: zzz.", "single_use[currency]")
    assert api.engine.gateway.performed == []
    setup = await made(api, f"{form}USD")
    mandate = (await api.get(f"/v1/mandates/{setup['single_use_mandate']}")).json()
    assert mandate["single_use"] == {"amount": 500, "currency": "usd"}


@pytest.mark.parametrize("type_", ["blik", "upi"])
async def test_a_mandate_tells_of_its_type_what_stripes_does(api: Api, type_: str) -> None:
    form = f"allowed_payment_method_types[]={type_}&payment_method_data[type]={type_}&confirm=true&{CONSENT}"
    who = "payment_method_data[billing_details][name]=A&payment_method_data[billing_details][email]=a@example.com"
    setup = await made(api, f"{form}&{who}&return_url=https://shop.example")
    shown = (await api.get(f"/v1/mandates/{setup['mandate']}")).json()
    assert shown["payment_method_details"][type_].keys() == {
        "blik": {"expires_at", "type"}, "upi": {"amount", "amount_type", "description", "end_date"},
    }[type_]  # fmt: skip


async def test_lists_and_repetitions(api: Api) -> None:
    customer = (await made(api, path="/v1/customers"))["id"]
    form = f"{CARDS}&customer={customer}&payment_method=pm_card_visa&confirm=true"
    once = await made(api, form, Idempotency_Key="once")
    assert await made(api, form, Idempotency_Key="once") == once
    assert len(api.engine.gateway.performed) == 1
    await made(api)
    listed = (await api.get(SETUPS, f"customer={customer}")).json()
    assert [one["id"] for one in listed["data"]] == [once["id"]]
    by_method = (await api.get(SETUPS, f"payment_method={once['payment_method']}")).json()
    assert [one["id"] for one in by_method["data"]] == [once["id"]]
    unknown = error_of(await api.get(f"{SETUPS}/seti_unknown"))
    assert (unknown["message"], unknown["param"]) == ("No such setupintent: 'seti_unknown'", "intent")


async def test_who_leaves_the_types_to_the_account_says_where_buyers_come_back_to(api: Api) -> None:
    setup = await made(api, "payment_method=pm_card_visa")
    error = error_of(await api.post(f"{SETUPS}/{setup['id']}/confirm"))
    assert error["message"].startswith(
        "This SetupIntent is configured to accept payment methods enabled in your Dashboard."
    )
    assert api.engine.gateway.performed == []
    done = await made(api, "return_url=https://shop.example", f"{SETUPS}/{setup['id']}/confirm")
    assert done["status"] == "succeeded"
    named = error_of(await api.post(SETUPS, "payment_method_types[]=card"))
    assert named["code"] == "payment_method_types_no_longer_supported"
    older = await made(api, "payment_method_types[]=card", Stripe_Version="2025-09-30.clover")
    assert (older["payment_method_types"], older["automatic_payment_methods"]) == (["card"], None)
