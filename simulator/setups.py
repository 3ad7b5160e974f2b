"""Setups: a method is made good for payments to come, and no money moves. The bank asks its owner as it would now.

What was set up is remembered by its token: such a card is charged without asking, such a wallet without sending its
owner away, and an account that was proven is never proven again.
"""

import secrets  # noqa: TID251
import time
from functools import partial

from fastapi import FastAPI, Query
from pydantic import BaseModel, ConfigDict, Field

from simulator import rails
from simulator.account_table import BLOCKED
from simulator.bank import UNTIL_SET_UP, Answer, Bank, declined, three_d_secure
from simulator.cards import BY_NAME
from simulator.ledger import Ledger
from simulator.objects import JsonObject
from simulator.standings import asked

KEPT_AS_DEBITS = frozenset({"bancontact", "ideal", "sofort"})
"""Types of which the account is kept that they were paid from."""

SENT_AWAY = rails.REDIRECTS | {"blik", "cashapp", "pix", "upi"}
"""Types whose owner agrees elsewhere, in an app or at a bank."""


PAGE_MAX = 10_000


class SetUpBody(BaseModel):
    """Make a payment method good for payments to come."""

    model_config = ConfigDict(extra="forbid")

    key: str = Field(max_length=255)
    attempt: str
    token: str
    reference: str = ""
    authentication: str | None = None
    authenticated_elsewhere: bool = False
    three_d_secure: str = "automatic"
    line1_given: bool = False
    postal_code_given: bool = False
    moto: bool = False
    verification: str | None = None
    amounts: list[int] = Field(default_factory=list)
    descriptor_code: str | None = None


def add(app: FastAPI, bank: Bank, ledger: Ledger) -> None:
    """Add the path, the one where a card is looked up by its token, and the book of what was set up."""

    @app.get("/tokens/{token}")
    async def known(token: str) -> Answer:
        return bank.known_card(token)

    @app.post("/setups")
    async def set_up(body: SetUpBody) -> Answer:
        # Its owner is there, whatever it is set up for.
        request = body.model_dump() | {"off_session": False}
        said = partial(asked, "set_up", body.key, request)
        return bank.once(body.key, "set_up", request, partial(_booked, bank, ledger, request), said)

    @app.get("/_ledger/setups")
    async def book(
        setup_intent: str | None = None, after: int = 0, limit: int = Query(PAGE_MAX, ge=1, le=PAGE_MAX)
    ) -> JsonObject:
        return {"setups": ledger.setups(setup_intent, after, limit)}


def _booked(bank: Bank, ledger: Ledger, request: JsonObject) -> Answer:
    answer = _set_up(bank, ledger, request)
    if answer["type"] == "approved":
        ledger.add_setup(request["key"], request["attempt"], request["token"])
    return answer


def _set_up(bank: Bank, ledger: Ledger, request: JsonObject) -> Answer:
    account = bank.wallet(request["token"])
    if account in rails.DELAYED and account not in rails.REDIRECTS:
        no = _of_account(bank, ledger, account, request)
        return no or _done(ledger, account, request)
    card, cvc_given = bank.card(request["token"])
    checks = card.checks(cvc=cvc_given, line1=request["line1_given"], postal_code=request["postal_code_given"])
    if bank.must_authenticate(card, request) or _must_agree(ledger, account, request):
        id_ = f"authn_{secrets.token_hex(12)}"
        ledger.start_authentication(id_, request["token"], request["attempt"], request["reference"])
        return {"type": "authentication_required", "authentication": id_, "url": bank.challenge(id_)}
    if card.decline and not card.attach:
        return {**declined(card), "checks": checks}
    secure = three_d_secure(card, request)
    if account is None and card.three_d_secure != UNTIL_SET_UP:
        return {"type": "approved", "authorization": request["attempt"], "checks": checks, "three_d_secure": secure}
    return {**_done(ledger, account, request), "checks": checks, "three_d_secure": secure}


def _must_agree(ledger: Ledger, account: str | None, request: JsonObject) -> bool:
    done = ledger.authentication(request["authentication"] or "")
    return account in SENT_AWAY and (done is None or done["state"] != "authenticated")


def _of_account(bank: Bank, ledger: Ledger, account: str | None, request: JsonObject) -> Answer | None:
    """What stands between an account and its being kept: that it is too risky, or is to be proven."""
    if ledger.conduct(request["token"]).endswith(BLOCKED):
        return declined(BY_NAME["radarBlock"])
    if request["verification"] is not None:
        return rails.compare(ledger, request)
    if account is not None and rails.must_verify(ledger, account, request):
        return rails.send_deposits(ledger, account, request, bank.pages, int(time.time()))  # noqa: TID251
    return None


def _done(ledger: Ledger, account: str | None, request: JsonObject) -> Answer:
    """The token is good from now on; or the account is that was paid from, under a token of its own."""
    answer = {"type": "approved", "authorization": request["attempt"]}
    if account not in KEPT_AS_DEBITS:
        rails.trust(ledger, request["token"])
        return answer
    token, iban = f"tok_{secrets.token_hex(12)}", "DE89370400440532013000"
    facts = {"bank_code": iban[4:12], "branch_code": "", "country": "DE", "last4": iban[-4:],
             "fingerprint": ledger.fingerprint(f"sepa_debit/{iban}")[:16]}  # fmt: skip
    ledger.add_token(token, "sepa_debit", facts, cvc_given=False)
    return {**answer, "generated": {"token": token, "details": facts}}
