"""The one translator from the domain's refusals to the error an update may fail with.

A plain exception would wedge the workflow and leave the caller hanging.
"""

from temporalio.exceptions import ApplicationError

from contracts.messages import Refused
from domain.payment_intent import PaymentIntent
from domain.refusals import Refusal

REFUSED = "refused"


def refused(refusal: Refusal, intent: PaymentIntent) -> ApplicationError:
    """The update fails, the workflow lives; the caller gets the refusal and the intent as it is."""
    details = Refused(refusal=refusal, intent=intent)
    return ApplicationError(refusal.message, details, type=REFUSED, non_retryable=True)
