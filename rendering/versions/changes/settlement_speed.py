"""How fast a debit in the United States settles is not asked any more."""

from rendering.versions.base import Change, Given

TYPE, SPEED = "us_bank_account", "preferred_settlement_speed"


def _without_speed(given: Given) -> Given:
    options = given.get("payment_method_options")
    if not isinstance(options, dict) or not isinstance(options.get(TYPE), dict):
        return given
    kept = {name: value for name, value in options[TYPE].items() if name != SPEED}
    return given | {"payment_method_options": options | {TYPE: kept}}


CHANGE = Change(
    since="2026-03-25.dahlia",
    title=f"`payment_method_options[{TYPE}][{SPEED}]` is gone; before, it is taken, without an effect",
    source="https://github.com/stripe/stripe-node/blob/master/CHANGELOG.md#2100---2026-03-25",
    known_from="types",
    takes={f"payment_intents.{verb}": _without_speed for verb in ("create", "update", "confirm")},
)
