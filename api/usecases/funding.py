"""A bank transfer has come in: it goes into its customer's cash balance, and the payments it pays are told.

Told by the gateway's notification, and in test mode by whoever made the transfer; whichever is first, it counts once.
"""

from api.services import Services
from domain.model.commands import CheckSettlement
from domain.model.payment_intent import PaymentIntent
from gateways.base import BankTransfer
from records import cash_balances, customers
from records.cash_balances import Transaction


async def take(services: Services, transfer: BankTransfer) -> Transaction | None:
    """Book it and tell the payments; None if nobody here has this account.

    Raises:
        RecordsUnavailable: it is not booked.
        EngineUnavailable: a payment was not told. Take it again.
    """
    if not await customers.known(services.database, transfer.owner):
        return None
    funded = await services.cash_balances.fund(
        transfer.id, transfer.owner, transfer.amount, transfer.currency, transfer.reference, transfer.details
    )
    for intent in funded.intents:
        await services.engine.notify(intent, CheckSettlement(command_id=f"{transfer.id}/funds"))
    return funded.transaction


async def pass_on(services: Services, intent: PaymentIntent, after: PaymentIntent, why: str) -> None:
    """If a payment has given up what was set aside for it, that may pay others of its customer's: these are told.

    `why` names what happened, so that twice is once. Who is not told finds it out within a day.
    """
    if intent.customer is None or after.funded >= intent.funded:
        return
    for id_ in await cash_balances.paying(services.database, intent.customer):
        if id_ != intent.id:
            await services.engine.notify(id_, CheckSettlement(command_id=f"{why}/funds"))
