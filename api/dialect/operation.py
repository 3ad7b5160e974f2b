"""Operations: one endpoint each, as data. What every request of one goes through is pipeline.py."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from api.dialect.call import Call
from api.dialect.request_log import UNLOGGED
from api.services import Services
from domain.model.hashes import JsonObject
from parameters.hashes import Parameters
from records.accounts import ApiKey
from records.scope import Scope

Handler = Callable[[Call, Any], Awaitable[JsonObject]]

COMMANDED = frozenset(
    "application_fees browser disputes payment_intents refunds resolutions setup_intents transfers".split()
)
"""Whose operations ask something of a payment or a setup: those of a charge's refunds, and of Stripe.js alone, too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One endpoint: where it is, what it takes, what it returns, who does it."""

    method: str
    path: str
    name: str
    summary: str
    parameters: type[Parameters]
    returns: str
    handler: Handler
    is_list: bool = False
    is_search: bool = False
    publishable: bool = False
    test_only: bool = False
    """Of no use with a live key."""
    takes_file: bool = False
    """Sent as multipart/form-data."""
    raw: bool = False
    """Answers with bytes (`{"content": …}`), and no JSON: what somebody has uploaded, to be saved and not shown."""
    about: Callable[[Services, Scope, str], Awaitable[JsonObject]] | None = None
    """What an error about its parameters shows as well, for a secret key: the object whose id is in the path."""
    also_reads: tuple[str, ...] = ()
    """What else it shows: a restricted key needs to be allowed to read these, too."""

    @property
    def resource(self) -> str:
        """What a restricted key needs a permission for."""
        return self.name.removeprefix("test_helpers.").partition(".")[0]

    @property
    def level(self) -> str:
        """`read` or `write`."""
        return "read" if self.method == "GET" else "write"

    def denied(self, key: ApiKey) -> tuple[str, str] | None:
        """What the key would have to be allowed besides, and at which level; None if it may do this."""
        needed = [(self.resource, self.level), *((resource, "read") for resource in self.also_reads)]
        return next((one for one in needed if not key.allows(*one)), None)

    @property
    def logged(self) -> bool:
        """Whether its requests are in the request log."""
        return self.resource not in UNLOGGED

    @property
    def commands(self) -> bool:
        """Whether it asks something of a payment or a setup, which the whole engine takes part in."""
        return self.method == "POST" and self.resource in COMMANDED


@dataclass(frozen=True, slots=True)
class Resource:
    """A family of endpoints under one path."""

    path: str
    name: str
    returns: str

    def operation(
        self, method: str, path: str, name: str, summary: str, takes: type[Parameters], does: Handler, **more: Any
    ) -> Operation:
        """One of them; `more` are further fields of the Operation."""
        fields = {"returns": self.returns, **more}
        return Operation(
            method=method,
            path=self.path + path,
            name=f"{self.name}.{name}",
            summary=summary,
            parameters=takes,
            handler=does,
            **fields,
        )
