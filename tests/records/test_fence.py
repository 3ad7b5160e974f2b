"""The fence in SQL is the fence of the domain: every situation, asked of both."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from domain.machine import fence
from domain.machine.fence import Answer, Elsewhere, Recorded, Taken, TooLate, UnderWay
from domain.machine.transitions import Cause, Transition, carry_out
from domain.model.commands import Cancel, Capture, Command, RefundCharge
from domain.model.outcomes import Approved
from domain.model.payment_intent import PaymentIntent
from domain.model.refunds import ChargeRefund
from records import refunds
from records.base import RecordsRefused
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
    return carry_out(state, command, decided(state, command), APPROVED, NOW + 5)


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


async def refunded(
    database: Database, projection: PostgresProjection, scope: Scope, command: RefundCharge
) -> tuple[PaymentIntent, ChargeRefund]:
    """Another payment, which has this refund."""
    intent = confirmable(account=scope.account)
    await projection.create(intent, Cause())
    await projection.project(confirmed(intent))
    paid = confirmed(intent).after
    transition = carry_out(paid, command, decided(paid, command), APPROVED, NOW + 2)
    assert await projection.project(transition) == Taken(NOW + 2)
    refund = await refunds.load(database, scope, command.refund)
    assert refund is not None
    return transition.after, refund


async def test_an_id_of_another_payment_s_refund_is_refused_before_anybody_is_asked(
    database: Database, projection: PostgresProjection, scope: Scope
) -> None:
    named = f"re_of_{scope.account}"
    other, refund = await refunded(database, projection, scope, RefundCharge(command_id="a", refund=named, amount=100))
    intent = confirmable(account=scope.account)
    await projection.create(intent, Cause())
    await projection.project(confirmed(intent))
    paid = confirmed(intent).after
    command = RefundCharge(command_id="b", refund=named, amount=77)
    for not_after in (0, int(time.time()) + 600):  # noqa: TID251
        with pytest.raises(RecordsRefused, match="already"):
            await projection.claim(paid, UnderWay(command=replace(command, not_after=not_after), now=NOW))
    assert await projection.recorded(paid.id) == Recorded(intent=paid), "nothing is under way"
    # One that was begun by an older release.
    late = carry_out(paid, command, decided(paid, command), APPROVED, NOW + 3)
    assert await projection.project(late) == Taken(NOW + 3)
    assert await refunds.load(database, scope, named) == refund, "it is still the other one's"
    with pytest.raises(RecordsRefused):
        await projection.claim(other, UnderWay(command=replace(command, command_id="c"), now=NOW))


async def test_a_refund_s_own_id_is_claimed_again_and_again(
    database: Database, projection: PostgresProjection, scope: Scope
) -> None:
    intent = confirmable(account=scope.account)
    await projection.create(intent, Cause())
    await projection.project(confirmed(intent))
    paid, command = confirmed(intent).after, RefundCharge(command_id="a", refund=f"re_{scope.account}", amount=100)
    for later in range(2):
        assert await projection.claim(paid, UnderWay(command=command, now=NOW + later)) == Taken(NOW)
    after = carry_out(paid, command, decided(paid, command), APPROVED, NOW).after
    assert await projection.project(carry_out(paid, command, decided(paid, command), APPROVED, NOW)) == Taken(NOW)
    assert await projection.claim(paid, UnderWay(command=command, now=NOW)) == Elsewhere(Recorded(intent=after))


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
    answers: list[Answer[PaymentIntent]] = await asyncio.gather(
        *(projection.claim(intent, UnderWay(command=command, now=NOW)) for command in commands)
    )
    (winner,) = [command for command, answer in zip(commands, answers, strict=True) if isinstance(answer, Taken)]
    writes = await asyncio.gather(*(projection.project(capture(intent, command)) for command in commands))
    (writer,) = [command for command, answer in zip(commands, writes, strict=True) if isinstance(answer, Taken)]
    assert winner == writer
    recorded = await projection.recorded(intent.id)
    assert recorded is not None
    assert (recorded.intent.amount_received, recorded.under_way) == (writer.amount_to_capture, None)
