"""SetupIntents: the intent to make a payment method good for payments to come. No money moves, so there is no amount.

What is stored (the fields of these classes and all they hold) may only ever gain fields with defaults: running
workflows carry older ones. How facts change it is machine/setups/.
"""

from dataclasses import dataclass, field

from domain.model.commands import ExpireAction
from domain.model.events import PaymentError
from domain.model.hashes import Hash, MethodOptions
from domain.model.ledger import LedgerEntry
from domain.model.next_actions import NextAction
from domain.model.outcomes import SetUp
from domain.model.payment_methods import PaymentMethod
from domain.model.resolutions import Resolution
from domain.model.statuses import Status
from domain.refusals import InvariantViolation

SETUP_RULES = 3
"""The generation of rules that new SetupIntents go by, as `RULES` is of PaymentIntents. They begin behind the fence."""

WORKING, ACTING, DONE, FAILED, ABANDONED = "processing", "requires_action", "succeeded", "failed", "abandoned"
"""How a SetupAttempt stands."""

OPEN_ATTEMPT = frozenset({WORKING, ACTING})


@dataclass(frozen=True, slots=True, kw_only=True)
class SetupAttempt:
    """One try to set a payment method up: one for each confirmation that was not refused.

    `checks` and `three_d_secure` are what its bank made of it. `generated` is the payment method that is kept in its
    place, and `generated_mandate` the consent to debit that one.
    """

    id: str
    setup_intent: str
    account: str
    livemode: bool
    created: int
    payment_method: PaymentMethod
    status: str = WORKING
    usage: str = "off_session"
    customer: str | None = None
    customer_account: str | None = None
    attach_to_self: bool | None = None
    flow_directions: tuple[str, ...] | None = None
    on_behalf_of: str | None = None
    moto: bool | None = None
    network: str | None = None
    checks: dict[str, str | None] = field(default_factory=dict)
    three_d_secure: Hash | None = None
    generated: str | None = None
    generated_mandate: str | None = None
    error: PaymentError | None = None
    platform: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetupIntent:
    """One intent to set a payment method up. Immutable; `evolve` makes the next one.

    Times are Unix seconds. `attempt` is the latest try; earlier ones are in the records. `single_use` (`amount`,
    `currency`) makes its mandate good for one payment only. `authentication` is the gateway's reference for the last
    one asked for, `return_url` where the buyer goes afterwards. `pending` is the effect whose outcome is unknown.
    `version` counts the batches of facts applied. `offered_types` are what its `payment_method_configuration` offered
    when it was named, None the usual ones, and `configuration_parent` is whose that configuration's is. `resolutions`
    are what operators have said of effects that were not answered, the latest last.
    """

    id: str
    account: str
    livemode: bool
    created: int
    client_secret: str
    status: Status = Status.REQUIRES_PAYMENT_METHOD
    usage: str = "off_session"
    payment_method_types: tuple[str, ...] = ("card",)
    allowed_payment_method_types: tuple[str, ...] | None = None
    excluded_payment_method_types: tuple[str, ...] | None = None
    automatic_payment_methods: Hash | None = None
    payment_method: PaymentMethod | None = None
    payment_method_options: Hash | None = None
    payment_method_configuration: str | None = None
    customer: str | None = None
    customer_account: str | None = None
    description: str | None = None
    metadata: dict[str, str] = field(default_factory=dict)
    on_behalf_of: str | None = None
    attach_to_self: bool | None = None
    flow_directions: tuple[str, ...] | None = None
    single_use: Hash | None = None
    mandate: str | None = None
    single_use_mandate: str | None = None
    mandate_data: Hash | None = None
    attempt: SetupAttempt | None = None
    attempts: int = 0
    last_setup_error: PaymentError | None = None
    next_action: NextAction | None = None
    authentication: str | None = None
    return_url: str | None = None
    pending: SetUp | None = None
    cancellation_reason: str | None = None
    version: int = 1
    ledger: tuple[LedgerEntry, ...] = ()
    rules: int = 1
    offered_types: tuple[str, ...] | None = None
    configuration_parent: str | None = None
    platform: str | None = None
    resolutions: tuple[Resolution, ...] = ()


def method_to_set_up(state: SetupIntent) -> PaymentMethod:
    """The method an attempt is made with."""
    if state.payment_method is None:
        raise InvariantViolation("a setup was decided without a payment method")
    return state.payment_method


def open_attempt(state: SetupIntent) -> SetupAttempt:
    """The attempt that is under way."""
    if state.attempt is None or state.attempt.status not in OPEN_ATTEMPT:
        raise InvariantViolation("a setup ended that was not under way")
    return state.attempt


def options_of(state: SetupIntent, type_: str) -> MethodOptions:
    """`payment_method_options` of one type."""
    return (state.payment_method_options or {}).get(type_) or {}


def remembered(state: SetupIntent, command_id: str) -> LedgerEntry | None:
    """The ledger's entry for a command that was carried out before, its error as it was told."""
    entry = next((entry for entry in state.ledger if command_id and entry.command_id == command_id), None)
    if entry is None:
        return None
    failure = state.last_setup_error
    return entry.as_told([failure.payment_method if failure else None, state.payment_method])


def deadline(state: SetupIntent) -> int | None:
    """When (Unix seconds) time itself will act: the buyer has not done what they are asked. None when no clock runs."""
    action = _waiting(state)
    return action.expires_at if action else None


def due_command(state: SetupIntent) -> ExpireAction | None:
    """What is done about the intent when its time is up."""
    return ExpireAction() if _waiting(state) else None


def _waiting(state: SetupIntent) -> NextAction | None:
    return state.next_action if state.status == Status.REQUIRES_ACTION else None


def parkable(state: SetupIntent) -> bool:
    """Whether nothing happens to it by itself."""
    return state.status in (Status.REQUIRES_PAYMENT_METHOD, Status.REQUIRES_CONFIRMATION)
