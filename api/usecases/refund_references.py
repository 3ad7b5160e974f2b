"""The reference of a refund, by which its receiver's bank finds the money: the gateway tells it, days after.

It moves nothing, so no workflow hears of it; the refund says it, and so do its events.
"""

from dataclasses import replace

from api.services import Services
from domain.machine.transitions import Cause
from domain.model.refunds import ChargeRefund
from records import refunds
from records.codec import dump_refund
from records.events import Announcement, Announcer
from records.scope import Scope
from rendering.refund import UPDATED, render


async def tell(services: Services, refund: ChargeRefund, reference: str) -> None:
    """Write it down, and announce it once. Of ways back that have none at Stripe, nothing is said."""
    scope = Scope(refund.account, refund.livemode)
    announcer = Announcer(scope, services.clock(), Cause(), f"{refund.id}/reference/{reference}")

    def named(before: ChargeRefund) -> ChargeRefund:
        after = replace(before, reference=reference)
        return after if render(after) != render(before) else before

    def announce(before: ChargeRefund, after: ChargeRefund) -> list[Announcement]:
        now, was = dump_refund(after), dump_refund(before)
        return [announcer.statement(type_, "refund", refund.id, now, was) for type_ in UPDATED]

    await refunds.change_notes(services.database, scope, refund.id, named, announce)
