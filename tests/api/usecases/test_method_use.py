"""What a payment is made with is as it is now: detached, kept by another, used up; and of several at once one pays."""

import asyncio
from typing import Any

import httpx
import pytest

from contracts.messages import CommandResult
from domain.model.commands import Command, Confirm
from domain.model.outcomes import AuthenticationRequired, Declined
from domain.model.payment_intent import PaymentIntent
from gateways.base import GatewayUnavailable
from records import methods_in_use, tables
from records.methods_in_use import UNDER_WAY_SECONDS
from temporal.port import Reload
from tests.api.conftest import Api, error_of
from tests.api.routes.test_cash_balances import TRANSFER, customer_of

INTENTS = "/v1/payment_intents"
METHODS = "/v1/payment_methods"
CARD = "type=card&card[number]=4242424242424242&card[exp_month]=12&card[exp_year]=2030&card[cvc]=123"
AT_THE_BANK = AuthenticationRequired(authentication="authn_1", url="https://bank.example")
USED_UP = "may not be used again"


async def a_card(api: Api, customer: str | None = None) -> str:
    method = str((await api.post(METHODS, CARD)).json()["id"])
    if customer is not None:
        assert (await api.post(f"{METHODS}/{method}/attach", f"customer={customer}")).status_code == 200
    return method


async def an_intent(api: Api, form: str = "") -> str:
    return str((await api.create(form))["id"])


async def confirmed(api: Api, intent: str, form: str = "", **more: Any) -> httpx.Response:
    return await api.post(f"{INTENTS}/{intent}/confirm", f"return_url=https://shop.example&{form}", **more)


async def paid(api: Api, intent: str, form: str = "") -> None:
    answer = await confirmed(api, intent, form)
    assert (answer.status_code, answer.json()["status"]) == (200, "succeeded"), answer.text


async def is_refused(api: Api, answer: httpx.Response, intent: str, text: str) -> None:
    assert answer.status_code == 400, answer.text
    assert text in error_of(answer)["message"]
    shown = (await api.get(f"{INTENTS}/{intent}")).json()
    assert shown["status"] in ("requires_confirmation", "requires_payment_method")
    assert (shown["amount_received"], shown["latest_charge"]) == (0, None)


def charged(api: Api) -> int:
    return len([effect for effect in api.engine.gateway.performed if effect.operation == "authorize"])


@pytest.mark.parametrize("form", ["", "off_session=true"])
async def test_a_card_that_was_detached_pays_no_older_intent(api: Api, form: str) -> None:
    customer = await customer_of(api)
    card = await a_card(api, customer)
    intent = await an_intent(api, f"customer={customer}&payment_method={card}")
    assert (await api.post(f"{METHODS}/{card}/detach")).status_code == 200
    await is_refused(api, await confirmed(api, intent, form), intent, USED_UP)
    assert charged(api) == 0


async def test_nobody_pays_for_a_customer_who_is_gone(api: Api) -> None:
    customer = await customer_of(api)
    saved = await an_intent(api, f"customer={customer}&payment_method={await a_card(api, customer)}")
    loose = await an_intent(api, f"customer={customer}&payment_method={await a_card(api)}")
    fresh = await an_intent(api, f"customer={customer}")
    transfer = await an_intent(api, f"customer={customer}&{TRANSFER}&payment_method_data[type]=customer_balance")
    applied = await an_intent(api, f"customer={customer}&allowed_payment_method_types[]=customer_balance")
    assert (await api.request("DELETE", f"/v1/customers/{customer}")).status_code == 200
    gone = f"No such customer: '{customer}'"
    before = await api.methods()
    for intent in (saved, loose, transfer):
        await is_refused(api, await confirmed(api, intent), intent, gone)
    for form in ("payment_method=pm_card_visa", f"payment_method={await a_card(api)}"):
        await is_refused(api, await confirmed(api, fresh, form), fresh, gone)
    await is_refused(api, await api.post(f"{INTENTS}/{applied}/apply_customer_balance"), applied, gone)
    assert charged(api) == 0
    assert len(await api.methods()) == len(before) + 1


async def test_a_card_of_nobody_pays_once(api: Api) -> None:
    card = await a_card(api)
    first, second = [await an_intent(api, f"payment_method={card}") for _ in range(2)]
    await paid(api, first)
    await is_refused(api, await confirmed(api, second), second, USED_UP)
    third = await an_intent(api)
    await is_refused(api, await confirmed(api, third, f"payment_method={card}"), third, USED_UP)
    assert charged(api) == 1
    await paid(api, second, "payment_method=pm_card_visa")


@pytest.mark.parametrize("how", ["older", "given", "created"])
async def test_of_several_at_once_one_pays(api: Api, how: str) -> None:
    for _ in range(5):
        card, before = await a_card(api), charged(api)
        its = f"payment_method={card}"
        if how == "created":
            form = f"amount=1099&currency=usd&confirm=true&return_url=https://shop.example&{its}"
            answers = await asyncio.gather(*(api.post(INTENTS, form) for _ in range(5)))
        else:
            intents = [await an_intent(api, its if how == "older" else "") for _ in range(5)]
            said = "" if how == "older" else its
            answers = await asyncio.gather(*(confirmed(api, intent, said) for intent in intents))
        assert sorted(answer.status_code for answer in answers) == [200, 400, 400, 400, 400]
        for answer in answers:
            assert answer.status_code == 200 or USED_UP in error_of(answer)["message"]
        assert charged(api) - before == 1


async def test_a_card_that_one_customer_has_kept_pays_for_no_other(api: Api) -> None:
    card, one, other = await a_card(api), await customer_of(api), await customer_of(api)
    form = f"payment_method={card}&setup_future_usage=off_session&customer="
    first, second = await an_intent(api, form + one), await an_intent(api, form + other)
    again = await an_intent(api, form + one)
    await paid(api, first)
    await is_refused(api, await confirmed(api, second), second, "does not belong to the Customer you supplied")
    assert charged(api) == 1
    await paid(api, again)


async def test_a_browser_is_told_nothing_of_whose_it_is_by_now(api: Api) -> None:
    card, one, other = await a_card(api), await customer_of(api), await customer_of(api)
    kept, gone = [await api.create(f"payment_method={card}&customer={customer}") for customer in (one, other)]
    assert (await api.post(f"{METHODS}/{card}/attach", f"customer={other}")).status_code == 200
    assert (await api.request("DELETE", f"/v1/customers/{other}")).status_code == 200
    card = await a_card(api)
    assert (await api.post(f"{INTENTS}/{kept['id']}", f"payment_method={card}")).status_code == 200
    somebody = await customer_of(api)
    assert (await api.post(f"{METHODS}/{card}/attach", f"customer={somebody}")).status_code == 200
    for intent, text in ((kept, "is attached to a customer"), (gone, "has been deleted")):
        secret = f"client_secret={intent['client_secret']}"
        answer = await confirmed(api, intent["id"], secret, key=api.publishable)
        await is_refused(api, answer, intent["id"], text)
        assert not {one, other, somebody} & set(error_of(answer)["message"].replace("'", " ").split())


async def test_a_card_is_charged_as_it_is_now(api: Api) -> None:
    customer = await customer_of(api)
    card = await a_card(api, customer)
    intent = await an_intent(api, f"customer={customer}&payment_method={card}")
    assert (await api.post(f"{METHODS}/{card}", "card[exp_year]=2035")).status_code == 200
    shown = (await confirmed(api, intent, "expand[]=latest_charge&expand[]=payment_method")).json()
    assert shown["latest_charge"]["payment_method_details"]["card"]["exp_year"] == 2035
    assert shown["payment_method"]["card"]["exp_year"] == 2035


async def test_while_one_buyer_is_at_their_bank_nobody_else_pays_with_their_card(api: Api) -> None:
    card = await a_card(api)
    first, second = [await an_intent(api, f"payment_method={card}") for _ in range(2)]
    api.engine.gateway.answers.append(AT_THE_BANK)
    assert (await confirmed(api, first)).json()["status"] == "requires_action"
    await is_refused(api, await confirmed(api, second), second, USED_UP)
    assert (await api.post(f"{INTENTS}/{first}/cancel")).status_code == 200
    await paid(api, second)


async def test_what_a_request_has_made_is_claimed_with_it(api: Api) -> None:
    api.engine.gateway.answers.append(AT_THE_BANK)
    first = await api.create("confirm=true&payment_method=pm_card_visa&return_url=https://shop.example")
    assert first["status"] == "requires_action"
    second = await an_intent(api)
    its = f"payment_method={first['payment_method']}"
    await is_refused(api, await confirmed(api, second, its), second, USED_UP)
    api.engine.gateway.answers.append(AT_THE_BANK)
    third = (await confirmed(api, await an_intent(api), "payment_method=pm_card_visa")).json()
    its = f"payment_method={third['payment_method']}"
    await is_refused(api, await confirmed(api, second, its), second, USED_UP)


async def test_a_decline_that_does_not_use_it_up_leaves_it_to_others(api: Api) -> None:
    customer, card = await customer_of(api), await a_card(api)
    form = f"customer={customer}&setup_future_usage=off_session&payment_method={card}"
    first, second = await an_intent(api, form), await an_intent(api, form)
    api.engine.gateway.answers.append(Declined(decline_code="insufficient_funds"))
    assert (await confirmed(api, first)).status_code == 402
    await paid(api, second)


async def test_a_refusal_leaves_it_to_others(api: Api) -> None:
    card = await a_card(api)
    first, second = [await an_intent(api, f"payment_method={card}") for _ in range(2)]
    await is_refused(api, await confirmed(api, first, "amount_to_confirm=5"), first, "amount_to_confirm")
    await paid(api, second)


async def test_a_repetition_is_answered_as_the_first_time(api: Api) -> None:
    customer = await customer_of(api)
    card = await a_card(api, customer)
    intent = await an_intent(api, f"customer={customer}&payment_method={card}")
    api.engine.gateway.answers.append(Declined(decline_code="insufficient_funds"))
    answers = []
    for _ in range(2):
        answers.append(await confirmed(api, intent, f"payment_method={card}", Idempotency_Key=f"k{api.scope.account}"))
        await api.post(f"{METHODS}/{card}/detach")
    assert [answer.status_code for answer in answers] == [402, 402]
    assert answers[0].content == answers[1].content


async def test_who_dies_leaves_a_claim_that_lapses(api: Api) -> None:
    card = await a_card(api)
    first, second = [await an_intent(api, f"payment_method={card}") for _ in range(2)]
    for _ in range(2):
        found = await methods_in_use.look(api.database, api.scope, first, card, None, api.clock.now)
        assert found.claimed, "twice is once"
    await is_refused(api, await confirmed(api, second), second, USED_UP)
    api.clock.now += UNDER_WAY_SECONDS
    await paid(api, second)
    await is_refused(api, await confirmed(api, first), first, USED_UP)


async def test_an_engine_that_is_away_leaves_the_claim(api: Api) -> None:
    card = await a_card(api)
    first, second = [await an_intent(api, f"payment_method={card}") for _ in range(2)]
    api.engine.away = True
    assert (await confirmed(api, first)).status_code == 503
    api.engine.away = False
    await is_refused(api, await confirmed(api, second), second, USED_UP)
    await paid(api, first)


async def test_an_outcome_that_is_not_known_leaves_the_claim(api: Api) -> None:
    card = await a_card(api)
    first, second = [await an_intent(api, f"payment_method={card}") for _ in range(2)]
    api.engine.gateway.answers.append(GatewayUnavailable("away"))
    assert (await confirmed(api, first)).status_code >= 500
    await is_refused(api, await confirmed(api, second), second, USED_UP)


async def test_nor_does_one_of_a_setup(api: Api) -> None:
    card = await a_card(api)
    setup = (await api.post("/v1/setup_intents", f"payment_method={card}")).json()["id"]
    intent = await an_intent(api, f"payment_method={card}")
    api.engine.gateway.answers.append(GatewayUnavailable("away"))
    asked = await api.post(f"/v1/setup_intents/{setup}/confirm", "return_url=https://shop.example")
    assert asked.status_code >= 500
    await is_refused(api, await confirmed(api, intent), intent, USED_UP)
    api.clock.now += UNDER_WAY_SECONDS + 1
    await paid(api, intent)


async def test_what_a_setup_waits_for_pays_nothing_until_it_is_given_up(api: Api) -> None:
    """Else its owner would come back from their bank, and have set up what a payment has used up meanwhile."""
    card = await a_card(api)
    customer = str((await api.post("/v1/customers")).json()["id"])
    form = f"payment_method={card}&customer={customer}&confirm=true&return_url=https://shop.example"
    intent = await an_intent(api, f"payment_method={card}")
    api.engine.gateway.answers.append(AT_THE_BANK)
    setup = (await api.post("/v1/setup_intents", form)).json()
    assert setup["status"] == "requires_action"
    await is_refused(api, await confirmed(api, intent), intent, USED_UP)
    assert (await api.post(f"/v1/setup_intents/{setup['id']}/cancel")).json()["status"] == "canceled"
    await paid(api, intent)


MADE = "payment_method_data[type]=card&payment_method_data[card][token]=tok_visa"


async def kept(api: Api) -> set[str]:
    table = tables.payment_methods
    rows = await api.database.execute(table.select().where(table.c.account == api.scope.account))
    return {row.id for row in rows}


async def test_what_is_refused_leaves_no_method_behind(api: Api) -> None:
    intent = await an_intent(api)
    done = str((await api.create("payment_method=pm_card_visa&confirm=true&return_url=https://shop.example"))["id"])
    before = await kept(api)
    for form in (MADE, "payment_method=pm_card_visa"):
        for path in (f"{INTENTS}/{done}/confirm", f"{INTENTS}/{done}"):
            assert (await api.post(path, form)).status_code == 400
        assert (await confirmed(api, intent, f"{form}&amount_to_confirm=5")).status_code == 400
    wrong = f"amount=1099&currency=usd&confirm=true&statement_descriptor=abcdefg&{MADE}"
    assert (await api.post(INTENTS, wrong)).status_code == 400
    assert (await api.post(f"{INTENTS}/{intent}/apply_customer_balance")).status_code == 400
    assert await kept(api) == before
    declined = Declined(decline_code="insufficient_funds")
    api.engine.gateway.answers.append(declined)
    assert (await confirmed(api, intent, MADE)).status_code == 402
    assert len(await kept(api) - before) == 1, "a bank has seen it"


async def test_a_method_that_has_not_changed_does_not_go_with_the_command(api: Api) -> None:
    sent: list[Command] = []

    async def watched(intent: PaymentIntent, command: Command, reload: Reload[PaymentIntent]) -> CommandResult:
        sent.append(command)
        return await send(intent, command, reload)

    send, api.engine.send = api.engine.send, watched  # type: ignore[method-assign]
    customer = await customer_of(api)
    for form in (
        f"payment_method={await a_card(api, customer)}&customer={customer}",
        f"payment_method={await a_card(api)}",
    ):
        await paid(api, await an_intent(api, form))
    assert [command.payment_method for command in sent if isinstance(command, Confirm)] == [None, None]
