"""What this Adyen does with what it is asked: payments at once, everything else later, with news of it.

All of one request is one transaction, its answer and its news included. A refusal of a request is `Failed`, with
Adyen's own status and code; nothing was done then.
"""

import json
import secrets  # noqa: TID251
import time

from simulator.adyen import cards
from simulator.adyen.book import Book, Row, now
from simulator.adyen.cards import APPROVE, PENDING, REDIRECT
from simulator.objects import JsonObject

Body = JsonObject

_BY = {"chargebackReasonCode": "10.4", "chargebackSchemeCode": "visa"}
DECIDED = ("CHARGEBACK_REVERSED", "SECOND_CHARGEBACK", "PREARBITRATION_WON", "PREARBITRATION_LOST")
"""Stages of a dispute that do not name the payment, as none of Adyen's examples of them does."""

DISPUTES: dict[str, dict[str, str]] = {
    "REQUEST_FOR_INFORMATION": {},
    "NOTIFICATION_OF_CHARGEBACK": {**_BY, "defendable": "true"},
    "CHARGEBACK": {**_BY, "defendable": "true"},
    "DISPUTE_DEFENSE_PERIOD_ENDED": {**_BY, "disputeStatus": "Lost"},
    "ISSUER_RESPONSE_TIMEFRAME_EXPIRED": {**_BY, "disputeStatus": "Won"},
    "PREARBITRATION_ISSUER_WITHDRAWN": {},
    **{event: {} for event in DECIDED},
}
"""What is said beside of each stage of a dispute."""

DEFENSE_SECONDS = 18 * 86_400.0
"""How long a merchant may defend a chargeback."""

SETTLES_SECONDS = 2.0
"""When what is pending has ended."""


class Failed(Exception):
    """An error of Adyen's: HTTP `status`, `code`, `kind`; `transient` is what its header says, if it is sent."""

    def __init__(
        self, status: int, code: str, message: str, kind: str = "validation", transient: bool | None = None
    ) -> None:
        """Carry what is answered."""
        super().__init__(message)
        self.status, self.code, self.message, self.kind, self.transient = status, code, message, kind, transient

    def body(self) -> Body:
        """Adyen's ServiceError."""
        return {"status": self.status, "errorCode": self.code, "message": self.message, "errorType": self.kind}


def psp_reference() -> str:
    """Sixteen characters that nobody else has."""
    alphabet = "BCDFGHJKLMNPQRSTVWXZ23456789"
    return "".join(secrets.choice(alphabet) for _ in range(16))


class Acquirer:
    """One merchant account."""

    def __init__(self, book: Book, merchant: str, public_url: str, news_seconds: float = 0.0) -> None:
        """Buyers reach its pages at `public_url`; modifications are told of after `news_seconds`."""
        self._book, self._merchant, self._url, self._news_seconds = book, merchant, public_url, news_seconds

    def store(self, body: Body) -> Body:
        """Keep a card for a shopper."""
        number, month, year, holder = self._card(body["paymentMethod"])
        shown = {
            "brand": cards.brand_of(number),
            "expiryMonth": month,
            "expiryYear": year,
            "holderName": holder,
            "lastFour": number[-4:],
        }
        id_, shopper = psp_reference(), str(body["shopperReference"])
        row = (id_, shopper, cards.conduct_of(number, holder), json.dumps(shown))
        self._book.write("INSERT INTO cards VALUES (?, ?, ?, ?)", *row)
        return {**shown, "id": id_, "shopperReference": shopper, "type": "scheme"}

    def forget(self, id_: str, shopper: str) -> bool:
        """Keep it no longer; false if there was none."""
        return self._book.write("DELETE FROM cards WHERE id = ? AND shopper = ?", id_, shopper) > 0

    def details_of_card(self, body: Body) -> Body:
        """Brand, funding and country, from the leading digits."""
        number = cards.plain(str(body.get("encryptedCardNumber") or body.get("cardNumber") or ""))
        brands = [{"type": cards.brand_of(number), "supported": True}] if number[:1].isdigit() else []
        return {"brands": brands, "fundingSource": "CREDIT", "issuingCountryCode": "NL", "isCardCommercial": False}

    def pay(self, body: Body) -> Body:
        """A payment: approved, refused, sent on, or pending."""
        conduct, shown = self._method(body)
        asked = (body.get("additionalData") or {}).get("RequestedTestAcquirerResponseCode")
        conduct = str(asked) if asked and asked != "1" else conduct
        away = body.get("shopperInteraction") in ("ContAuth", "Moto")
        forced = (body.get("authenticationData") or {}).get("attemptAuthentication") == "always"
        if not away and (forced or conduct == REDIRECT):
            return self._redirected(body, APPROVE if conduct == REDIRECT else conduct)
        if conduct == REDIRECT:
            # Whose owner is not there cannot be asked, and their bank would.
            conduct = "38"
        return self._decided(self._open(body, conduct), body, conduct, shown)

    def go_on(self, body: Body) -> Body:
        """The buyer has come back."""
        result = str((body.get("details") or {}).get("redirectResult") or "")
        redirect = self._book.one("SELECT * FROM redirects WHERE result = ?", result) if result else None
        if redirect is None or redirect["passed"] is None:
            raise Failed(422, "101", "Invalid redirectResult")
        payment = self._book.payment(redirect["psp"])
        if payment is None or payment["state"] != "redirected":
            raise Failed(422, "101", "The payment has gone on already")
        conduct = payment["conduct"] if redirect["passed"] else "11"
        said = {"reference": payment["reference"], "amount": _amount(payment["amount"], payment["currency"])}
        return self._decided(payment["psp"], said, conduct, {})

    def finish_authentication(self, id_: str, passed: bool) -> Row | None:
        """The buyer has answered at their bank's page; the first answer counts. None: there is no such page."""
        self._book.write("UPDATE redirects SET passed = ? WHERE id = ? AND passed IS NULL", int(passed), id_)
        return self._book.one("SELECT * FROM redirects WHERE id = ?", id_)

    def _redirected(self, body: Body, conduct: str) -> Body:
        psp, id_ = self._open(body, conduct, state="redirected"), secrets.token_urlsafe(18)
        row = (id_, psp, str(body["returnUrl"]), secrets.token_urlsafe(48))
        self._book.write("INSERT INTO redirects VALUES (?, ?, ?, ?, NULL)", *row)
        action = {"type": "redirect", "method": "GET", "paymentMethodType": "scheme", "url": f"{self._url}/3ds/{id_}"}
        return {"pspReference": psp, "resultCode": "RedirectShopper", "action": action}

    def _open(self, body: Body, conduct: str, state: str = "new") -> str:
        psp, amount = psp_reference(), body["amount"]
        manual = (body.get("additionalData") or {}).get("manualCapture") == "true"
        row = (psp, body["reference"], amount["currency"], amount["value"], state, conduct, int(not manual), now())
        names = "psp, reference, currency, amount, state, conduct, automatic, created"
        self._book.write(f"INSERT INTO payments ({names}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", *row)  # noqa: S608
        return psp

    def _decided(self, psp: str, body: Body, conduct: str, shown: Body) -> Body:
        answer = {"pspReference": psp, "merchantReference": body["reference"], "amount": body["amount"]}
        if conduct == PENDING:
            self._book.write("UPDATE payments SET state = 'pending' WHERE psp = ?", psp)
            self._tell("AUTHORISATION", self._known(psp), psp, SETTLES_SECONDS, original=False)
            return {**answer, "resultCode": "Received"}
        if conduct in (APPROVE, "", "1"):
            self._authorize(psp)
            self._tell("AUTHORISATION", self._known(psp), psp, 0.0, original=False)
            return {**answer, "resultCode": "Authorised", "additionalData": _approved(shown)}
        code, _, raw = conduct.partition("/")
        text, usual = cards.REFUSALS.get(code, ("Refused", "05 : Do not honor"))
        self._book.write("UPDATE payments SET state = 'refused' WHERE psp = ?", psp)
        self._tell("AUTHORISATION", self._known(psp), psp, 0.0, success=False, reason=text, original=False)
        return {
            **answer,
            "resultCode": cards.RESULTS.get(code, "Refused"),
            "refusalReasonCode": code,
            "refusalReason": text,
            "additionalData": {"refusalReasonRaw": raw or usual},
        }

    def settle(self, psp: str) -> None:
        """What was pending is authorized: the news of it are due."""
        payment = self._book.payment(psp)
        if payment is not None and payment["state"] == "pending":
            self._authorize(psp)

    def _authorize(self, psp: str) -> None:
        payment = self._known(psp)
        taken = payment["amount"] if payment["automatic"] else 0
        sql = "UPDATE payments SET state = 'authorised', captured = ?, held = ? WHERE psp = ?"
        self._book.write(sql, taken, payment["amount"] - taken, psp)
        self._book.enter("authorize", payment, psp, payment["reference"], payment["amount"])
        if taken:
            self._book.enter("capture", payment, psp, payment["reference"], taken)

    def modify(self, psp: str, operation: str, body: Body) -> Body:
        """Take a modification on: it is carried out at once, and told of later."""
        payment = self._book.payment(psp)
        if payment is None:
            raise Failed(422, "167", "Original pspReference required for this operation")
        own, reference = psp_reference(), str(body.get("reference") or "")
        amount = body.get("amount") or _amount(payment["held"], payment["currency"])
        if amount["currency"] != payment["currency"]:
            raise Failed(422, "100", "The currency is not that of the payment")
        event, done = self._modified(payment, operation, amount["value"], own, reference)
        self._tell(event, payment, own, self._news_seconds, done is None, done or "", reference, amount)
        answer = {"merchantAccount": self._merchant, "paymentPspReference": psp, "pspReference": own}
        answer |= {"status": "received"} | ({"reference": reference} if reference else {})
        if operation == "amountUpdates":
            answer.setdefault("reference", own)
        return answer | ({"amount": amount} if "amount" in body else {})

    def _modified(self, payment: Row, operation: str, amount: int, own: str, reference: str) -> tuple[str, str | None]:
        """The event that tells of it, and why it was not done."""
        held, captured, refunded = payment["held"], payment["captured"], payment["refunded"]
        wants, event, why = {
            "captures": (held >= amount > 0, "CAPTURE", "Insufficient balance on payment"),
            "cancels": (held > 0, "CANCELLATION", "Transaction not found or already captured"),
            "refunds": (captured - refunded >= amount > 0, "REFUND", "Insufficient balance on payment"),
            "amountUpdates": (
                held > 0 and not captured and amount > payment["amount"],
                "AUTHORISATION_ADJUSTMENT",
                "No",
            ),
            "reversals": (held + captured - refunded > 0, "CANCEL_OR_REFUND", "Nothing left"),
        }[operation]
        if not wants:
            return event, why
        if operation == "captures":
            self._move(payment, held=held - amount, captured=captured + amount)
        elif operation == "refunds":
            self._move(payment, refunded=refunded + amount)
        elif operation == "amountUpdates":
            self._move(payment, amount=amount, held=amount)
        else:
            # A cancel releases what is held; a reversal gives back what was taken, too.
            amount = held + (captured - refunded if operation == "reversals" else 0)
            self._move(payment, held=0, refunded=captured if operation == "reversals" else refunded)
        self._book.enter(operation, payment, own, reference, amount)
        return event, None

    def _move(self, payment: Row, **values: int) -> None:
        sets = ", ".join(f"{name} = ?" for name in values)
        self._book.write(f"UPDATE payments SET {sets} WHERE psp = ?", *values.values(), payment["psp"])  # noqa: S608

    def cancel_by_reference(self, body: Body) -> Body:
        """Release whatever the merchant calls by this reference."""
        own, reference = psp_reference(), str(body.get("reference") or "")
        rows = self._book.all("SELECT * FROM payments WHERE reference = ? ORDER BY created", body["paymentReference"])
        payment = rows[-1] if rows else None
        if payment is not None:
            event, why = self._modified(payment, "cancels", 0, own, reference)
            self._tell("TECHNICAL_CANCEL", payment, own, self._news_seconds, why is None, why or "", reference)
            del event
        answer = {"merchantAccount": self._merchant, "paymentReference": body["paymentReference"]}
        return answer | {"pspReference": own, "status": "received"} | ({"reference": reference} if reference else {})

    def tell_later(self, psp: str, event: str, amount: int | None, reference: str, own: str) -> None:
        """Something that happens to a payment by itself: a late failure, a dispute and its stages, an expiry."""
        payment = self._known(psp)
        said = _amount(payment["amount"] if amount is None else amount, payment["currency"])
        original = event not in ("EXPIRE", "OFFER_CLOSED", *DECIDED)
        if event == "EXPIRE":
            self._move(payment, held=0)
        if event in DISPUTES:
            # A payment here has one dispute at most, so that all its stages go by one reference.
            own = own or f"D{psp[1:]}"
        own = own or (psp_reference() if original else psp)
        self._tell(event, payment, own, 0.0, True, "", reference, said, original, DISPUTES.get(event))

    def _known(self, psp: str) -> Row:
        payment = self._book.payment(psp)
        if payment is None:
            raise Failed(404, "167", "There is no such payment")
        return payment

    def _tell(
        self, event: str, payment: Row, psp: str, after: float, success: bool = True, reason: str = "",
        reference: str = "", amount: Body | None = None, original: bool = True, data: dict[str, str] | None = None,
    ) -> None:  # fmt: skip
        item = {
            "eventCode": event, "success": "true" if success else "false", "pspReference": psp,
            "merchantAccountCode": self._merchant, "merchantReference": reference or payment["reference"],
            "amount": amount or _amount(payment["amount"], payment["currency"]), "reason": reason,
            "paymentMethod": "visa",
        }  # fmt: skip
        item |= {"additionalData": _dated(data)} if data else {}
        self._book.tell(item | ({"originalReference": payment["psp"]} if original else {}), after)

    def _method(self, body: Body) -> tuple[str, Body]:
        method = body["paymentMethod"]
        stored = method.get("storedPaymentMethodId")
        if stored is None:
            number, _, _, holder = self._card(method)
            return cards.conduct_of(number, holder), {"cardSummary": number[-4:]}
        row = self._book.one(
            "SELECT * FROM cards WHERE id = ? AND shopper = ?", str(stored), str(body.get("shopperReference") or "")
        )
        if row is None:
            raise Failed(422, "800", "Contract not found")
        return str(row["conduct"]), {"cardSummary": json.loads(row["shown"])["lastFour"]}

    def _card(self, method: Body) -> tuple[str, str, str, str]:
        """Number, month, year and holder, encrypted by Adyen's fields or not."""
        number = cards.plain(str(method.get("encryptedCardNumber") or method.get("number") or ""))
        month = cards.plain(str(method.get("encryptedExpiryMonth") or method.get("expiryMonth") or ""))
        year = cards.plain(str(method.get("encryptedExpiryYear") or method.get("expiryYear") or ""))
        if method.get("type") not in ("scheme", "card") or not cards.is_number(number):
            raise Failed(422, "101", "Invalid card number")
        if not (month.isdecimal() and 1 <= int(month) <= 12 and year.isdecimal() and len(year) == 4):
            raise Failed(422, "129", "Expiry Date Invalid")
        return number, month.zfill(2), year, str(method.get("holderName") or "")


def _amount(value: int, currency: str) -> Body:
    return {"currency": currency, "value": value}


def _dated(data: dict[str, str]) -> dict[str, str]:
    """With when the time to defend ends, where there is such a time."""
    ends = time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(now() + DEFENSE_SECONDS))
    return {**data, "defensePeriodEndsAt": ends} if data.get("defendable") == "true" else data


def _approved(shown: Body) -> dict[str, str]:
    code = f"{secrets.randbelow(1_000_000):06}"
    told = {"authCode": code, "avsResult": "4 AVS not supported for this card type", "avsResultRaw": "4"}
    told |= {"refusalReasonRaw": "AUTHORISED", "networkTxReference": psp_reference(), "fraudRiskLevel": "low"}
    return told | {name: str(value) for name, value in shown.items()}
