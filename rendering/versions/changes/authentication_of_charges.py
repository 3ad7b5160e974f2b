"""How a charge tells that its buyer was authenticated."""

from collections.abc import Callable

from rendering.versions.base import Change, Shown, Step, with_keys


def _of_card(change: Callable[[Shown], Shown]) -> Step:
    def step(charge: Shown) -> Shown:
        card = charge["payment_method_details"].get("card")
        if card and card.get("three_d_secure"):
            card["three_d_secure"] = change(card["three_d_secure"])
        return charge

    return step


def _not_exempted(told: Shown) -> Shown:
    return told | {"result": "attempt_acknowledged"} if told["result"] == "exempted" else told


def _with_flags(told: Shown) -> Shown:
    return with_keys(told, authenticated=told["result"] == "authenticated", succeeded=told["result"] != "failed")


EXEMPTED = Change(
    since="2022-08-01",
    title="The `result` of a charge's `three_d_secure` may be `exempted`; before, it is `attempt_acknowledged` then",
    source="https://docs.stripe.com/changelog/2022-08-01/adds-3d-secure-exemption-charges",
    known_from="changelog, guess",
    shows={"charge": _of_card(_not_exempted)},
)
FLAGS = Change(
    since="2020-08-27",
    title="`three_d_secure` of a charge has a `result`; before, it has `authenticated` and `succeeded` as well",
    source="https://docs.stripe.com/changelog/2020-08-27/updates-3d-scure-charge-object",
    known_from="changelog, types, guess",
    shows={"charge": _of_card(_with_flags)},
)
