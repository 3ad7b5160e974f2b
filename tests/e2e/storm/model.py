"""What one payment can do, in order: a small model of its own, and a search for an order that explains what was seen.

Nothing of the engine is imported: who checks somebody's books must not ask them how to count. A payment is explained
if the deeds can be put into one order, none before it was asked for nor after it was answered, in which each has the
answer that was given, and at whose end money and status are as they are found in the books (linearizability).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from tests.e2e.storm.shop import WITNESSED, Deed

OPEN = ("requires_payment_method", "requires_confirmation", "requires_action")
DONE, REFUSED, DECLINED = "done", "refused", "declined"

INSTANTS_MAX = 200_000
"""Steps of the search; a payment has a dozen deeds at most, and most of them came one after the other."""


@dataclass(frozen=True, slots=True)
class Payment:
    """Where a payment is. `method` is how it would be paid, as payments.py names it; None if nobody has said."""

    status: str
    amount: int
    method: str | None = None
    manual: bool = False
    several: bool = False
    """Whether a hold can be captured in several parts."""
    held: int = 0
    captured: int = 0
    refunded: int = 0
    funded: int = 0
    captures: int = 0
    notes: frozenset[str] = frozenset()

    @property
    def capturable(self) -> int:
        return self.held - self.captured if self.status == "requires_capture" else 0

    @property
    def shown(self) -> dict[str, Any]:
        return {
            "status": self.status,
            "amount": self.amount,
            "amount_received": self.captured,
            "amount_capturable": self.capturable,
        }

    @property
    def booked(self) -> tuple[Any, ...]:
        """What must be found in the books when all is over."""
        return self.status, self.amount, self.held, self.captured, self.refunded, self.notes


Step = tuple[str, Payment]


def steps(was: Payment, name: str, given: dict[str, Any]) -> Iterator[Step]:
    """What a deed may come to here, and how the payment is then."""
    no = (REFUSED, was)
    match name:
        case "confirm":
            yield from _confirm(was, given)
        case "authenticate":
            waits = was.status == "requires_action" and was.method in ("challenge", "challenge_declined")
            yield from _authenticated(was, given["authenticated"]) if waits else [no]
        case "settle":
            waits = was.status in ("processing", "requires_action") and was.method in ("debit", "voucher")
            yield (DONE, _taken(was)) if waits else no
        case "return":
            waits = was.status == "processing" and was.method == "debit_returned"
            yield (DONE, replace(was, status="requires_payment_method", method=None)) if waits else no
        case "fund":
            yield _fund(was, given["amount"])
        case "update":
            yield from _update(was, given)
        case "refund_fails":
            # Not if the answer to the refund says already that it has failed: then it was never there.
            there = was.refunded >= given["amount"]
            yield (DONE, replace(was, refunded=was.refunded - given["amount"])) if there else no
        case _:
            yield _move_money(was, name, given)


def _confirm(was: Payment, given: dict[str, Any]) -> Iterator[Step]:
    method = given.get("method") or was.method
    if was.status not in OPEN or method is None:
        yield REFUSED, was
        return
    now = replace(was, method=method)
    match method:
        case "declined":
            yield DECLINED, replace(now, status="requires_payment_method", method=None)
        case "challenge" | "challenge_declined" | "voucher" | "transfer":
            yield DONE, replace(now, status="requires_action")
        case "debit" | "debit_returned":
            yield DONE, replace(now, status="processing")
        case _:
            yield DONE, _taken(now)


def _taken(was: Payment) -> Payment:
    if was.manual:
        return replace(was, status="requires_capture", held=was.amount)
    return replace(was, status="succeeded", held=was.amount, captured=was.amount)


def _authenticated(was: Payment, yes: bool) -> Iterator[Step]:
    if yes and was.method == "challenge":
        yield DONE, _taken(was)
    else:
        yield DONE, replace(was, status="requires_payment_method", method=None)


def _fund(was: Payment, amount: int) -> Step:
    if was.status != "requires_action" or was.method != "transfer":
        return DONE, was
    funded = was.funded + amount
    return DONE, replace(_taken(was), funded=funded) if funded == was.amount else replace(was, funded=funded)


def _update(was: Payment, given: dict[str, Any]) -> Iterator[Step]:
    notes = was.notes | frozenset(given.get("notes", ()))
    if "amount" not in given:
        yield DONE, replace(was, notes=notes)
        return
    if was.status in ("requires_payment_method", "requires_confirmation"):
        yield DONE, replace(was, amount=given["amount"], notes=notes)
    elif was.status == "requires_action":
        # Whether what a buyer is just approving may change is not this model's business; that it is consistent is.
        for status in ("requires_action", "requires_confirmation"):
            yield DONE, replace(was, amount=given["amount"], notes=notes, status=status)
        yield REFUSED, was
    else:
        yield REFUSED, was


def _move_money(was: Payment, name: str, given: dict[str, Any]) -> Step:
    held = was.status == "requires_capture"
    amount = given.get("amount")
    match name:
        case "capture":
            take = was.capturable if amount is None else amount
            if not held or take > was.capturable or (given.get("more") and not was.several):
                return REFUSED, was
            final = not given.get("more") or take == was.capturable
            now = replace(was, captured=was.captured + take, captures=was.captures + 1)
            return DONE, replace(now, status="succeeded") if final else now
        case "cancel" if was.status in OPEN:
            return DONE, replace(was, status="canceled", funded=0)
        case "cancel" | "expire" if held:
            return DONE, replace(was, status="succeeded" if was.captured else "canceled")
        case "expire" if was.status == "requires_action" and was.method == "voucher":
            return DONE, replace(was, status="requires_payment_method", method=None)
        case "expire":
            return DONE, was
        case "increment" if held and not was.captures and amount is not None and amount > was.held:
            return DONE, replace(was, amount=amount, held=amount)
        case "refund" if amount is not None and was.captured - was.refunded >= amount:
            return DONE, replace(was, refunded=was.refunded + amount)
        case _:
            return REFUSED, was


def verdicts(deed: Deed) -> tuple[str, ...]:
    """What may have become of a deed with this answer."""
    if deed.result == WITNESSED:
        return DONE, REFUSED
    if _may_be_nothing(deed):
        return (DONE, REFUSED, DECLINED)
    if deed.status == 200:
        # What was `processing` when it was answered may have been declined since; and money may have come before a
        # cancellation reached the gateway.
        later = (deed.shown or {}).get("status") == "processing"
        return (DONE, REFUSED if deed.name == "cancel" else DECLINED) if later else (DONE,)
    return (DECLINED, REFUSED) if deed.status == 402 else (REFUSED,)


def _may_be_nothing(deed: Deed) -> bool:
    """What was never answered may never have happened; nor what was refused for a clock that does not move any more.

    That refusal may be a repetition's, when its first try has moved the clock and ended the payment.
    """
    return deed.status == 0 or (deed.name == "expire" and deed.status == 400)


def _told(deed: Deed) -> dict[str, Any] | None:
    """The snapshot that an acknowledgement carries; of what was under way just then, nothing is known."""
    shown = deed.shown
    if deed.status != 200 or deed.name == "expire" or shown is None or shown["status"] == "processing":
        return None
    return {name: shown[name] for name in ("status", "amount", "amount_received", "amount_capturable")}


UNEXPECTED = "payment_intent_unexpected_state"


@dataclass
class Search:
    """Looks for an order of `deeds` from `first` to `last`."""

    deeds: list[Deed]
    last: Payment
    interrupted: bool = False
    """Whether an outcome was unknown for a while: then what could not be decided was refused."""

    tried: int = 0

    def explained(self, first: Payment) -> bool:
        """Whether there is one."""
        remaining = frozenset(index for index, deed in enumerate(self.deeds) if not self._busy(deed))
        return self._walk(first, remaining, frozenset(), set())

    def _busy(self, deed: Deed) -> bool:
        """Refused while something else was under way, which is right in every state. Refunds do not show the intent.

        A clock that does not move any more may have been moved by the first try, so that is none of these.
        """
        if deed.status != 400 or deed.name == "expire":
            return False
        if deed.shown is None:
            return self.interrupted and deed.code in (UNEXPECTED, None)
        return bool(deed.shown["status"] == "processing")

    def _walk(self, now: Payment, remaining: frozenset[int], owed: frozenset[int], seen: set[Any]) -> bool:
        """`owed` are acknowledged deeds whose snapshot no state has shown yet."""
        owed = frozenset(index for index in owed if _told(self.deeds[index]) != now.shown)
        if (now, remaining, owed) in seen:
            return False
        seen.add((now, remaining, owed))
        self.tried += 1
        if self.tried > INSTANTS_MAX:
            raise AssertionError("a payment with too many deeds at once to be explained")
        if not owed and self._ends(now, remaining):
            return True
        return any(
            self._walk(after, remaining - {index}, owed | ({index} if _told(self.deeds[index]) else set()), seen)
            for index in remaining
            if self._may_be_next(index, remaining, owed)
            for verdict, after in steps(now, self.deeds[index].name, self.deeds[index].given)
            if verdict in verdicts(self.deeds[index])
        )

    def _may_be_next(self, index: int, remaining: frozenset[int], owed: frozenset[int]) -> bool:
        """No other was answered before this one was asked for; nor may an answer show what came after it."""
        began = self.deeds[index].began
        return all(self._end(other) >= began for other in (*(remaining - {index}), *owed))

    def _end(self, index: int) -> float:
        deed = self.deeds[index]
        # A clock that was moved, or money that came in, is acknowledged at once; what follows takes its time.
        return float("inf") if deed.ended is None or deed.name in ("expire", "fund") else deed.ended

    def _ends(self, now: Payment, remaining: frozenset[int]) -> bool:
        return now.booked == self.last.booked and all(_may_be_nothing(self.deeds[index]) for index in remaining)
