"""Worlds with one mend taken out, to see whether the explorer finds again what it was made for. All of it is injected.

M1 to M10 are faults that were found in 956c385 by hand; each is a scenario here, and was mended by what is taken out.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from temporalio import workflow

from activities.payments import PaymentActivities
from activities.setups import SetupActivities
from contracts.messages import PaymentIntentStart
from contracts.setup_messages import SetupIntentStart
from domain.machine.fence import Taken, UnderWay
from domain.machine.housekeeping import Known
from domain.model.outcomes import Approved, GatewayEffect, Outcome, Void
from gateways.base import Standing
from tests.explore import scenarios
from tests.explore.code import ActivityCode, GatewayPort, NoBalances, StorePort, Told
from tests.explore.gateway import Book
from tests.explore.scenarios import Scenario
from tests.explore.sdk import WorkflowCode
from tests.explore.store import Step as StepOn
from tests.explore.store import Store
from tests.explore.values import Value, value
from tests.explore.worker import Code
from tests.explore.world import ANSWER_LOST, SERVER_DIES, STORE_SILENT, Rules, World
from workflows.payment_intent import PaymentIntentWorkflow
from workflows.setup_intent import SetupIntentWorkflow


@dataclass(frozen=True)
class StoreWithoutClaims(Store):
    """Says yes to whoever is about to ask a gateway, and does not write it down."""

    def claim(self, intent: Known, asked: UnderWay) -> tuple[Store, Value]:
        """Always taken."""
        return self, value(Taken(asked.now))


@dataclass(frozen=True)
class StoreOfLaterVersions(StoreWithoutClaims):
    """Takes any version later than its own, ignores every other, and does not say which it did; as 956c385."""

    def write(self, transition: StepOn) -> tuple[Store, Value]:
        """`WHERE version < excluded.version`."""
        later = transition.after.version > self.version
        return (self.taken(transition) if later else self), value(Taken(transition.now))


@workflow.defn(name="PaymentIntentThatIsNeverLevel")
class WorkflowThatIsNeverLevel(PaymentIntentWorkflow):
    """Believes itself, whatever its record says."""

    @workflow.init
    def __init__(self, start: PaymentIntentStart) -> None:
        """As the real one."""
        super().__init__(start)

    @workflow.run
    async def run(self, start: PaymentIntentStart) -> str:
        """As the real one."""
        return await PaymentIntentWorkflow.run(self, start)

    async def _recall(self) -> bool:
        self._revived = False
        return True


@workflow.defn(name="SetupIntentThatIsNeverLevel")
class SetupThatIsNeverLevel(SetupIntentWorkflow):
    """The same of a SetupIntent."""

    @workflow.init
    def __init__(self, start: SetupIntentStart) -> None:
        """As the real one."""
        super().__init__(start)

    @workflow.run
    async def run(self, start: SetupIntentStart) -> str:
        """As the real one."""
        return await SetupIntentWorkflow.run(self, start)

    async def _recall(self) -> bool:
        self._revived = False
        return True


@workflow.defn(name="PaymentIntentThatGoesOn")
class WorkflowThatGoesOn(PaymentIntentWorkflow):
    """Decides again by what the record says now, whether or not anybody counts on it."""

    @workflow.init
    def __init__(self, start: PaymentIntentStart) -> None:
        """As the real one."""
        super().__init__(start)

    @workflow.run
    async def run(self, start: PaymentIntentStart) -> str:
        """As the real one."""
        return await PaymentIntentWorkflow.run(self, start)

    async def _still_ours(self) -> None:
        """Nobody is asked."""
        return


class CredulousAboutVoids(GatewayPort):
    """Takes a no to a void for a release, and asks nothing; as 956c385."""

    async def perform(self, effect: GatewayEffect) -> Outcome:
        """Yes to every void."""
        outcome = await super().perform(effect)
        return Approved(authorization=effect.authorization) if isinstance(effect, Void) else outcome

    async def standing(self, authorization: str) -> Standing | None:
        """Nobody knows."""
        return None


class CredulousAboutKeys(GatewayPort):
    """Believes whatever is answered under a key; as 956c385."""

    def believed(self, effect: GatewayEffect, told: Told) -> Outcome:
        """Whatever it is about."""
        return told.outcome


@dataclass(frozen=True)
class Mend:
    """What keeps a fault out: `scenario` shows the fault when it is taken out, and shows nothing as it is.

    `worse` is the scenario in its place where the mend is one of those who send something.
    """

    name: str
    scenario: Scenario
    taken_out: Callable[[Rules], Rules] = lambda rules: rules
    store: type[Store] = Store
    worse: Scenario | None = None

    def without(self, rules: Rules) -> tuple[Rules, World]:
        """The walk's start without the mend."""
        return scenarios.prepare(self.worse or self.scenario, self.taken_out(rules), self.store(), Book())

    def in_place(self, rules: Rules) -> tuple[Rules, World]:
        """The walk's start as things are."""
        return scenarios.prepare(self.scenario, rules, Store(), Book())


def _scenario(base: str, coming: str, *kinds: str) -> Scenario:
    return Scenario(base, tuple(coming.split(", ")), faults=len(kinds), kinds=frozenset(kinds))


def _going_on(rules: Rules) -> Rules:
    return replace(rules, code=Code(WorkflowCode(WorkflowThatGoesOn), ActivityCode()))


def _setups_never_level(rules: Rules) -> Rules:
    activities = ActivityCode(SetupActivities(GatewayPort(), StorePort(), clock=lambda: 0))
    return replace(rules, setups=Code(WorkflowCode(SetupThatIsNeverLevel), activities))


def _setups_asking(gateway: GatewayPort) -> Callable[[Rules], Rules]:
    activities = ActivityCode(SetupActivities(gateway, StorePort(), clock=lambda: 0))

    def taken_out(rules: Rules) -> Rules:
        assert rules.setups is not None
        return replace(rules, setups=Code(rules.setups.workflow, activities))

    return taken_out


def _never_level(rules: Rules) -> Rules:
    return replace(rules, code=Code(WorkflowCode(WorkflowThatIsNeverLevel), ActivityCode()))


def _asking(gateway: GatewayPort) -> Callable[[Rules], Rules]:
    activities = ActivityCode(PaymentActivities(gateway, StorePort(), NoBalances(), clock=lambda: 0))
    return lambda rules: replace(rules, code=Code(rules.code.workflow, activities))


def _asleep(rules: Rules) -> Rules:
    return replace(rules, revives=False, sweeps=False)


MENDS = (
    Mend("M1, the record goes from one version to the next", _scenario("held", "part, cancel", SERVER_DIES),
         store=StoreOfLaterVersions),
    Mend("M1, a capture is claimed", _scenario("held", "part, cancel", SERVER_DIES), store=StoreWithoutClaims),
    Mend("M2, the record goes from one version to the next", _scenario("confirmable", "confirm, amount", SERVER_DIES),
         store=StoreOfLaterVersions),
    Mend("M2, a confirm is claimed", _scenario("confirmable", "confirm, amount", SERVER_DIES),
         store=StoreWithoutClaims),
    Mend("M2, an answer is held against its question", _scenario("confirmable", "confirm, backup, amount", ANSWER_LOST),
         _asking(CredulousAboutKeys())),
    Mend("M3, what stands is asked", _scenario("held", "capture, backup, cancel"),
         _asking(CredulousAboutVoids())),
    Mend("what was shown is withdrawn before another way to pay is taken", _scenario("shown", "another, settlement"),
         _asking(CredulousAboutVoids())),
    Mend("M6, news find a workflow that is level", _scenario("challenged soon", "confirm, authentication", SERVER_DIES),
         _never_level),
    Mend("M6, a timer finds a workflow that is level", _scenario("held soon", "confirm, days", SERVER_DIES),
         _never_level),
    Mend("M7, news revive a workflow", _scenario("challenged", "authentication, loss"), _asleep),
    Mend("M8, a statement that comes late is not taken", _scenario("confirmable", "confirm", STORE_SILENT),
         store=StoreOfLaterVersions),
    Mend("news of a refund wait for its record", _scenario("slow to refund", "refund, refund fails"),
         worse=_scenario("slow to refund", "refund, hasty refund fails")),
    Mend("news of a modification wait for its record", _scenario("later held", "capture, news of capture", SERVER_DIES),
         worse=_scenario("later held", "capture, hasty news of capture", SERVER_DIES)),
    Mend("a command that was refused stays refused",
         _scenario("slow to refund", "all, rest, refund fails", SERVER_DIES), _going_on),
    Mend("who has waited is not carried out by a worker that has lost its place",
         _scenario("held soon", "confirm, part", SERVER_DIES), _going_on),
    Mend("M10, the row before the workflow", _scenario("nothing", "create", STORE_SILENT),
         lambda rules: replace(rules, creates_at_once=True)),
    Mend("setup: the record goes from one version to the next",
         _scenario("setup confirmable", "confirm, cancel", SERVER_DIES), store=StoreOfLaterVersions),
    Mend("setup: a confirm is claimed", _scenario("setup confirmable", "confirm, cancel", SERVER_DIES),
         store=StoreWithoutClaims),
    Mend("setup: a statement that comes late is not taken", _scenario("setup confirmable", "confirm", STORE_SILENT),
         store=StoreOfLaterVersions),
    Mend("setup: an answer is held against its question",
         _scenario("setup confirmable", "confirm, backup, another card"), _setups_asking(CredulousAboutKeys())),
    Mend("setup: news find a workflow that is level",
         _scenario("setup challenged soon", "confirm, authentication", SERVER_DIES), _setups_never_level),
    Mend("setup: news revive a workflow", _scenario("setup challenged", "authentication, loss"), _asleep),
    Mend("setup: who is waited for too long is given up although the workflow is gone",
         _scenario("setup challenged", "owner gone, loss"), _asleep),
    Mend("setup: the row before the workflow", _scenario("setup nothing", "create setup", STORE_SILENT),
         lambda rules: replace(rules, creates_at_once=True)),
)  # fmt: skip
"""Every mend that can be taken out."""
