"""What a gateway tells of a dispute, as the payment understands it: how much a bank takes that does not say so."""

from dataclasses import replace

from api.services import Services
from domain.model.commands import ReportDispute
from domain.model.payment_intent import PaymentIntent
from records import refunds
from records.scope import Scope


async def with_amount(services: Services, intent: PaymentIntent, command: ReportDispute) -> ReportDispute:
    """With what older releases did not keep on the charge: that a refund which counts as given may still fail.

    A bank that says no amount takes that as well (`Charge.amount_disputable`).
    """
    charge, known = intent.charge, intent.dispute
    began = charge is not None and charge.dispute is not None and (known is None or not known.inquiry)
    if charge is None or began or command.amount or not charge.refunds_given:
        return command
    waiting = await refunds.waiting(services.database, Scope(intent.account, intent.livemode), charge.id)
    untold = sum(amount for id_, amount in waiting.items() if id_ not in charge.refunds_under_way)
    if not untold:
        return command
    amount = charge.amount_disputable + untold
    return replace(command, amount=min(amount, known.amount) if known else amount)
