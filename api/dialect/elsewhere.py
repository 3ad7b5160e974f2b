"""Where what is missing is, if the caller could have meant that: an error says so."""

from api.dialect.call import Call
from api.dialect.errors import ObjectMissing
from records.kinds import exists
from records.scope import Scope


async def where_it_is(call: Call, error: ObjectMissing) -> ObjectMissing:
    """What is missing here may be in the other mode, or its platform's: the error says so."""
    database, here = call.services.database, call.scope
    if await exists(database, Scope(here.account, not here.livemode), error.kind, error.id):
        return error.in_the_other_mode(here.livemode)
    if call.key.platform is not None and error.kind == "PaymentMethod":
        platform = Scope(call.key.platform, here.livemode)
        return error.of_the_platform() if await exists(database, platform, error.kind, error.id) else error
    return error
