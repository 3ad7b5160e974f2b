"""THE retry table: what each way of not answering means, and nothing else decides it.

A definite no is an outcome and never gets here. What is left: `Unavailable` and `NotAsked` are retried without end,
`RateLimited` after the wait it asks for, and `Rejected` is not retried, because the gateway is certain that it did
nothing. What the record store refuses for good is not retried either: before anything was asked, the command is
refused; afterwards, the payment is stopped until somebody has looked at it (`BROKEN`). So is one whose gateway answers
something else than it was asked (`Mismatch`): nothing is concluded from that.
"""

from datetime import timedelta

from temporalio import activity
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from activities.telemetry import Question
from domain.model.outcomes import Declined, Outcome
from domain.refusals import Refusal
from gateways.base import (
    GatewayError,
    GatewayHeldBack,
    GatewayMismatch,
    GatewayNotAsked,
    GatewayRateLimited,
    GatewayUnavailable,
    GatewayUndecided,
)
from observability import metrics
from records.base import RecordsRefused, RecordsUnavailable

BROKEN = "broken"
"""The type of the failure that stops a payment: it is not known how to go on with its money."""

RETRIED: dict[type[Exception], str] = {
    GatewayUnavailable: "gateway_unavailable",
    GatewayUndecided: "gateway_undecided",
    GatewayNotAsked: "gateway_not_asked",
    GatewayHeldBack: "gateway_held_back",
    GatewayRateLimited: "gateway_rate_limited",
    RecordsUnavailable: "records_unavailable",
}
"""Failures that pass: kind to the name that the Temporal UI shows. BENIGN, so that nobody is paged for a retry."""


def outcome_of_rejection() -> Outcome:
    """A rejection is definite: nothing was done, and the buyer sees a processing error."""
    return Declined(decline_code="processing_error", network_decline_code="rejected")


UNDECIDED_SHARE, UNDECIDED_SECONDS_MIN, UNDECIDED_SECONDS_MAX = 4, 1.0, 60.0
"""What a gateway is to tell of is looked for again after a fourth of the time that it has been waited for: that asks
nobody, so whoever waits hears of the news soon after they have come."""


def retry(error: GatewayError | RecordsUnavailable, waited_seconds: float = 0.0) -> ApplicationError:
    """The error to raise so that Temporal asks again, and when; `waited_seconds` is since it was asked first."""
    delay = None
    if isinstance(error, GatewayRateLimited):
        delay = timedelta(seconds=error.retry_after_seconds)
    elif isinstance(error, GatewayUndecided):
        pause = min(max(waited_seconds / UNDECIDED_SHARE, UNDECIDED_SECONDS_MIN), UNDECIDED_SECONDS_MAX)
        delay = timedelta(seconds=pause)
    # An adapter's own kind of failure is one of the port's.
    kind = next((RETRIED[each] for each in type(error).__mro__ if each in RETRIED), "gateway_error")
    return ApplicationError(str(error), type=kind, next_retry_delay=delay, category=ApplicationErrorCategory.BENIGN)


def unstorable(error: RecordsRefused) -> Refusal:
    """Nothing was asked of anybody: the caller hears that what was sent cannot be kept."""
    activity.logger.warning("the record store refuses a command: %s", error)
    return Refusal(message="The request has a value that cannot be stored.")


def broken(error: Exception) -> ApplicationError:
    """The error that stops a payment. Not retried: the same would come of it."""
    metrics.BROKEN.labels(type(error).__name__).inc()
    activity.logger.error("a payment is stopped: %s: %s", type(error).__name__, error)
    return ApplicationError(f"{type(error).__name__}: {error}", type=BROKEN, non_retryable=True)


def mismatched(error: GatewayMismatch, asked: Question) -> ApplicationError:
    """The error that stops a payment because its gateway's book is not ours."""
    metrics.GATEWAY_MISMATCHES.labels(asked.operation, asked.gateway).inc()
    return broken(error)
