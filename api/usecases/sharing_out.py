"""Who else gets a part of a payment (Connect): looked up when it is created; and how a part comes back."""

from collections.abc import Mapping

from api.dialect.call import Call
from api.dialect.errors import StripeError, internal, missing
from api.usecases.commands import identity, send
from domain.identifiers import ID_MAX
from domain.machine.limits import unstorable
from domain.model.hashes import JsonObject
from domain.model.shares import TRANSFER, ReturnShare, Share, ShareReturn
from records import connected_accounts, payment_intents, shares
from records.scope import Scope

DESTINATION = "transfer_data[destination]"


async def beneficiary(call: Call, transfer_data: JsonObject | None) -> str | None:
    """The connected account that a payment is for, if it names one.

    Raises:
        StripeError: it is none of the account's own, in this mode.
    """
    named = (transfer_data or {}).get("destination")
    if named is None:
        return None
    is_id = len(named) <= ID_MAX and not unstorable(named)
    found = await connected_accounts.load(call.services.database, call.scope, named) if is_id else None
    if found is None:
        raise missing("destination", named, DESTINATION, in_path=False)
    return found.id


async def give_back(
    call: Call,
    share: Share,
    returned: str,
    *,
    amount: int | None,
    metadata: Mapping[str, str | None] | None,
    description: str | None = None,
    refund_application_fee: bool = False,
) -> ShareReturn:
    """Have `amount` of a share come back, or all that is left: a command to the payment whose money it is.

    Raises:
        StripeError: it is more than is left; the payment, which may be another account's, is not shown.
    """
    database = call.services.database
    whose = Scope(share.account if share.origin or share.kind == TRANSFER else share.connected, share.livemode)
    intent = await payment_intents.load(database, whose, share.payment_intent)
    if intent is None:
        raise internal()
    command = ReturnShare(
        **identity(call),
        share=share.kind,
        amount=amount,
        returned=returned,
        refund_application_fee=refund_application_fee,
        description=description,
        metadata={key: text for key, text in (metadata or {}).items() if text is not None},
    )
    try:
        await send(call, intent, command)
    except StripeError as error:
        error.error.pop("payment_intent", None)
        raise
    back = await shares.load_return(database, call.scope, share.id, returned)
    if back is None:
        raise internal()
    return back
