"""The fence in SQL is the fence of the domain: every situation, asked of both."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from domain import fence
from domain.commands import Cancel, Capture, Command
from domain.fence import Answer, Elsewhere, Recorded, Taken, TooLate, UnderWay
from domain.outcomes import Approved
from domain.payment_intent import PaymentIntent
from domain.transitions import Cause, Transition, carried_out
from records.database import Database
from records.projection import PostgresProjection
from records.scope import Scope
from tests.records.test_projection import confirmed
from tests.support.builders import NOW, confirmable, decided

APPROVED = Approved(authorization="auth_1")
CAPTURE = Capture(command_id="capture", amount_to_capture=400)


@pytest.fixture
def projection(database: Database) -> PostgresProjection:
    return PostgresProjection(database)


async def held(projection: PostgresProjection, scope: Scope) -> PaymentIntent:
    intent = confirmable(account=scope.account, capture_method="manual")
    await projection.create(intent, Cause())
    transition = confirmed(intent)
    assert await projection.project(transition) == Taken(transition.now)
    return transition.after


def capture(state: PaymentIntent, command: Command = CAPTURE) -> Transition:
    return carried_out(state, command, decided(state, command), APPROVED, NOW + 5)


Asked = Callable[[PaymentIntent], UnderWay]
CLAIMS: dict[str, tuple[Command | None, Command, int]] = {
    "nothing is under way": (None, CAPTURE, 0),
    "the very same is": (CAPTURE, CAPTURE, 0),
    "the same, whose sender has seen more": (CAPTURE, replace(CAPTURE, seen_version=2), 0),
    "the same id, and other values": (CAPTURE, replace(CAPTURE, amount_to_capture=401), 0),
    "another command": (CAPTURE, Cancel(command_id="cancel"), 0),
    "without an id, by what it says": (Capture(), Capture(), 0),
    "without an id, and with other values": (Capture(), Capture(amount_to_capture=401), 0),
    "the workflow is behind": (None, CAPTURE, -1),
    "the workflow is ahead": (None, CAPTURE, +1),
}


@pytest.mark.parametrize("case", CLAIMS)
async def test_claims(projection: PostgresProjection, scope: Scope, case: str) -> None:
    first, second, ahead = CLAIMS[case]
    intent = await held(projection, scope)
    if first is not None:
        assert await projection.claim(intent, UnderWay(command=first, now=NOW)) == Taken(NOW)
    before = await projection.recorded(intent.id)
    asker, asked = replace(intent, version=intent.version + ahead), UnderWay(command=second, now=NOW + 9)
    answer = await projection.claim(asker, asked)
    assert answer == fence.claim(before, asker, asked)
    after = await projection.recorded(intent.id)
    assert after == (before if first or ahead else Recorded(intent=intent, under_way=asked))


@pytest.mark.parametrize("begun", [None, CAPTURE, Cancel(command_id="cancel")])
@pytest.mark.parametrize("seconds", [-10, 600])
async def test_claims_with_a_deadline(
    projection: PostgresProjection, scope: Scope, begun: Command | None, seconds: int
) -> None:
    """By the server's clock, whatever the asker's is."""
    intent, clock = await held(projection, scope), int(time.time())  # noqa: TID251
    if begun is not None:
        await projection.claim(intent, UnderWay(command=begun, now=NOW))
    before = await projection.recorded(intent.id)
    asked = UnderWay(command=replace(CAPTURE, not_after=clock + seconds), now=NOW + 9)
    answer = await projection.claim(intent, asked)
    assert answer == fence.claim(before, intent, asked, clock)
    assert (answer == TooLate()) == (begun is None and seconds < 0)
    taken = begun is None and seconds > 0
    assert await projection.recorded(intent.id) == (Recorded(intent=intent, under_way=asked) if taken else before)


@pytest.mark.parametrize("under_way", [None, CAPTURE, Cancel(command_id="cancel"), Capture()])
@pytest.mark.parametrize("ahead", [-1, 0, 1])
async def test_writes(projection: PostgresProjection, scope: Scope, under_way: Command | None, ahead: int) -> None:
    intent = await held(projection, scope)
    if under_way is not None:
        await projection.claim(intent, UnderWay(command=under_way, now=NOW))
    before = await projection.recorded(intent.id)
    transition = capture(replace(intent, version=intent.version + ahead))
    answer = await projection.project(transition)
    assert answer == fence.write(before, transition)
    taken = isinstance(answer, Taken)
    assert await projection.recorded(intent.id) == (Recorded(intent=transition.after) if taken else before)


async def test_what_was_never_recorded_is_taken_by_neither(projection: PostgresProjection, scope: Scope) -> None:
    intent = confirmed(confirmable(account=scope.account, capture_method="manual")).after
    assert await projection.claim(intent, UnderWay(command=CAPTURE, now=NOW)) == Elsewhere(None)
    assert await projection.project(capture(intent)) == Elsewhere(None)
    assert await projection.recorded(intent.id) is None


async def test_restoring_writes_only_what_is_newer(projection: PostgresProjection, scope: Scope) -> None:
    intent = await held(projection, scope)
    await projection.restore(replace(intent, version=intent.version - 1, description="older"))
    assert await projection.recorded(intent.id) == Recorded(intent=intent)
    newer = capture(intent).after
    await projection.claim(intent, UnderWay(command=Cancel(command_id="of the older copy"), now=NOW))
    await projection.restore(newer)
    assert await projection.recorded(intent.id) == Recorded(intent=newer)


@pytest.mark.parametrize("round_", range(10))
async def test_of_many_at_once_one_is_taken(projection: PostgresProjection, scope: Scope, round_: int) -> None:
    intent = await held(projection, scope)
    commands = [Capture(command_id=f"c{number}", amount_to_capture=100 + number) for number in range(8)]
    answers: list[Answer] = await asyncio.gather(
        *(projection.claim(intent, UnderWay(command=command, now=NOW)) for command in commands)
    )
    (winner,) = [command for command, answer in zip(commands, answers, strict=True) if isinstance(answer, Taken)]
    writes = await asyncio.gather(*(projection.project(capture(intent, command)) for command in commands))
    (writer,) = [command for command, answer in zip(commands, writes, strict=True) if isinstance(answer, Taken)]
    assert winner == writer
    recorded = await projection.recorded(intent.id)
    assert recorded is not None
    assert (recorded.intent.amount_received, recorded.under_way) == (writer.amount_to_capture, None)
