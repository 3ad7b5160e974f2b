"""Choosing: who is asked for a payment, by an account's rules. Pure, so that a replay chooses as it was chosen."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.model.routes import Reason, Routing, Verdict
from domain.routing.candidates import SILENT, Candidate, obstacle
from domain.routing.rules import Choice, Facts, RuleSet

NO_RULES = RuleSet(version=0, tries=1)
"""An account that has said nothing: whoever can is asked, in the order of the settings, and nobody after a no."""


@dataclass(frozen=True, slots=True)
class _Pick:
    """Who could be asked, in this order; why the first; and by which rule."""

    order: tuple[str, ...]
    first: Reason
    rule: str = ""


def choose(facts: Facts, rules: RuleSet | None, candidates: Sequence[Candidate]) -> Routing:
    """Who is asked for a payment, in which order; with no gateways in it where nobody can or may.

    The first rule whose conditions hold decides, if one of its gateways can take the payment; else `otherwise`; else
    whoever can, in the order of `candidates`. One whose breaker is open is passed over; where there is no other, it is
    asked all the same, and the payment waits for it.
    """
    said = rules or NO_RULES
    able = {one.name: one for one in candidates if obstacle(one) is None}
    pick = _pick(facts, said, able)
    heard = [name for name in pick.order if able[name].health not in SILENT]
    tried = heard[: said.tries] or list(pick.order[:1])
    verdicts = tuple(_verdict(one, pick, tried) for one in candidates)
    return Routing(gateways=tuple(tried), rule=pick.rule, version=said.version, verdicts=verdicts)


def _pick(facts: Facts, rules: RuleSet, able: dict[str, Candidate]) -> _Pick:
    for rule in rules.rules:
        if rule.when.hold(facts):
            order = _able(rule.choice, rule.name, facts, able)
            if order:
                return _Pick(order, Reason.SHARE if rule.choice.shares else Reason.RULE, rule.name)
            break
    order = _able(rules.otherwise, "", facts, able)
    if order:
        return _Pick(order, Reason.SHARE if rules.otherwise.shares else Reason.OTHERWISE)
    return _Pick(tuple(able), Reason.DEFAULT)


def _able(choice: Choice, salt: str, facts: Facts, able: dict[str, Candidate]) -> tuple[str, ...]:
    return tuple(name for name in choice.order(salt, facts.intent) if name in able)


def _verdict(one: Candidate, pick: _Pick, tried: Sequence[str]) -> Verdict:
    found = obstacle(one)
    if found is not None:
        return Verdict(gateway=one.name, reason=found[0], detail=found[1])
    silent = str(one.health) if one.health in SILENT else ""
    if one.name in tried:
        return Verdict(gateway=one.name, reason=pick.first if tried[0] == one.name else Reason.RETRY, detail=silent)
    if one.name not in pick.order:
        return Verdict(gateway=one.name, reason=Reason.NOT_NAMED)
    return Verdict(gateway=one.name, reason=Reason.OPEN if silent else Reason.BEYOND, detail=silent)
