"""Choosing a gateway: rules in order, shares by lot, what each can and may; and what is promised of every choice."""

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.model.routes import FIRST, Reason, Routing
from domain.routing.candidates import Candidate, Health
from domain.routing.choosing import choose
from domain.routing.rules import Choice, Conditions, Facts, Rule, RuleSet

PAYMENT = Facts(
    intent="pi_1", amount=1_099, currency="eur", type="card", capture="automatic", brand="visa", country="DE",
    funding="credit",
)  # fmt: skip
A, B, C = (Candidate(name=name) for name in ("alpha", "beta", "gamma"))


def rules(*of: Rule, otherwise: tuple[str, ...] = ()) -> RuleSet:
    return RuleSet(version=3, rules=of, otherwise=Choice(gateways=otherwise))


def rule(*gateways: str, name: str = "r", **when: Any) -> Rule:
    return Rule(name=name, when=Conditions(**when), choice=Choice(gateways=gateways))


def reasons(routing: Routing) -> dict[str, str]:
    return {one.gateway: one.reason for one in routing.verdicts}


def test_without_rules_the_first_that_can_is_asked_and_nobody_after_a_no() -> None:
    routing = choose(PAYMENT, None, [replace(A, lacks="no eur"), B, C])
    assert (routing.gateways, routing.version, routing.rule) == (("beta",), 0, "")
    assert reasons(routing) == {"alpha": Reason.CANNOT, "beta": Reason.DEFAULT, "gamma": Reason.BEYOND}
    assert routing.verdicts[0].detail == "no eur"


@pytest.mark.parametrize(
    "when",
    [
        {"currencies": frozenset({"usd"})},
        {"types": frozenset({"sepa_debit"})},
        {"brands": frozenset({"amex"})},
        {"countries": frozenset({"FR"})},
        {"fundings": frozenset({"debit"})},
        {"capture": "manual"},
        {"least": 1_100},
        {"most": 1_098},
    ],
)
def test_every_condition_has_to_hold(when: dict[str, Any]) -> None:
    said = rules(rule("beta", **when), rule("gamma", name="all"))
    assert choose(PAYMENT, said, [A, B, C]).rule == "all"


def test_amounts_include_both_ends() -> None:
    assert choose(PAYMENT, rules(rule("beta", least=1_099, most=1_099)), [A, B]).gateways == ("beta",)


def test_the_first_rule_that_fits_decides_and_says_who_is_next() -> None:
    said = rules(rule("gamma", "alpha", brands=frozenset({"visa"})), rule("beta", name="later"))
    routing = choose(PAYMENT, said, [A, B, C])
    assert (routing.gateways, routing.rule, routing.version) == (("gamma", "alpha"), "r", 3)
    assert reasons(routing) == {"alpha": Reason.RETRY, "beta": Reason.NOT_NAMED, "gamma": Reason.RULE}


def test_a_rule_whose_gateways_cannot_gives_way_to_otherwise_and_that_to_whoever_can() -> None:
    said = rules(rule("alpha"), rule("gamma", name="never"), otherwise=("beta",))
    routing = choose(PAYMENT, said, [replace(A, lacks="x"), B, C])
    assert (routing.gateways, routing.rule) == (("beta",), "")
    assert reasons(routing)["beta"] == Reason.OTHERWISE
    nobody = choose(PAYMENT, said, [replace(A, lacks="x"), replace(B, tokenized=False), C])
    assert nobody.gateways == ("gamma",)
    assert reasons(nobody) == {"alpha": Reason.CANNOT, "beta": Reason.TOKEN, "gamma": Reason.DEFAULT}


def test_whose_breaker_is_open_is_passed_over_and_asked_only_if_there_is_no_other() -> None:
    said = rules(rule("alpha", "beta", "gamma"))
    for silent in (Health.OPEN, Health.HALF_OPEN):
        dead = replace(A, health=silent)
        routing = choose(PAYMENT, said, [dead, B, C])
        assert routing.gateways == ("beta", "gamma")
        assert reasons(routing) == {"alpha": Reason.OPEN, "beta": Reason.RULE, "gamma": Reason.RETRY}
        alone = choose(PAYMENT, said, [dead])
        assert (alone.gateways, alone.verdicts[0].detail) == (("alpha",), silent)


def test_a_gateway_that_is_drained_or_paused_is_not_asked_even_if_it_is_the_only_one() -> None:
    for health, reason in ((Health.DRAINING, Reason.DRAINING), (Health.PAUSED, Reason.PAUSED)):
        routing = choose(PAYMENT, rules(rule("alpha")), [replace(A, health=health)])
        assert (routing.gateways, reasons(routing)) == ((), {"alpha": reason})


def test_ten_thousand_payments_are_split_as_was_said_within_one_per_cent() -> None:
    said = rules(Rule(name="split", when=Conditions(), choice=Choice(shares=(("alpha", 70), ("beta", 30)))))
    asked = Counter(choose(replace(PAYMENT, intent=f"pi_{n}"), said, [A, B]).gateways for n in range(10_000))
    assert abs(asked["alpha", "beta"] - 7_000) < 100
    assert asked["alpha", "beta"] + asked["beta", "alpha"] == 10_000


def test_two_rules_split_independently_of_each_other() -> None:
    def first(name: str, intent: str) -> str:
        choice = Choice(shares=(("alpha", 50), ("beta", 50)))
        return choice.order(name, intent)[0]

    same = sum(first("one", f"pi_{n}") == first("two", f"pi_{n}") for n in range(4_000))
    assert abs(same - 2_000) < 150


def test_a_share_that_grows_moves_only_payments_that_come_to_it() -> None:
    for n in range(2_000):
        before = Choice(shares=(("alpha", 60), ("beta", 40))).order("r", f"pi_{n}")[0]
        after = Choice(shares=(("alpha", 70), ("beta", 30))).order("r", f"pi_{n}")[0]
        assert before == after or (before, after) == ("beta", "alpha")


NAMES = ("alpha", "beta", "gamma", "delta")


@st.composite
def choices(draw: st.DrawFn) -> Choice:
    gateways = tuple(draw(st.permutations(NAMES)))[: draw(st.integers(1, 4))]
    if draw(st.booleans()):
        return Choice(gateways=gateways)
    cut = draw(st.integers(1, 99))
    return Choice(gateways=gateways, shares=((draw(st.sampled_from(NAMES[:2])), cut), (NAMES[2], 100 - cut)))


ANY_RULES = st.builds(
    RuleSet,
    version=st.integers(1, 9),
    rules=st.lists(
        st.builds(
            Rule,
            name=st.sampled_from(["one", "two"]),
            when=st.builds(
                Conditions,
                currencies=st.frozensets(st.sampled_from(["eur", "usd"])),
                brands=st.frozensets(st.sampled_from(["visa", "amex"])),
                capture=st.sampled_from(["", "automatic", "manual"]),
            ),
            choice=choices(),
        ),
        max_size=3,
    ).map(tuple),
    otherwise=st.one_of(st.just(Choice()), choices()),
    tries=st.integers(1, 3),
)
ANY_CANDIDATES = st.lists(
    st.builds(
        Candidate,
        name=st.sampled_from(NAMES),
        lacks=st.sampled_from(["", "", "no eur"]),
        health=st.sampled_from(list(Health)),
        tokenized=st.booleans(),
    ),
    unique_by=lambda one: one.name,
)
ANY_FACTS = st.builds(
    Facts, intent=st.text(min_size=1, max_size=8), amount=st.integers(0, 10_000), type=st.just("card"),
    currency=st.sampled_from(["eur", "usd"]), capture=st.sampled_from(["automatic", "manual"]),
    brand=st.sampled_from(["visa", "amex", ""]),
)  # fmt: skip


@given(ANY_FACTS, st.one_of(st.none(), ANY_RULES), ANY_CANDIDATES)
def test_what_is_promised_of_every_choice(facts: Facts, said: RuleSet | None, candidates: list[Candidate]) -> None:
    routing = choose(facts, said, candidates)
    known = {one.name: one for one in candidates}
    able = {
        one.name
        for one in candidates
        if not one.lacks and one.tokenized and one.health not in (Health.DRAINING, Health.PAUSED)
    }
    assert set(routing.gateways) <= able, "nobody is asked who cannot, or may not"
    assert bool(routing.gateways) == bool(able), "somebody is asked if anybody can"
    assert len(set(routing.gateways)) == len(routing.gateways) <= (said.tries if said else 1), "each once, not too many"
    heard = [name for name in routing.gateways if known[name].health is Health.CLOSED]
    assert len(heard) == len(routing.gateways) or len(routing.gateways) == 1, "nobody waits for a second that is silent"
    assert [one.gateway for one in routing.verdicts] == [one.name for one in candidates], "a word about each"
    first = [one.gateway for one in routing.verdicts if one.reason in FIRST]
    assert first == list(routing.gateways[:1]), "exactly one is first, and it is said why"
    assert {one.gateway for one in routing.verdicts if one.reason == Reason.RETRY} == set(routing.gateways[1:])
    assert choose(facts, said, candidates) == routing, "the same payment, the same choice"
