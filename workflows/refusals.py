"""The one translator from the domain's refusals to the error an update may fail with; and what ends a task.

A plain exception would wedge the workflow and leave the caller hanging.
"""

from temporalio.exceptions import ApplicationError, FailureError

from activities.failures import BROKEN
from contracts.messages import Refused
from contracts.setup_messages import SetupRefused
from domain.machine.intents import Intent
from domain.machine.limits import SHOWN_BYTES_MAX, said
from domain.machine.setups import limits as setup_limits
from domain.model.payment_intent import PaymentIntent
from domain.model.setup_intent import SetupIntent
from domain.refusals import InvariantViolation, Refusal

REFUSED = "refused"
STOPPED = "stopped"


def update_failure(refusal: Refusal, intent: PaymentIntent) -> ApplicationError:
    """The update fails, the workflow lives; the caller gets the refusal and the intent as it is, unless it is large."""
    details = Refused(refusal=refusal, intent=intent if said(intent) <= SHOWN_BYTES_MAX else None)
    return ApplicationError(refusal.message, details, type=REFUSED, non_retryable=True)


def setup_update_failure(refusal: Refusal, intent: SetupIntent) -> ApplicationError:
    """The same of a SetupIntent."""
    details = SetupRefused(refusal=refusal, intent=intent if setup_limits.said(intent) <= SHOWN_BYTES_MAX else None)
    return ApplicationError(refusal.message, details, type=REFUSED, non_retryable=True)


def stop_if_broken(error: FailureError, intent: Intent) -> None:
    """What nobody but a human can decide about is not tried again by itself.

    An activity that found us contradicting ourselves ends the task instead of leaving an outcome unknown. One that
    cannot go on with the payment's money stops the payment: the workflow lives, and its record says what was under way.
    """
    causes = [cause for cause in (error, error.cause) if isinstance(cause, ApplicationError)]
    for cause in causes:
        if cause.type == InvariantViolation.__name__:
            raise InvariantViolation(error.message) from error
        if cause.type == BROKEN:
            text = f"{intent.id} is stopped until somebody has looked at it: {cause.message}"
            raise ApplicationError(text, type=STOPPED, non_retryable=True) from error
