"""The one translator from the domain's refusals to the error an update may fail with; and what ends a task.

A plain exception would wedge the workflow and leave the caller hanging.
"""

from temporalio.exceptions import ApplicationError, FailureError

from contracts.messages import Refused
from domain.payment_intent import PaymentIntent
from domain.refusals import InvariantViolation, Refusal

REFUSED = "refused"


def refused(refusal: Refusal, intent: PaymentIntent) -> ApplicationError:
    """The update fails, the workflow lives; the caller gets the refusal and the intent as it is."""
    details = Refused(refusal=refusal, intent=intent)
    return ApplicationError(refusal.message, details, type=REFUSED, non_retryable=True)


def stop_if_we_are_wrong(error: FailureError) -> None:
    """An activity that found us contradicting ourselves ends the task instead of leaving an outcome unknown."""
    causes = (error, error.cause)
    if any(isinstance(cause, ApplicationError) and cause.type == InvariantViolation.__name__ for cause in causes):
        raise InvariantViolation(error.message) from error
