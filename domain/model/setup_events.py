"""What has happened to a SetupIntent, past tense. Those facts that are as of a PaymentIntent are in events.py.

Facts are recomputed from a command's outcome, never stored, so they may be renamed freely.
"""

from dataclasses import dataclass, field

from domain.model.events import (
    AttributesChanged,
    IntentCanceled,
    MandateAccepted,
    MicrodepositsMismatched,
    OutcomeKnown,
    OutcomeResolved,
    PaymentError,
    PaymentMethodSaved,
    PaymentMethodSelected,
    VerificationRequested,
)
from domain.model.gateways import AT_FIRST, Hop
from domain.model.hashes import Hash
from domain.model.outcomes import AuthenticationRequired, SetUp
from domain.model.payment_methods import PaymentMethod
from domain.model.setup_intent import SetupAttempt


@dataclass(frozen=True, slots=True)
class PaymentMethodUnset:
    """Nobody says any more what is to be set up."""


@dataclass(frozen=True, slots=True)
class SetupBegun:
    """An attempt is under way; one that waited for its buyer is abandoned."""

    attempt: SetupAttempt


@dataclass(frozen=True, slots=True)
class SetupActionRequired:
    """The bank wants the buyer to authenticate, until `expires_at` (Unix seconds); its gateway is `at`."""

    authentication: AuthenticationRequired
    return_url: str | None
    use_stripe_sdk: bool
    expires_at: int
    at: Hop = AT_FIRST


@dataclass(frozen=True, slots=True)
class SetupSucceeded:
    """The method is good for payments to come. `checks` and `three_d_secure` are what its bank made of it."""

    checks: dict[str, str | None] = field(default_factory=dict)
    three_d_secure: Hash | None = None


@dataclass(frozen=True, slots=True)
class SetupFailed:
    """The attempt is over, and nothing is set up; `status` says how the attempt ended."""

    error: PaymentError
    status: str = "failed"
    checks: dict[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DebitKept:
    """What is kept is a debit of the account behind the method; it is its owner's, if there is a customer."""

    payment_method: PaymentMethod


@dataclass(frozen=True, slots=True)
class SetupUnknown:
    """We cannot tell whether the gateway acted; `effect` is what to ask about until we can."""

    effect: SetUp


SetupEvent = (
    AttributesChanged | PaymentMethodSelected | PaymentMethodUnset | SetupBegun | SetupActionRequired
    | VerificationRequested | MicrodepositsMismatched | SetupSucceeded | SetupFailed | DebitKept | PaymentMethodSaved
    | MandateAccepted | IntentCanceled | SetupUnknown | OutcomeKnown | OutcomeResolved
)  # fmt: skip
