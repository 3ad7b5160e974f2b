"""Errors at the edge: Stripe's shape, and the one place that knows which HTTP status a failure has.

The domain's refusals and declines come in as values and leave as `StripeError`; nothing else decides a status.
"""

from domain.model.events import PaymentError
from domain.model.hashes import JsonObject
from domain.money.declines import error_code
from domain.refusals import Refusal

LOCK_TIMEOUT = "lock_timeout"
INVALID = (
    "amount_to_capture_",
    "amount_too_",
    "parameter_",
    "currency_invalid",
    "capture_method_invalid",
    "setup_future_usage_invalid",
)
"""Codes, or beginnings of them, that say that a parameter is wrong, whatever the state of the PaymentIntent."""

DOC_URL = "https://stripe.com/docs/error-codes/"

STATUS_OF_CODE = {
    "resource_missing": 404,
    LOCK_TIMEOUT: 429,
    "rate_limit": 429,
    "idempotency_key_in_use": 409,
    "api_key_expired": 401,
    "secret_key_required": 401,
}
"""Codes whose status is not 400. A missing object named in a parameter (not in the path) is a 400; see `missing`."""


class StripeError(Exception):
    """One error answer. `fields` are the keys of the error hash beyond the usual ones; None values are left out."""

    def __init__(
        self,
        message: str,
        *,
        type_: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        status: int | None = None,
        fields: JsonObject | None = None,
        headers: dict[str, str] | None = None,
        executed: bool = False,
    ) -> None:
        """Describe the answer; `executed` says that the request got past validation, so its answer is remembered."""
        super().__init__(message)
        self.status = status or STATUS_OF_CODE.get(code or "", 400)
        self.headers = headers or {}
        self.executed = executed
        self.told = False
        """Whether it has the shape of an older version by now (versions.py)."""
        self.error = {
            "code": code,
            "doc_url": DOC_URL + code.replace("_", "-") if code else None,
            "message": message,
            "param": param,
            "type": type_,
        }
        self.error = {**(fields or {}), **self.error}

    def body(self) -> JsonObject:
        """The JSON answer."""
        shown = {key: value for key, value in self.error.items() if value is not None}
        return {"error": dict(sorted(shown.items()))}


def invalid_request(
    message: str, *, code: str | None = None, param: str | None = None, status: int | None = None
) -> StripeError:
    """A request that makes no sense."""
    return StripeError(message, code=code, param=param, status=status)


class ObjectMissing(StripeError):
    """No such object here: 404 when the path names it, 400 when a parameter does."""

    def __init__(self, kind: str, id_: str, param: str, status: int, similar: str = "") -> None:
        """Say which; `similar` is what else there is."""
        message = f"No such {kind}: '{id_}'{similar}"
        # Refused as anything invalid is: that burns no Idempotency-Key.
        super().__init__(message, code="resource_missing", param=param, status=status)
        self.kind, self.id, self.param = kind, id_, param

    def in_the_other_mode(self, livemode: bool) -> "ObjectMissing":
        """The object is there, and the key is for the other mode."""
        there, here = ("test", "live") if livemode else ("live", "test")
        similar = f"; a similar object exists in {there} mode, but a {here} mode key was used to make this request."
        return ObjectMissing(self.kind, self.id, self.param, self.status, similar)

    def of_the_platform(self) -> "ObjectMissing":
        """The payment method is there, and the platform's own, not that of the account it acts for."""
        similar = (
            "; OAuth key or Stripe-Account header was used but API request was provided with a platform-owned payment "
            "method ID. Please ensure that the provided payment method matches the specified account."
        )
        return ObjectMissing(self.kind, self.id, self.param, self.status, similar)


def missing(kind: str, id_: str, param: str, *, in_path: bool) -> ObjectMissing:
    """No such object here."""
    return ObjectMissing(kind, id_, param, 404 if in_path else 400)


def refused(refusal: Refusal, intent: JsonObject | None = None, name: str = "payment_intent") -> StripeError:
    """The domain refused; the intent, if there is one, is shown as it is, unchanged, under its `name`.

    What is only busy is worth another try, under the same Idempotency-Key, and what no PaymentIntent would have taken
    burns none (docs.stripe.com/api/idempotent_requests): these answers are not remembered. Nor is what keeps a
    PaymentIntent from being made: nothing was.
    """
    fields = {name: intent} if intent else None
    busy = refusal.code == LOCK_TIMEOUT
    invalid = (refusal.code or f"{refusal.param}_invalid").startswith(INVALID)
    return StripeError(
        refusal.message,
        code=refusal.code,
        param=refusal.param,
        fields=fields,
        headers={"Stripe-Should-Retry": "true"} if busy else None,
        executed=intent is not None and not (busy or invalid),
    )


def card_refused(refusal: Refusal) -> StripeError:
    """No bank would know this card: a 402, as if the bank had said so."""
    decline = refusal.code if refusal.code and error_code(refusal.code) == refusal.code else None
    return StripeError(
        refusal.message,
        type_="card_error",
        code=refusal.code,
        param=refusal.param,
        status=402,
        fields={"decline_code": decline},
        executed=True,
    )


def declined(
    error: PaymentError, shown: JsonObject, intent: JsonObject | None, name: str = "payment_intent"
) -> StripeError:
    """The bank said no; `shown` is the error as `last_payment_error` has it, `name` what kind of intent it is of."""
    fields = {**shown, name: intent}
    # What the caller said was wrong, or too late (microdeposits): no bank has been asked for money.
    status = 402 if error.type == "card_error" else 400
    return StripeError(
        error.message, type_=error.type, code=error.code, param=error.param, status=status, fields=fields, executed=True
    )


def testmode_only() -> StripeError:
    """A helper for tests, asked for with a live key."""
    return invalid_request("This test helper can only be used with a test mode API key.", status=403)


def unauthorized(message: str, code: str | None = None) -> StripeError:
    """No key, or not one that opens this."""
    return StripeError(message, code=code, status=401, headers={"WWW-Authenticate": 'Basic realm="Stripe"'})


def unavailable() -> StripeError:
    """We cannot say what happened; the same request with the same Idempotency-Key will."""
    return StripeError(
        "The payment engine did not answer in time. Repeat the request with the same Idempotency-Key to learn its "
        "outcome; it has exactly one effect.",
        type_="api_error",
        status=503,
        headers={"Stripe-Should-Retry": "true"},
    )


def not_taken() -> StripeError:
    """The gateway does no such thing: nothing was done, and a repetition is no use. The log has why."""
    return StripeError(
        "The payment gateway of this account does not do what this asks of it. Nothing was done, and repeating the "
        "request does not help.",
        status=400,
    )


def internal() -> StripeError:
    """A fault of ours. Says nothing about what went wrong; the log has it under the request's id."""
    return StripeError("An unexpected error occurred on our side.", type_="api_error", status=500, executed=True)


def stopped() -> StripeError:
    """Nobody knows how to go on with this payment's money; the alert and the log say why. Trying again is no use."""
    return StripeError(
        "This PaymentIntent is stopped until somebody has looked at it: it is not known how to go on with its money.",
        type_="api_error",
        status=500,
        headers={"Stripe-Should-Retry": "false"},
    )
