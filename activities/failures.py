"""THE retry table: what each way of not answering means, and nothing else decides it.

A definite no is an outcome and never gets here. What is left: `Unavailable` is retried without end, `RateLimited` after
the wait it asks for, and `Rejected` is not retried, because the gateway is certain that it did nothing.
"""

from datetime import timedelta

from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from domain.outcomes import Declined, Outcome
from gateways.base import GatewayError, GatewayRateLimited, GatewayUnavailable
from records.base import RecordsUnavailable

RETRIED: dict[type[Exception], str] = {
    GatewayUnavailable: "gateway_unavailable",
    GatewayRateLimited: "gateway_rate_limited",
    RecordsUnavailable: "records_unavailable",
}
"""Failures that pass: kind to the name that the Temporal UI shows. BENIGN, so that nobody is paged for a retry."""


def outcome_of_rejection() -> Outcome:
    """A rejection is definite: nothing was done, and the buyer sees a processing error."""
    return Declined(decline_code="processing_error", network_decline_code="rejected")


def retry(error: GatewayError | RecordsUnavailable) -> ApplicationError:
    """The error to raise so that Temporal asks again, and when."""
    delay = timedelta(seconds=error.retry_after_seconds) if isinstance(error, GatewayRateLimited) else None
    kind = RETRIED[type(error)]
    return ApplicationError(str(error), type=kind, next_retry_delay=delay, category=ApplicationErrorCategory.BENIGN)
