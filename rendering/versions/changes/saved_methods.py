"""Three names for keeping what a buyer has paid with."""

from rendering.versions.base import Change, Given

VERBS = tuple(f"payment_intents.{verb}" for verb in ("create", "update", "confirm"))
SOURCE, METHOD = "save_source_to_customer", "save_payment_method"


def _as_method(given: Given) -> Given:
    if SOURCE not in given:
        return given
    kept = {name: value for name, value in given.items() if name != SOURCE}
    return {METHOD: given[SOURCE], **kept}


def _as_usage(given: Given) -> Given:
    if METHOD not in given:
        return given
    kept = {name: value for name, value in given.items() if name != METHOD}
    return {"setup_future_usage": "off_session", **kept} if given[METHOD] in ("true", True) else kept


USAGE = Change(
    since="2020-03-02",
    title=f"`{METHOD}` is not a parameter any more; before, true is taken as `setup_future_usage=off_session`",
    source="https://github.com/stripe/openapi (it left the description in March 2020, without a version of its own)",
    known_from="types, guess",
    takes=dict.fromkeys(VERBS, _as_usage),
)
SAVED = Change(
    since="2019-02-11",
    title=f"The parameter is `{METHOD}`; before, `{SOURCE}`",
    source="https://docs.stripe.com/changelog/2019-02-11/renames-save-source-to-customer-save-payment-method",
    known_from="changelog, types",
    takes=dict.fromkeys(VERBS, _as_method),
    params={METHOD: SOURCE},
)
