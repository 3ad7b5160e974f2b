"""How a SetupIntent stands, and what may come for it: what scenarios.py has for payments."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from domain.model.commands import Command, Confirm, Update, VerifyMicrodeposits
from domain.model.payment_methods import PaymentMethod
from domain.model.setup_attributes import UNSET
from domain.model.setup_intent import SetupIntent
from domain.model.statuses import Status
from tests.explore.clients import CREATE, REQUEST
from tests.explore.gateway import CHALLENGED, DEPOSITED, PLAIN
from tests.support.builders import CONSENT, make_method, make_setup

if TYPE_CHECKING:
    from tests.explore.world import World

DAY_SECONDS = 86_400

OWNER_GONE = "the owner does not come back"


def _confirmable(token: str = PLAIN, type_: str = "card", **fields: Any) -> SetupIntent:
    method = make_method(id="pm", token=token, type=type_, **({} if type_ == "card" else {"card": None}))
    given = {"id": "seti", "client_secret": "s", "customer": "cus", "payment_method": method}
    given |= {"status": Status.REQUIRES_CONFIRMATION, "payment_method_types": (type_, "card")}
    return make_setup(**{**given, **fields})


_BEFORE = Confirm(command_id="before", return_url="https://shop.example")
_ACCOUNT = _confirmable(type_="us_bank_account", mandate_data=CONSENT)

SETUP_BASES: dict[str, tuple[SetupIntent, tuple[Command, ...], Status]] = {
    "setup confirmable": (_confirmable(), (), Status.REQUIRES_CONFIRMATION),
    "setup challenged soon": (_confirmable(CHALLENGED), (), Status.REQUIRES_CONFIRMATION),
    "setup account soon": (_ACCOUNT, (), Status.REQUIRES_CONFIRMATION),
    "setup challenged": (_confirmable(CHALLENGED), (_BEFORE,), Status.REQUIRES_ACTION),
    "setup proving": (_ACCOUNT, (_BEFORE,), Status.REQUIRES_ACTION),
}
"""As it was made, the commands that brought it there, and where that is."""


def _card(id_: str) -> PaymentMethod:
    """Another one, whose bank says yes."""
    return make_method(id=id_, token=f"{PLAIN}_{id_}")


def _given(command: Command) -> "Callable[[World], Command | None]":
    return lambda world: command


SETUP_COMING: "dict[str, tuple[str, Callable[[World], Command | None]]]" = {
    "verify": (REQUEST, _given(VerifyMicrodeposits(command_id="verify", amounts=DEPOSITED))),
    "guess": (REQUEST, _given(VerifyMicrodeposits(command_id="guess", amounts=(1, 2)))),
    "another card": (REQUEST, _given(Confirm(command_id="another card", payment_method=_card("pm_2")))),
    "other method": (REQUEST, _given(Update(command_id="other method", payment_method=_card("pm_4")))),
    "unset": (REQUEST, _given(Update(command_id="unset", changes={UNSET: None}))),
    "create setup": (CREATE, _given(Confirm())),
}  # fmt: skip
"""Commands that come for a SetupIntent alone; the others come for payments, too."""


def owner_gone(world: "World") -> "World | None":
    """Eleven days pass: longer than a buyer is waited for at their bank, and longer than deposits are."""
    waits = world.intent is not None and world.intent.status == Status.REQUIRES_ACTION
    in_a_task = any(not session.zombie for session in world.sessions)
    return world.change(now=world.now + 11 * DAY_SECONDS) if waits and not in_a_task else None
