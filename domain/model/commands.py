"""Commands: what anybody may ask of a PaymentIntent. Imperative, immutable, and every field has a default.

Each is reachable as a Temporal signal and as an update of the same name, so an operator may send `{}`.
`command_id` makes a repeated command the same command; without one, a command is new every time. `seen_version` is the
version of the intent that the sender has seen recorded; a workflow that is behind it catches up first. Nothing of a
command is begun after `not_after` (Unix seconds; 0 is never), as its sender has gone by then. `mistake` is why
a command that was typed by hand cannot be read; it is refused with it, and nothing of it is guessed.
An attribute absent from `changes` stays as it is; one that maps to None is cleared. Stripe makes that difference.
"""

from dataclasses import dataclass, field
from typing import Literal

from domain.model.gateways import Route
from domain.model.hashes import Changes
from domain.model.payment_methods import PaymentMethod
from domain.model.reattempts import Limit
from domain.model.refunds import ChargeRefund
from domain.model.resolutions import Resolve
from domain.model.routes import Routing
from domain.model.shares import ReturnShare
from domain.refusals import Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """Change attributes. `changes` maps attribute names to new values; None clears. `payment_method` attaches one."""

    command_id: str = ""
    request_id: str | None = None
    idempotency_key: str | None = None
    seen_version: int = 0
    not_after: int = 0
    mistake: Refusal | None = None
    changes: Changes = field(default_factory=dict)
    payment_method: PaymentMethod | None = None
    name: Literal["update"] = "update"


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirm:
    """The buyer commits; we may authorize. `changes` and `payment_method` are applied first, as in `Update`.

    `duplicate_of` is the payment that this one is like (machine/duplicates.py), where the account has that looked for;
    `limit` is why its card is not to be tried now (domain/routing/reattempts.py).
    `route` is where it is tried, `routing` why there; none leaves it as it was.
    """

    command_id: str = ""
    request_id: str | None = None
    idempotency_key: str | None = None
    seen_version: int = 0
    not_after: int = 0
    mistake: Refusal | None = None
    changes: Changes = field(default_factory=dict)
    payment_method: PaymentMethod | None = None
    return_url: str | None = None
    off_session: bool = False
    error_on_requires_action: bool = False
    use_stripe_sdk: bool = False
    amount_to_confirm: int | None = None
    publishable: bool = False
    duplicate_of: str | None = None
    refuse_duplicate: bool = False
    limit: Limit | None = None
    route: Route = ()
    routing: Routing | None = None
    name: Literal["confirm"] = "confirm"


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """Take what is held: `amount_to_capture` of it, or all. `refunds_rest`: see `Cancel`."""

    command_id: str = ""
    request_id: str | None = None
    idempotency_key: str | None = None
    seen_version: int = 0
    not_after: int = 0
    mistake: Refusal | None = None
    changes: Changes = field(default_factory=dict)
    amount_to_capture: int | None = None
    final_capture: bool = True
    refunds_rest: bool = False
    name: Literal["capture"] = "capture"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancel:
    """End the intent; what is held is released.

    With `refunds_rest` a refund tells of what is released, as it did in older versions of Stripe's API.
    """

    command_id: str = ""
    request_id: str | None = None
    idempotency_key: str | None = None
    seen_version: int = 0
    not_after: int = 0
    mistake: Refusal | None = None
    cancellation_reason: str | None = None
    refunds_rest: bool = False
    name: Literal["cancel"] = "cancel"


@dataclass(frozen=True, slots=True, kw_only=True)
class IncrementAuthorization:
    """Raise what is held to the new total `amount`."""

    command_id: str = ""
    request_id: str | None = None
    idempotency_key: str | None = None
    seen_version: int = 0
    not_after: int = 0
    mistake: Refusal | None = None
    amount: int = 0
    changes: Changes = field(default_factory=dict)
    name: Literal["increment_authorization"] = "increment_authorization"


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundCharge:
    """Give back `amount` of what was captured, or all that is left; `refund` is its id. Shares may come back, too."""

    command_id: str = ""
    request_id: str | None = None
    idempotency_key: str | None = None
    seen_version: int = 0
    not_after: int = 0
    mistake: Refusal | None = None
    refund: str = ""
    amount: int | None = None
    reason: str | None = None
    metadata: dict[str, str] = field(default_factory=dict)
    instructions_email: str | None = None
    refund_application_fee: bool = False
    reverse_transfer: bool = False
    name: Literal["refund"] = "refund"


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundResult:
    """The gateway says how a refund ended, or that one that had succeeded came back. `refund` is as recorded.

    `status` is `pending` once its receiver has said where the money is to go, `canceled` if the merchant took it back
    before that; else empty.
    """

    command_id: str = ""
    request_id: str | None = None
    idempotency_key: str | None = None
    seen_version: int = 0
    not_after: int = 0
    mistake: Refusal | None = None
    refund: ChargeRefund | None = None
    succeeded: bool = False
    failure_reason: str | None = None
    status: str = ""
    name: Literal["refund_result"] = "refund_result"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportDispute:
    """The gateway says that the buyer's bank disputes a charge, and how that stands.

    `reference` is its own name for the dispute, by which it takes answers; empty where it takes none. `amount` (minor
    units of the charge) is what the bank takes, `due_by` (Unix seconds) until when it takes answers, where it is said.
    """

    command_id: str = ""
    request_id: str | None = None
    idempotency_key: str | None = None
    seen_version: int = 0
    not_after: int = 0
    mistake: Refusal | None = None
    charge: str = ""
    reason: str = "general"
    status: str = "needs_response"
    reference: str = ""
    amount: int | None = None
    due_by: int | None = None
    name: Literal["dispute"] = "dispute"


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateDispute:
    """Say something about the dispute: `changes` of its evidence and metadata; with `submit`, its bank gets it all.

    `dispute` is the id of the one that is meant; empty for the only one there is.
    """

    command_id: str = ""
    request_id: str | None = None
    idempotency_key: str | None = None
    seen_version: int = 0
    not_after: int = 0
    mistake: Refusal | None = None
    dispute: str = ""
    changes: Changes = field(default_factory=dict)
    submit: bool = True
    name: Literal["update_dispute"] = "update_dispute"


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseDispute:
    """Contest the dispute no longer: what was withdrawn is lost. `dispute` as in `UpdateDispute`."""

    command_id: str = ""
    request_id: str | None = None
    idempotency_key: str | None = None
    seen_version: int = 0
    not_after: int = 0
    mistake: Refusal | None = None
    dispute: str = ""
    name: Literal["close_dispute"] = "close_dispute"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpireDispute:
    """The durable timer says that nobody has answered the dispute in time. Nobody else sends this."""

    command_id: str = ""
    request_id: str | None = None
    idempotency_key: str | None = None
    seen_version: int = 0
    not_after: int = 0
    mistake: Refusal | None = None
    name: Literal["expire_dispute"] = "expire_dispute"


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyMicrodeposits:
    """Prove ownership of a bank account by what was deposited there."""

    command_id: str = ""
    request_id: str | None = None
    idempotency_key: str | None = None
    seen_version: int = 0
    not_after: int = 0
    mistake: Refusal | None = None
    amounts: tuple[int, ...] = ()
    descriptor_code: str | None = None
    name: Literal["verify_microdeposits"] = "verify_microdeposits"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyCustomerBalance:
    """Use the customer's cash balance for what is still to be paid.

    `payment_method` is of type `customer_balance`, for an intent that has none yet.
    """

    command_id: str = ""
    request_id: str | None = None
    idempotency_key: str | None = None
    seen_version: int = 0
    not_after: int = 0
    mistake: Refusal | None = None
    amount: int | None = None
    currency: str | None = None
    payment_method: PaymentMethod | None = None
    name: Literal["apply_customer_balance"] = "apply_customer_balance"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthenticationResult:
    """The gateway reports how the buyer's authentication ended; `authentication` is its reference for it."""

    command_id: str = ""
    request_id: str | None = None
    idempotency_key: str | None = None
    seen_version: int = 0
    not_after: int = 0
    mistake: Refusal | None = None
    authentication: str = ""
    authenticated: bool = False
    name: Literal["authentication_result"] = "authentication_result"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpireAuthorization:
    """The durable timer says that the hold has lapsed. Nobody else sends this."""

    command_id: str = ""
    request_id: str | None = None
    idempotency_key: str | None = None
    seen_version: int = 0
    not_after: int = 0
    mistake: Refusal | None = None
    name: Literal["expire_authorization"] = "expire_authorization"


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckSettlement:
    """Ask the gateway how the pending charge has ended: its notification says that it has, or it is time to ask.

    `charge` is the one meant; empty for the one that is pending.
    """

    command_id: str = ""
    request_id: str | None = None
    idempotency_key: str | None = None
    seen_version: int = 0
    not_after: int = 0
    mistake: Refusal | None = None
    charge: str = ""
    name: Literal["check_settlement"] = "check_settlement"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpireAction:
    """The durable timer says that the buyer has not done in time what was asked of them. Nobody else sends this."""

    command_id: str = ""
    request_id: str | None = None
    idempotency_key: str | None = None
    seen_version: int = 0
    not_after: int = 0
    mistake: Refusal | None = None
    name: Literal["expire_action"] = "expire_action"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModificationResult:
    """The gateway says how something ended that it had taken on: a capture, a void, an increment, by its `reference`.

    Or that a capture which had succeeded has failed after all; or, as `expiry`, that what was held is gone. `charge` is
    what it is about, `gateway` who says so, `amount` (minor units) what of a capture, where it is said. `after_all`:
    the gateway says of a failure that it came after a success, whether that was heard of or not.
    """

    command_id: str = ""
    request_id: str | None = None
    idempotency_key: str | None = None
    seen_version: int = 0
    not_after: int = 0
    mistake: Refusal | None = None
    charge: str = ""
    operation: str = "capture"
    reference: str = ""
    succeeded: bool = False
    decline_code: str = "processing_error"
    amount: int | None = None
    gateway: str = ""
    after_all: bool = False
    name: Literal["modification_result"] = "modification_result"


DisputeCommand = ReportDispute | UpdateDispute | CloseDispute | ExpireDispute
"""Commands about what the buyer's bank wants back."""

MoneyCommand = (
    Capture
    | IncrementAuthorization
    | RefundCharge
    | RefundResult
    | ExpireAuthorization
    | ModificationResult
    | Resolve
    | ReturnShare
    | DisputeCommand
)
"""Commands about money that is held, or was taken."""

Command = (
    Update
    | Confirm
    | Capture
    | Cancel
    | IncrementAuthorization
    | RefundCharge
    | RefundResult
    | ReportDispute
    | UpdateDispute
    | CloseDispute
    | ExpireDispute
    | VerifyMicrodeposits
    | ApplyCustomerBalance
    | AuthenticationResult
    | ExpireAuthorization
    | CheckSettlement
    | ExpireAction
    | ModificationResult
    | Resolve
    | ReturnShare
)


def is_late(command: Command, now: int) -> bool:
    """Whether nobody waits for the command any more at `now` (Unix seconds): it is dropped, unless it was begun."""
    return 0 < command.not_after < now


LATE = "late"
"""No code of Stripe's: who sent the command has gone, and whoever repeats it has it carried out."""


def late() -> Refusal:
    """The command has waited for longer than its sender does."""
    return Refusal(code=LATE, message="Nobody waits for this command any more, so it was not begun.")
