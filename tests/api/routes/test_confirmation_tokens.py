"""Confirmation tokens: made by a browser or a test, shown, used once, as good as new when a confirmation is refused."""

from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select

from api.usecases.confirmation import TOKEN_SECONDS
from domain.model.outcomes import Declined
from records import confirmation_tokens
from records.tables import confirmation_tokens as table
from records.takers import LAPSE_SECONDS, TAKERS
from tests.api.conftest import Api, error_of
from tests.support.builders import NOW
from tests.support.cards import with_cards

TOKENS = "/v1/confirmation_tokens"
HELPER = "/v1/test_helpers/confirmation_tokens"
INTENTS = "/v1/payment_intents"
CARD = ("payment_method_data[type]=card&payment_method_data[card][number]=4242424242424242"
        "&payment_method_data[card][exp_month]=8&payment_method_data[card][exp_year]=2034"
        "&payment_method_data[billing_details][name]=Jenny")  # fmt: skip


async def made(api: Api, form: str = CARD, **more: Any) -> dict[str, Any]:
    response = await api.post(HELPER, form, **more)
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    return body


async def test_a_token_shows_what_was_collected(api: Api) -> None:
    form = (f"{CARD}&return_url=https://shop.example&setup_future_usage=off_session&shipping[name]=Jenny"
            "&shipping[address][line1]=Main St 1&payment_method_options[card][installments][plan][type]=fixed_count"
            "&payment_method_options[card][installments][plan][count]=3")  # fmt: skip
    token = await made(api, form)
    assert token["id"].startswith("ctoken_")
    assert token["payment_method_preview"]["card"]["last4"] == "4242"
    assert token["payment_method_preview"]["billing_details"]["name"] == "Jenny"
    assert token["shipping"]["address"]["line1"] == "Main St 1"
    plan = {"count": 3, "interval": None, "type": "fixed_count"}
    assert token["payment_method_options"]["card"]["installments"]["plan"] == plan
    assert token["expires_at"] == token["created"] + TOKEN_SECONDS
    assert token["payment_intent"] is None
    assert (await api.get(f"{TOKENS}/{token['id']}")).json() == token


async def test_a_browser_makes_one_and_the_server_confirms_with_it(api: Api) -> None:
    response = await api.post(TOKENS, CARD, key=api.publishable)
    token = response.json()
    intent = await api.create("automatic_payment_methods[enabled]=true")
    form = f"confirmation_token={token['id']}&return_url=https://shop.example"
    paid = (await api.post(f"{INTENTS}/{intent['id']}/confirm", form)).json()
    assert paid["status"] == "succeeded"
    method = (await api.get(f"/v1/payment_methods/{paid['payment_method']}")).json()
    assert method["billing_details"]["name"] == "Jenny"
    used = (await api.get(f"{TOKENS}/{token['id']}")).json()
    assert used["payment_intent"] == intent["id"]


async def test_a_token_brings_what_the_request_leaves_out(api: Api) -> None:
    token = await made(api, f"{CARD}&setup_future_usage=off_session&shipping[name]=Jenny&shipping[address][line1]=x")
    customer = (await api.post("/v1/customers")).json()["id"]
    paid = await api.create(f"confirm=true&customer={customer}&confirmation_token={token['id']}")
    assert (paid["status"], paid["setup_future_usage"]) == ("succeeded", "off_session")
    assert paid["shipping"]["name"] == "Jenny"
    method = (await api.get(f"/v1/payment_methods/{paid['payment_method']}")).json()
    assert method["customer"] == customer


async def test_a_token_is_good_for_one_intent(api: Api) -> None:
    token = (await made(api))["id"]
    paid = await api.create(f"confirm=true&confirmation_token={token}")
    again = error_of(await api.post(f"{INTENTS}/{(await api.create())['id']}/confirm", f"confirmation_token={token}"))
    assert (again["code"], again.get("param")) == ("payment_intent_confirmation_token_invalid", None)
    assert "another intent" in again["message"]
    assert len(api.engine.gateway.performed) == 1
    assert paid["status"] == "succeeded"


async def test_a_refused_confirmation_gives_the_token_back(api: Api) -> None:
    token = (await made(api))["id"]
    done = await api.create("confirm=true&payment_method=pm_card_visa")
    refused = error_of(await api.post(f"{INTENTS}/{done['id']}/confirm", f"confirmation_token={token}"))
    assert refused["code"] == "payment_intent_unexpected_state"
    assert (await api.get(f"{TOKENS}/{token}")).json()["payment_intent"] is None
    assert (await api.create(f"confirm=true&confirmation_token={token}"))["status"] == "succeeded"


async def test_what_a_token_has_paid_is_not_undone_by_a_refused_repetition(api: Api) -> None:
    token = (await made(api))["id"]
    paid, other = await api.create(), await api.create()
    form = f"confirmation_token={token}"
    assert (await api.post(f"{INTENTS}/{paid['id']}/confirm", form)).json()["status"] == "succeeded"
    again = error_of(await api.post(f"{INTENTS}/{paid['id']}/confirm", form))
    assert again["code"] == "payment_intent_unexpected_state"
    assert (await api.get(f"{TOKENS}/{token}")).json()["payment_intent"] == paid["id"]
    elsewhere = error_of(await api.post(f"{INTENTS}/{other['id']}/confirm", form))
    assert elsewhere["code"] == "payment_intent_confirmation_token_invalid"
    assert len(api.engine.gateway.performed) == 1


async def test_whoever_used_it_last_gives_it_back_or_nobody(api: Api) -> None:
    """Two confirmations of one intent by one token, at once: one may pay while the other is refused."""
    for first, second in (("cmd_1", "cmd_2"), ("cmd_2", "cmd_1")):
        token, intent = (await made(api))["id"], "pi_1"
        use = partial(confirmation_tokens.use, api.database, api.scope, token)
        give_back = partial(confirmation_tokens.give_back, api.database, api.scope, token, intent)
        assert [await use(intent, command, NOW) for command in ("cmd_1", "cmd_1", "cmd_2")] == [True] * 3
        await give_back(first)
        assert not await use("pi_2", "cmd_3", NOW)
        await give_back(second)
        assert await use("pi_2", "cmd_3", NOW)


@pytest.mark.parametrize("path", [INTENTS, "/v1/setup_intents"])
async def test_a_token_that_a_process_died_with_is_good_again_after_a_while(api: Api, path: str) -> None:
    """It had taken the token for an intent that was never written; the request is sent again with another key."""
    token = (await made(api))["id"]
    assert await confirmation_tokens.use(api.database, api.scope, token, "pi_never_made", "died", api.clock.now)
    form = f"confirm=true&confirmation_token={token}" + (
        "&amount=1099&currency=usd" if path == INTENTS else "&return_url=https://shop.example"
    )
    api.clock.now += LAPSE_SECONDS - 1
    early = error_of(await api.post(path, form))
    assert early.get("code") == "payment_intent_confirmation_token_invalid", early
    assert api.engine.gateway.performed == []
    api.clock.now += 1
    done = await api.post(path, form)
    assert (done.status_code, done.json()["status"]) == (200, "succeeded")
    api.clock.now += 1_000
    again = error_of(await api.post(path, form))
    assert again["code"] == "payment_intent_confirmation_token_invalid", "an intent that is there keeps it"
    assert len(api.engine.gateway.performed) == 1


async def test_a_token_is_taken_when_it_is_and_not_when_the_request_came(api: Api) -> None:
    """A slow body and a queue come between; who else wants it may have it so long after the taking."""
    token = (await made(api))["id"]

    async def slow() -> AsyncIterator[bytes]:
        api.clock.now += LAPSE_SECONDS
        yield with_cards(INTENTS, f"amount=1099&currency=usd&confirm=true&confirmation_token={token}").encode()

    headers = {"Authorization": f"Bearer {api.secret}", "Content-Type": "application/x-www-form-urlencoded"}
    done = await api.http.post(INTENTS, content=slow(), headers=headers)
    assert done.status_code == 200, done.text
    rows = await api.database.execute(select(table.c.data).where(table.c.id == token))
    assert list(rows[0].data[TAKERS].values()) == [api.clock.now + LAPSE_SECONDS]


async def test_a_token_that_an_older_release_used_is_not_given_back_by_another_confirmation(api: Api) -> None:
    token = (await made(api))["id"]
    await api.database.execute(table.update().where(table.c.id == token).values(payment_intent="pi_1"))
    assert await confirmation_tokens.use(api.database, api.scope, token, "pi_1", "cmd_2", NOW)
    await confirmation_tokens.give_back(api.database, api.scope, token, "pi_1", "cmd_2")
    late = NOW + 1_000 * LAPSE_SECONDS
    assert not await confirmation_tokens.use(api.database, api.scope, token, "pi_2", "cmd_3", late)


async def test_a_decline_uses_the_token_up(api: Api) -> None:
    token = (await made(api))["id"]
    api.engine.gateway.answers = [Declined(decline_code="generic_decline")]
    intent = await api.create()
    declined = await api.post(f"{INTENTS}/{intent['id']}/confirm", f"confirmation_token={token}")
    assert declined.status_code == 402
    assert (await api.get(f"{TOKENS}/{token}")).json()["payment_intent"] == intent["id"]


async def test_what_makes_no_sense_is_refused(api: Api) -> None:
    token = (await made(api))["id"]
    assert error_of(await api.post(HELPER))["code"] == "parameter_missing"
    both = error_of(await api.post(HELPER, f"{CARD}&payment_method=pm_card_visa"))
    assert both["code"] == "parameters_exclusive"
    intent = (await api.create())["id"]
    for form, code in (
        ("confirmation_token=ctoken_none", "resource_missing"),
        (f"confirmation_token={token}&payment_method=pm_card_visa", "parameters_exclusive"),
    ):
        assert error_of(await api.post(f"{INTENTS}/{intent}/confirm", form))["code"] == code
    assert (await api.get(f"{TOKENS}/ctoken_none")).status_code == 404
    without_confirm = error_of(await api.post(INTENTS, f"amount=1099&currency=usd&confirmation_token={token}"))
    assert "confirm=true" in without_confirm["message"]
    assert error_of(await api.post(HELPER, CARD, key=api.publishable))["code"] == "secret_key_required"
    api.clock.now += TOKEN_SECONDS
    late = error_of(await api.post(f"{INTENTS}/{intent}/confirm", f"confirmation_token={token}"))
    assert "expired" in late["message"]
    assert api.engine.gateway.performed == []


async def test_a_saved_method_is_previewed_and_used(api: Api) -> None:
    customer = (await api.post("/v1/customers")).json()["id"]
    method = (await api.post("/v1/payment_methods", "type=card&card[token]=tok_visa")).json()["id"]
    await api.post(f"/v1/payment_methods/{method}/attach", f"customer={customer}")
    token = await made(api, f"payment_method={method}")
    assert token["payment_method_preview"]["customer"] == customer
    paid = await api.create(f"confirm=true&customer={customer}&confirmation_token={token['id']}")
    assert (paid["status"], paid["payment_method"]) == ("succeeded", method)


async def test_a_token_and_its_intent_agree_on_what_the_method_is_kept_for(api: Api) -> None:
    token = await made(api, f"{CARD}&setup_future_usage=off_session")
    intent = await api.create("setup_future_usage=on_session")
    form = f"confirmation_token={token['id']}"
    refused = error_of(await api.post(f"{INTENTS}/{intent['id']}/confirm", form))
    assert refused["param"] == "setup_future_usage"
    created = f"amount=1099&currency=usd&confirm=true&setup_future_usage=on_session&{form}"
    assert error_of(await api.post(INTENTS, created))["param"] == "setup_future_usage"
    assert (await api.get(f"{INTENTS}/{intent['id']}")).json() == intent
    assert (await api.get(f"{TOKENS}/{token['id']}")).json()["payment_intent"] is None
    agreeing = await api.create("setup_future_usage=off_session")
    paid = (await api.post(f"{INTENTS}/{agreeing['id']}/confirm", form)).json()
    assert paid["status"] == "succeeded"
