"""Timeouts and retry policies, each number with its reason. Nothing else in workflows/ names a duration."""

from datetime import timedelta
from typing import TypedDict

from temporalio.common import RetryPolicy

TASK_TIMEOUT = timedelta(seconds=1)
"""A worker killed in mid-task is noticed after this; measured: a retry is answered 1.2 s after the kill."""

FIRST_TASK_DELAY = timedelta(milliseconds=500)
"""A new intent has nothing to do but to show itself, so its first task waits for a command that may follow at once, and
does both then: a third fewer tasks for a payment that is created and confirmed in one go (ADR 0018), and one entry
fewer in Temporal's list. About as long as a loaded engine takes to get to that command, and no longer: an update does
not wait for the end of it, but a signal does, and a query, which Temporal keeps waiting until the first task."""

CLOSING_GRACE = timedelta(seconds=30)
"""An intent revived for a command waits this long for it before it ends again; the command comes with the start."""

REFUSED_PAUSE = timedelta(minutes=1)
"""Before time tries again what was refused when it was due."""

TIMER_SECONDS_MAX = 10 * 365 * 86_400
"""What somebody else says it is to be waited for may be more than any timer can count."""

TASK_BOUNDARY = timedelta(milliseconds=1)
"""As short as a timer can be: it is there to end the task."""


class LocalOptions(TypedDict):
    """Options of a local activity."""

    start_to_close_timeout: timedelta
    retry_policy: RetryPolicy


class Options(TypedDict):
    """Options of a regular activity."""

    start_to_close_timeout: timedelta
    retry_policy: RetryPolicy


CARRY_OUT_OPTIONS: LocalOptions = {
    # Longer than the gateway's own 1.5 s, so that its answer, not our timer, decides.
    "start_to_close_timeout": timedelta(seconds=2),
    "retry_policy": RetryPolicy(
        # Three tries: a caller waits at most 5 s for a gateway that hangs, and one lost answer is not even noticed.
        # Bounded by attempts because the server does not hold a failing local activity to schedule_to_close (measured:
        # it was retried for as long as we watched).
        maximum_attempts=3,
        initial_interval=timedelta(milliseconds=100),
        maximum_interval=timedelta(milliseconds=500),
        non_retryable_error_types=["InvariantViolation"],
    ),
}

DURABLE_OPTIONS: Options = {
    # Without end: an outage of hours loses nothing and needs nobody. A minute apart at most, so that the answer is
    # known soon after the gateway, or the record store, is back.
    "start_to_close_timeout": timedelta(seconds=10),
    "retry_policy": RetryPolicy(
        initial_interval=timedelta(seconds=1),
        backoff_coefficient=2.0,
        maximum_interval=timedelta(seconds=60),
        non_retryable_error_types=["InvariantViolation"],
    ),
}

PATIENT_CALL_TIMEOUT = timedelta(seconds=65)
"""Longer than any gateway is waited for (60 s), so that its adapter gives up before Temporal does."""

PATIENT_OPTIONS: Options = {
    # Within a caller's patience: asked again under the same key, not at once, as a gateway that has taken a request on
    # refuses its repetition while it is at it.
    "start_to_close_timeout": PATIENT_CALL_TIMEOUT,
    "retry_policy": RetryPolicy(
        initial_interval=timedelta(seconds=1),
        backoff_coefficient=2.0,
        maximum_interval=timedelta(seconds=10),
        non_retryable_error_types=["InvariantViolation"],
    ),
}

PATIENT_ASK_OPTIONS: Options = {**DURABLE_OPTIONS, "start_to_close_timeout": PATIENT_CALL_TIMEOUT}

ATTEMPT_OPTIONS: LocalOptions = {
    # The sender's own 10 s for the receiver, the wait for a permit, and two statements. One try: the workflow decides
    # about the next.
    "start_to_close_timeout": timedelta(seconds=20),
    "retry_policy": RetryPolicy(maximum_attempts=1),
}

DURABLE_ATTEMPT_OPTIONS: Options = {
    "start_to_close_timeout": timedelta(seconds=20),
    "retry_policy": RetryPolicy(
        initial_interval=timedelta(seconds=1), backoff_coefficient=2.0, maximum_interval=timedelta(seconds=60)
    ),
}

POSTPONED_SECONDS = 15
"""How long a delivery waits, up to twice this, before it asks a busy endpoint's queue again."""

INSPECTION_TIMEOUT = timedelta(seconds=5)
"""A workflow that has not said in this time how it stands is silent: a worker replays the longest history in less."""

SWEEP_OPTIONS: Options = {
    # A page is fifty payments, and asking a workflow takes two seconds at most. Without end: when the records are back,
    # the sweep goes on where it was.
    "start_to_close_timeout": timedelta(seconds=120),
    "retry_policy": RetryPolicy(
        initial_interval=timedelta(seconds=1), backoff_coefficient=2.0, maximum_interval=timedelta(seconds=60)
    ),
}


class ProbeOptions(Options):
    """Options of a regular activity that takes as long as it takes, and says that it lives."""

    heartbeat_timeout: timedelta


PROBE_OPTIONS: ProbeOptions = {
    # An outage may last for days. The activity says that it lives once a second, and more while a gateway hangs.
    "start_to_close_timeout": timedelta(days=30),
    "heartbeat_timeout": timedelta(seconds=90),
    "retry_policy": RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=10)),
}

RELEASE_OPTIONS: ProbeOptions = {
    "start_to_close_timeout": timedelta(days=1),
    "heartbeat_timeout": timedelta(seconds=30),
    "retry_policy": RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=60)),
}

RELEASE_AFTER = (timedelta(seconds=2), timedelta(seconds=30))
"""Workers read every second how gateways are; who is released before would be sent back at once. And a second time, for
who was sent away by a worker that did not know yet."""

SOON = timedelta(minutes=2)
SILENT_AGAIN, SILENT_AGAIN_MAX = timedelta(seconds=5), timedelta(minutes=1)
"""A gateway that falls silent so soon after it was back is asked only after this, and twice as long each time."""

PARKED_SECONDS_MAX = timedelta(minutes=10)
"""A payment whose gateway is held back is told when that is over; should it not be, it asks again by itself."""


class LongOptions(Options):
    """Options of a regular activity that says from time to time that it lives."""

    heartbeat_timeout: timedelta


RECONCILE_OPTIONS: LongOptions = {
    # Six hours are 40 million payments (100,000 a minute, measured); nobody wants to find two nights at it at once.
    "start_to_close_timeout": timedelta(hours=6),
    # What is about all payments is one statement, which may take ten minutes (records/reconciliation.py).
    "heartbeat_timeout": timedelta(minutes=12),
    "retry_policy": RetryPolicy(
        # A few tries: what cannot be read tonight is read tomorrow, and the failed workflow is seen.
        maximum_attempts=5,
        initial_interval=timedelta(seconds=10),
        maximum_interval=timedelta(minutes=10),
    ),
}
