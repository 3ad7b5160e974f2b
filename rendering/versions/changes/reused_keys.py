"""An Idempotency-Key is for one request."""

from rendering.versions.base import Change

CHANGE = Change(
    since="2015-09-03",
    title="An Idempotency-Key that comes again with other parameters is refused; before, it is given the first answer",
    source="https://docs.stripe.com/changelog/2015-09-03/reuse-idempotency-tokens-alter-error",
    known_from="changelog",
)
