"""The PaymentIntent: its state, and what can be read off it.

Theory of operation. `decide(state, command, now)` (machine/decisions.py) answers with a `Refusal` or a `Decision`:
facts that hold at once, and at most one effect to ask the gateway for. When the gateway has answered,
`conclude(state, effect, outcome, now)` (machine/conclusions.py) turns its outcome into facts. `evolve(state, events)`
(machine/evolution.py) applies facts and is the only way a state comes about. A decline is an outcome; an answer that
does not come is none, and is recorded as the fact `OutcomeUnknown`, which puts the intent into `processing` until the
gateway is known to have acted or not.

Rule 1. What affects a transition is in `TABLE` (machine/table.py) or in a rule of machine/, and nowhere else.
Rule 2. Pure: the state, the command, the gateway's outcome and the time come in; facts come out. No clock, no id
        generator, no I/O. So the workflow, the activity and the API compute the same answer from the same input.

WARNING. What is stored (the dataclass fields of `PaymentIntent` and all it holds) may only ever gain fields with
defaults: running workflows carry older ones.
"""

from dataclasses import dataclass, field

from domain.model.charges import Charge
from domain.model.commands import CheckSettlement, ExpireAction, ExpireAuthorization, ExpireDispute
from domain.model.disputes import INQUIRY, WAITING, Dispute
from domain.model.events import PaymentError
from domain.model.gateways import Route
from domain.model.hashes import Hash, MethodOptions
from domain.model.ledger import LedgerEntry
from domain.model.modifications import AcceptedModification, EndedModification
from domain.model.next_actions import Approval, NextAction, Outstanding, Terms
from domain.model.outcomes import Effect
from domain.model.payment_methods import PaymentMethod
from domain.model.resolutions import Resolution
from domain.model.routes import Routing
from domain.model.statuses import TERMINAL, Status
from domain.money.pricing import Pricing
from domain.refusals import InvariantViolation

RULES = 3
"""The generation of rules that new intents, and new runs of older ones, go by. Raise it when a rule is added that
refuses what was legal, or when a path asks for other activities; the older way stays for who has an older number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentIntent:
    """One intent to collect `amount` once. Immutable; `evolve` makes the next one.

    Amounts are minor units of `currency`, times are Unix seconds. `charge` is the latest attempt; earlier ones are in
    the records. `authentication` is the gateway's reference for the last one asked for, `return_url` where the buyer
    goes afterwards; `funded` is what is set aside of the customer's cash balance. `pending` is the effect whose outcome
    is unknown, `accepted` the one that its gateway has taken on and will answer. `approval` is what the buyer has
    approved of the next confirmation, where that is the merchant's to make (confirmation_method=manual).
    `duplicate_of` is the payment that it was found to be like when it was confirmed.
    `pricing` is what its account pays for it, None for what nobody has said otherwise.
    `rules` is which generation of them it goes by (`RULES` is today's): a run that an
    older release has started is replayed, and decides as it did then. `version` counts the batches of facts applied.
    `offered_types` are what its `payment_method_configuration` offered when it was named, None the usual ones;
    `configuration_parent` is the configuration that that one goes by. `blocked_checks` are checks of a card that its
    account took for a no when it was created; `pages` is the address of our pages, as it was created at. `route` are
    the gateways that it is tried at, the next attempt at the first of them, and `routing` says why at these;
    `moving` is the id of the confirmation that has moved on to the next of them (machine/next_try.py). `dispute` is the
    charge's; by the rules before the second, only if the gateway takes answers to it. `asked_at` is when (Unix
    seconds) `pending` was first asked for;
    `resolutions` are what operators have said of such effects, the latest last. `promised` is the gateway's reference
    of `pending`, if it had taken that on before it was asked about. `ended_modifications` are those of which more may
    be heard, the latest last.
    """

    id: str
    account: str
    livemode: bool
    created: int
    client_secret: str
    amount: int
    currency: str
    status: Status = Status.REQUIRES_PAYMENT_METHOD
    capture_method: str = "automatic_async"
    confirmation_method: str = "automatic"
    payment_method_types: tuple[str, ...] = ("card",)
    allowed_payment_method_types: tuple[str, ...] | None = None
    excluded_payment_method_types: tuple[str, ...] | None = None
    automatic_payment_methods: Hash | None = None
    payment_method: PaymentMethod | None = None
    payment_method_options: Hash | None = None
    customer: str | None = None
    setup_future_usage: str | None = None
    description: str | None = None
    metadata: dict[str, str] = field(default_factory=dict)
    receipt_email: str | None = None
    shipping: Hash | None = None
    statement_descriptor: str | None = None
    statement_descriptor_suffix: str | None = None
    application_fee_amount: int | None = None
    transfer_data: Hash | None = None
    transfer_group: str | None = None
    on_behalf_of: str | None = None
    charge: Charge | None = None
    attempts: int = 0
    increments: int = 0
    last_payment_error: PaymentError | None = None
    next_action: NextAction | None = None
    pending: Effect | None = None
    canceled_at: int | None = None
    cancellation_reason: str | None = None
    version: int = 1
    ledger: tuple[LedgerEntry, ...] = ()
    customer_account: str | None = None
    amount_details: Hash | None = None
    payment_details: Hash | None = None
    hooks: Hash | None = None
    payment_method_configuration: str | None = None
    mandate: str | None = None
    mandate_data: Hash | None = None
    radar_options: Hash | None = None
    declined_captures: int = 0
    authentication: str | None = None
    return_url: str | None = None
    funded: int = 0
    approval: Approval | None = None
    declined_releases: int = 0
    rules: int = 0
    duplicate_of: str | None = None
    offered_types: tuple[str, ...] | None = None
    configuration_parent: str | None = None
    blocked_checks: tuple[str, ...] = ()
    pages: str = ""
    pricing: Pricing | None = None
    route: Route = ()
    routing: Routing | None = None
    moving: str | None = None
    dispute: Dispute | None = None
    accepted: AcceptedModification | None = None
    asked_at: int | None = None
    resolutions: tuple[Resolution, ...] = ()
    platform: str | None = None
    """Who has made it for its account (Connect)."""
    promised: str = ""
    ended_modifications: tuple[EndedModification, ...] = ()
    beneficiary: str | None = None
    """The connected account that gets what is transferred: it was one of the account's own when this was created."""

    @property
    def amount_capturable(self) -> int:
        """What may be captured now."""
        return self.charge.capturable if self.charge and self.status == Status.REQUIRES_CAPTURE else 0

    @property
    def amount_received(self) -> int:
        """What was captured."""
        return self.charge.amount_captured if self.charge else 0


def held_charge(state: PaymentIntent) -> Charge:
    """The charge whose hold is open; only asked where the status says that there is one."""
    if state.charge is None or state.charge.authorization is None:
        raise InvariantViolation("requires_capture without a hold")
    return state.charge


def method_in_use(state: PaymentIntent) -> PaymentMethod:
    """The method an attempt is made with, or was."""
    method = state.payment_method or (state.charge.payment_method if state.charge else None)
    if method is None:
        raise InvariantViolation("an effect was decided without a payment method")
    return method


def options_of(state: PaymentIntent, type_: str) -> MethodOptions:
    """`payment_method_options` of one type."""
    return (state.payment_method_options or {}).get(type_) or {}


def captures_at_once(state: PaymentIntent) -> bool:
    """Whether an authorization takes the money, by what the intent or the type of its method says."""
    type_ = state.payment_method.type if state.payment_method else ""
    own = options_of(state, type_)
    return "manual" not in (state.capture_method, own.get("capture_method"))


def future_usage(state: PaymentIntent, type_: str | None = None) -> str | None:
    """What the method in use, or one of `type_`, is kept for: on_session, off_session, none, or None if unsaid."""
    type_ = type_ or (state.payment_method.type if state.payment_method else "")
    own = options_of(state, type_)
    usage: str | None = own.get("setup_future_usage") or state.setup_future_usage
    return usage


def terms_to_approve(state: PaymentIntent) -> Terms | None:
    """What a buyer who is sent away is asked to approve; nobody kept it by the rules of before."""
    return terms_now(state) if state.rules else None


def terms_now(state: PaymentIntent) -> Terms:
    """What the buyer would be charged at this moment."""
    method = method_in_use(state).id
    return Terms(amount=state.amount, currency=state.currency, capture=captures_at_once(state), payment_method=method)


def outstanding(state: PaymentIntent) -> Outstanding | None:
    """What the buyer was shown and can still pay with."""
    action = state.next_action
    if action is None or not action.outstanding:
        return None
    return Outstanding(action=action, payment_method=method_in_use(state))


def pending_charge(state: PaymentIntent) -> Charge | None:
    """The charge whose bank has not answered yet."""
    return state.charge if state.charge is not None and state.charge.status == "pending" else None


def parkable(state: PaymentIntent) -> bool:
    """Whether nothing happens to it by itself, and nobody but its merchant knows of it."""
    idle = state.status in (Status.REQUIRES_PAYMENT_METHOD, Status.REQUIRES_CONFIRMATION) and state.pending is None
    return idle and deadline(state) is None


def settleable(state: PaymentIntent) -> bool:
    """Whether there is anything the gateway can be asked about now, or never will be."""
    waiting = pending_charge(state) is not None or outstanding(state) is not None
    return state.status in TERMINAL or (waiting and state.pending is None)


def ledger_entry(state: PaymentIntent, command_id: str) -> LedgerEntry | None:
    """The ledger's entry for a command that was carried out before, its error as it was told."""
    entry = next((entry for entry in state.ledger if command_id and entry.command_id == command_id), None)
    if entry is None:
        return None
    holders = (state.last_payment_error, state.charge)
    return entry.as_told([*(holder.payment_method for holder in holders if holder), state.payment_method])


def ended(state: PaymentIntent) -> bool:
    """Whether nothing more comes of it by itself: its status is final, and no dispute of it waits for an answer."""
    return state.status in TERMINAL and dispute_clock(state) is None


def dispute_clock(state: PaymentIntent) -> int | None:
    """When (Unix seconds) a dispute is lost that nobody has answered; None when no clock runs.

    By the rules before the second, an inquiry ended in the same way.
    """
    known = state.dispute
    if known is None or not known.reference:
        return None
    waits = known.status in WAITING or (state.rules < 2 and known.status == INQUIRY)
    return known.due_by if waits else None


def deadline(state: PaymentIntent) -> int | None:
    """When (Unix seconds) time itself will act: the hold lapses, or the bank is asked. None when no clock runs."""
    return dispute_clock(state) if isinstance(due_command(state), ExpireDispute) else attempt_clock(state)


def due_command(
    state: PaymentIntent,
) -> ExpireAuthorization | CheckSettlement | ExpireAction | ExpireDispute | None:
    """What is done about the intent when its time is up. A hold of which a part is disputed has two clocks."""
    lost_at = dispute_clock(state)
    if lost_at is not None and state.status in (Status.SUCCEEDED, Status.REQUIRES_CAPTURE):
        lapses_at = attempt_clock(state)
        if lapses_at is None or lost_at <= lapses_at:
            return ExpireDispute()
    return attempt_command(state)


def attempt_clock(state: PaymentIntent) -> int | None:
    """When (Unix seconds) time acts on the attempt, whatever becomes of a dispute. None when no clock runs."""
    if state.status == Status.REQUIRES_ACTION and state.next_action:
        return state.next_action.check_at or state.next_action.expires_at
    if state.accepted is not None:
        return state.accepted.ask_at
    due = attempt_command(state)
    if due is None or state.charge is None:
        return None
    return state.charge.settles_at if isinstance(due, CheckSettlement) else state.charge.lapses_at


def attempt_command(state: PaymentIntent) -> ExpireAuthorization | CheckSettlement | ExpireAction | None:
    """What is done about the attempt when its time is up."""
    action = state.next_action
    if state.accepted is not None:
        return CheckSettlement() if state.accepted.ask_at else None
    if state.status == Status.REQUIRES_ACTION and action and action.outstanding:
        return CheckSettlement() if action.check_at else None
    if state.status == Status.REQUIRES_ACTION and action and action.expires_at:
        return ExpireAction()
    if state.status == Status.REQUIRES_CAPTURE and state.charge:
        return ExpireAuthorization()
    return CheckSettlement() if state.status == Status.PROCESSING and pending_charge(state) else None
