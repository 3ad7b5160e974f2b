"""What a publishable key, which everybody may see, is told of a card."""

from rendering.versions.base import Change

CHANGE = Change(
    since="2014-10-07",
    title="A token made with a publishable key does not show the card's `fingerprint`; before, it does",
    source="https://docs.stripe.com/changelog/2014-10-07/no-longer-retrieve-tokens-publishable-keys",
    known_from="changelog",
)
