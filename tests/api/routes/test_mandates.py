"""Mandates: a payment made with the buyer's consent gives rise to one, and a later payment may name it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import select

from domain.model.commands import CheckSettlement
from domain.model.outcomes import Accepted, Declined
from records import mandates
from records.tables import mandates as table
from records.takers import LAPSE_SECONDS, TAKERS
from tests.api.conftest import Api, error_of

INTENTS = "/v1/payment_intents"
OFFLINE = "mandate_data[customer_acceptance][type]=offline"
ONLINE = ("mandate_data[customer_acceptance][type]=online&mandate_data[customer_acceptance][online][ip_address]"
          "=203.0.113.7&mandate_data[customer_acceptance][online][user_agent]=curl")  # fmt: skip


async def paid(api: Api, form: str, **more: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """A payment, and its charge."""
    intent = await api.create(f"confirm=true&payment_method=pm_card_visa&expand[]=latest_charge&{form}", **more)
    return intent, intent["latest_charge"]


async def mandate_of(api: Api, charge: dict[str, Any]) -> dict[str, Any]:
    response = await api.get(f"/v1/mandates/{charge['payment_method_details']['card']['mandate']}")
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    return body


async def test_without_consent_there_is_none(api: Api) -> None:
    _, charge = await paid(api, "")
    assert charge["payment_method_details"]["card"]["mandate"] is None


async def test_a_card_that_is_kept_has_none_unless_somebody_asks_for_one(api: Api) -> None:
    """As recorded of live Stripe; India's banks know mandates of cards."""
    customer = (await api.post("/v1/customers")).json()["id"]
    keeping = f"customer={customer}&setup_future_usage=off_session"
    intent, charge = await paid(api, keeping)
    assert charge["payment_method_details"]["card"]["mandate"] is None
    assert (await api.get(f"/v1/payment_methods/{intent['payment_method']}")).json()["customer"] == customer
    later, charge = await paid(api, f"customer={customer}&payment_method={intent['payment_method']}&off_session=true")
    assert (later["status"], charge["payment_method_details"]["card"]["mandate"]) == ("succeeded", None)
    of = "payment_method_options[card][mandate_options]"
    agreed = f"{of}[reference]=r&{of}[amount]=1099&{of}[amount_type]=maximum&{of}[start_date]={api.clock.now}"
    _, charge = await paid(api, f"{keeping}&{agreed}&{of}[interval]=month")
    assert (await mandate_of(api, charge))["type"] == "multi_use"


async def test_saving_for_off_session_with_consent_makes_one_for_good(api: Api) -> None:
    customer = (await api.post("/v1/customers")).json()["id"]
    intent, charge = await paid(api, f"customer={customer}&setup_future_usage=off_session&{OFFLINE}")
    mandate = await mandate_of(api, charge)
    assert (mandate["type"], mandate["status"], mandate["multi_use"]) == ("multi_use", "active", {})
    assert mandate["payment_method"] == intent["payment_method"]
    assert mandate["payment_method_details"] == {"card": {}, "type": "card"}
    assert mandate["customer_acceptance"]["type"] == "offline"
    later, charge = await paid(
        api, f"customer={customer}&payment_method={intent['payment_method']}&off_session=true&mandate={mandate['id']}"
    )
    assert later["status"] == "succeeded"
    assert charge["payment_method_details"]["card"]["mandate"] == mandate["id"]
    assert api.engine.gateway.performed[-1].off_session  # type: ignore[union-attr]
    by_mandate = await api.create(f"confirm=true&customer={customer}&off_session=true&mandate={mandate['id']}")
    assert by_mandate["payment_method"] == intent["payment_method"], "the mandate says how to pay"


async def test_told_consent_makes_one_for_this_payment(api: Api) -> None:
    _, charge = await paid(api, ONLINE)
    mandate = await mandate_of(api, charge)
    assert mandate["single_use"] == {"amount": 1_099, "currency": "usd"}
    assert mandate["customer_acceptance"] == {
        "accepted_at": charge["created"],
        "online": {"ip_address": "203.0.113.7", "user_agent": "curl"},
        "type": "online",
    }
    expanded = await api.get(
        f"/v1/charges/{charge['id']}", "expand[]=payment_method_details.card.mandate.payment_method"
    )
    assert expanded.json()["payment_method_details"]["card"]["mandate"]["payment_method"]["object"] == "payment_method"


async def test_a_browser_is_seen_a_server_must_tell(api: Api) -> None:
    form = "mandate_data[customer_acceptance][type]=online"
    for missing in ("ip_address", "user_agent"):
        given = "ip_address" if missing == "user_agent" else "user_agent"
        told = f"{form}&mandate_data[customer_acceptance][online][{given}]=203.0.113.7"
        error = error_of(
            await api.post(INTENTS, f"amount=1099&currency=usd&confirm=true&payment_method=pm_card_visa&{told}")
        )
        assert (error["code"], error["param"]) == (
            "parameter_missing", f"mandate_data[customer_acceptance][online][{missing}]"
        )  # fmt: skip
    intent = await api.create("payment_method=pm_card_visa")
    sent = f"{form}&client_secret={intent['client_secret']}"
    response = await api.post(f"{INTENTS}/{intent['id']}/confirm", sent, key=api.publishable, user_agent="Browser/1.0")
    assert response.json()["status"] == "succeeded"
    charge = (await api.get(f"{INTENTS}/{intent['id']}", "expand[]=latest_charge")).json()["latest_charge"]
    online = (await mandate_of(api, charge))["customer_acceptance"]["online"]
    assert online == {"ip_address": "127.0.0.1", "user_agent": "Browser/1.0"}


@pytest.mark.parametrize("mandate", ["mandate_none", "of another method"])
async def test_a_mandate_that_does_not_fit_is_refused(api: Api, mandate: str) -> None:
    code = "resource_missing"
    if mandate != "mandate_none":
        _, charge = await paid(api, ONLINE)
        mandate, code = charge["payment_method_details"]["card"]["mandate"], "payment_intent_mandate_invalid"
    before = len(api.engine.gateway.performed)
    form = f"amount=1099&currency=usd&confirm=true&payment_method=pm_card_visa&mandate={mandate}"
    error = error_of(await api.post(INTENTS, form))
    assert (error["code"], error["param"]) == (code, "mandate")
    assert len(api.engine.gateway.performed) == before
    assert (await api.get("/v1/mandates/mandate_none")).status_code == 404


BACS = ("amount=2000&currency=gbp&allowed_payment_method_types[]=bacs_debit&payment_method_data[type]=bacs_debit"
        "&confirm=true&payment_method_data[bacs_debit][account_number]=33333335"
        "&payment_method_data[bacs_debit][sort_code]=108800"
        "&payment_method_data[billing_details][name]=Jenny&payment_method_data[billing_details][email]=a@example.com"
        "&payment_method_data[billing_details][address][line1]=1 High Street&expand[]=latest_charge")  # fmt: skip


async def returned(api: Api, code: str, form: str) -> str:
    """A debit that comes back for this reason; its mandate."""
    intent = await api.post(INTENTS, f"{BACS}&{form}")
    assert intent.status_code == 200, intent.text
    api.engine.gateway.answers = [Declined(decline_code=code)]
    assert await api.engine.notify(intent.json()["id"], CheckSettlement())
    charge = intent.json()["latest_charge"]
    assert (await api.get(f"/v1/charges/{charge['id']}")).json()["failure_code"] == code
    return str(charge["payment_method_details"]["bacs_debit"]["mandate"])


@pytest.mark.parametrize(("code", "status"), [("debit_not_authorized", "inactive"), ("insufficient_funds", "active")])
async def test_a_debit_that_comes_back_may_end_its_mandate(api: Api, code: str, status: str) -> None:
    api.engine.gateway.answers = [Accepted(reference="auth_1")]
    mandate = await returned(api, code, ONLINE)
    shown = (await api.get(f"/v1/mandates/{mandate}")).json()
    assert shown["status"] == status
    assert shown["customer_acceptance"]["online"]["ip_address"] == "203.0.113.7"
    told = (await api.get("/v1/events", "type=mandate.updated")).json()["data"]
    of = [event["data"]["object"] for event in told if event["data"]["object"]["id"] == mandate]
    assert [one["status"] for one in of] == (["inactive", "active"] if status == "inactive" else ["active"])
    assert of[0] == shown


async def test_a_mandate_that_has_ended_is_good_for_no_other_payment(api: Api) -> None:
    customer = (await api.post("/v1/customers")).json()["id"]
    keeping = f"customer={customer}&setup_future_usage=off_session&{ONLINE}"
    api.engine.gateway.answers = [Accepted(reference="auth_1")]
    mandate = await returned(api, "debit_not_authorized", keeping)
    again = f"{BACS}&customer={customer}&off_session=true&mandate={mandate}"
    before = len(api.engine.gateway.performed)
    error = error_of(await api.post(INTENTS, again))
    assert (error["code"], error["param"]) == ("payment_intent_mandate_invalid", "mandate")
    assert len(api.engine.gateway.performed) == before


async def test_who_consents_anew_by_a_setup_may_be_charged_again(api: Api) -> None:
    customer = (await api.post("/v1/customers")).json()["id"]
    api.engine.gateway.answers = [Accepted(reference="auth_1")]
    ended = await returned(api, "debit_not_authorized", f"customer={customer}&setup_future_usage=off_session&{ONLINE}")
    method = (await api.get(f"/v1/mandates/{ended}")).json()["payment_method"]
    form = f"amount=2000&currency=gbp&allowed_payment_method_types[]=bacs_debit&payment_method={method}"
    later = f"{form}&customer={customer}&off_session=true&confirm=true&expand[]=latest_charge"
    assert "requires a mandate" in error_of(await api.post(INTENTS, later))["message"]
    told = f"customer={customer}&payment_method={method}&allowed_payment_method_types[]=bacs_debit&confirm=true"
    api.clock.now += 1
    setup = (await api.post("/v1/setup_intents", f"{told}&{ONLINE}")).json()
    assert (setup["status"], setup["mandate"] != ended) == ("succeeded", True)
    api.engine.gateway.answers = [Accepted(reference="auth_2")]
    charged = await api.post(INTENTS, later)
    assert charged.status_code == 200, charged.text
    assert charged.json()["latest_charge"]["payment_method_details"]["bacs_debit"]["mandate"] == setup["mandate"]


SEPA = "allowed_payment_method_types[]=sepa_debit&payment_method_data[type]=sepa_debit"
WHO = "payment_method_data[billing_details]"
IBAN = f"{SEPA}&payment_method_data[sepa_debit][iban]=DE89370400440532013000&{WHO}[name]=Jenny&{WHO}[email]=j@b.example"
DEBIT = "currency=eur&allowed_payment_method_types[]=sepa_debit&confirm=true"


async def for_one(api: Api, amount: int = 1_000) -> tuple[str, str]:
    """A mandate that is good for one payment of so much, and how it is named in that payment."""
    customer = (await api.post("/v1/customers")).json()["id"]
    said = f"customer={customer}&confirm=true&{IBAN}&{ONLINE}&single_use[amount]={amount}&single_use[currency]=eur"
    setup = (await api.post("/v1/setup_intents", said)).json()
    assert setup["status"] == "succeeded", setup
    mandate = setup["single_use_mandate"]
    return mandate, f"customer={customer}&payment_method={setup['payment_method']}&mandate={mandate}"


async def status_of(api: Api, mandate: str) -> str:
    return str((await api.get(f"/v1/mandates/{mandate}")).json()["status"])


async def test_a_mandate_for_one_payment_pays_once(api: Api) -> None:
    mandate, by = await for_one(api)
    api.engine.gateway.answers = [Accepted(reference="auth_1")]
    assert (await api.post(INTENTS, f"amount=1000&{DEBIT}&{by}")).json()["status"] == "processing"
    assert await status_of(api, mandate) == "inactive"
    before = len(api.engine.gateway.performed)
    for form in (f"amount=1000&{DEBIT}&{by}", f"amount=1&{DEBIT}&{by}", f"amount=1000&off_session=true&{DEBIT}&{by}"):
        response = await api.post(INTENTS, form)
        assert response.status_code == 400
    waiting = await api.post(INTENTS, f"amount=1000&{DEBIT.removesuffix('&confirm=true')}")
    response = await api.post(f"{INTENTS}/{waiting.json()['id']}/confirm", f"mandate={mandate}")
    assert error_of(response)["code"] == "payment_intent_mandate_invalid"
    assert len(api.engine.gateway.performed) == before


async def test_of_rivals_one_pays_by_it(api: Api) -> None:
    _, by = await for_one(api)
    api.engine.gateway.answers = [Accepted(reference="auth_1")]
    rivals = await asyncio.gather(*(api.post(INTENTS, f"amount=1000&{DEBIT}&{by}") for _ in range(4)))
    assert sorted(response.status_code for response in rivals) == [200, 400, 400, 400]


@pytest.mark.parametrize("amount", [1_001, 500_000])
async def test_nor_does_it_pay_more_than_was_agreed(api: Api, amount: int) -> None:
    mandate, by = await for_one(api)
    before = len(api.engine.gateway.performed)
    error = error_of(await api.post(INTENTS, f"amount={amount}&{DEBIT}&{by}"))
    assert (error["code"], error["param"]) == ("payment_intent_mandate_invalid", "mandate")
    assert (await status_of(api, mandate), len(api.engine.gateway.performed)) == ("active", before)
    api.engine.gateway.answers = [Accepted(reference="auth_1")]
    assert (await api.post(INTENTS, f"amount=999&{DEBIT}&{by}")).json()["status"] == "processing"


async def test_a_refused_request_leaves_it_as_it_was(api: Api) -> None:
    mandate, by = await for_one(api)
    waiting = (await api.post(INTENTS, f"amount=1000&{DEBIT.removesuffix('&confirm=true')}")).json()["id"]
    refused = await api.post(f"{INTENTS}/{waiting}/confirm", f"mandate={mandate}&amount_to_confirm=5")
    assert (refused.status_code, await status_of(api, mandate)) == (400, "active")
    api.engine.gateway.answers = [Accepted(reference="auth_1")]
    assert (await api.post(INTENTS, f"amount=1000&{DEBIT}&{by}")).json()["status"] == "processing"


def meanwhile(api: Api, do: Callable[[], Awaitable[Any]]) -> None:
    """What others do between a request's look at its intent and the command that it sends."""
    send = api.engine.send

    async def interrupted(*given: Any) -> Any:
        api.engine.send = send  # type: ignore[method-assign]
        await do()
        return await send(*given)

    api.engine.send = interrupted  # type: ignore[method-assign, assignment]


async def to_confirm(api: Api, by: str) -> str:
    """Where a payment of 1000 is confirmed that may be paid with the mandate's method."""
    form = f"amount=1000&{DEBIT.removesuffix('&confirm=true')}&{by.partition('&mandate=')[0]}"
    return f"{INTENTS}/{(await api.post(INTENTS, form)).json()['id']}/confirm"


@pytest.mark.parametrize("wrong", ["amount_to_confirm=5", "capture_method=manual"])
async def test_a_refused_request_gives_nothing_back_that_another_took(api: Api, wrong: str) -> None:
    mandate, by = await for_one(api)
    path = await to_confirm(api, by)
    answers: list[int] = []

    async def rivals() -> None:
        refused = await api.post(path, f"mandate={mandate}&{wrong}")
        answers.extend((refused.status_code, (await api.post(INTENTS, f"amount=1000&{DEBIT}&{by}")).status_code))

    meanwhile(api, rivals)
    api.engine.gateway.answers = [Accepted(reference="auth_1")]
    before = len(api.engine.gateway.performed)
    assert (await api.post(path, f"mandate={mandate}")).json()["status"] == "processing"
    assert (answers, await status_of(api, mandate)) == ([400, 400], "inactive")
    assert len(api.engine.gateway.performed) == before + 1


async def test_what_two_refused_requests_have_taken_pays_another(api: Api) -> None:
    mandate, by = await for_one(api)
    path = await to_confirm(api, by)
    form, refused = f"mandate={mandate}&capture_method=manual", list[int]()

    async def rival() -> None:
        refused.append((await api.post(path, form)).status_code)

    meanwhile(api, rival)
    refused.append((await api.post(path, form)).status_code)
    assert (refused, await status_of(api, mandate)) == ([400, 400], "active")
    api.engine.gateway.answers = [Accepted(reference="auth_1")]
    assert (await api.post(INTENTS, f"amount=1000&{DEBIT}&{by}")).json()["status"] == "processing"


async def test_a_mandate_is_taken_when_it_is_and_not_when_the_request_came(api: Api) -> None:
    """A slow body and a queue come between; who else wants it may have it so long after the taking."""
    mandate, by = await for_one(api)
    api.engine.gateway.answers = [Accepted(reference="auth_1")]

    async def slow() -> AsyncIterator[bytes]:
        api.clock.now += LAPSE_SECONDS
        yield f"amount=1000&{DEBIT}&{by}".encode()

    headers = {"Authorization": f"Bearer {api.secret}", "Content-Type": "application/x-www-form-urlencoded"}
    done = await api.http.post(INTENTS, content=slow(), headers=headers)
    assert done.status_code == 200, done.text
    rows = await api.database.execute(select(table.c.data).where(table.c.id == mandate))
    assert list(rows[0].data[TAKERS].values()) == [api.clock.now + LAPSE_SECONDS]


async def test_what_a_process_died_with_pays_another_after_a_while(api: Api) -> None:
    """It had taken the mandate for a payment that was never written; the request is sent again with another key."""
    mandate, by = await for_one(api)
    assert await mandates.use(api.database, api.scope, mandate, "pi_never_made", "died", api.clock.now)
    form, before = f"amount=1000&{DEBIT}&{by}", len(api.engine.gateway.performed)
    api.clock.now += LAPSE_SECONDS - 1
    assert error_of(await api.post(INTENTS, form))["code"] == "payment_intent_mandate_invalid"
    assert len(api.engine.gateway.performed) == before
    api.clock.now += 1
    api.engine.gateway.answers = [Accepted(reference="auth_1")]
    assert (await api.post(INTENTS, form)).json()["status"] == "processing"
    api.clock.now += LAPSE_SECONDS
    assert error_of(await api.post(INTENTS, form))["code"] == "payment_intent_mandate_invalid", "it is being paid by it"
    assert len(api.engine.gateway.performed) == before + 1


@pytest.mark.parametrize("said", ["", "&amount_to_confirm=5000"])
async def test_an_amount_that_becomes_more_meanwhile_is_not_paid_by_it(api: Api, said: str) -> None:
    mandate, by = await for_one(api)
    path = await to_confirm(api, by)

    async def rise() -> None:
        assert (await api.post(path.removesuffix("/confirm"), "amount=5000")).json()["amount"] == 5_000

    meanwhile(api, rise)
    before = len(api.engine.gateway.performed)
    error = error_of(await api.post(path, f"mandate={mandate}{said}"))
    assert (error["param"], len(api.engine.gateway.performed)) == ("amount_to_confirm", before)
    assert await status_of(api, mandate) == "active"


async def test_what_was_consented_to_with_a_payment_pays_no_other(api: Api) -> None:
    customer = (await api.post("/v1/customers")).json()["id"]
    method = (await api.post("/v1/payment_methods", "type=card&card[token]=tok_visa")).json()["id"]
    await api.post(f"/v1/payment_methods/{method}/attach", f"customer={customer}")
    form = f"amount=1099&currency=usd&confirm=true&customer={customer}&payment_method={method}&expand[]=latest_charge"
    first = (await api.post(INTENTS, f"{form}&{ONLINE}")).json()
    mandate = first["latest_charge"]["payment_method_details"]["card"]["mandate"]
    error = error_of(await api.post(INTENTS, f"{form}&mandate={mandate}"))
    assert (error["code"], error["param"]) == ("payment_intent_mandate_invalid", "mandate")
