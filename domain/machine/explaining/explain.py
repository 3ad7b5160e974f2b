"""Why a payment is as it is, what will happen to it by itself, and when. Pure: said from what is recorded of it.

For people (`perdure why`, the operators' view): whole sentences, with no times in them but as Unix seconds beside. What
is said follows from the record alone; what only a workflow knows (that it was stopped) is said in the Temporal UI.
"""

from collections.abc import Sequence
from typing import assert_never

from domain.machine.explaining import routes
from domain.machine.explaining.explanation import Coming, Explanation, Tried
from domain.machine.explaining.statuses import standing
from domain.machine.fence import UnderWay
from domain.machine.housekeeping import CLAIM_SECONDS, overdue
from domain.machine.invariants import quiet
from domain.machine.resolving import is_forgotten
from domain.machine.sharing import is_returnable
from domain.machine.table import TABLE
from domain.model.charges import Charge
from domain.model.commands import CheckSettlement, ExpireAction, ExpireAuthorization
from domain.model.disputes import INQUIRY_UNDER_REVIEW, UNDER_REVIEW
from domain.model.gateways import FIRST
from domain.model.outcomes import Effect
from domain.model.payment_intent import PaymentIntent, attempt_clock, attempt_command, dispute_clock, pending_charge
from domain.model.refunds import disputed
from domain.model.resolutions import Resolution
from domain.money.currencies import CURRENCIES

OF_ITSELF = frozenset(
    {
        "expire_authorization", "expire_action", "check_settlement", "refund_result", "dispute", "expire_dispute",
        "authentication_result", "modification_result", "resolve",
    }
)  # fmt: skip
"""Commands that the clock and gateways send; nobody else has a use for them."""


def explain(
    intent: PaymentIntent,
    charges: Sequence[Charge],
    now: int,
    under_way: UnderWay | None = None,
    *,
    keeps_seconds: int | None = None,
) -> Explanation:
    """Why the payment is as it is at `now` (Unix seconds); `charges` are all its attempts, oldest first.

    For `keeps_seconds` the gateway that owes it an answer keeps a key; None is for ever.
    """
    waits_for, why = standing(intent)
    return Explanation(
        payment_intent=intent.id,
        status=str(intent.status),
        waits_for="gateway" if intent.pending is not None and not quiet(intent.pending) else waits_for,
        why=(*why, *_doubts(intent, now, under_way)),
        by_itself=(*_finding_out(intent, now, under_way, keeps_seconds), *_timer(intent)),
        attempts=tuple(_tried(one) for one in charges),
        commands=_commands(intent),
        route=routes.summary(intent.routing) if intent.routing else "",
        gateways=routes.told(intent.routing) if intent.routing else (),
    )


def _commands(intent: PaymentIntent) -> tuple[str, ...]:
    """While it is not known how something ends, only what moves no money."""
    legal = [name for name, cell in TABLE[intent.status].items() if cell and name not in OF_ITSELF]
    if intent.dispute is None or not intent.dispute.answerable:
        legal = [name for name in legal if name not in ("update_dispute", "close_dispute")]
    if intent.charge is None or not intent.charge.amount_kept or (intent.rules >= 2 and disputed(intent.charge)):
        legal = [name for name in legal if name != "refund"]
    if not is_returnable(intent.charge):
        legal = [name for name in legal if name != "return_share"]
    waits = intent.pending is not None or intent.accepted is not None
    return tuple(name for name in legal if name == "update" or not waits)


def _doubts(intent: PaymentIntent, now: int, under_way: UnderWay | None) -> tuple[str, ...]:
    """What is not known, and what is late."""
    said = []
    if intent.pending is not None:
        said.append(
            f"It was asked for {_asked(intent.pending)}, and no answer has come: it may have been done, or not."
        )
    if under_way is not None:
        seconds = max(0, now - under_way.now)
        said.append(f"A {under_way.command.name} was begun {seconds} s ago, and what came of it is not recorded.")
    if overdue(intent, now):
        said.append("Time should have acted on it by now, and has not.")
    said += [_word(one) for one in intent.resolutions]
    if intent.duplicate_of:
        said.append(f"It may be a duplicate of {intent.duplicate_of}.")
    return tuple(said)


def _word(one: Resolution) -> str:
    how = "was done" if one.done else "was not done"
    reference = f" ({one.reference})" if one.reference else ""
    return f"By the word of {one.by}, {one.operation} (`{one.key}`) {how}{reference}, on this evidence: {one.evidence}."


def _asked(effect: Effect) -> str:
    names = {"authorize": "the money", "request_funds": "the money"}
    what = names.get(effect.operation, effect.operation.replace("_", " "))
    return f"{what} (as `{effect.key}`)"


def _finding_out(
    intent: PaymentIntent, now: int, under_way: UnderWay | None, keeps_seconds: int | None
) -> tuple[Coming, ...]:
    """What is done about what is not known."""
    coming = []
    if intent.pending is not None and is_forgotten(keeps_seconds, intent.asked_at, now):
        over = "It is not asked again: its gateway keeps the key no more. `perdure resolve` says what became of it."
        coming.append(Coming(what=over))
    elif intent.pending is not None:
        again = "It is asked again, by the same key, a minute apart at most, until there is an answer."
        coming.append(Coming(what=again))
    if under_way is not None:
        look = (
            "Housekeeping looks after it, should whoever began it be gone: it is finished under the key it began with."
        )
        coming.append(Coming(what=look, at=max(now, under_way.now + CLAIM_SECONDS)))
    if intent.accepted is not None and intent.accepted.ask_at is None:
        coming.append(Coming(what="The gateway tells how that ended; it cannot be asked."))
    return tuple(coming)


def _timer(intent: PaymentIntent) -> tuple[Coming, ...]:
    """What the clocks do, and when; the earlier first."""
    lost_at = dispute_clock(intent)
    what = "Its charge is disputed: that is lost, unless it is answered before."
    lost = () if lost_at is None else (Coming(what=what, at=lost_at),)
    timed = sorted((*_timer_of_the_attempt(intent), *lost), key=lambda coming: coming.at or 0)
    reviewed = intent.dispute is not None and intent.dispute.status in (UNDER_REVIEW, INQUIRY_UNDER_REVIEW)
    return (*timed, *([Coming(what="The buyer's bank decides the dispute, and its gateway tells how.")] * reviewed))


def _timer_of_the_attempt(intent: PaymentIntent) -> tuple[Coming, ...]:
    at, due = attempt_clock(intent), attempt_command(intent)
    if at is None:
        return ()
    match due:
        case ExpireAuthorization():
            again = intent.charge is not None and intent.charge.release_at is not None
            what = "The hold's time is up: it is released, and the payment is canceled, or ends with what was captured."
            return (Coming(what="The release is tried again." if again else what, at=at),)
        case ExpireAction():
            return (Coming(what="The buyer's time is up: the attempt fails, and another method is needed.", at=at),)
        case CheckSettlement() if intent.accepted:
            return (
                Coming(what="The gateway is asked how that ended, by the same key, unless it tells before.", at=at),
            )
        case CheckSettlement() if pending_charge(intent):
            return (Coming(what="The gateway is asked how it has ended, unless it says so before.", at=at),)
        case CheckSettlement():
            return (Coming(what="The gateway is asked whether it was paid, unless it says so before.", at=at),)
        case None:
            return (Coming(what="What the buyer was shown is no longer good.", at=at),)
        case _ as never:
            assert_never(never)


def _tried(charge: Charge) -> Tried:
    """How one attempt went."""
    result = charge.result
    if charge.status == "failed":
        code = f" ({result.reason or charge.failure_code})" if result.reason or charge.failure_code else ""
        said = f"{result.type}{code}: {charge.failure_message or result.seller_message or 'nothing more was said'}"
        network = [f"network {result.network_decline_code}"] if result.network_decline_code else []
        network += [f"advice {result.network_advice_code}"] if result.network_advice_code else []
        why = " ".join([said, *([f"[{', '.join(network)}]"] if network else [])])
    elif charge.status == "pending":
        why = "accepted; the bank has not answered"
    elif charge.voided:
        why = "approved, held, and released"
    else:
        why = "approved and captured" if charge.captured else "approved and held"
        if charge.capture_failed:
            money = CURRENCIES[charge.currency].format(charge.capture_failed)
            why += f"; {money} of it did not come after all: {charge.failure_message}"
    at = charge.gateway or FIRST
    return Tried(charge=charge.id, created=charge.created, status=charge.status, why=why, gateway=at)
