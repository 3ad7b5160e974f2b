"""Search came with a version that must be asked for."""

from rendering.versions.base import Change, Given, RequestRefused

SINCE = "2020-08-27"


def _not_yet(given: Given) -> Given:
    raise RequestRefused(
        "Search is not supported on api version {version}. Update your API version, or set the API Version of "  # noqa: S608
        f"this request to {SINCE} or greater."
    )


CHANGE = Change(
    since=SINCE,
    title="There is search; before, it is refused",
    source="https://docs.stripe.com/search",
    known_from="recording",
    takes={f"{family}.search": _not_yet for family in ("payment_intents", "charges", "customers")},
)
