"""Fees and transfers between accounts over HTTP (Connect): both sides are booked at once, and everything comes back."""

from dataclasses import replace
from typing import Any

import pytest

from domain.identifiers import application_id
from domain.model.outcomes import Declined
from domain.model.shares import fee_id, transfer_id
from records.accounts import add_key, ensure_key
from records.balance import added_up
from records.scope import Scope
from tests.api.conftest import Api, connected, error_of
from tests.support.builders import NOW

PAID = "confirm=true&payment_method=pm_card_visa"
HELD = f"{PAID}&capture_method=manual"
FEES, TRANSFERS, REFUNDS, CHARGES = "/v1/application_fees", "/v1/transfers", "/v1/refunds", "/v1/charges"


async def direct(api: Api, form: str = f"{PAID}&application_fee_amount=123") -> tuple[str, dict[str, Any]]:
    """A payment that the platform makes for an account, and the account."""
    account = await connected(api)
    return account, await api.create(form, Stripe_Account=account)


async def destination(api: Api, form: str = f"{PAID}&application_fee_amount=123") -> tuple[str, dict[str, Any]]:
    """A payment of the platform's whose money goes to an account, and the account."""
    account = await connected(api)
    return account, await api.create(f"{form}&transfer_data[destination]={account}")


async def got(api: Api, path: str, query: str = "", **headers: str) -> Any:
    response = await api.get(path, query, **headers)
    assert response.status_code == 200, response.text
    return response.json()


async def posted(api: Api, path: str, form: str = "", **headers: str) -> Any:
    response = await api.post(path, form, **headers)
    assert response.status_code == 200, response.text
    return response.json()


async def moved(api: Api, **headers: str) -> list[tuple[str, int, int, int]]:
    """What has moved an account's balance, oldest first."""
    listed = await got(api, "/v1/balance_transactions", "limit=100", **headers)
    return [(one["type"], one["amount"], one["fee"], one["net"]) for one in reversed(listed["data"])]


async def balance(api: Api, **headers: str) -> int:
    body = await got(api, "/v1/balance", **headers)
    return int(sum(one["amount"] for name in ("available", "pending") for one in body[name]))


async def events(api: Api, **headers: str) -> list[str]:
    listed = await got(api, "/v1/events", "limit=100", **headers)
    return [event["type"] for event in reversed(listed["data"])]


async def check_books(api: Api, account: str) -> None:
    """What went from one account to the other adds up to nothing, and each balance is its book's."""
    between = 0
    for whose, headers in ((api.scope.account, {}), (account, {"Stripe_Account": account})):
        books = {row.book: row.amount for row in await api.database.execute(added_up(Scope(whose, livemode=False)))}
        assert sum(books.values()) == 0
        assert books.get("balance", 0) == await balance(api, **headers)
        between += books.get("accounts", 0)
    assert between == 0


async def test_a_fee_on_a_direct_charge_is_the_accounts_cost_and_the_platforms_earning(api: Api) -> None:
    account, intent = await direct(api)
    acting = {"Stripe_Account": account}
    charge = await got(api, f"/v1/charges/{intent['latest_charge']}", "expand[]=balance_transaction", **acting)
    fee = await got(api, f"{FEES}/{charge['application_fee']}", "expand[]=balance_transaction")
    ca = application_id(api.scope.account)
    assert charge["balance_transaction"]["fee_details"] == [
        {"amount": 62, "application": None, "currency": "usd", "description": "Stripe processing fees",
         "type": "stripe_fee"},
        {"amount": 123, "application": ca, "currency": "usd", "description": f"{ca} application fee",
         "type": "application_fee"},
    ]  # fmt: skip
    assert (charge["balance_transaction"]["fee"], charge["balance_transaction"]["net"]) == (185, 914)
    earned = fee.pop("balance_transaction")
    assert fee == {
        "id": fee_id(charge["id"]), "object": "application_fee", "account": account, "amount": 123,
        "amount_refunded": 0, "application": ca, "charge": charge["id"], "created": charge["created"],
        "currency": "usd", "fee_source": {"charge": charge["id"], "type": "charge"}, "livemode": False,
        "originating_transaction": None, "refunded": False,
        "refunds": {"object": "list", "data": [], "has_more": False, "url": f"{FEES}/{fee['id']}/refunds"},
    }  # fmt: skip
    assert (earned["type"], earned["reporting_category"], earned["amount"], earned["fee"], earned["source"]) == (
        "application_fee", "platform_earning", 123, 0, fee["id"],
    )  # fmt: skip
    assert (await balance(api), await balance(api, **acting)) == (123, 914)
    assert await events(api) == ["application_fee.created"]
    assert "application_fee.created" not in await events(api, **acting)
    await check_books(api, account)


async def test_a_transfer_goes_to_whom_the_payment_is_for_and_the_fee_comes_back(api: Api) -> None:
    account, intent = await destination(api)
    acting = {"Stripe_Account": account}
    charge = await got(api, f"/v1/charges/{intent['latest_charge']}", "expand[]=transfer&expand[]=application_fee")
    transfer, fee = charge["transfer"], charge["application_fee"]
    assert transfer["id"] == transfer_id_of(charge)
    assert charge["transfer_group"] == transfer["transfer_group"] == f"group_{intent['id']}"
    assert (transfer["amount"], transfer["destination"], transfer["source_transaction"]) == (
        1_099, account, charge["id"],
    )  # fmt: skip
    payment = await got(api, f"/v1/charges/{transfer['destination_payment']}", "expand[]=balance_transaction", **acting)
    assert (payment["amount"], payment["source_transfer"], payment["payment_intent"]) == (1_099, transfer["id"], None)
    assert (payment["application_fee"], payment["application_fee_amount"]) == (fee["id"], 123)
    assert (fee["charge"], fee["originating_transaction"], fee["account"]) == (payment["id"], charge["id"], account)
    assert (payment["balance_transaction"]["fee"], payment["balance_transaction"]["net"]) == (123, 976)
    assert payment["balance_transaction"]["status"] == "available"
    assert await moved(api) == [
        ("charge", 1_099, 62, 1_037), ("transfer", -1_099, 0, -1_099), ("application_fee", 123, 0, 123),
    ]  # fmt: skip
    assert await moved(api, **acting) == [("payment", 1_099, 123, 976)]
    assert (await events(api))[-2:] == ["transfer.created", "application_fee.created"]
    assert await events(api, **acting) == []
    await check_books(api, account)


def transfer_id_of(charge: dict[str, Any]) -> str:
    return "tr_3" + str(charge["id"])[len("ch_3") :]


async def test_a_part_may_be_transferred(api: Api) -> None:
    account, _ = await destination(api, f"{PAID}&transfer_data[amount]=700&transfer_group=order_6")
    [transfer] = (await got(api, TRANSFERS, "transfer_group=order_6"))["data"]
    assert (transfer["amount"], transfer["reversed"]) == (700, False)
    assert await moved(api, Stripe_Account=account) == [("payment", 700, 0, 700)]
    assert (await got(api, FEES))["data"] == []
    await check_books(api, account)


async def test_nobody_gets_anything_of_what_is_held_or_declined(api: Api) -> None:
    account, held = await destination(api, f"{HELD}&application_fee_amount=123")
    api.engine.gateway.answers = [Declined(decline_code="generic_decline")]
    await api.post("/v1/payment_intents", f"amount=1099&currency=usd&{PAID}&transfer_data[destination]={account}")
    assert (await got(api, TRANSFERS))["data"] == (await got(api, FEES))["data"] == []
    assert await moved(api) == await moved(api, Stripe_Account=account) == []
    taken = await posted(api, f"/v1/payment_intents/{held['id']}/capture", "amount_to_capture=100")
    assert taken["amount_received"] == 100
    assert await moved(api, Stripe_Account=account) == [("payment", 100, 100, 0)], "at most what was taken"
    await check_books(api, account)


async def test_a_capture_may_say_another_fee(api: Api) -> None:
    account, held = await direct(api, f"{HELD}&application_fee_amount=123")
    form = "amount_to_capture=500&application_fee_amount=50"
    await posted(api, f"/v1/payment_intents/{held['id']}/capture", form, Stripe_Account=account)
    assert [fee["amount"] for fee in (await got(api, FEES))["data"]] == [50]
    await check_books(api, account)


async def test_of_a_hold_that_is_captured_in_parts_the_shares_grow(api: Api) -> None:
    form = f"{HELD}&payment_method_options[card][request_multicapture]=if_available&application_fee_amount=101"
    account, held = await destination(api, form)
    path = f"/v1/payment_intents/{held['id']}/capture"
    await posted(api, path, "amount_to_capture=60&final_capture=false")
    [first] = (await got(api, FEES))["data"]
    await posted(api, path)
    [fee], [transfer] = (await got(api, FEES))["data"], (await got(api, TRANSFERS))["data"]
    assert (first["amount"], fee["amount"], fee["id"]) == (60, 101, first["id"])
    assert transfer["amount"] == 1_099
    assert await moved(api, Stripe_Account=account) == [("payment", 60, 60, 0), ("payment", 1_039, 41, 998)]
    assert (await events(api)).count("transfer.created") == 1
    await check_books(api, account)


@pytest.mark.parametrize("amounts", [(1_099,), (1, 1_098), (333, 333, 433), (550, 549)])
async def test_refunds_bring_shares_back_in_proportion_and_together_all_of_them(
    api: Api, amounts: tuple[int, ...]
) -> None:
    account, intent = await destination(api)
    acting = {"Stripe_Account": account}
    more = "&reverse_transfer=true&refund_application_fee=true"
    reversed_, refunded = [], []
    for amount in amounts:
        refund = await posted(api, REFUNDS, f"payment_intent={intent['id']}&amount={amount}{more}")
        path = f"{TRANSFERS}/{transfer_id(await state_of(api, intent))}/reversals/{refund['transfer_reversal']}"
        reversal = await got(api, path)
        assert reversal["source_refund"] == refund["id"]
        reversed_.append(reversal["amount"])
        theirs = await got(api, f"{REFUNDS}/{reversal['destination_payment_refund']}", **acting)
        assert (theirs["amount"], theirs["source_transfer_reversal"]) == (reversal["amount"], reversal["id"])
        [fee] = (await got(api, FEES))["data"]
        refunded.append(fee["amount_refunded"])
    assert reversed_ == list(amounts)
    assert refunded[-1] == 123
    assert refunded == sorted(refunded)
    assert fee["refunded"] is True
    assert await balance(api) == -62, "what the gateway keeps is kept"
    assert await balance(api, **acting) == 0
    assert (await events(api)).count("transfer.reversed") == len(amounts)
    await check_books(api, account)


async def state_of(api: Api, intent: dict[str, Any]) -> Any:
    charge = api.engine.states[intent["id"]].charge
    assert charge is not None
    return charge


async def test_a_refund_brings_back_nothing_that_nobody_asked_for_and_none_that_failed_does(api: Api) -> None:
    account, intent = await direct(api)
    acting = {"Stripe_Account": account}
    await posted(api, REFUNDS, f"payment_intent={intent['id']}&amount=100", **acting)
    api.engine.gateway.answers = [Declined(decline_code="generic_decline")]
    form = f"payment_intent={intent['id']}&refund_application_fee=true"
    assert (await posted(api, REFUNDS, form, **acting))["status"] == "failed"
    assert [fee["amount_refunded"] for fee in (await got(api, FEES))["data"]] == [0]
    await posted(api, REFUNDS, form, **acting)
    # As much as belongs to what was given back with it.
    assert [fee["amount_refunded"] for fee in (await got(api, FEES))["data"]] == [123 * 999 // 1_099]
    await check_books(api, account)


async def test_only_the_platform_gives_its_fee_back(api: Api) -> None:
    account, intent = await direct(api)
    key = f"sk_test_{account}"
    await ensure_key(api.database, account, key, "secret", livemode=False, now=1)
    refused = await api.post(REFUNDS, f"payment_intent={intent['id']}&refund_application_fee=true", key=key)
    assert "only by the application that created" in error_of(refused)["message"]
    assert (await api.get(f"{FEES}/{fee_of(intent)}", key=key)).status_code == 404
    assert (await api.post(f"{FEES}/{fee_of(intent)}/refunds", key=key)).status_code == 404
    assert (await got(api, FEES, key=key))["data"] == []
    assert await balance(api) == 123


def fee_of(intent: dict[str, Any]) -> str:
    return fee_id(str(intent["latest_charge"]))


async def test_a_fee_is_given_back_by_hand(api: Api) -> None:
    account, intent = await direct(api)
    path = f"{FEES}/{fee_of(intent)}/refunds"
    first = await posted(api, path, "amount=23&metadata[why]=kind")
    assert (first["object"], first["amount"], first["fee"], first["metadata"]) == (
        "fee_refund", 23, fee_of(intent), {"why": "kind"},
    )  # fmt: skip
    error = error_of(await api.post(path, "amount=101"))
    assert error["message"] == "Refund amount ($1.01) is greater than unrefunded amount on fee ($1.00)"
    assert error["param"] == "amount"
    assert "payment_intent" not in error
    second = await posted(api, path)
    assert second["amount"] == 100
    assert "already been refunded" in error_of(await api.post(path))["message"]
    assert [one["id"] for one in (await got(api, path))["data"]] == [second["id"], first["id"]]
    changed = await posted(api, f"{path}/{first['id']}", "metadata[why]=")
    assert (changed["metadata"], await got(api, f"{path}/{first['id']}")) == ({}, changed)
    assert await events(api) == [
        "application_fee.created", "application_fee.refunded", "application_fee.refunded",
        "application_fee.refund.updated",
    ]  # fmt: skip
    assert await moved(api) == [
        ("application_fee", 123, 0, 123), ("application_fee_refund", -23, 0, -23),
        ("application_fee_refund", -100, 0, -100),
    ]  # fmt: skip
    assert await balance(api, Stripe_Account=account) == 1_037
    assert (await got(api, f"{FEES}/{fee_of(intent)}"))["refunds"]["data"] == [second, changed]
    await check_books(api, account)


async def test_the_older_spelling_shows_the_fee(api: Api) -> None:
    _, intent = await direct(api)
    fee = await posted(api, f"{FEES}/{fee_of(intent)}/refund", "amount=23")
    assert (fee["object"], fee["amount_refunded"], len(fee["refunds"]["data"])) == ("application_fee", 23, 1)


async def test_a_transfer_is_taken_back_by_hand_with_as_much_of_the_fee(api: Api) -> None:
    account, intent = await destination(api, f"{PAID}&application_fee_amount=100")
    path = f"{TRANSFERS}/{transfer_id(await state_of(api, intent))}"
    part = await posted(api, f"{path}/reversals", "amount=99&metadata[a]=b")
    assert (part["amount"], part["metadata"], part["source_refund"]) == (99, {"a": "b"}, None)
    rest = await posted(api, f"{path}/reversals", "refund_application_fee=true")
    assert rest["amount"] == 1_000
    [fee] = (await got(api, FEES))["data"]
    assert fee["amount_refunded"] == 100 - 100 * 99 // 1_099
    transfer = await got(api, path)
    assert (transfer["reversed"], transfer["amount_reversed"]) == (True, 1_099)
    assert transfer["reversals"]["data"] == [rest, part]
    assert "already been fully reversed" in error_of(await api.post(f"{path}/reversals"))["message"]
    updated = await posted(api, f"{path}/reversals/{part['id']}", "metadata[c]=d")
    assert updated["metadata"] == {"a": "b", "c": "d"}
    await check_books(api, account)


async def test_what_is_said_of_a_transfer_changes_and_its_later_events_say_so(api: Api) -> None:
    account, intent = await destination(api, f"{PAID}&transfer_data[amount]=500&transfer_data[description]=Rent")
    path = f"{TRANSFERS}/{transfer_id(await state_of(api, intent))}"
    assert (await got(api, path))["description"] == "Rent"
    updated = await posted(api, path, "description=Rent of May&metadata[flat]=4")
    assert (updated["description"], updated["metadata"]) == ("Rent of May", {"flat": "4"})
    told = (await got(api, "/v1/events", "type=transfer.updated"))["data"][0]["data"]
    assert told["previous_attributes"] == {"description": "Rent", "metadata": {"flat": None}}
    await posted(api, REFUNDS, f"payment_intent={intent['id']}&reverse_transfer=true")
    told = (await got(api, "/v1/events", "type=transfer.reversed"))["data"][0]["data"]["object"]
    assert (told["description"], told["metadata"], told["amount_reversed"]) == ("Rent of May", {"flat": "4"}, 500)
    assert (await got(api, TRANSFERS, f"destination={account}"))["data"][0]["id"] == updated["id"]
    assert (await got(api, TRANSFERS, "destination=acct_nobody"))["data"] == []


async def test_twice_under_one_key_is_once(api: Api) -> None:
    _, intent = await direct(api)
    path = f"{FEES}/{fee_of(intent)}/refunds"
    first, again = [await posted(api, path, "amount=23", Idempotency_Key="once") for _ in range(2)]
    assert first == again
    assert len((await got(api, path))["data"]) == 1


@pytest.mark.parametrize("named", ["acct_nobody", "000000005", "x" * 300, "own", "deleted"])
async def test_a_destination_is_an_account_of_the_platforms_own(api: Api, named: str) -> None:
    account = await connected(api)
    if named == "deleted":
        await api.request("DELETE", f"/v1/accounts/{account}")
    id_ = {"own": api.scope.account, "deleted": account}.get(named, named)
    form = f"amount=1099&currency=usd&transfer_data[destination]={id_}"
    refused = await api.post("/v1/payment_intents", form)
    error = error_of(refused)
    assert (refused.status_code, error["code"], error["param"]) == (
        400, "resource_missing", "transfer_data[destination]",
    )  # fmt: skip
    assert error["message"].startswith("No such destination: '")
    assert (await got(api, "/v1/payment_intents"))["data"] == []
    acting = await api.post("/v1/payment_intents", form, Stripe_Account=await connected(api, "b"))
    assert error_of(acting)["code"] == "resource_missing", "an account has none of its own"


async def test_what_was_shared_with_nobody_may_be_asked_for_and_brings_nothing(api: Api) -> None:
    """As of payments that an older release has begun: they were asked for a fee, and nobody has booked one."""
    account, intent = await destination(api, "application_fee_amount=99&payment_method=pm_card_visa")
    older = replace(api.engine.states[intent["id"]], rules=1)
    api.engine.states[intent["id"]] = older
    await posted(api, f"/v1/payment_intents/{intent['id']}/confirm")
    form = f"payment_intent={intent['id']}&reverse_transfer=true&refund_application_fee=true"
    refund = await posted(api, REFUNDS, f"{form}&amount=500")
    assert (refund["status"], refund["transfer_reversal"]) == ("succeeded", None)
    assert (await got(api, FEES))["data"] == (await got(api, TRANSFERS))["data"] == []
    assert await balance(api, Stripe_Account=account) == 0
    other = await api.create(PAID)
    for flag in ("reverse_transfer", "refund_application_fee"):
        refused = await api.post(REFUNDS, f"payment_intent={other['id']}&{flag}=true")
        assert error_of(refused)["param"] == flag
    await check_books(api, account)


async def test_a_cursor_names_what_is_in_the_list(api: Api) -> None:
    _, first = await direct(api)
    _, second = await destination(api)
    fee, transfer = fee_of(first), transfer_id(await state_of(api, second))
    back = await posted(api, f"{FEES}/{fee}/refunds", "amount=23")
    other = fee_id(transfer.replace("tr_3", "ch_3"))
    for path, cursor in ((FEES, transfer), (TRANSFERS, fee), (f"{FEES}/{other}/refunds", back["id"])):
        for param in ("starting_after", "ending_before"):
            refused = await api.get(path, f"{param}={cursor}")
            assert (refused.status_code, error_of(refused)["code"]) == (400, "resource_missing")
            assert error_of(refused)["param"] == param
    assert (await got(api, f"{FEES}/{fee}/refunds", f"starting_after={back['id']}"))["data"] == []


async def test_a_connected_account_lists_what_transfers_have_brought_it_among_its_own_charges(api: Api) -> None:
    account = await connected(api)
    acting = {"Stripe_Account": account}
    passed_on = f"{PAID}&transfer_data[destination]={account}"
    made: list[str] = []
    for number, form in enumerate(("", passed_on, "", passed_on, passed_on)):
        # Two to a second: of those, what a transfer brought is the newer.
        api.clock.now = NOW + number // 2
        intent = await api.create(form or PAID, **({} if form else acting))
        transfer = await got(api, f"{TRANSFERS}/{transfer_id(await state_of(api, intent))}") if form else None
        made.insert(0, transfer["destination_payment"] if transfer else intent["latest_charge"])
    assert [id_[:2] for id_ in made] == ["py", "py", "ch", "py", "ch"]

    async def listed(query: str = "") -> tuple[list[str], bool]:
        body = await got(api, CHARGES, query, **acting)
        return [one["id"] for one in body["data"]], body["has_more"]

    assert await listed() == (made, False)
    for place in range(1, 5):
        assert await listed(f"limit=2&starting_after={made[place - 1]}") == (made[place : place + 2], place < 3)
        assert await listed(f"limit=2&ending_before={made[place]}") == (made[max(0, place - 2) : place], place > 2)
    assert await listed(f"created[gt]={NOW}&limit=2") == (made[:2], True)
    assert await listed("transfer_group=group_nobody") == ([], False)
    whole = (await got(api, CHARGES, "limit=1", **acting))["data"][0]
    assert whole == await got(api, f"{CHARGES}/{made[0]}", **acting)
    assert await listed(f"transfer_group={whole['transfer_group']}") == (made[:1], False)
    counted = await got(api, CHARGES, "limit=1&include[]=total_count", **acting, Stripe_Version="2025-02-24.acacia")
    assert counted["total_count"] == 5
    assert {one["id"] for one in (await got(api, CHARGES))["data"]}.isdisjoint(made)
    assert error_of(await api.get(CHARGES, f"starting_after={made[0]}"))["code"] == "resource_missing"
    sibling = {"Stripe_Account": await connected(api, "b")}
    assert (await got(api, CHARGES, **sibling))["data"] == []
    assert error_of(await api.get(CHARGES, f"ending_before={made[0]}", **sibling))["param"] == "ending_before"


async def test_and_what_it_has_given_transfers_back_among_its_own_refunds(api: Api) -> None:
    account, intent = await destination(api, PAID)
    acting = {"Stripe_Account": account}
    transfer = await got(api, f"{TRANSFERS}/{transfer_id(await state_of(api, intent))}")
    payment = transfer["destination_payment"]
    parts = [await posted(api, f"{TRANSFERS}/{transfer['id']}/reversals", f"amount={each}") for each in (99, 1)]
    own = await api.create(PAID, **acting)
    refund = await posted(api, REFUNDS, f"payment_intent={own['id']}&amount=7", **acting)

    async def listed(path: str, query: str = "", **whose: str) -> list[tuple[str, int]]:
        return [(one["id"], one["amount"]) for one in (await got(api, path, query, **whose))["data"]]

    given = [(part["destination_payment_refund"], part["amount"]) for part in reversed(parts)]
    assert sorted(await listed(REFUNDS, **acting)) == sorted([*given, (refund["id"], 7)])
    assert await listed(REFUNDS, f"charge={payment}", **acting) == given
    assert await listed(f"{CHARGES}/{payment}/refunds", **acting) == given
    assert await listed(f"{CHARGES}/{payment}/refunds", f"starting_after={given[0][0]}", **acting) == given[1:]
    assert await listed(REFUNDS, f"payment_intent={own['id']}", **acting) == [(refund["id"], 7)]
    one = await got(api, f"{CHARGES}/{payment}/refunds/{given[0][0]}", **acting)
    assert (one["source_transfer_reversal"], one["charge"]) == (parts[1]["id"], payment)
    expanded = await got(api, f"{CHARGES}/{payment}", "expand[]=refunds", **acting)
    assert [(one["id"], one["amount"]) for one in expanded["refunds"]["data"]] == given
    assert expanded["refunds"]["total_count"] == 2
    assert await listed(REFUNDS) == []
    for path, query, param in (
        (REFUNDS, f"charge={payment}", "charge"),
        (f"{CHARGES}/{payment}/refunds", "", "id"),
        (f"{CHARGES}/{intent['latest_charge']}/refunds/{given[0][0]}", "", "refund"),
    ):
        assert error_of(await api.get(path, query))["param"] == param
    other = {"Stripe_Account": await connected(api, "b")}
    assert await listed(REFUNDS, **other) == []
    assert error_of(await api.get(REFUNDS, f"charge={payment}", **other))["code"] == "resource_missing"
    assert error_of(await api.get(f"{CHARGES}/{own['latest_charge']}/refunds/{given[0][0]}", **acting))["param"] == (
        "refund"
    )


async def test_a_payment_that_gave_nothing_back_has_no_refunds(api: Api) -> None:
    account, intent = await destination(api, PAID)
    payment = (await got(api, f"{TRANSFERS}/{transfer_id(await state_of(api, intent))}"))["destination_payment"]
    assert (await got(api, REFUNDS, f"charge={payment}", Stripe_Account=account))["data"] == []


async def test_a_key_that_may_see_some_kinds_of_what_is_named_sees_those(api: Api) -> None:
    _, intent = await destination(api)
    await posted(api, REFUNDS, f"payment_intent={intent['id']}&amount=100")
    key, url = f"rk_test_{api.scope.account}", "/v1/balance_transactions"
    allowed = ("balance_transactions:read", "charges:read", "refunds:read")
    await add_key(api.database, api.scope.account, key, "restricted", livemode=False, now=1, permissions=allowed)
    shown = {one["type"]: one["source"] for one in (await got(api, url, "expand[]=data.source", key=key))["data"]}
    assert (shown["charge"]["object"], shown["refund"]["object"]) == ("charge", "refund")
    assert shown["transfer"].startswith("tr_")
    assert shown["application_fee"].startswith("fee_")
    for path in ("data.source.customer", "data.source.payment_intent"):
        assert (await api.get(url, f"expand[]={path}", key=key)).status_code == 403, "nothing of it may be seen"
