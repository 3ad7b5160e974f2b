"""A card that its network has renewed is told of as any method is."""

from rendering.versions.base import Change

CHANGE = Change(
    since="2020-08-27",
    title="The event is `payment_method.automatically_updated`; before, `payment_method.card_automatically_updated`",
    source="https://docs.stripe.com/changelog/2020-08-27/renames-automatically-updated-event-type",
    known_from="changelog",
    event_types={"payment_method.automatically_updated": "payment_method.card_automatically_updated"},
)
