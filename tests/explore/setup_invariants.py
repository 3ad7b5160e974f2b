"""What must hold of a SetupIntent: its bank keeps one method, exactly if it succeeded, and then its customer has it."""

from collections import Counter
from collections.abc import Iterator

from domain.machine.housekeeping import overdue
from domain.model.outcomes import Approved, SetUp
from domain.model.setup_intent import DONE, OPEN_ATTEMPT, SetupIntent
from domain.model.statuses import Status
from tests.explore.world import World


def approved(world: World) -> list[SetUp]:
    """What its bank has said yes to."""
    asked = [(told.asked.content, told.outcome) for told in world.book.told]
    return [effect for effect, outcome in asked if isinstance(effect, SetUp) and isinstance(outcome, Approved)]


def of_the_bank(world: World) -> Iterator[str]:
    """Always: it keeps one method of one intent."""
    yes = approved(world)
    if len(yes) > 1:
        yield f"its bank has set up {len(yes)} methods for one intent: {', '.join(effect.key for effect in yes)}"


def in_the_end(world: World, intent: SetupIntent) -> Iterator[str]:
    """Now that nothing moves any more: record, bank, events and what is kept say the same."""
    yes, succeeded = approved(world), intent.status == Status.SUCCEEDED
    if succeeded != bool(yes):
        yield f"the record says that it is {intent.status}, and its bank said yes {len(yes)} times"
    attempt, method = intent.attempt, intent.payment_method
    stands = attempt.status if attempt else None
    if (stands == DONE) != succeeded or (stands in OPEN_ATTEMPT) != (intent.status == Status.REQUIRES_ACTION):
        yield f"the record says that it is {intent.status}, and its latest attempt {stands}"
    if succeeded and yes and attempt and method and (yes[-1].attempt, yes[-1].token) != (attempt.id, method.token):
        yield f"its bank has set up {yes[-1].token} by {yes[-1].attempt}; the record says {method.token}"
    kept = {(method.id, intent.customer)} if succeeded and method and intent.customer else set()
    if set(world.store.kept) != kept:
        yield f"{list(world.store.kept)} became a customer's, and it is {intent.status}"
    if overdue(intent, world.now):
        yield "its owner's time is up, and they are waited for"
    yield from _events(world, intent)


def _events(world: World, intent: SetupIntent) -> Iterator[str]:
    told = Counter(event.type for event in world.store.events)
    states: list[SetupIntent] = [state.content for state in world.store.states]
    failed = {state.attempt.id for state in states if state.attempt and state.attempt.error}
    saved = intent.status == Status.SUCCEEDED and intent.customer is not None
    facts = {
        "setup_intent.succeeded": int(intent.status == Status.SUCCEEDED),
        "setup_intent.canceled": int(intent.status == Status.CANCELED),
        "setup_intent.setup_failed": len(failed),
        "payment_method.attached": int(saved),
    }
    for type_, right in facts.items():
        if told[type_] != right:
            yield f"it is {intent.status}, and {type_} was announced {told[type_]} times, not {right}"


def after_a_restore(world: World, intent: SetupIntent) -> Iterator[str]:
    """All that can be asked of records that have forgotten something: nothing is called set up that is not."""
    kept, method = [effect.token for effect in approved(world)], intent.payment_method
    if intent.status == Status.SUCCEEDED and (method is None or method.token not in kept):
        yield f"the record says that {method.token if method else None} is set up; its bank has {kept}"
