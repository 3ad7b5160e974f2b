"""Scenarios: a payment in some state, the commands that come for it, and what else may happen."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

from contracts import names
from domain.machine.housekeeping import Known
from domain.model.commands import (
    AuthenticationResult,
    Cancel,
    Capture,
    CheckSettlement,
    Command,
    Confirm,
    IncrementAuthorization,
    RefundCharge,
    RefundResult,
    ReportDispute,
    Update,
)
from domain.model.gateways import AT_FIRST, Hop
from domain.model.payment_intent import PaymentIntent
from domain.model.statuses import Status
from tests.explore import later, sdk
from tests.explore.clients import CREATE, NOTICE, REPORT, REQUEST, SIGNAL, Client
from tests.explore.gateway import CHALLENGED, DECLINED, PLAIN, SLOW_TO_REFUND, Book
from tests.explore.later import LaterBook
from tests.explore.requests import lost, start_of
from tests.explore.server import started
from tests.explore.setup_bases import OWNER_GONE, SETUP_BASES, SETUP_COMING, owner_gone
from tests.explore.store import Store
from tests.explore.tasks import settled
from tests.explore.walk import possible
from tests.explore.world import KINDS, LOST_DATABASE, STORE_REFUSES, STORE_SILENT, Happening, Rules, Step, World
from tests.support.builders import CONSENT, NOW, make_intent, make_method

DAY_SECONDS = 86_400

REFUND = "re_1"
"""The refund whose end is told."""

CAME_BACK = "the refund comes back"
HASTY = "hasty news of capture"

Make = Callable[[World], Command | None]


@dataclass(frozen=True)
class Scenario:
    """`base` is how the payment stands; `coming` are names of `COMING`; at most `faults` of `kinds` go wrong."""

    base: str
    coming: tuple[str, ...]
    faults: int = 1
    kinds: frozenset[str] = frozenset(KINDS) - {STORE_REFUSES}
    history_events_max: int = 0

    @property
    def of_setup(self) -> bool:
        """Whether it is about a SetupIntent."""
        return self.base.startswith("setup")

    @property
    def later(self) -> bool:
        """Whether the gateway answers later."""
        return self.base.startswith("later")

    @property
    def name(self) -> str:
        """`held: capture, cancel`."""
        return f"{self.base}: {', '.join(self.coming)}"


def _confirmable(token: str = PLAIN, type_: str = "card", **fields: Any) -> PaymentIntent:
    method = make_method(id="pm", token=token, type=type_, **({} if type_ == "card" else {"card": None}))
    given = {"id": "pi", "client_secret": "s", "payment_method": method, "status": Status.REQUIRES_CONFIRMATION}
    return make_intent(**{**given, "amount": 1_000, "payment_method_types": (type_,), **fields})


_OPTIONS = {"card": {"request_incremental_authorization": "if_available", "request_multicapture": "if_available"}}
_HOLD: dict[str, Any] = {"capture_method": "manual", "payment_method_options": _OPTIONS}
_BEFORE = Confirm(command_id="before", return_url="https://shop.example")

_DEBIT = _confirmable(type_="us_bank_account", mandate_data=CONSENT)
_CODE = _confirmable(type_="paynow", currency="sgd", payment_method_types=("paynow", "card"))

Base = tuple[Known, tuple[Command, ...], Status]
"""How an intent stands: as it was made, the commands that brought it there, and where that is."""

BASES: dict[str, tuple[PaymentIntent, tuple[Command, ...], Status]] = {
    "confirmable": (_confirmable(), (), Status.REQUIRES_CONFIRMATION),
    "held soon": (_confirmable(**_HOLD), (), Status.REQUIRES_CONFIRMATION),
    "challenged soon": (_confirmable(CHALLENGED), (), Status.REQUIRES_CONFIRMATION),
    "debited soon": (_DEBIT, (), Status.REQUIRES_CONFIRMATION),
    "held": (_confirmable(**_HOLD), (_BEFORE,), Status.REQUIRES_CAPTURE),
    "challenged": (_confirmable(CHALLENGED), (_BEFORE,), Status.REQUIRES_ACTION),
    "debited": (_DEBIT, (_BEFORE,), Status.PROCESSING),
    "shown": (_CODE, (_BEFORE,), Status.REQUIRES_ACTION),
    "taken": (_confirmable(), (_BEFORE,), Status.SUCCEEDED),
    "slow to refund": (_confirmable(SLOW_TO_REFUND), (_BEFORE,), Status.SUCCEEDED),
    "later soon": (_confirmable(**_HOLD), (), Status.REQUIRES_CONFIRMATION),
    "later held": (_confirmable(**_HOLD), (_BEFORE,), Status.REQUIRES_CAPTURE),
    "later and silent soon": (_confirmable(**_HOLD), (), Status.REQUIRES_CONFIRMATION),
    "later and silent held": (_confirmable(**_HOLD), (_BEFORE,), Status.REQUIRES_CAPTURE),
}
"""Those of payments; setup_scenarios.py adds those of SetupIntents."""


def _given(command: Command) -> Make:
    return lambda world: command


def _authentication(world: World) -> Command | None:
    """Once the buyer has answered."""
    ended = next((c for c in world.book.challenges if c.passed is not None), None)
    if ended is None:
        return None
    return AuthenticationResult(
        command_id=ended.reference, authentication=ended.reference, authenticated=bool(ended.passed)
    )


def _settlement(world: World) -> Command | None:
    """Once the bank has answered."""
    ended = next((s for s in world.book.standing if s.delayed and not s.settles), None)
    return CheckSettlement(command_id=f"{ended.charge}/settlement", charge=ended.charge) if ended else None


def _refund_ended(succeeded: bool, *, patient: bool = True) -> Make:
    """Once the gateway knows how the refund `re_1` ended; as api/routes/notifications.py reads it from the records.

    Before it is recorded, it is told again, if they are `patient`.
    """

    def make(world: World) -> Command | None:
        asked = any(getattr(told.asked.content, "refund", "") == REFUND for told in world.book.told)
        known = next((refund.content for refund in world.store.refunds if refund.content.id == REFUND), None)
        under_way = world.record.under_way if world.record else None
        is_asked_for = under_way is not None and getattr(under_way.command, "refund", "") == REFUND
        if not asked or (CAME_BACK in world.happened) == succeeded or (patient and known is None and is_asked_for):
            return None
        return RefundResult(command_id="refund/ended", refund=known, succeeded=succeeded)

    return make


def _dispute(world: World) -> Command | None:
    """Once money was taken; a bank may be quick."""
    taken = next((s for s in world.book.standing if s.captured), None)
    return ReportDispute(command_id=f"{taken.charge}/dispute/needs_response", charge=taken.charge) if taken else None


_TWICE = make_method(id="pm_4", token=DECLINED, tokens={"other": PLAIN})
_THERE = (AT_FIRST, Hop(gateway="other"))

COMING: dict[str, tuple[str, Make]] = {
    "confirm": (REQUEST, _given(Confirm(command_id="confirm", return_url="https://shop.example"))),
    "another": (REQUEST, _given(Confirm(command_id="another", payment_method=make_method(id="pm_2", token=PLAIN)))),
    "declined": (
        REQUEST,
        _given(Confirm(command_id="declined", payment_method=make_method(id="pm_3", token=DECLINED))),
    ),
    # The same card, by rules that changed in between: declined at the first gateway, and good at the other.
    "routed": (REQUEST, _given(Confirm(command_id="routed", payment_method=_TWICE, route=_THERE))),
    "rerouted": (REQUEST, _given(Confirm(command_id="rerouted", payment_method=_TWICE, route=_THERE[::-1]))),
    "amount": (REQUEST, _given(Update(command_id="amount", changes={"amount": 2_500}))),
    "note": (REQUEST, _given(Update(command_id="note", changes={"metadata": {"a": "b"}}))),
    "capture": (REQUEST, _given(Capture(command_id="capture"))),
    "part": (REQUEST, _given(Capture(command_id="part", amount_to_capture=400))),
    "parts": (REQUEST, _given(Capture(command_id="parts", amount_to_capture=400, final_capture=False))),
    "cancel": (REQUEST, _given(Cancel(command_id="cancel"))),
    "increment": (REQUEST, _given(IncrementAuthorization(command_id="increment", amount=1_500))),
    "refund": (REQUEST, _given(RefundCharge(command_id="refund", refund=REFUND, amount=400))),
    "all": (REQUEST, _given(RefundCharge(command_id="all", refund=REFUND))),
    "rest": (REQUEST, _given(RefundCharge(command_id="rest", refund="re_2"))),
    "signaled cancel": (SIGNAL, _given(Cancel())),
    "check": (SIGNAL, _given(CheckSettlement())),
    "signaled capture": (SIGNAL, _given(Capture(amount_to_capture=300))),
    "authentication": (NOTICE, _authentication),
    "refusal": (NOTICE, _authentication),
    "settlement": (NOTICE, _settlement),
    "refund succeeds": (REPORT, _refund_ended(True)),
    "refund fails": (REPORT, _refund_ended(False)),
    "hasty refund fails": (REPORT, _refund_ended(False, patient=False)),
    "dispute": (REPORT, _dispute),
    "return": (NOTICE, _settlement),
    "create": (CREATE, _given(Confirm())),
    **{f"news of {operation}": later.news_of(operation) for operation in ("capture", "void", "increment")},
    # Whoever is refused concludes from that, whatever is under way.
    HASTY: later.news_of("capture"),
}
"""Every command that may come for a payment: how, and what."""


def _once(words: str, when: Callable[[World], World | None]) -> Happening:
    def happening(world: World) -> Iterator[Step]:
        after = None if words in world.happened else when(world)
        if after is not None:
            yield Step(words, after.change(happened=after.happened | {words}))

    return happening


def _buyer_answers(passed: bool) -> Callable[[World], World | None]:
    """Where the record shows the way; nobody else knows it."""

    def answers(world: World) -> World | None:
        action = world.intent.next_action if world.intent else None
        if action is None or all(
            c.reference != action.authentication or c.passed is not None for c in world.book.challenges
        ):
            return None
        return world.change(book=world.book.authenticated(action.authentication, passed=passed))

    return answers


def _bank(paid: bool) -> Callable[[World], World | None]:
    def answers(world: World) -> World | None:
        waiting = next((s for s in world.book.standing if s.settles and not s.released), None)
        return world.change(book=world.book.settled(waiting.reference, paid)) if waiting else None

    return answers


def _days_pass(world: World) -> World | None:
    """A hold's seven days, a debit's fewer. A task may take a second, and no more, or it is given to another worker."""
    waits = world.intent is not None and world.intent.status in (Status.REQUIRES_CAPTURE, Status.PROCESSING)
    in_a_task = any(not session.zombie for session in world.sessions)
    return world.change(now=world.now + 8 * DAY_SECONDS) if waits and not in_a_task else None


def _refund_comes_back(world: World) -> World | None:
    asked = next((t.asked.content for t in world.book.told if getattr(t.asked.content, "refund", "") == REFUND), None)
    return world.change(book=world.book.refund_failed(asked.authorization, asked.amount)) if asked else None


def _parked(world: World) -> World | None:
    """A signal that is no command: the run ends while nothing goes on."""
    return world.change(run=world.open_run.signaled(names.PARK, None)) if world.open_run else None


def _cancellation_requested(world: World) -> World | None:
    """In Temporal's UI, by somebody who wants the intent canceled, and no hold left."""
    run = world.open_run
    return world.change(run=replace(run, unseen=(*run.unseen, sdk.cancellation_requested()))) if run else None


def _database_lost(world: World) -> World | None:
    """Temporal has never heard of the payment; workers do not know yet."""
    if world.run is None:
        return None
    sessions = tuple(replace(session, zombie=True) for session in world.sessions)
    executions = tuple(replace(execution, zombie=True) for execution in world.executions)
    return settled(lost(world).change(run=None, sessions=sessions, executions=executions))


def _backup_restored(world: World) -> World | None:
    """The records are as they were one transition ago."""
    return world.change(store=world.store.of_a_backup()) if len(world.store.states) > 1 else None


HAPPENINGS: dict[str, Happening] = {
    "authentication": _once("the buyer authenticates", _buyer_answers(passed=True)),
    "refusal": _once("the buyer does not authenticate", _buyer_answers(passed=False)),
    "owner gone": _once(OWNER_GONE, owner_gone),
    "hasty refund fails": _once(CAME_BACK, _refund_comes_back),
    "refund fails": _once(CAME_BACK, _refund_comes_back),
    "settlement": _once("the bank pays", _bank(paid=True)),
    "return": _once("the bank returns the debit", _bank(paid=False)),
    "days": _once("eight days pass", _days_pass),
    "park": _once("an operator parks it", _parked),
    "cancellation": _once("an operator requests cancellation", _cancellation_requested),
    "loss": _once(LOST_DATABASE, _database_lost),
    "backup": _once("an older backup of the records is restored", _backup_restored),
}
"""What happens outside: by itself, or before a command of the same name can come."""


def prepare(scenario: Scenario, rules: Rules, store: Store, book: Book) -> tuple[Rules, World]:
    """The rules and the world that a walk through the scenario starts with; `store` and `book` are empty."""
    if scenario.of_setup:
        assert rules.setups is not None, "the code of SetupIntents is there"
        rules = replace(rules, code=rules.setups)
    if scenario.later:
        assert rules.later is not None, "the code of payments at such a gateway is there"
        rules, book = replace(rules, code=rules.later), LaterBook()
    if scenario.base in ("nothing", "setup nothing"):
        return _outside(scenario, rules, World(NOW, store, book))
    bases: dict[str, Base] = {**BASES, **SETUP_BASES}
    intent, before, status = bases[scenario.base]
    start = start_of(intent)
    if scenario.history_events_max:
        start = replace(start, history_events_max=scenario.history_events_max)
    world = World(NOW, store.holding(intent), book, started(1, sdk.payload(start)), runs=1)
    for command in before:
        world = _quietly(rules, world.change(clients=(Client("before", REQUEST, _given(command)),)))
    assert world.intent is not None
    assert world.intent.status == status, f"{scenario.base} is {world.intent.status}"
    if isinstance(world.book, LaterBook):
        world = world.change(book=replace(world.book, keeps_errors="silent" in scenario.base))
    return _outside(scenario, rules, world)


def _outside(scenario: Scenario, rules: Rules, world: World) -> tuple[Rules, World]:
    """With all that comes and happens."""
    known = COMING | SETUP_COMING
    clients = tuple(Client(name, *known[name]) for name in scenario.coming if name in known)
    happenings = tuple(HAPPENINGS[name] for name in scenario.coming if name in HAPPENINGS)
    happenings += (later.telling,) if scenario.later else ()
    restored = "backup" in scenario.coming
    rules = replace(rules, kinds=scenario.kinds, happenings=happenings, restored=restored)
    return rules, world.change(clients=clients, faults=scenario.faults)


def _quietly(rules: Rules, world: World) -> World:
    """Everything in order, until nothing moves."""
    orderly = replace(rules, kinds=frozenset(), happenings=())
    while steps := possible(orderly, world):
        world = steps[0].world
    return world


def pairs(base: str, coming: str) -> list[Scenario]:
    """Every pair of these."""
    return [Scenario(base, pair) for pair in combinations(coming.split(", "), 2)]


SCENARIOS = (
    *pairs("confirmable", "confirm, amount, cancel, note"),
    *pairs("held", "part, parts, cancel, increment, note, days, signaled cancel"),
    *pairs("taken", "refund, rest, note, dispute"),
    *(Scenario("held", ("parts", "dispute", *more)) for more in ((), ("refund",), ("cancel",), ("days",))),
    *pairs("challenged", "authentication, cancel, confirm, note, amount"),
    *pairs("debited", "settlement, cancel, note"),
    *pairs("confirmable", "confirm, another, declined"),
    Scenario("confirmable", ("confirm", "park")),
    Scenario("confirmable", ("routed",)),
    Scenario("confirmable", ("routed", "rerouted")),
    Scenario("confirmable", ("routed", "another")),
    Scenario("confirmable", ("routed", "cancel")),
    Scenario("confirmable", ("routed", "amount")),
    Scenario("confirmable", ("amount", "park")),
    *pairs("shown", "another, declined, settlement, cancel, note"),
    Scenario("held soon", ("confirm", "cancellation")),
    Scenario("held", ("parts", "cancellation")),
    Scenario("held", ("days", "cancellation")),
    Scenario("challenged", ("authentication", "cancellation")),
    Scenario("nothing", ("create",)),
    Scenario("challenged soon", ("confirm", "authentication")),
    Scenario("debited soon", ("confirm", "settlement")),
    Scenario("debited", ("return", "cancel")),
    Scenario("slow to refund", ("refund", "refund succeeds")),
    Scenario("slow to refund", ("refund", "refund fails")),
    Scenario("slow to refund", ("all", "dispute", "refund fails")),
    Scenario("slow to refund", ("all", "rest", "refund fails")),
    Scenario("held soon", ("confirm", "loss")),
    Scenario("held", ("capture", "loss")),
    Scenario("held", ("capture", "backup", "cancel")),
    Scenario("held", ("capture", "backup", "days")),
    Scenario("held", ("parts", "backup", "days")),
    Scenario("debited", ("settlement", "days", "refund")),
    Scenario("debited", ("settlement", "check", "refund")),
    Scenario("slow to refund", ("refund", "check", "refund succeeds")),
    Scenario("taken", ("refund", "backup", "rest"), faults=0),
    Scenario("taken", ("refund", "check"), kinds=frozenset({STORE_SILENT})),
    *(
        replace(scenario, kinds=frozenset({STORE_REFUSES}))
        for scenario in (
            Scenario("held", ("parts", "signaled cancel")),
            Scenario("confirmable", ("confirm", "another")),
            Scenario("taken", ("refund", "rest")),
        )
    ),
    *(
        Scenario(base, coming)
        for base in ("later held", "later and silent held")
        for coming in (
            ("capture", "news of capture"),
            ("part", "news of capture", "note"),
            ("cancel", "news of void"),
            ("increment", "news of increment"),
            ("capture", "cancel", "news of capture", "news of void"),
            ("parts", "cancel", "news of capture", "news of void"),
            ("capture", "days", "news of capture", "news of void"),
            ("capture", "loss", "news of capture"),
        )
    ),
    Scenario("later soon", ("confirm", "capture", "news of capture")),
    Scenario("later and silent soon", ("confirm", "cancel")),
    Scenario("later and silent soon", ("confirm", "note")),
    Scenario("held", ("part", "cancel", "note")),
    Scenario("confirmable", ("confirm", "amount", "cancel")),
)
"""Walked whole."""

QUICK = tuple(
    scenario
    for scenario in SCENARIOS
    if scenario.name
    in (
        "nothing: create",
        "held: part, cancel",
        "held: cancel, days",
        "held: part, signaled cancel",
        "confirmable: cancel, note",
        "challenged: authentication, cancel",
        "debited: settlement, cancel",
        "slow to refund: refund, refund succeeds",
        "slow to refund: refund, refund fails",
        "taken: refund, backup, rest",
        "taken: refund, check",
        "held soon: confirm, loss",
        "confirmable: routed",
        "later held: cancel, news of void",
    )
)
"""Those of a few thousand worlds each."""

LONG = (
    Scenario("held soon", ("confirm", "increment", "parts", "part", "cancel", "note", "days", "dispute"), faults=4),
    Scenario("confirmable", ("routed", "rerouted", "another", "amount", "cancel"), faults=4),
    Scenario("challenged soon", ("confirm", "authentication", "cancel", "note", "refund", "rest", "loss"), faults=4),
    Scenario("debited soon", ("confirm", "settlement", "note", "cancel", "refund"), faults=4),
    Scenario("slow to refund", ("refund", "rest", "refund fails", "note", "dispute"), faults=4),
    *(
        Scenario(
            base,
            ("increment", "part", "cancel", "note", "news of capture", "news of void", "news of increment"),
        )
        for base in ("later held", "later and silent held")
    ),
    Scenario(
        "held soon", ("confirm", "amount", "parts", "signaled capture", "note", "refund"), 4, history_events_max=12
    ),
)
"""Too long to be walked whole: at random."""
