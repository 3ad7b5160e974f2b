"""Which types an account offers, looked up once in a while: nearly every payment goes by it, and it hardly changes."""

from dataclasses import dataclass, field

from domain.methods.offered import Configuration
from records import payment_method_configurations as records
from records.database import Database
from records.scope import Scope

REMEMBERED_SECONDS = 5
"""How long another API process may go by what was before, in exchange for a database read less per payment. This one
knows at once what it has changed itself."""

SCOPES_MAX = 10_000


@dataclass(slots=True)
class Offers:
    """The configuration that each account's payments go by, unless they name another. One per process."""

    _known: dict[Scope, tuple[Configuration, int]] = field(default_factory=dict)

    async def of(self, database: Database, scope: Scope, now: int) -> Configuration:
        """An account's own; `now` is Unix seconds."""
        known = self._known.get(scope)
        if known is not None and known[1] > now:
            return known[0]
        found = await records.default(database, scope)
        if len(self._known) >= SCOPES_MAX:
            self._known.clear()
        self._known[scope] = (found, now + REMEMBERED_SECONDS)
        return found

    def forget(self, scope: Scope) -> None:
        """It was changed."""
        self._known.pop(scope, None)
