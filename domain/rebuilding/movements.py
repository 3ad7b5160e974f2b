"""After a restore: which commands the gateway's book tells of that a record has forgotten. Pure.

The book has every movement of money under the key that it was asked by, and a key says which operation of which attempt
it is (identifiers.py). So what a record has forgotten is the command that asks by the next such key: carried out on the
record with the gateway's own answer, it leads to where the payment was. Nothing is asked of the gateway again.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from domain.identifiers import digest62
from domain.machine.decisions import Decision, decide
from domain.model.commands import Cancel, Capture, Command, Confirm, IncrementAuthorization, RefundCharge
from domain.model.payment_intent import RULES, PaymentIntent
from domain.model.payment_methods import Card, PaymentMethod
from domain.model.statuses import Status
from domain.refusals import InvariantViolation, Refusal

OPERATIONS = ("authorize", "capture", "increment", "void", "refund")
"""What can be told from the book alone; how debits, vouchers and transfers ended is asked by their workflows."""

NOWHERE = "https://rebuilt.invalid/"
"""Where a buyer came back to, whom nobody remembers: a confirmation may need to say, and the name leads nowhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """One line of the gateway's book; `created` is when, in Unix seconds, `amount` in minor units."""

    operation: str
    charge: str
    amount: int
    currency: str
    key: str
    created: int

    @property
    def payment_intent(self) -> str:
        """Whose it is; empty if that is no payment of ours."""
        id_ = self.key.partition("/")[0]
        return id_ if id_.startswith("pi_") else ""


def forgotten(
    state: PaymentIntent, movement: Movement, said: Mapping[str, Any] | None, method: PaymentMethod | None = None
) -> tuple[Command, Decision] | None:
    """The command that has led to this movement, and what it takes; None if it is not the next that the record lacks.

    `said` is what the gateway says that it was asked; None as long as nobody has looked. `method` was paid with.
    """
    command = _command(movement, said or {"amount": movement.amount}, method)
    if command is None:
        return None
    try:
        decision = decide(state, command, movement.created)
    except InvariantViolation:
        return None
    if isinstance(decision, Refusal) or decision.effect is None or decision.effect.key != movement.key:
        return None
    return command, decision


def _command(movement: Movement, said: Mapping[str, Any], method: PaymentMethod | None) -> Command | None:
    id_ = f"rebuilt/{movement.key}"
    match movement.operation:
        case "authorize":
            return Confirm(command_id=id_, payment_method=method, return_url=NOWHERE)
        case "capture":
            final = said.get("final") is not False
            return Capture(command_id=id_, amount_to_capture=said.get("amount"), final_capture=final)
        case "increment":
            return IncrementAuthorization(command_id=id_, amount=int(said.get("amount") or 0))
        case "void":
            return Cancel(command_id=id_)
        case "refund":
            return RefundCharge(command_id=id_, refund=str(said.get("refund") or ""), amount=said.get("amount"))
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """Whose the payments are that no record has any more: the gateway does not know."""

    account: str
    livemode: bool = False


def method_of(owner: Owner, movement: Movement, token: str, card: Card) -> PaymentMethod:
    """What was paid with, as far as the gateway knows it."""
    id_ = "pm_3" + digest62("rebuilt", movement.key, length=23)
    return PaymentMethod(
        id=id_, account=owner.account, livemode=owner.livemode, created=movement.created, token=token, card=card
    )


def adopted(
    owner: Owner, movement: Movement, said: Mapping[str, Any], method: PaymentMethod, secret: str
) -> PaymentIntent:
    """A payment that no record has any more, as it was before this authorization. What only its merchant knew is lost.

    `secret` is what its client secret ends with.
    """
    intent = PaymentIntent(
        id=movement.payment_intent,
        account=owner.account,
        livemode=owner.livemode,
        created=movement.created,
        client_secret=f"{movement.payment_intent}_secret_{secret}",
        amount=int(said["amount"]),
        currency=str(said["currency"]),
        status=Status.REQUIRES_CONFIRMATION,
        capture_method="automatic" if said.get("capture") else "manual",
        payment_method=method,
        rules=RULES,
    )
    # The attempts before it were declined, and have moved nothing.
    return replace(intent, attempts=attempt_of(movement.key) - 1)


def attempt_of(key: str) -> int:
    """Which attempt a key is of; 1 if it does not say."""
    number = key.split("/")[1:2]
    return int(number[0]) if number and number[0].isdecimal() else 1
