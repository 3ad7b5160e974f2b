"""Microdeposits: proving that a bank account is the buyer's by what was deposited there.

docs.stripe.com/payments/ach-direct-debit/accept-a-payment: two amounts (three tries) or a code on one deposit (ten
tries), within ten days. Where a code was sent, the amounts of Stripe's test accounts are taken as well.
"""

import re

from domain.copies import replace
from domain.model.charges import DAY_SECONDS
from domain.model.commands import VerifyMicrodeposits
from domain.model.events import ChargeFailed, Event, MicrodepositsMismatched, PaymentError, VerificationRequested
from domain.model.gateways import Hop
from domain.model.next_actions import VERIFY, NextAction
from domain.model.outcomes import Authorize, Declined, VerificationRequired
from domain.model.payment_intent import PaymentIntent, method_in_use
from domain.model.payment_methods import PaymentMethod
from domain.model.setup_intent import SetupIntent
from domain.model.wording import cannot_verify_microdeposits
from domain.refusals import InvariantViolation, Refusal

WINDOW_SECONDS = 10 * DAY_SECONDS
TRIES_MAX = {"amounts": 3, "descriptor_code": 10}
AMOUNTS = 2
_CODE = re.compile(r"SM[A-Za-z0-9]{4}")

MISMATCH = "microdeposits_mismatch"

_PREFIX = "payment_method_microdeposit_"
FAILURES = {
    "microdeposits_exceeded": (
        f"{_PREFIX}verification_attempts_exceeded",
        "You have exceeded the number of allowed verification attempts.",
    ),
    "microdeposits_timeout": (
        f"{_PREFIX}verification_timeout",
        "The microdeposits were not verified within ten days. The bank account has to be collected again.",
    ),
    "microdeposits_failed": (
        f"{_PREFIX}failed",
        "The microdeposits to the customer's bank account failed. Check the account and routing number.",
    ),
}
"""What ends a verification, as the gateway or the clock says it: the error's code, and what it reads."""


def requested(outcome: VerificationRequired, now: int, at: Hop) -> VerificationRequested:
    """Deposits are on their way; the gateway that sent them is `at`."""
    return VerificationRequested(outcome, now + WINDOW_SECONDS, at)


def waiting(state: PaymentIntent | SetupIntent) -> NextAction | None:
    """The verification the buyer is asked for, if there is one."""
    action = state.next_action
    return action if action is not None and action.type == VERIFY else None


def attempt(state: PaymentIntent, command: VerifyMicrodeposits, authorization: Authorize) -> Authorize | Refusal:
    """The authorization again, with what the buyer says; the gateway compares."""
    action = waiting(state)
    if action is None:
        return cannot_verify_microdeposits(state)
    refusal = said_refusal(action, command, "PaymentIntent")
    if refusal:
        return refusal
    return replace(
        authorization,
        key=f"{authorization.key}/verify/{action.tries + 1}",
        verification=action.authentication,
        amounts=command.amounts,
        descriptor_code=command.descriptor_code.upper() if command.descriptor_code else None,
    )


def said_refusal(action: NextAction, command: VerifyMicrodeposits, title: str) -> Refusal | None:
    """Refuse what nobody could have found in their account; `title` is what kind of intent it is said to."""
    by_code = command.descriptor_code is not None
    if by_code == bool(command.amounts):
        text = f"Provide either `amounts` or `descriptor_code` to verify this {title}."
        return Refusal(code="parameters_exclusive" if by_code else "parameter_missing", param="amounts", message=text)
    if by_code and action.microdeposit_type != "descriptor_code":
        text = f"This {title} is verified by `amounts`."
        return Refusal(code="parameter_missing", param="amounts", message=text)
    if not by_code and len(command.amounts) != AMOUNTS:
        text = "You must provide exactly two microdeposit amounts."
        return Refusal(code=f"{_PREFIX}verification_amounts_invalid", param="amounts", message=text)
    if command.descriptor_code is not None and not _CODE.fullmatch(command.descriptor_code):
        text = "A descriptor code has six characters and starts with SM."
        return Refusal(code="parameter_invalid_string", param="descriptor_code", message=text)
    return None


def declined(
    state: PaymentIntent, effect: Authorize, outcome: Declined
) -> tuple[tuple[Event, ...], PaymentError] | None:
    """What it means that the gateway did not take the buyer's word; None if it means something else."""
    action = waiting(state)
    if action is None:
        return None
    if outcome.decline_code == MISMATCH:
        return _mismatched(state, action, effect)
    return ended(state, outcome.decline_code) if outcome.decline_code in FAILURES else None


def _mismatched(state: PaymentIntent, action: NextAction, effect: Authorize) -> tuple[tuple[Event, ...], PaymentError]:
    again = mismatch(action, effect.descriptor_code)
    if again is None:
        events, error = ended(state, "microdeposits_exceeded")
        return (MicrodepositsMismatched(), *events), error
    return (MicrodepositsMismatched(),), again


def mismatch(action: NextAction, code: str | None) -> PaymentError | None:
    """What the buyer is told who has said something else than was deposited; None if they may not say anything more."""
    left = TRIES_MAX[action.microdeposit_type or "amounts"] - action.tries - 1
    if left <= 0:
        return None
    kind = "descriptor_code" if code is not None else "amounts"
    what = "descriptor code does" if kind == "descriptor_code" else "amounts do"
    attempts = f"{left} attempt{'s' if left > 1 else ''}"
    text = f"The {what} not match what was sent to the bank account. You have {attempts} left."
    return PaymentError(type="invalid_request_error", code=f"{_PREFIX}verification_{kind}_mismatch", message=text)


def ended(state: PaymentIntent, why: str) -> tuple[tuple[Event, ...], PaymentError]:
    """The verification is over, and with it the attempt."""
    error = failure(why, method_in_use(state))
    return (ChargeFailed(None, error),), error


def failure(why: str, method: PaymentMethod) -> PaymentError:
    """Why a verification is over."""
    if why not in FAILURES:
        raise InvariantViolation(f"{why} ends no verification")
    code, text = FAILURES[why]
    return PaymentError(type="invalid_request_error", code=code, message=text, payment_method=method)
