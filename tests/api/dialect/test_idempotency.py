"""Idempotency-Key: the answer of the first execution for all who send it again, and exactly one effect."""

import asyncio

import pytest

from api.dialect.idempotency import kept_as
from domain.model.outcomes import Authorize, Declined
from records.accounts import add_key
from records.idempotency import LOCK_SECONDS, RETENTION_SECONDS
from tests.api.conftest import Api, error_of
from tests.support.builders import NOW

PATH = "/v1/payment_intents"
OK = "amount=1099&currency=usd"


async def test_the_same_bytes_again(api: Api) -> None:
    first = await api.post(PATH, OK, Idempotency_Key="k")
    again = await api.post(PATH, OK, Idempotency_Key="k")
    assert again.content == first.content
    assert again.headers["idempotent-replayed"] == "true"
    assert again.headers["original-request"] == first.headers["request-id"]
    assert "idempotent-replayed" not in first.headers
    assert len((await api.get(PATH)).json()["data"]) == 1


async def test_a_decline_is_remembered_too(api: Api) -> None:
    api.engine.gateway.answers.append(Declined(decline_code="lost_card"))
    form = f"{OK}&confirm=true&payment_method=pm_card_visa"
    first = await api.post(PATH, form, Idempotency_Key="k")
    again = await api.post(PATH, form, Idempotency_Key="k")
    assert (first.status_code, again.status_code) == (402, 402)
    assert again.content == first.content
    assert api.engine.gateway.calls == 1


async def test_an_illegal_command_is_remembered_too(api: Api) -> None:
    intent = await api.create()
    first = await api.post(f"{PATH}/{intent['id']}/capture", Idempotency_Key="k")
    await api.post(f"{PATH}/{intent['id']}/confirm", "payment_method=pm_card_visa")
    again = await api.post(f"{PATH}/{intent['id']}/capture", Idempotency_Key="k")
    assert again.content == first.content


async def test_other_parameters_or_another_endpoint(api: Api) -> None:
    await api.post(PATH, OK, Idempotency_Key="k")
    same = "Keys for idempotent requests can only be used"
    other = "Try using a key other than 'k' if you meant to execute a different request."
    parameters = f"{same} with the same parameters they were first used with. {other}"
    endpoint = f"{same} for the same endpoint they were first used for ('/v1/customers' vs '{PATH}'). {other}"
    for path, form, text in (
        (PATH, "amount=2000&currency=usd", parameters),
        (PATH, f"{OK}&expand[]=customer", parameters),
        ("/v1/customers", "", endpoint),
    ):
        response = await api.post(path, form, Idempotency_Key="k")
        error = error_of(response)
        assert response.status_code == 400
        assert error == {"type": "idempotency_error", "message": text}


async def test_where_a_key_was_first_used_is_not_known_of_what_an_older_release_has_written(api: Api) -> None:
    from sqlalchemy import update

    from records.idempotency import table

    await api.post(PATH, OK, Idempotency_Key="k")
    await api.database.execute(update(table).where(table.c.account == api.scope.account).values(path=None))
    assert "same parameters" in error_of(await api.post("/v1/customers", Idempotency_Key="k"))["message"]
    assert (await api.post(PATH, OK, Idempotency_Key="k")).headers["idempotent-replayed"] == "true"


async def test_what_fails_validation_leaves_the_key_free(api: Api) -> None:
    assert (await api.post(PATH, "amount=x&currency=usd", Idempotency_Key="k")).status_code == 400
    assert (await api.post(PATH, OK, Idempotency_Key="k")).status_code == 200


async def test_fifty_at_once_have_one_effect(api: Api) -> None:
    form = f"{OK}&confirm=true&payment_method=pm_card_visa"
    responses = await asyncio.gather(*(api.post(PATH, form, Idempotency_Key="k") for _ in range(50)))
    answered = {response.content for response in responses if response.status_code == 200}
    assert len(answered) == 1
    for response in responses:
        if response.status_code != 200:
            assert (response.status_code, error_of(response)["code"]) == (409, "idempotency_key_in_use")
            assert response.headers["stripe-should-retry"] == "true"
    assert len(api.engine.gateway.performed) == 1
    assert len((await api.get(PATH)).json()["data"]) == 1


async def test_a_request_that_died_is_taken_over_with_the_same_effect(api: Api) -> None:
    from api.dialect.idempotency import fingerprint
    from records import idempotency

    decoded = {"amount": "1099", "currency": "usd"}
    print_ = fingerprint("POST", PATH, decoded)
    await idempotency.claim(api.database, api.scope, "k", print_, "req_dead", "seed", api.clock.now, PATH)
    busy = await api.request("POST", PATH, OK, Idempotency_Key="k")
    assert busy.status_code == 409
    api.clock.now += LOCK_SECONDS + 1
    first = (await api.request("POST", PATH, OK, Idempotency_Key="k")).json()
    from api.dialect.minting import Mint

    assert first["id"] == Mint("seed").payment_intent


async def test_a_crash_after_the_command_is_healed_by_the_ledger(api: Api) -> None:
    """The command was carried out and the answer not saved: the repetition finds it in the workflow's ledger."""
    from sqlalchemy import update

    from records.idempotency import table

    intent = await api.create("payment_method=pm_card_visa&capture_method=manual")
    url = f"{PATH}/{intent['id']}/confirm"
    first = await api.post(url, Idempotency_Key="k")
    forgotten = update(table).where(table.c.key == "k", table.c.account == api.scope.account)
    await api.database.execute(forgotten.values(response_status=None, response_body=None, locked_until=0))
    again = await api.post(url, Idempotency_Key="k")
    assert again.json() == first.json()
    assert len(api.engine.gateway.performed) == 1


async def test_a_repeated_create_does_not_start_from_the_beginning(api: Api) -> None:
    """The first try died after the decline; before it is repeated, another card has paid."""
    from sqlalchemy import update

    from records.idempotency import table

    api.engine.gateway.answers.append(Declined(decline_code="lost_card"))
    form = f"{OK}&confirm=true&payment_method=pm_card_visa"
    first = await api.post(PATH, form, Idempotency_Key="k")
    id_ = error_of(first)["payment_intent"]["id"]
    await api.post(f"{PATH}/{id_}/confirm", "payment_method=pm_card_visa")
    forgotten = update(table).where(table.c.key == "k", table.c.account == api.scope.account)
    await api.database.execute(forgotten.values(response_status=None, response_body=None, locked_until=0))
    started, calls = api.engine.started, api.engine.gateway.calls
    again = await api.post(PATH, form, Idempotency_Key="k")
    error = error_of(again)
    assert (again.status_code, error["decline_code"]) == (402, "lost_card")
    assert error["payment_method"]["id"] == error_of(first)["payment_method"]["id"]
    assert error["payment_method"]["type"] == "card"
    assert error["payment_intent"]["status"] == "succeeded"
    assert (api.engine.started, api.engine.gateway.calls) == (started, calls)


async def test_a_repeated_create_is_not_refused_for_what_it_did_itself(api: Api) -> None:
    """The first try died after it had paid, and so used its payment method up."""
    from sqlalchemy import update

    from records.idempotency import table

    form = f"{OK}&confirm=true&payment_method=pm_card_visa"
    first = (await api.post(PATH, form, Idempotency_Key="k")).json()
    assert first["status"] == "succeeded"
    forgotten = update(table).where(table.c.key == "k", table.c.account == api.scope.account)
    await api.database.execute(forgotten.values(response_status=None, response_body=None, locked_until=0))
    assert (await api.post(PATH, form, Idempotency_Key="k")).json() == first
    assert len(api.engine.gateway.performed) == 1
    other = await api.post(PATH, f"{OK}&confirm=true&payment_method={first['payment_method']}", Idempotency_Key="other")
    assert "may not be used again" in error_of(other)["message"]


async def test_a_repeated_request_uses_the_same_token(api: Api) -> None:
    """Another token under the same gateway key would be another operation, and the first may have moved money."""
    intent = await api.create()
    api.engine.away = True
    url = f"{PATH}/{intent['id']}/confirm"
    assert (await api.post(url, "payment_method=pm_card_visa", Idempotency_Key="k")).status_code == 503
    api.engine.away = False
    paid = (await api.post(url, "payment_method=pm_card_visa", Idempotency_Key="k")).json()
    assert await api.methods() == [paid["payment_method"]]
    effect = api.engine.gateway.performed[0]
    assert isinstance(effect, Authorize)
    assert (effect.token, api.tokenization.count) == ("tok_1", 2)


async def test_keys_are_ignored_on_get_and_limited_in_length(api: Api) -> None:
    assert "idempotency-key" not in (await api.get(PATH, Idempotency_Key="k")).headers
    assert (await api.post(PATH, OK, Idempotency_Key="k" * 255)).status_code == 200
    assert (await api.post(PATH, OK, Idempotency_Key="k" * 256)).status_code == 400


async def test_a_day_later_the_key_is_new(api: Api) -> None:
    first = await api.post(PATH, OK, Idempotency_Key="k")
    api.clock.now += RETENTION_SECONDS + 1
    later = await api.post(PATH, OK, Idempotency_Key="k")
    assert later.json()["id"] != first.json()["id"]


@pytest.mark.parametrize(
    "form",
    ["amount=0&currency=usd", f"{OK}&customer=cus_nope", f"{OK}&payment_method=pm_nope", "amount=1&currency=xyz"],
)
async def test_what_no_payment_intent_would_take_leaves_the_key_free(api: Api, form: str) -> None:
    assert (await api.post(PATH, form, Idempotency_Key="k")).status_code == 400
    assert (await api.post(PATH, OK, Idempotency_Key="k")).status_code == 200


async def test_a_request_that_died_is_not_forgotten_for_a_refusal_of_its_repetition(api: Api) -> None:
    """The first try paid; its repetition is refused without being executed, and must not free the key for another."""
    from sqlalchemy import update

    from records.idempotency import table

    customer = (await api.post("/v1/customers")).json()["id"]
    form = f"{OK}&customer={customer}"
    first = (await api.post("/v1/payment_methods", "type=card&card[token]=tok_visa")).json()["id"]
    await api.post(f"/v1/payment_methods/{first}/attach", f"customer={customer}", Idempotency_Key="k")
    forgotten = update(table).where(table.c.key == "k", table.c.account == api.scope.account)
    await api.database.execute(forgotten.values(response_status=None, response_body=None, locked_until=0))
    await api.request("DELETE", f"/v1/customers/{customer}")
    refused = await api.post(f"/v1/payment_methods/{first}/attach", f"customer={customer}", Idempotency_Key="k")
    assert error_of(refused)["code"] == "resource_missing"
    other = await api.post(PATH, form, Idempotency_Key="k")
    assert error_of(other)["type"] == "idempotency_error"


METHODS = "/v1/payment_methods"
CARD = "type=card&card[token]=tok_visa"


async def test_a_browser_is_not_given_what_a_server_was_answered(api: Api) -> None:
    form = f"{CARD}&metadata[note]=internal"
    ours = await api.post(METHODS, form, Idempotency_Key="k")
    theirs = await api.post(METHODS, form, Idempotency_Key="k", key=api.publishable)
    assert (theirs.status_code, theirs.json()["metadata"]) == (200, {})
    assert "idempotent-replayed" not in theirs.headers
    assert theirs.json()["id"] != ours.json()["id"]
    again = await api.post(METHODS, form, Idempotency_Key="k", key=api.publishable)
    assert again.content == theirs.content
    assert (again.headers["idempotent-replayed"], again.headers["idempotency-key"]) == ("true", "k")


async def test_nor_of_a_confirmation(api: Api) -> None:
    intent = await api.create("payment_method=pm_card_visa&metadata[note]=internal")
    path, form = (
        f"{PATH}/{intent['id']}/confirm",
        f"client_secret={intent['client_secret']}&return_url=https://a.example",
    )
    assert (await api.post(path, form, Idempotency_Key="k")).json()["status"] == "succeeded"
    theirs = await api.post(path, form, Idempotency_Key="k", key=api.publishable)
    assert error_of(theirs)["code"] == "payment_intent_unexpected_state"
    assert "internal" not in theirs.text
    assert len(api.engine.gateway.performed) == 1


async def test_a_browser_takes_no_key_of_a_server(api: Api) -> None:
    for key in ("k", "k" * 255):
        assert (await api.post(METHODS, CARD, Idempotency_Key=key, key=api.publishable)).status_code == 200
        assert (await api.post(PATH, OK, Idempotency_Key=key)).status_code == 200
    kept = kept_as("k", "publishable").encode()
    with_the_mark = await api.http.post(
        PATH, content=OK, headers={b"Authorization": f"Bearer {api.secret}".encode(), b"Idempotency-Key": kept,
                                   b"Content-Type": b"application/x-www-form-urlencoded"}
    )  # fmt: skip
    assert (with_the_mark.status_code, "idempotent-replayed" in with_the_mark.headers) == (200, False)


async def test_servers_find_each_others_first_try_if_they_may_ask_for_it(api: Api) -> None:
    first = await api.post(PATH, OK, Idempotency_Key="k")
    may, may_not = "rk_test_may", "rk_test_may_not"
    for key, permission in ((may, "payment_intents:write"), (may_not, "customers:write")):
        await add_key(
            api.database, api.scope.account, f"{key}{api.scope.account}", "restricted", False, NOW,
            permissions=(permission,),
        )  # fmt: skip
    may, may_not = f"{may}{api.scope.account}", f"{may_not}{api.scope.account}"
    assert (await api.post(PATH, OK, Idempotency_Key="k", key=may)).content == first.content
    assert (await api.post(PATH, OK, Idempotency_Key="k", key=may_not)).status_code == 403
    other = error_of(await api.post("/v1/customers", Idempotency_Key="k", key=may_not))
    assert (other["type"], PATH in other["message"]) == ("idempotency_error", False)
