"""How much may be said of a customer."""

from rendering.versions.base import Change, Given, RequestRefused

CHARACTERS_MAX = 350


def _not_longer(given: Given) -> None:
    text = given.get("description")
    if isinstance(text, str) and len(text) > CHARACTERS_MAX:
        shown = f"{text[:30]}...{text[-8:]}"
        raise RequestRefused(
            f"Invalid string: {shown}; must be at most {CHARACTERS_MAX} characters", param="description"
        )


CHANGE = Change(
    since="2018-10-31",
    title=f"A customer's `description` has at most {CHARACTERS_MAX} characters; before, it may be longer",
    source="https://docs.stripe.com/changelog/2018-10-31/descriptions-customers-character-limit",
    known_from="changelog",
    refuses={"customers.create": _not_longer, "customers.update": _not_longer},
)
