"""Those who send commands, as a model: merchants through the API, operators by signal, the gateway by notification.

What they do, and where that comes from:
- A request reads the record, sends the command with the version it has seen, and is answered, or not. Unanswered, it is
  sent again as it was (the SDK's client), or the merchant repeats it with the Idempotency-Key, which reads the record
  again and makes the same command (temporal/engine.py, api/dialect/minting.py); or the merchant gives up.
- A command to an intent that has ended is refused or repeated from the record; only a legal one revives its workflow,
  from the record, with update-with-start (temporal/engine.py, `_send_to_ended`).
- A notification is told until it is taken (simulator/notifications.py): by signal, or, about refunds and disputes, as a
  request of the API's own (api/routes/notifications.py). It may be told twice.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from domain.model.commands import Command
from tests.explore.values import Value, hashed_once

if TYPE_CHECKING:
    from tests.explore.world import World

REQUEST, SIGNAL, NOTICE, REPORT, CREATE = "request", "signal", "notice", "report", "create"
"""How a command comes: by the API, by an operator, by the gateway as a signal, by the gateway as a request. And what is
no command yet: a create, which writes the row, and then starts the workflow (api/routes/payment_intents.py)."""

WAITING, WRITTEN, SENT, TURNED_AWAY, LOST, OVER = "waiting", "written", "sent", "turned away", "lost", "over"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a client was told: `carried out`, `refused` or `failed`; the intent it was shown, and the error if any.

    News of a gateway's that are refused are `known` already, or `contradicted`.
    """

    kind: str
    shown: Value
    error: str = ""


@dataclass(frozen=True)
class Client:
    """One command on its way. `make` says what it will be once its time has come (None: not yet); until then it waits.

    `seen` is the record that was read for it, `ended` that its run is known to have; `floor` is the version recorded
    when it was first asked for. `updates` counts those that it was sent as and that were refused.
    """

    name: str
    via: str
    make: "Callable[[World], Command | None]"
    state: str = WAITING
    command: Value | None = None
    seen: Value | None = None
    floor: int = 0
    answer: Answer | None = None
    ended: bool = False
    told_again: bool = False
    updates: int = 0

    __hash__ = hashed_once

    @property
    def content(self) -> Command:
        """The command, once it is known."""
        if self.command is None:
            raise AssertionError(f"{self.name} has not been sent")
        command: Command = self.command.content
        return command

    @property
    def update(self) -> str:
        """The id of the update that it is sent as: a new one for what a gateway tells again (temporal/deadlines.py)."""
        id_ = self.content.command_id
        return f"{id_}/{self.updates}" if self.updates else id_

    @property
    def over(self) -> bool:
        """Whether it is done with, or was never sent."""
        return self.state in (OVER, WAITING)

    def became(self, state: str, **fields: object) -> "Client":
        """It, one state further."""
        return replace(self, state=state, **fields)  # type: ignore[arg-type]
