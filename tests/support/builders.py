"""Objects to test with: keyword-only, with sensible defaults, a fresh one each time."""

from dataclasses import replace
from itertools import count
from typing import Any

from domain.machine.decisions import Decision, decide
from domain.machine.transitions import carry_out, leave_unknown
from domain.model.commands import (
    ApplyCustomerBalance,
    AuthenticationResult,
    Cancel,
    Capture,
    CheckSettlement,
    CloseDispute,
    Command,
    Confirm,
    ExpireAction,
    ExpireAuthorization,
    ExpireDispute,
    IncrementAuthorization,
    ModificationResult,
    RefundCharge,
    RefundResult,
    ReportDispute,
    Update,
    UpdateDispute,
    VerifyMicrodeposits,
)
from domain.model.outcomes import Approved, AuthenticationRequired, Outcome
from domain.model.payment_intent import RULES, PaymentIntent
from domain.model.payment_methods import Card, PaymentMethod
from domain.model.resolutions import Resolve
from domain.model.setup_intent import SETUP_RULES, SetupIntent
from domain.model.shares import ReturnShare
from domain.model.statuses import Status
from domain.refusals import Refusal

NOW = 1_790_000_000
ACCOUNT = "acct_test"
_numbers = count(1)

APPROVED = Approved(authorization="auth_1", authorization_code="123456", network_transaction_id="1")

COMMANDS: dict[str, Command] = {
    "update": Update(changes={"description": "later"}),
    "confirm": Confirm(),
    "capture": Capture(),
    "cancel": Cancel(),
    "increment_authorization": IncrementAuthorization(amount=2_000),
    "verify_microdeposits": VerifyMicrodeposits(amounts=(32, 45)),
    "apply_customer_balance": ApplyCustomerBalance(),
    "authentication_result": AuthenticationResult(authentication="authn_1", authenticated=True),
    "expire_authorization": ExpireAuthorization(),
    "refund": RefundCharge(),
    "refund_result": RefundResult(),
    "check_settlement": CheckSettlement(),
    "dispute": ReportDispute(),
    "expire_action": ExpireAction(),
    "update_dispute": UpdateDispute(),
    "close_dispute": CloseDispute(),
    "expire_dispute": ExpireDispute(),
    "modification_result": ModificationResult(),
    "resolve": Resolve(),
    "return_share": ReturnShare(share="fee"),
}


def make_method(**fields: Any) -> PaymentMethod:
    """A Visa."""
    card = Card(
        brand="visa", last4="4242", exp_month=8, exp_year=2034, funding="credit", country="US", fingerprint="f",
        networks=("visa",),
    )  # fmt: skip
    given = {"id": f"pm_{next(_numbers)}", "account": ACCOUNT, "livemode": False, "created": NOW, "token": "tok_1"}
    return PaymentMethod(**{**given, "card": card, **fields})


CONSENT = {"customer_acceptance": {"type": "offline"}}
"""What a debit cannot be confirmed without: `mandate_data`."""


def make_intent(**fields: Any) -> PaymentIntent:
    """$10.99, nothing chosen yet."""
    id_ = f"pi_{next(_numbers)}"
    given = {"id": id_, "account": ACCOUNT, "livemode": False, "created": NOW, "client_secret": f"{id_}_secret_s"}
    return PaymentIntent(**{**given, "rules": RULES, "amount": 1_099, "currency": "usd", **fields})


def decided(intent: PaymentIntent, command: Command, now: int = NOW) -> Decision:
    """The decision; fails the test if the command is refused."""
    decision = decide(intent, command, now)
    assert isinstance(decision, Decision), decision
    return decision


def refused(intent: PaymentIntent, command: Command, now: int = NOW) -> Refusal:
    """The refusal; fails the test if the command is legal."""
    refusal = decide(intent, command, now)
    assert isinstance(refusal, Refusal), f"{command.name} is legal in {intent.status}"
    return refusal


def after(intent: PaymentIntent, command: Command, outcome: Outcome = APPROVED, now: int = NOW) -> PaymentIntent:
    """The intent once the command was carried out with this outcome."""
    return carry_out(intent, command, decided(intent, command, now), outcome, now).after


def confirmable(**fields: Any) -> PaymentIntent:
    """Waits to be confirmed."""
    return make_intent(payment_method=make_method(), status=Status.REQUIRES_CONFIRMATION, **fields)


def in_status(status: Status, **fields: Any) -> PaymentIntent:
    """An intent that got into `status` by legal commands."""
    match status:
        case Status.REQUIRES_PAYMENT_METHOD:
            return make_intent(**fields)
        case Status.REQUIRES_CONFIRMATION:
            return confirmable(**fields)
        case Status.REQUIRES_ACTION:
            challenge = AuthenticationRequired(authentication="authn_1", url="https://bank.example/authn_1")
            return after(confirmable(**fields), Confirm(return_url="https://shop.example"), challenge)
        case Status.PROCESSING:
            intent = confirmable(**fields)
            decision = decided(intent, Confirm())
            assert decision.effect is not None
            return leave_unknown(intent, Confirm(), decision, decision.effect, NOW).after
        case Status.REQUIRES_CAPTURE:
            return after(confirmable(capture_method="manual", **fields), Confirm())
        case Status.SUCCEEDED:
            return after(confirmable(**fields), Confirm())
        case Status.CANCELED:
            return after(make_intent(**fields), Cancel())


def with_card_options(intent: PaymentIntent, **options: Any) -> PaymentIntent:
    """The intent with `payment_method_options[card]`."""
    return replace(intent, payment_method_options={"card": options})


def make_setup(**fields: Any) -> SetupIntent:
    """Nothing chosen yet."""
    id_ = f"seti_{next(_numbers)}"
    given = {"id": id_, "account": ACCOUNT, "livemode": False, "created": NOW, "client_secret": f"{id_}_secret_s"}
    given["rules"] = SETUP_RULES
    return SetupIntent(**{**given, **fields})
