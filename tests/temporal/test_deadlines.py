"""Commands with a time until which they may be begun: what their sender makes of an answer that says it has passed."""

import pytest

from contracts.messages import CommandResult
from domain.model.commands import Capture, Command
from domain.model.statuses import Status
from temporal.deadlines import CommandLate, Deadlines
from tests.support.builders import NOW, in_status

DONE = CommandResult(intent=in_status(Status.SUCCEEDED))


class Server:
    """Says `late` so many times, each after so many seconds, and then that it is done."""

    def __init__(self, late: int = 0, after: float = 0.0) -> None:
        self.late, self.after, self.elapsed = late, after, 0.0
        self.sent = list[tuple[Command, str | None]]()
        self.deadlines = Deadlines(lambda: NOW, 15.0, lambda: self.elapsed)

    async def send(self, command: Command, named: str | None) -> CommandResult:
        self.sent.append((command, named))
        self.elapsed += self.after
        if len(self.sent) <= self.late:
            raise CommandLate
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
