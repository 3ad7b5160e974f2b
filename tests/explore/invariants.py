"""What must always hold, and what must hold in the end, once all parts are up and nothing moves by itself any more."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from domain.machine.housekeeping import Known, needs_workflow
from domain.model.payment_intent import PaymentIntent
from domain.model.setup_intent import SetupIntent
from domain.model.statuses import TERMINAL, Status
from tests.explore import setup_invariants
from tests.explore.clients import CREATE, OVER, WAITING, Client
from tests.explore.housekeeping import is_stopped, said
from tests.explore.requests import kind_of
from tests.explore.world import LOST_DATABASE, STORE_REFUSES, Rules, World

ONCE = ("charge.succeeded", "charge.failed", "charge.captured", "charge.expired", "charge.pending", "refund.created",
        "refund.failed", "charge.dispute.created", "payment_intent.succeeded", "payment_intent.canceled",
        "setup_intent.succeeded", "setup_intent.canceled", "payment_method.attached")  # fmt: skip
"""Events that an object has once in its life."""


def after_a_step(rules: Rules, before: World, after: World) -> Iterator[str]:
    """What is wrong now, and was not before."""
    if after.book is not before.book:
        yield from _money(after)
        yield from setup_invariants.of_the_bank(after)
    if after.store is not before.store:
        yield from _record(before, after)
    if after.clients is not before.clients:
        for was, now in zip(before.clients, after.clients, strict=False):
            if now.answer is not None and was.answer is None:
                yield from _answer(rules, after, now)


def _may_stop(rules: Rules) -> bool:
    """Where a human has to look: the books were changed from outside, or what has happened cannot be written down."""
    return rules.restored or STORE_REFUSES in rules.kinds


def _record(before: World, after: World) -> Iterator[str]:
    if after.store.version < before.store.version and after.happened == before.happened:
        yield f"the record went back from version {before.store.version} to {after.store.version}"
    if after.store.states[: len(before.store.states)] != before.store.states:
        yield "the record's past was changed"
    counts = Counter((event.type, event.subject) for event in after.store.events)
    for (type_, subject), count in counts.items():
        if type_ in ONCE and count > 1:
            yield f"{type_} of {subject} was announced {count} times"


def _money(world: World) -> Iterator[str]:
    standing = [s for s in world.book.standing if s.held or s.captured or s.awaited]
    if len(standing) > 1:
        yield f"{len(standing)} authorizations stand for one intent: {', '.join(s.reference for s in standing)}"
    for one in world.book.standing:
        if not 0 <= one.captured <= one.amount or not 0 <= one.refunded <= one.captured:
            yield f"the gateway's books are wrong about {one.reference}"
        if one.amount != one.approved:
            yield f"{one.amount} were charged, and {one.approved} approved by the buyer"


def _answer(rules: Rules, after: World, client: Client) -> Iterator[str]:
    """Whoever got an answer finds it in the record; whoever was refused was refused for what the record said."""
    answer = client.answer
    if answer is None:
        return
    if answer.kind in ("failed", "stopped"):
        if answer.kind == "failed" or not _may_stop(rules):
            yield f"{client.name} {answer.kind}: {answer.error}"
        return
    if answer.kind == "contradicted":
        yield f"{client.name} are taken for a contradiction, and are true"
    shown: Known = answer.shown.content
    if not after.store.had(shown):
        yield f"{client.name} was {answer.kind}, and shown version {shown.version} as the record never had it"
    if answer.kind == "refused" and shown.version < client.floor:
        yield f"{client.name} was refused for version {shown.version}; the record had been at {client.floor} before"
    if answer.kind == "carried out" and not _remembered(shown, client):
        yield f"{client.name} is said to be carried out, and the ledger does not know it"


def _remembered(intent: Known, client: Client) -> Any | None:
    """The ledger's entry for a client's command."""
    return kind_of(intent).machine.remembered(intent, client.content.command_id)


def in_the_end(rules: Rules, world: World) -> Iterator[str]:
    """What is wrong now that nothing moves any more."""
    if world.run is not None and world.run.stopped:
        yield f"the workflow's task fails: {world.run.stopped}"
        return
    if is_stopped(rules, world) and not _may_stop(rules):
        yield "the payment is stopped for a human"
        return
    if STORE_REFUSES in rules.kinds and is_stopped(rules, world):
        return
    record, intent = world.record, world.intent
    if record is None or intent is None:
        if world.run is not None:
            yield "there is a workflow without a record"
        return
    if rules.restored:
        yield from _released(world, intent)
        return
    if record.under_way is not None:
        yield f"{record.under_way.command.name} is under way, and nobody goes on with it"
    if intent.pending is not None:
        yield f"the outcome of {intent.pending.key} is unknown, and nobody asks"
    if isinstance(intent, SetupIntent):
        yield from setup_invariants.in_the_end(world, intent)
    else:
        yield from _books(world, intent)
        yield from _events(world, intent)
    yield from _acknowledged(world, intent)
    yield from _alive(rules, world, intent)
    yield from _moved_on(world, intent)


def _released(world: World, intent: Known) -> Iterator[str]:
    """All that can be asked of records that have forgotten something; what they lack, `perdure reconcile` names."""
    if isinstance(intent, SetupIntent):
        yield from setup_invariants.after_a_restore(world, intent)
        return
    taken = sum(standing.captured for standing in world.book.standing)
    if intent.status in TERMINAL and taken != intent.amount_received:
        yield f"the record says that it is {intent.status}, received {intent.amount_received}; the gateway took {taken}"


def _books(world: World, intent: PaymentIntent) -> Iterator[str]:
    ours = {
        "held": intent.charge.capturable if intent.charge else 0,
        "captured": intent.amount_received,
        "refunded": intent.charge.amount_refunded if intent.charge else 0,
    }
    if intent.charge is not None and intent.charge.status == "pending":
        ours["held"] = intent.charge.amount
    theirs = {
        "held": sum(s.held for s in world.book.standing),
        "captured": sum(s.captured for s in world.book.standing),
        "refunded": sum(s.refunded for s in world.book.standing),
    }
    for what in ours:
        if ours[what] != theirs[what]:
            yield f"the record says {ours[what]} {what} (it is {intent.status}); the gateway says {theirs[what]}"


def _events(world: World, intent: PaymentIntent) -> Iterator[str]:
    types = Counter(event.type for event in world.store.events)
    for status, type_ in ((Status.SUCCEEDED, "payment_intent.succeeded"), (Status.CANCELED, "payment_intent.canceled")):
        if (intent.status == status) != (types[type_] > 0):
            yield f"the intent is {intent.status}, and {type_} was announced {types[type_]} times"
    charged = types["charge.succeeded"]
    if intent.charge is not None and intent.charge.status == "succeeded" and charged != 1:
        yield f"the charge succeeded, and that was announced {charged} times"


def _acknowledged(world: World, intent: Known) -> Iterator[str]:
    for client in world.clients:
        if client.state != OVER or client.via == CREATE:
            continue
        entry = _remembered(intent, client) if client.command else None
        answer = client.answer
        if answer is None or answer.kind in ("failed", "stopped"):
            continue
        if answer.kind == "carried out" and entry is None:
            yield f"{client.name} was answered, and the record does not know it"
        if answer.kind == "refused" and entry is not None:
            yield f"{client.name} was refused, and is carried out"
        if (
            answer.kind == "carried out"
            and entry is not None
            and (entry.error.code if entry.error else "") != answer.error
        ):
            yield f"{client.name} was told {answer.error or 'yes'}; the record says {entry.error}"


def _moved_on(world: World, intent: Known) -> Iterator[str]:
    """Whatever came from outside had its effect, unless it was lost with the database that had taken it."""
    if LOST_DATABASE in world.happened:
        return
    hold, action = intent.charge if isinstance(intent, PaymentIntent) else None, intent.next_action
    if intent.status == Status.REQUIRES_CAPTURE and hold and (hold.capture_before or world.now) < world.now:
        yield "the hold's time is up, and nobody releases it"
    told = {client.content.name for client in world.clients if client.state == OVER and client.command}
    ended = [challenge.reference for challenge in world.book.challenges if challenge.passed is not None]
    if action and action.authentication in ended and "authentication_result" in told:
        yield "the buyer has authenticated, and the payment waits for it"


def _alive(rules: Rules, world: World, intent: Known) -> Iterator[str]:
    known = said(rules, world) if world.open_run else None
    if known is not None and known != intent:
        ours, theirs = f"version {intent.version} ({intent.status})", f"version {known.version} ({known.status})"
        yield f"the record is at {ours}, its workflow at {theirs}"
    if world.open_run is None and needs_workflow(intent):
        yield f"the intent is {intent.status}, and no workflow is open"
    for client in world.clients:
        if client.state not in (OVER, WAITING):
            yield f"{client.name} waits for ever ({client.state})"
