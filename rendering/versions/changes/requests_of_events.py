"""Which request brought an event about."""

from rendering.versions.base import Change, Shown


def _id_only(event: Shown) -> Shown:
    event["request"] = event["request"]["id"]
    return event


CHANGE = Change(
    since="2017-05-25",
    title="`request` of an event is a hash of the id and the Idempotency-Key; before, the id",
    source="https://docs.stripe.com/changelog/2017-05-25/events-specify-request-id-idempotency-key",
    known_from="changelog",
    event=_id_only,
)
