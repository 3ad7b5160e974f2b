"""Event: Stripe's `event` object, around the object it tells of, as that was then, in the version of its receiver."""

from collections.abc import Callable

from contracts.api_versions import LATEST
from domain.identifiers import release_refund_id
from domain.model.hashes import JsonObject
from records.base import StoredEvent
from records.codec import (
    load_account,
    load_charge,
    load_dispute,
    load_intent,
    load_mandate,
    load_method,
    load_refund,
    load_return,
    load_setup,
    load_share,
)
from rendering import (
    account,
    application_fee,
    cash_balance,
    charge,
    customer,
    dispute,
    mandate,
    payment_intent,
    payment_method,
    refund,
    setup_intent,
    transfer,
)
from rendering.printing import to_json
from rendering.versions.changes.told_changes import differences
from rendering.versions.including import NOTHING, Found, Related, include
from rendering.versions.leading_back import event_led_back, led_back

Snapshot = JsonObject

RENDERERS: dict[str, Callable[[Snapshot], Snapshot]] = {
    "account": lambda data: account.render(load_account(data)),
    "payment_intent": lambda data: payment_intent.render(load_intent(data)),
    "charge": lambda data: charge.render(load_charge(data)),
    "payment_method": lambda data: payment_method.render(load_method(data)),
    "refund": lambda data: refund.render(load_refund(data)),
    "customer": customer.render,
    "cash_balance": cash_balance.of_snapshot,
    "customer_cash_balance_transaction": cash_balance.transaction,
    "dispute": lambda data: dispute.render(load_dispute(data)),
    "setup_intent": lambda data: setup_intent.render(load_setup(data)),
    "mandate": lambda data: mandate.render(load_mandate(data)),
    "application_fee": lambda data: application_fee.render(*load_share(data)),
    "fee_refund": lambda data: application_fee.render_refund(load_return(data)),
    "transfer": lambda data: transfer.render(*load_share(data)),
}
"""By subject: from what was written to Stripe's object."""

SHOWN_CHANGES = {
    "payment_intent.amount_capturable_updated": ("amount", "amount_capturable", "amount_received"),
}
"""Events whose `previous_attributes` are about these keys only."""

Finder = Callable[[StoredEvent], Related]
"""What belongs to the objects of an event, where an older version shows it inside them."""


def render(event: StoredEvent) -> JsonObject:
    """The object, in the newest version."""
    shown = RENDERERS[event.subject]
    return _around(event, LATEST, shown(event.data["object"]), _snapshot_before(event))


async def in_version(event: StoredEvent, version: str | None, find: Finder) -> JsonObject:
    """The object, in the version of whoever receives it; without one, that of the account when it happened."""
    wanted = version or event.api_version
    if wanted == LATEST:
        return render(event)
    now, before = RENDERERS[event.subject](event.data["object"]), _snapshot_before(event)
    related = find(event)
    await include(now, wanted, _AsThen(related, event.subject, event.data["object"]))
    if before is not None:
        await include(before, wanted, _AsThen(related, event.subject, _before(event)))
        before = led_back(before, wanted)
    return event_led_back(_around(event, wanted, led_back(now, wanted), before), wanted)


async def body(event: StoredEvent, version: str | None, find: Finder) -> bytes:
    """The bytes that are signed and sent."""
    return to_json(await in_version(event, version, find))


def _before(event: StoredEvent) -> Snapshot:
    was = {**event.data["object"], **event.data["before"]}
    return {name: value for name, value in was.items() if value is not None}


def _snapshot_before(event: StoredEvent) -> Snapshot | None:
    """The object as it was, where the event tells what has changed."""
    return RENDERERS[event.subject](_before(event)) if event.data.get("before") is not None else None


def _around(event: StoredEvent, version: str, now: Snapshot, before: Snapshot | None) -> JsonObject:
    data: JsonObject = {"object": now}
    if before is not None:
        changed = differences(before, now, version)
        names = SHOWN_CHANGES.get(event.type)
        data["previous_attributes"] = changed if names is None else {n: changed[n] for n in names if n in changed}
    elif event.data.get("previous_attributes"):
        # As events were written before webhooks came.
        data["previous_attributes"] = event.data["previous_attributes"]
    return {
        "id": event.id,
        "object": "event",
        **({"account": event.account} if event.connected else {}),
        "api_version": version,
        "created": event.created,
        "data": data,
        "livemode": event.livemode,
        "pending_webhooks": event.pending,
        "request": {"id": event.request_id, "idempotency_key": event.idempotency_key},
        "type": event.type,
    }


class _AsThen:
    """What belonged to an object when its event happened: of what there is now, what was there, as it was."""

    def __init__(self, related: Related, subject: str, snapshot: Snapshot) -> None:
        self._related = related
        self._charge = snapshot if subject == "charge" else snapshot.get("charge")

    async def charges(self, intents: list[str]) -> dict[str, Found]:
        """The charge that was the latest, and those before it."""
        latest = self._charge
        if not latest:
            return {}
        shown = charge.render(load_charge(latest))
        found = await self._related.charges(intents)
        return {id_: _from(shown, here) for id_, here in found.items()} or dict.fromkeys(intents, Found([shown], 1))

    async def refunds(self, charges: list[str]) -> dict[str, Found]:
        """Of the charge that it tells of, those that had been given; of earlier ones, which failed, there are none."""
        mine = self._charge or {}
        given = set(mine.get("refunds_given") or ())
        if mine.get("released_as_refund"):
            given.add(release_refund_id(mine["id"]))
        if not given:
            return {}
        found = (await self._related.refunds(charges)).get(mine["id"], NOTHING)
        return {mine["id"]: Found([one for one in found.data if one["id"] in given], len(given))}

    async def disputes(self, charges: list[str]) -> dict[str, Snapshot]:
        """Those of charges that were disputed by then."""
        return await self._related.disputes(charges)

    async def charges_of(self, sources: list[str]) -> dict[str, str]:
        """The charges of refunds and disputes, which stay what they are."""
        return await self._related.charges_of(sources)


def _from(latest: Snapshot, found: Found) -> Found:
    """A list from a charge on, which is as it was then."""
    ids = [one["id"] for one in found.data]
    if latest["id"] not in ids:
        return Found([latest], 1)
    place = ids.index(latest["id"])
    return Found([latest, *found.data[place + 1 :]], found.total - place)
