"""A SEPA debit from outside the EEA takes the whole address of its payer."""

from rendering.versions.base import Change

CHANGE = Change(
    since="2026-09-30.endive",
    title="A SEPA debit of an account outside the EEA needs `city` and `postal_code` of the payer's address as well; "
    "before, `line1` and `country` will do",
    source="https://docs.stripe.com/changelog/endive/2026-09-30/require-sepa-direct-debit-address-fields",
    known_from="changelog",
)


def lines_needed(version: str) -> tuple[str, ...]:
    """Lines of the payer's address that have to be told."""
    lines = ("line1", "country")
    return lines if CHANGE.concerns(version) else (*lines, "city", "postal_code")
