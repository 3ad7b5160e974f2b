"""Failed payments of some types say why; before, they say that they failed."""

from rendering.versions.base import Change, Failure, Shown, Step

GENERIC = "payment_intent_payment_attempt_failed"

SPECIFIC = frozenset(
    {
        "payment_intent_payment_attempt_expired",
        "payment_method_customer_decline",
        "payment_method_not_available",
        "payment_method_provider_decline",
        "payment_method_provider_timeout",
    }
)

BANKS = frozenset({"bancontact", "eps", "giropay", "ideal", "p24", "sofort"})
KLARNA = frozenset({"klarna"})


def _less(error: Shown, types: frozenset[str]) -> Shown:
    method = error.get("payment_method") or {}
    if error.get("code") not in SPECIFIC or method.get("type") not in types:
        return error
    url = "https://stripe.com/docs/error-codes/" + GENERIC.replace("_", "-")
    return error | {"code": GENERIC, "doc_url": url}


def _of_intent(types: frozenset[str]) -> Step:
    def step(intent: Shown) -> Shown:
        if intent.get("last_payment_error"):
            intent["last_payment_error"] = _less(intent["last_payment_error"], types)
        return intent

    return step


def _of_charge(types: frozenset[str]) -> Step:
    def step(charge: Shown) -> Shown:
        if charge["failure_code"] in SPECIFIC and charge["payment_method_details"]["type"] in types:
            charge["failure_code"] = GENERIC
        return charge

    return step


def _change(since: str, types: frozenset[str], source: str) -> Change:
    return Change(
        since=since,
        title=f"A failed payment by {', '.join(sorted(types))} has the code that tells why; before, `{GENERIC}`",
        source=source,
        known_from="changelog, guess",
        shows={"payment_intent": _of_intent(types), "charge": _of_charge(types)},
        fails=lambda failure: Failure(failure.status, _less(failure.error, types)),
    )


OF_KLARNA = _change(
    "2023-08-16", KLARNA, "https://docs.stripe.com/changelog/2023-08-16/klarna-payment-failure-error-code"
)
OF_BANKS = _change(
    "2022-11-15", BANKS, "https://docs.stripe.com/changelog/2022-11-15/adds-decline-codes-paymentintent-paymentmethod"
)
