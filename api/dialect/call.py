"""One call of one operation: who asks, in which version, under which id. Handed to every route."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from api.dialect.admission import Turn
from api.dialect.errors import missing
from api.dialect.minting import Mint
from api.services import Services
from domain.identifiers import ID_MAX
from domain.machine.limits import unstorable
from domain.machine.transitions import Cause
from domain.model.setup_intent import SetupAttempt
from records.accounts import ApiKey
from records.events import Announcer
from records.scope import Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """Everything about a request but its parameters."""

    services: Services
    key: ApiKey
    version: str
    request_id: str
    mint: Mint
    now: int
    idempotency_key: str | None = None
    ip_address: str | None = None
    user_agent: str | None = None
    address: str = ""
    """Where the API was asked: `http://127.0.0.1:8000`."""
    shown_key: str = ""
    """The key as its owner recognises it."""
    path: dict[str, str] = field(default_factory=dict)
    turn: Turn = field(default_factory=Turn)
    attempts: dict[str, SetupAttempt] = field(default_factory=dict)
    """By id, as the SetupIntents that are shown have them: by when they are expanded, their rows may know more."""
    taken: list[Callable[[], Awaitable[None]]] = field(default_factory=list)
    """How to give back what it has taken for itself alone, should it be refused."""

    @property
    def scope(self) -> Scope:
        """Whose objects it may reach."""
        return Scope(self.key.account, self.key.livemode)

    @property
    def publishable(self) -> bool:
        """Whether a buyer's browser asks."""
        return self.key.kind == "publishable"

    @property
    def cause(self) -> Cause:
        """What its events say brought them about."""
        return Cause(request_id=self.request_id, idempotency_key=self.idempotency_key)

    @property
    def announcer(self) -> Announcer:
        """For events of what it changes outside payments."""
        return Announcer(self.scope, self.now, self.cause, self.mint.seed)

    def path_id(self, kind: str, param: str = "id", name: str = "id") -> str:
        """The id in the path; too long for an id is unknown, without a look."""
        id_ = self.path[name]
        if len(id_) > ID_MAX or unstorable(id_):
            raise missing(kind, id_[:ID_MAX].replace("\x00", "").encode(errors="replace").decode(), param, in_path=True)
        return id_
