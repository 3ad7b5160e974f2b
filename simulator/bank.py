"""The bank behind the simulator: what becomes of an operation, by the card. Every answer is booked before it is given.

Answers are plain JSON: `{"type": "approved" | "declined" | "authentication_required", …}`.
"""

import hashlib
import json
import secrets  # noqa: TID251
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from simulator import accounts, disputes, rails, transfers, vouchers
from simulator.account_table import BLOCKED, NAMED
from simulator.cards import BY_NAME, BY_NUMBER, NETWORK_CODES, REAL_CARD, TestCard, brand_of, by_reference
from simulator.ledger import Entry, Ledger
from simulator.objects import JsonObject
from simulator.refunds import Refunds

Answer = JsonObject

UNTIL_SET_UP = "until_set_up"
"""Cards that remember that their owner has set them up for later: then they are charged without asking."""

OVERCAPTURE_PERCENT = 15
"""How much more than is held the networks let a merchant take, if asked for."""


WILLING = BY_NAME["visa"]
"""How a method that is no card behaves once its buyer has said yes."""


class Refused(Exception):
    """The request makes no sense; `status` is the HTTP status to say so with."""

    def __init__(self, status: int, message: str) -> None:
        """Carry the status and the reason."""
        super().__init__(message)
        self.status = status


def _id(prefix: str) -> str:
    return f"{prefix}_{secrets.token_hex(12)}"


def three_d_secure(card: TestCard, request: JsonObject) -> Answer | None:
    """What the authentication came to, where there was one."""
    done = request["authentication"] is not None
    wanted = request["three_d_secure"] in ("any", "challenge") and not request["authenticated_elsewhere"]
    silent = card.three_d_secure == "frictionless"
    if not done and not wanted and not silent:
        return None
    known, proven = card.three_d_secure != "unsupported", done or silent
    return {
        "authentication_flow": "challenge" if done else "frictionless" if known else None,
        "electronic_commerce_indicator": ("05" if proven else "06") if known else None,
        "result": "authenticated" if proven else "attempt_acknowledged" if known else "not_supported",
        "result_reason": None if known else "network_not_supported",
        "transaction_id": secrets.token_hex(16) if known else None,
        "version": "2.2.0" if known else None,
    }


class Bank:
    """All operations. Idempotent by key: the same key gets the same answer, and books once."""

    def __init__(
        self, ledger: Ledger, public_url: str, engine_url: str = "", until_reference: Callable[[], float] | None = None
    ) -> None:
        """Keep books in `ledger`; buyers are sent to `public_url` to authenticate, to the engine's pages to verify.

        The reference of a refund is told `until_reference()` seconds after it; or never.
        """
        self._ledger, self._refunds = ledger, Refunds(ledger, until_reference)
        self._url = public_url
        self.pages = engine_url or public_url

    def tokenize_number(self, number: str, exp_month: int, exp_year: int, cvc_given: bool) -> Answer:
        """Exchange a card number for a token and what may be known of the card."""
        card = BY_NUMBER.get(number, REAL_CARD)
        brand = card.brand if card is not REAL_CARD else brand_of(number)
        return self._tokenize(card, number, brand, exp_month, exp_year, cvc_given)

    def tokenize_reference(self, reference: str) -> Answer:
        """A fresh token for `pm_card_visa` and its like."""
        named = NAMED.get(reference)
        if named is not None:
            return {**self.tokenize_account(named.type, named.given, known=named.known), "type": named.type}
        card = by_reference(reference)
        if card is None:
            raise Refused(404, f"no test card is called {reference}")
        # Good for a year from now, as live test cards are.
        now = datetime.now(UTC)  # noqa: TID251
        return self._tokenize(card, card.number, card.brand, now.month, now.year + 1, cvc_given=True)

    def known_card(self, token: str) -> Answer:
        """What is known of a card that was exchanged for this token."""
        row = self._ledger.token(token)
        if row is None or row["card"] in rails.TYPES:
            raise Refused(404, "no card has this token")
        return {"token": token, "card": json.loads(row["facts"])}

    def _tokenize(
        self, card: TestCard, number: str, brand: str, exp_month: int, exp_year: int, cvc_given: bool
    ) -> Answer:
        token = _id("tok")
        facts = {
            "brand": brand,
            "last4": number[-4:],
            "exp_month": exp_month,
            "exp_year": exp_year,
            "funding": card.funding,
            "country": card.country,
            "fingerprint": self._ledger.fingerprint(number),
            "networks": list(card.networks) or [brand],
            "three_d_secure_supported": card.three_d_secure != "unsupported",
        }
        with self._ledger.transaction():
            self._ledger.add_token(token, card.name, facts, cvc_given)
        return {"token": token, "card": facts, "remembers": card.three_d_secure == UNTIL_SET_UP}

    def tokenize_account(self, type_: str, given: JsonObject, *, known: bool = False) -> Answer:
        """Exchange what a payment method other than a card is made of for a token and what may be known of it.

        `known` says that the account is its buyer's, and nothing needs to be deposited.
        """
        reason = accounts.never_debited(type_, given)
        if reason is not None:
            return {"type": "declined", "decline_code": reason}
        token, facts = _id("tok"), accounts.shown(type_, given, self._ledger.fingerprint)
        with self._ledger.transaction():
            self._ledger.add_token(token, type_, facts, cvc_given=False, conduct=accounts.conduct(type_, given))
            if known or accounts.known(given):
                rails.trust(self._ledger, token)
        return {"token": token, "details": facts}

    def verify(self, token: str) -> Answer:
        """Ask the bank whether the card may be kept on file; books nothing."""
        card, cvc_given = self.card(token)
        if card.decline and not card.attach:
            return declined(card)
        return {"type": "approved", "authorization": "", "checks": card.checks(cvc=cvc_given)}

    def card(self, token: str) -> tuple[TestCard, bool]:
        """How the card behind a token behaves, and whether its security code was given."""
        row = self._ledger.token(token)
        if row is None:
            raise Refused(404, "no such token")
        if row["card"] in rails.TYPES:
            return WILLING, False
        return BY_NAME.get(row["card"], REAL_CARD), bool(row["cvc_given"])

    def once(
        self, key: str, operation: str, request: JsonObject, do: Callable[[], Answer], asked: Callable[[], Answer]
    ) -> Answer:
        """Do it unless `key` was seen; then give the answer it got. A key cannot be used for something else.

        `asked` is what the answer says that it was asked, as it was the first time.
        """
        fingerprint = hashlib.sha256(json.dumps([operation, request], sort_keys=True).encode()).hexdigest()
        with self._ledger.transaction():
            seen = self._ledger.answered(key)
            if seen is not None:
                # A question from before version 6 of the book has no fingerprint: any is right that asks the same.
                if seen["operation"] != operation or seen["fingerprint"] not in ("", fingerprint):
                    raise Refused(409, "this key was used for another operation")
                return answer_of(seen)
            said = asked()
            answer = do()
            self._ledger.remember(key, fingerprint, operation, answer, said)
            return {**answer, "asked": said}

    def authorize(self, request: JsonObject) -> Answer:
        """Hold money, or take it at once with `capture`; the card decides."""
        account = self._account(request["token"])
        if account in vouchers.TYPES:
            return vouchers.issue(self._ledger, account, request, self._url)
        if account is not None and account in rails.DELAYED and account not in rails.REDIRECTS:
            return self._debit(account, request)
        card, cvc_given = self.card(request["token"])
        checks = card.checks(cvc=cvc_given, line1=request["line1_given"], postal_code=request["postal_code_given"])
        if self.must_authenticate(card, request) or self.must_redirect(account, request):
            id_ = _id("authn")
            self._ledger.start_authentication(id_, request["token"], request["charge"], request["reference"])
            self._ledger.challenge_amount(id_, request["amount"], request["currency"])
            return {"type": "authentication_required", "authentication": id_, "url": self.challenge(id_)}
        no = card.decline or (card.away if request["off_session"] else None) or _blocked(request, checks)
        if no:
            return {**declined(replace(card, decline=no)), "checks": checks}
        if account in rails.DELAYED:
            return rails.accept(self._ledger, request)
        return {
            "type": "approved",
            "authorization": self._hold(card, request),
            "authorization_code": f"{secrets.randbelow(10**6):06d}",
            "network_transaction_id": f"{secrets.randbelow(10**15):015d}",
            "risk_level": card.risk_level,
            "risk_score": card.risk_score,
            "checks": checks,
            "three_d_secure": three_d_secure(card, request),
        }

    def _hold(self, card: TestCard, request: JsonObject) -> str:
        """Book what is held, or taken at once; how it is called."""
        id_ = _id("auth")
        amount, currency = request["amount"], request["currency"]
        self._ledger.open_authorization(id_, request["token"], request["charge"], currency, amount)
        self._book("authorize", id_, request["charge"], amount, currency, request["key"])
        if card.three_d_secure == UNTIL_SET_UP and request.get("saving", False):
            rails.trust(self._ledger, request["token"])
        if request["capture"]:
            self._ledger.change_authorization(id_, captured=amount, open=0)
            self._book("capture", id_, request["charge"], amount, currency, request["key"] + "/capture")
            self._dispute(card, request["charge"], request["key"])
        return id_

    def _debit(self, account: str, request: JsonObject) -> Answer:
        """Take a debit on, once the account is known to be the buyer's; none that is too risky."""
        if self._ledger.conduct(request["token"]).endswith(BLOCKED):
            return declined(BY_NAME["radarBlock"])
        if request["verification"] is not None:
            no = rails.compare(self._ledger, request)
            if no is not None:
                return no
        elif rails.must_verify(self._ledger, account, request):
            return rails.send_deposits(self._ledger, account, request, self.pages, int(time.time()))  # noqa: TID251
        return rails.accept(self._ledger, request)

    def finish_authentication(self, id_: str, authenticated: bool) -> None:
        """The buyer has answered; the first answer counts, and the engine is told of it."""
        with self._ledger.transaction():
            row = self._ledger.authentication(id_)
            if row is None:
                raise Refused(404, "no such authentication")
            if row["state"] != "pending":
                return
            self._ledger.finish_authentication(id_, "authenticated" if authenticated else "failed")
            told = {"type": "authentication", "payment_intent": row["reference"], "authentication": id_,
                    "authenticated": authenticated}  # fmt: skip
            self._ledger.notify(json.dumps(told))

    def challenge(self, id_: str) -> str:
        """Where the buyer goes to answer."""
        return f"{self._url}/authentications/{id_}"

    def wallet(self, token: str) -> str | None:
        """Where the buyer is sent by a method that is no card."""
        return self._account(token)

    def _account(self, token: str) -> str | None:
        """The type of a method that is no card; None for a card."""
        row = self._ledger.token(token)
        if row is None:
            raise Refused(404, "no such token")
        return row["card"] if row["card"] in rails.TYPES else None

    def must_redirect(self, account: str | None, request: JsonObject) -> bool:
        """Whether the buyer is sent away first: not one who has agreed to be charged while they are away."""
        if account not in rails.REDIRECTS or (request["off_session"] and self._ledger.verified(request["token"])):
            return False
        done = self._ledger.authentication(request["authentication"] or "")
        return done is None or done["state"] != "authenticated"

    def funding_instructions(self, owner: str, type_: str, country: str | None) -> Answer:
        """Where a customer sends money; the same for the same customer, and kept by nobody."""
        if type_ not in transfers.COUNTRIES:
            raise Refused(400, "no such kind of bank transfer")
        return transfers.instructions(owner, type_, country, self._ledger.fingerprint, self.pages)

    def settlement(self, id_: str, request: JsonObject) -> Answer:
        """How a delayed payment has ended, as far as its bank has said."""
        answer = rails.ask(self._ledger, id_, request)
        if answer is None:
            raise Refused(404, "no such settlement")
        return answer

    def must_authenticate(self, card: TestCard, request: JsonObject) -> bool:
        """Whether the bank wants to see the buyer first."""
        done = self._ledger.authentication(request["authentication"] or "")
        by_phone = request.get("moto", False)
        if by_phone or request["authenticated_elsewhere"] or (done is not None and done["state"] == "authenticated"):
            return False
        wanted = request["three_d_secure"] in ("any", "challenge")
        kinds = {
            "required": True,
            "on_session": not request["off_session"],
            UNTIL_SET_UP: not (request["off_session"] and self._ledger.verified(request["token"])),
            "enrolled": wanted,
            "enrolled_failing": wanted,
        }
        return kinds.get(card.three_d_secure, False)

    def capture(self, id_: str, request: JsonObject) -> Answer:
        """Take part or all of a hold; with `final`, release the rest."""
        hold = self._open(id_)
        most = hold["amount"] * (100 + OVERCAPTURE_PERCENT) // 100 if hold and request["over"] else 0
        if hold is None or hold["captured"] + request["amount"] > max(hold["amount"], most):
            return {"type": "declined", "decline_code": "invalid_amount" if hold else "generic_decline"}
        self._ledger.change_authorization(
            id_, captured=hold["captured"] + request["amount"], open=0 if request["final"] else 1
        )
        self._book("capture", id_, hold["charge"], request["amount"], hold["currency"], request["key"])
        if request["final"]:
            card, _ = self.card(hold["token"])
            self._dispute(card, hold["charge"], request["key"])
        return {"type": "approved", "authorization": id_}

    def void(self, id_: str, request: JsonObject) -> Answer:
        """Release what is still held, or call back what has not been paid yet."""
        back = rails.recall(self._ledger, id_, request["key"])
        if back is not None:
            return {"type": "approved", "authorization": id_} if back else {"type": "declined", "decline_code": "paid"}
        hold = self._open(id_)
        if hold is None:
            return {"type": "declined", "decline_code": "generic_decline"}
        self._ledger.change_authorization(id_, open=0)
        left = hold["amount"] - hold["captured"]
        self._book("void", id_, hold["charge"], left, hold["currency"], request["key"])
        return {"type": "approved", "authorization": id_}

    def increment(self, id_: str, request: JsonObject) -> Answer:
        """Raise a hold to a new total."""
        hold = self._open(id_)
        if hold is None or request["amount"] <= hold["amount"]:
            return {"type": "declined", "decline_code": "generic_decline"}
        self._ledger.change_authorization(id_, amount=request["amount"])
        more = request["amount"] - hold["amount"]
        self._book("increment", id_, hold["charge"], more, hold["currency"], request["key"])
        return {"type": "approved", "authorization": id_}

    def refund(self, id_: str, request: JsonObject) -> Answer:
        """Give back what was captured, unless a dispute has. Some cards take their time, or give it back to us."""
        hold = self._ledger.authorization(id_)
        if hold is None or hold["refunded"] + request["amount"] > hold["captured"]:
            return {"type": "declined", "decline_code": "invalid_amount"}
        if disputes.took(self._ledger, hold["charge"]):
            return {"type": "declined", "decline_code": "transaction_not_allowed"}
        return self._refunds.give(hold, self.card(hold["token"])[0], request)

    def _dispute(self, card: TestCard, charge: str, key: str) -> None:
        """What some cards' banks do once money was taken."""
        if card.dispute is not None:
            disputes.opened(self._ledger, key.partition("/")[0], charge, *card.dispute)

    def _open(self, id_: str) -> Any:
        hold = self._ledger.authorization(id_)
        return hold if hold is not None and hold["open"] else None

    def _book(self, operation: str, id_: str, charge: str, amount: int, currency: str, key: str) -> None:
        self._ledger.book(Entry(operation, id_, charge, amount, currency, key))


def answer_of(operation: Any) -> Answer:
    """The answer that was given, and what it was asked."""
    return {**json.loads(operation["answer"]), "asked": json.loads(operation["asked"])}


BLOCKING = {"cvc": ("cvc_check", "incorrect_cvc"), "postal_code": ("address_postal_code_check", "incorrect_zip")}
"""Checks that a merchant may take for a no when they fail, as two rules of Stripe's Radar do; and how it is told."""


def _blocked(request: JsonObject, checks: dict[str, str | None]) -> str | None:
    broken = [code for name, (check, code) in BLOCKING.items()
              if name in request.get("blocked", ()) and checks[check] == "fail"]  # fmt: skip
    return broken[0] if broken else None


def declined(card: TestCard) -> Answer:
    """The bank's no, and what the network says of it."""
    return {
        "type": "declined",
        "decline_code": card.decline,
        **NETWORK_CODES.get(card.decline or "", {}),
        "blocked": card.blocked,
        "risk_level": card.risk_level,
        "risk_score": card.risk_score,
    }
