"""Accounts see nothing of each other: every operation, every id in a path, every id in a parameter, expand and search.

Generated from the table of operations, so that a new one is held to it before anybody thinks of it.
"""

from dataclasses import dataclass
from typing import Any

import pytest

from api.build import OPERATIONS
from api.dialect.operation import Operation
from domain.model.commands import ReportDispute
from gateways.base import BankTransfer
from records.accounts import ensure_account, ensure_key
from tests.api.conftest import Api, connected
from tests.api.files import uploaded
from tests.support.cards import ONLY_CARDS

MARK = "only-for-the-owner"
REQUIRED = {
    "browser.collect_bank_account":
        "client_secret=pi_secret&payment_method_data[type]=us_bank_account&payment_method_data[billing_details][name]=J",
    "customer_sessions.create": "customer={customer}&components[payment_element][enabled]=true",
    "elements.remove_payment_method": "customer_session_client_secret=cuss_secret_x",
    "elements.session": "deferred_intent[mode]=setup",
    "browser.source_cancel": "client_secret=pi_secret&source=authn_1",
    "browser.setups.collect_bank_account":
        "client_secret=seti_s&payment_method_data[type]=us_bank_account&payment_method_data[billing_details][name]=J",
    "browser.setups.source_cancel": "client_secret=seti_secret&source=authn_1",
    "payment_intents.search": "query=status:'succeeded'",
    "charges.search": "query=status:'succeeded'",
    "customers.search": "query=email~'example'",
    "payment_intents.increment_authorization": "amount=2000",
    "payment_methods.attach": "customer={customer}",
    "refunds.create": "payment_intent={payment_intent}",
    "refunds.update": "metadata[a]=b",
    "resolutions.create": "key=k&done=true&by=kim&evidence=file",
    "customers.create_funding_instructions":
        "bank_transfer[type]=us_bank_transfer&currency=usd&funding_type=bank_transfer",
    "test_helpers.customers.fund_cash_balance": "amount=100&currency=usd",
    "test_helpers.payment_intents.fast_forward": "seconds=60",
    "test_helpers.setup_intents.fast_forward": "seconds=60",
    "setup_attempts.list": "setup_intent={setup_intent}",
    "webhook_endpoints.rotate_secret": "overlap_seconds=0",
    "listeners.acknowledge": "events[]=evt_1",
}  # fmt: skip
"""What an operation cannot do without, so that it gets as far as looking the object up."""


@dataclass
class World:
    """What account A has, by kind, and how B asks: by which key, and for which account."""

    ids: dict[str, str]
    stranger: dict[str, str]
    turn: int = 0
    """Between strangers (0) everything is tried; else whatever is of its kind, and every twelfth of the rest."""

    def tries(self, operation: Operation, number: int, kind: str) -> bool:
        """Whether it is this one's turn."""
        return not self.turn or f"/{kind}s" in operation.path or number % 12 == self.turn


async def made(api: Api, path: str, form: str) -> Any:
    response = await api.post(path, form)
    assert response.status_code == 200, response.text
    return response.json()


ASKED_AS = ("another account", "its platform", "an account of its own", "a sibling")
"""Who B is to A: nobody; or one of the two acts for the other; or a platform acts for both."""


async def stranger_to(api: Api, who: str) -> dict[str, str]:
    """How B asks; A asks as it does by now."""
    api.http.headers.pop("Stripe-Account", None)
    if who == "its platform":
        return {}
    if who != "another account":
        return {"Stripe_Account": await connected(api, "b")}
    stranger = f"{api.scope.account}_b"
    await ensure_account(api.database, stranger, "b", 1)
    await ensure_key(api.database, stranger, f"sk_test_{stranger}", "secret", livemode=False, now=1)
    return {"key": f"sk_test_{stranger}"}


async def shared_by(api: Api, who: str) -> dict[str, str]:
    """What A has given to another account, if it is a platform; or has got by a transfer, if B is its sibling."""
    if who == "its platform":
        return {}
    account = api.http.headers.pop("Stripe-Account", None)
    other = account or await connected(api, "c")
    form = f"transfer_data[destination]={other}&transfer_data[description]={MARK}&application_fee_amount=9"
    intent = await api.create(f"{form}&payment_method=pm_card_visa&confirm=true")
    charge = (await api.get(f"/v1/charges/{intent['latest_charge']}", "expand[]=transfer")).json()
    transfer = charge["transfer"]
    back = await made(api, f"/v1/transfers/{transfer['id']}/reversals", f"amount=5&metadata[k]={MARK}")
    if account:
        api.http.headers["Stripe-Account"] = account
        return {"destination_payment": transfer["destination_payment"], "pyr": back["destination_payment_refund"]}
    fee = await made(api, f"/v1/application_fees/{charge['application_fee']}/refunds", "amount=5")
    return {"transfer": transfer["id"], "application_fee": charge["application_fee"], "reversal": back["id"],
            "fee_refund": fee["id"]}  # fmt: skip


@pytest.fixture(params=ASKED_AS)
async def world(api: Api, request: pytest.FixtureRequest) -> World:
    """One of everything."""
    if request.param in ("its platform", "a sibling"):
        api.http.headers["Stripe-Account"] = await connected(api, "a")
    customer = await made(api, "/v1/customers", f"email=a@example.com&description={MARK}")
    method = await made(
        api, "/v1/payment_methods",
        f"type=card&card[token]=tok_visa&billing_details[name]={MARK}",
    )  # fmt: skip
    await made(api, f"/v1/payment_methods/{method['id']}/attach", f"customer={customer['id']}")
    form = (
        f"customer={customer['id']}&payment_method={method['id']}&confirm=true&metadata[k]={MARK}&description={MARK}"
        "&setup_future_usage=off_session&mandate_data[customer_acceptance][type]=offline"
    )
    intent = await api.create(form)
    refund = await made(api, "/v1/refunds", f"payment_intent={intent['id']}&amount=5&metadata[k]={MARK}")
    state = api.engine.states[intent["id"]]
    await api.engine.notify(intent["id"], ReportDispute(charge=intent["latest_charge"], reason="fraudulent"))
    transfer = BankTransfer(
        id=f"trf_{api.scope.account}", owner=customer["id"], amount=900, currency="usd", reference=None,
        details={"type": "us_bank_transfer", "reference": MARK},
    )  # fmt: skip
    from records.cash_balances import PostgresCashBalances

    balances = PostgresCashBalances(api.database, api.clock)
    funded = await balances.fund(transfer.id, customer["id"], 900, "usd", None, transfer.details)
    setup = await made(
        api, "/v1/setup_intents",
        f"customer={customer['id']}&payment_method={method['id']}&confirm=true&metadata[k]={MARK}&description={MARK}"
        "&return_url=https://shop.example",
    )  # fmt: skip
    token = await made(
        api, "/v1/test_helpers/confirmation_tokens", f"payment_method={method['id']}&return_url=https://{MARK}.example"
    )
    endpoint = await made(
        api, "/v1/webhook_endpoints", f"url=https://{MARK}.example&enabled_events[]=*&description={MARK}"
    )
    configuration = await made(api, "/v1/payment_method_configurations", f"name={MARK}")
    token_of_card = await made(
        api, "/v1/tokens", f"card[number]=4242424242424242&card[exp_month]=8&card[exp_year]=2034&card[name]={MARK}"
    )
    ephemeral = await made(api, "/v1/ephemeral_keys", f"customer={customer['id']}")
    domain = await made(api, "/v1/payment_method_domains", f"domain_name={MARK}.example")
    file = (await uploaded(api, MARK)).json()
    charge = (await api.get(f"/v1/charges/{intent['latest_charge']}")).json()
    disputes = (await api.get("/v1/disputes")).json()["data"]
    events = (await api.get("/v1/events")).json()["data"]
    assert state.mandate
    shared = await shared_by(api, request.param)
    stranger = await stranger_to(api, request.param)
    ids = {
        "customer": customer["id"], "payment_method": method["id"], "payment_intent": intent["id"],
        "refund": refund["id"], "charge": charge["id"], "mandate": state.mandate, "dispute": disputes[0]["id"],
        "transaction": funded.transaction["id"], "confirmation_token": token["id"], "webhook_endpoint": endpoint["id"],
        "setup_intent": setup["id"], "event": events[0]["id"], "balance_transaction": charge["balance_transaction"],
        "payment_method_configuration": configuration["id"], "file": file["id"],
        "token": token_of_card["id"], "ephemeral_key": ephemeral["id"], "payment_method_domain": domain["id"],
        **shared,
    }  # fmt: skip
    return World(ids, stranger, ASKED_AS.index(request.param))


def required(operation: Operation, ids: dict[str, str]) -> str:
    return REQUIRED.get(operation.name, "").format(**ids)


PATHS = [operation for operation in OPERATIONS if "{" in operation.path]
LISTS = [operation for operation in OPERATIONS if operation.is_list and "{" not in operation.path]


async def test_no_path_leads_to_anything_of_another_account(api: Api, world: World) -> None:
    wrong = []
    for place, operation in enumerate(PATHS):
        for number, (kind, id_) in enumerate(world.ids.items(), place):
            if not world.tries(operation, number, kind):
                continue
            inner = {name: world.ids[name] for name in ("payment_method", "refund", "transaction")}
            inner["reversal"] = world.ids.get("reversal", "trr_1")
            path = operation.path.format(id=id_, **inner)
            response = await api.request(operation.method, path, required(operation, world.ids), **world.stranger)
            said = (response.status_code, response.json()["error"]["code"])
            refused = said in ((400, "resource_missing"), (404, "resource_missing"), (403, "account_invalid"))
            if MARK in response.text or not refused:
                wrong.append((operation.name, kind, response.status_code, response.text[:200]))
    assert wrong == []


OWN = {"accounts.list", "api_keys.list", "dashboard.reconciliations"}
"""Lists in which everybody has something; that it is one's own is tests/api/routes/test_console.py."""


async def test_no_list_shows_anything_of_another_account(api: Api, world: World) -> None:
    for operation in LISTS:
        response = await api.request(operation.method, operation.path, required(operation, world.ids), **world.stranger)
        shown = response.json()
        # What a list must be of is another account's.
        missing = operation.name in REQUIRED and shown.get("error", {}).get("code") == "resource_missing"
        # Everybody has a configuration of payment methods to begin with; it is their own.
        others = [one for one in shown.get("data", []) if not one.get("is_default") or one["id"] in world.ids.values()]
        assert missing or ("data" in shown and (others == [] or operation.name in OWN)), (operation.name, shown)
        assert MARK not in response.text, operation.name


def references() -> list[tuple[Operation, str]]:
    """Every parameter of every operation that takes the id of something account A has."""
    kinds = {"customer", "payment_method", "payment_intent", "charge", "confirmation_token", "mandate",
             "starting_after", "ending_before", "payment_method_configuration", "parent"}  # fmt: skip
    return [
        (operation, name)
        for operation in OPERATIONS
        for name in operation.parameters.model_fields
        if name in kinds and "{" not in operation.path
    ]


async def test_no_parameter_reaches_anything_of_another_account(api: Api, world: World) -> None:
    wrong, tried = [], 0
    for place, (operation, name) in enumerate(references()):
        chosen = {name: world.ids[name]} if name in world.ids else world.ids
        for number, (kind, id_) in enumerate(chosen.items(), place):
            if name not in world.ids and not world.tries(operation, number, kind):
                continue
            form = f"{name}={id_}"
            if operation.name == "payment_intents.create":
                form += "&amount=1099&currency=usd&confirm=true"
                form += "" if name == "payment_method_configuration" else f"&{ONLY_CARDS}"
            if name != "payment_intent":
                form += f"&{required(operation, world.ids)}"
            response = await api.request(operation.method, operation.path, form.strip("&"), **world.stranger)
            tried += 1
            shown = response.json()
            empty = shown.get("data") == [] or ("tabs" in shown and not any(shown["tabs"].values()))
            refused = 400 <= response.status_code < 500
            if MARK in response.text or not (empty or refused):
                wrong.append((operation.name, name, response.status_code, response.text[:200]))
    assert wrong == []
    assert tried > (30 if world.turn else 60)


async def test_neither_expand_nor_search_reaches_over(api: Api, world: World) -> None:
    mine = await api.post("/v1/payment_intents", "amount=1099&currency=usd", **world.stranger)
    assert mine.status_code == 200
    query = f"metadata['k']:'{MARK}'"
    found = await api.get("/v1/payment_intents/search", f"query={query}&expand[]=data.customer", **world.stranger)
    assert found.json()["data"] == []
    for expand in ("customer", "payment_method", "latest_charge.balance_transaction"):
        shown = await api.get(f"/v1/payment_intents/{mine.json()['id']}", f"expand[]={expand}", **world.stranger)
        assert MARK not in shown.text
