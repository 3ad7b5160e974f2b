"""Commands with a time until which they may be begun: what their sender makes of an answer that says it has passed."""

import pytest

from contracts.messages import CommandResult
from domain.copies import replace
from domain.model import wording
from domain.model.commands import Capture, Command, ModificationResult
from domain.model.statuses import Status
from temporal.deadlines import REMEMBERED_SECONDS, Deadlines
from temporal.refusals import CommandLate, CommandRefused
from tests.support.builders import NOW, in_status

DONE = CommandResult(intent=in_status(Status.SUCCEEDED))


class Server:
    """Says `error` (late) so many times, each after so many seconds, and then that it is done."""

    def __init__(self, late: int = 0, after: float = 0.0, error: Exception | None = None) -> None:
        self.late, self.after, self.elapsed, self.error = late, after, 0.0, error or CommandLate()
        self.sent = list[tuple[Command, str | None]]()
        self.deadlines = Deadlines(lambda: NOW, 15.0, lambda: self.elapsed)

    async def send(self, command: Command, named: str | None) -> CommandResult:
        self.sent.append((command, named))
        self.elapsed += self.after
        if len(self.sent) <= self.late:
            raise self.error
        return DONE


async def test_a_command_says_until_when_it_may_be_begun() -> None:
    server = Server()
    assert await server.deadlines.keep(Capture(command_id="c"), server.send) == DONE
    assert server.sent == [(Capture(command_id="c", not_after=NOW + 10), "c")]


async def test_what_is_too_late_stays_too_late() -> None:
    server = Server(late=1, after=10.1)
    with pytest.raises(CommandLate):
        await server.deadlines.keep(Capture(command_id="c"), server.send)
    assert len(server.sent) == 1


@pytest.mark.parametrize("named", ["c", ""])
async def test_what_cannot_be_too_late_yet_is_sent_again_without_a_deadline(named: str) -> None:
    """Clocks that differ must not stop every payment."""
    server = Server(late=1, after=0.2)
    assert await server.deadlines.keep(Capture(command_id=named), server.send) == DONE
    assert server.sent[1:] == [(Capture(command_id=named), f"c/{NOW + 10}" if named else None)]


BUSY = CommandRefused(wording.busy(), DONE.intent)


async def test_what_the_server_remembers_as_busy_is_asked_again_under_another_id() -> None:
    """It had been refused once while another command was carried out, and was for as long as the run went on."""
    server = Server(late=1, error=BUSY)
    assert await server.deadlines.keep(Capture(command_id="c"), server.send) == DONE
    assert server.sent[1:] == [(Capture(command_id="c", not_after=NOW + 10), f"c/{NOW + 10}")]


@pytest.mark.parametrize(("after", "sent"), [(0.0, 2), (REMEMBERED_SECONDS + 0.1, 1)])
async def test_what_is_busy_now_is_told_so(after: float, sent: int) -> None:
    """An answer that has taken its time is none that was remembered."""
    server = Server(late=9, after=after, error=BUSY)
    with pytest.raises(CommandRefused):
        await server.deadlines.keep(Capture(command_id="c"), server.send)
    assert len(server.sent) == sent


async def test_another_refusal_is_final() -> None:
    server = Server(late=1, error=CommandRefused(wording.unknown_modification(), DONE.intent))
    with pytest.raises(CommandRefused):
        await server.deadlines.keep(Capture(command_id="c"), server.send)
    assert len(server.sent) == 1


async def test_what_a_gateway_tells_is_a_new_update_each_time() -> None:
    server = Server()
    news = ModificationResult(command_id="ch_1/capture/mod_1/succeeded")
    await server.deadlines.keep(news, server.send)
    assert server.sent == [(replace(news, not_after=NOW + 10), None)]
