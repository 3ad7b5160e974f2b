"""The duplicate guard: off by default; flags or refuses the second payment that is like the first."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from domain.machine.duplicates import Choice, Guard
from domain.model.outcomes import Accepted, Declined
from gateways.base import GatewayUnavailable
from records.accounts import set_duplicates
from records.recent_payments import UNDER_WAY_SECONDS
from tests.api.conftest import Api, error_of

INTENTS = "/v1/payment_intents"
CARD = "payment_method=pm_card_visa&return_url=https://shop.example"
WINDOW = 300

Turn = Callable[[str], Awaitable[None]]


@pytest.fixture
def turn(api: Api) -> Turn:
    async def to(choice: str) -> None:
        assert await set_duplicates(api.database, api.scope.account, Guard(WINDOW, Choice(choice)))

    return to


async def paid(api: Api, form: str = "", **more: Any) -> dict[str, Any]:
    body = await api.create(f"{CARD}&confirm=true&{form}", **more)
    assert body["status"] == "succeeded"
    return body


def charged(api: Api) -> int:
    return len([effect for effect in api.engine.gateway.performed if effect.operation == "authorize"])


def counted(what: str) -> float:
    return REGISTRY.get_sample_value("perdure_duplicates_total", {"what": what}) or 0.0


async def test_it_is_off(api: Api) -> None:
    await paid(api)
    second = await paid(api)
    assert "duplicate" not in str(second)
    assert charged(api) == 2


@pytest.mark.parametrize("at", ["create", "confirm"])
async def test_the_second_is_declined_and_names_the_first(api: Api, turn: Turn, at: str) -> None:
    await turn("refuse")
    first, before = await paid(api), counted("refused")
    path, form = INTENTS, f"amount=1099&currency=usd&confirm=true&{CARD}"
    if at == "confirm":
        path, form = f"{INTENTS}/{(await api.create())['id']}/confirm", CARD
    answer = await api.post(path, form, Idempotency_Key=f"second-{at}-{api.scope.account}")
    error = error_of(answer)
    assert (answer.status_code, error["type"], error["code"]) == (402, "card_error", "card_declined")
    assert error["decline_code"] == "duplicate_transaction"
    assert first["id"] in error["message"]
    assert "charge" not in error
    intent = error["payment_intent"]
    assert (intent["status"], intent["latest_charge"]) == ("requires_payment_method", None)
    assert intent["last_payment_error"]["decline_code"] == "duplicate_transaction"
    again = await api.post(path, form, Idempotency_Key=f"second-{at}-{api.scope.account}")
    assert again.content == answer.content
    assert (charged(api), counted("refused") - before) == (1, 1)


async def test_the_second_is_let_through_and_flagged(api: Api, turn: Turn) -> None:
    await turn("flag")
    first, before = await paid(api), counted("flagged")
    with capture_logs() as lines:
        second = await paid(api)
    said = [line for line in lines if line["event"] == "duplicate payment"]
    assert [(line["payment_intent"], line["duplicate_of"], line["what"]) for line in said] == [
        (second["id"], first["id"], "flagged")
    ]
    assert set(second) == set(first), "no answer has a key that Stripe's has not"
    recorded = await api.services.projection.latest(second["id"])
    assert recorded is not None
    assert recorded.duplicate_of == first["id"]
    assert (charged(api), counted("flagged") - before) == (2, 1)


@pytest.mark.parametrize("form", ["amount=1100", "currency=eur", "metadata[a]=b&amount=2000"])
async def test_what_is_not_like_it_is_none(api: Api, turn: Turn, form: str) -> None:
    await turn("refuse")
    await paid(api)
    answer = await api.post(INTENTS, f"{form}&{'' if 'amount' in form else 'amount=1099&'}"
                            f"{'' if 'currency' in form else 'currency=usd&'}confirm=true&{CARD}")  # fmt: skip
    assert answer.json()["status"] == "succeeded", answer.text


async def test_of_another_customer_it_is_none(api: Api, turn: Turn) -> None:
    await turn("refuse")
    for _ in range(2):
        customer = (await api.post("/v1/customers")).json()["id"]
        await paid(api, f"customer={customer}")


async def test_after_the_window_it_is_none(api: Api, turn: Turn) -> None:
    await turn("refuse")
    await paid(api)
    api.clock.now += WINDOW - 1
    assert (await api.post(INTENTS, f"amount=1099&currency=usd&confirm=true&{CARD}")).status_code == 402
    api.clock.now += 1
    await paid(api)


async def test_after_a_decline_it_is_none(api: Api, turn: Turn) -> None:
    await turn("refuse")
    api.engine.gateway.answers.append(Declined(decline_code="insufficient_funds"))
    assert (await api.post(INTENTS, f"amount=1099&currency=usd&confirm=true&{CARD}")).status_code == 402
    await paid(api)


async def test_an_intent_is_never_its_own(api: Api, turn: Turn) -> None:
    await turn("refuse")
    intent = await api.create()
    api.engine.gateway.answers.append(Declined(decline_code="insufficient_funds"))
    confirm = f"{INTENTS}/{intent['id']}/confirm"
    declined = await api.post(confirm, CARD)
    assert error_of(declined)["decline_code"] == "insufficient_funds"
    assert (await api.post(confirm, CARD)).json()["status"] == "succeeded"
    assert error_of(await api.post(confirm, CARD))["code"] == "payment_intent_unexpected_state"


async def test_while_the_first_is_processing_however_long_that_takes(api: Api, turn: Turn) -> None:
    await turn("refuse")
    api.engine.gateway.answers.append(Accepted(reference="ref_1"))
    debit = ("allowed_payment_method_types[]=us_bank_account&payment_method=pm_usBankAccount_success&confirm=true&"
             "mandate_data[customer_acceptance][type]=offline")  # fmt: skip
    first = await api.create(debit)
    assert first["status"] == "processing"
    api.clock.now += 10 * WINDOW
    answer = await api.post(INTENTS, f"amount=1099&currency=usd&{debit}")
    assert first["id"] in error_of(answer)["message"]


async def test_of_two_at_once_one_is_charged(api: Api, turn: Turn) -> None:
    await turn("refuse")
    made = [await api.create() for _ in range(6)]
    api.engine.gateway.hold, all_but_one = asyncio.Event(), asyncio.Event()
    statuses: list[int] = []

    async def confirm(id_: str) -> None:
        statuses.append((await api.post(f"{INTENTS}/{id_}/confirm", CARD)).status_code)
        if len(statuses) == len(made) - 1:
            all_but_one.set()

    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        for intent in made:
            group.create_task(confirm(intent["id"]))
        await all_but_one.wait()
        assert statuses == [402] * 5
        api.engine.gateway.hold.set()
    assert statuses == [*[402] * 5, 200]
    assert charged(api) == 1


async def test_a_process_that_dies_between_leaves_a_claim_that_lapses(api: Api, turn: Turn) -> None:
    await turn("refuse")
    first = await api.create()
    api.engine.gateway.answers.append(GatewayUnavailable("away"))
    died = await api.post(f"{INTENTS}/{first['id']}/confirm", CARD, Idempotency_Key=f"died-{api.scope.account}")
    assert died.status_code == 503
    second = await api.post(INTENTS, f"amount=1099&currency=usd&confirm=true&{CARD}")
    assert first["id"] in error_of(second)["message"]
    api.clock.now += UNDER_WAY_SECONDS
    assert (await paid(api))["id"] != first["id"]
