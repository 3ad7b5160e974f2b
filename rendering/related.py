"""Objects that belong to others, for the answers of versions that always show them inside (rendering/versions)."""

from collections.abc import Awaitable, Callable

from records import charges, disputes, refunds
from records.base import StoredEvent
from records.database import Database
from records.scope import Scope
from rendering import charge, dispute, refund
from rendering.event import Finder, body
from rendering.versions.base import Shown
from rendering.versions.including import INCLUDED_MAX, Found


def of_event(database: Database) -> Finder:
    """What belongs to the object of an event, in its account."""
    return lambda event: RelatedObjects(database, Scope(event.account, event.livemode))


def renderer(database: Database) -> Callable[[StoredEvent, str | None], Awaitable[bytes]]:
    """Renders events for their endpoints."""
    return lambda event, version: body(event, version, of_event(database))


class RelatedObjects:
    """What the records have of an account, rendered."""

    def __init__(self, database: Database, scope: Scope) -> None:
        """Of whoever `scope` is."""
        self._database, self._scope = database, scope

    async def charges(self, intents: list[str]) -> dict[str, Found]:
        """The newest charges of each PaymentIntent."""
        found = await charges.of_intents(self._database, self._scope, intents, INCLUDED_MAX)
        return {id_: Found([charge.render(one) for one in some], total) for id_, (some, total) in found.items()}

    async def refunds(self, charges: list[str]) -> dict[str, Found]:
        """The newest refunds of each charge."""
        found = await refunds.of_charges(self._database, self._scope, charges, INCLUDED_MAX)
        return {id_: Found([refund.render(one) for one in some], total) for id_, (some, total) in found.items()}

    async def disputes(self, charges: list[str]) -> dict[str, Shown]:
        """The dispute of each charge that has one."""
        found = await disputes.of_charges(self._database, self._scope, charges)
        return {id_: dispute.render(one) for id_, one in found.items()}

    async def charges_of(self, sources: list[str]) -> dict[str, str]:
        """The charges of what refunds or disputes are among these ids."""
        of_refunds = await refunds.charges_of(self._database, self._scope, sources)
        return of_refunds | await disputes.charges_of(self._database, self._scope, sources)
