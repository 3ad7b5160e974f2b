"""Deciding again: past attempts under other rules, counted by where they were and would have been tried."""

from dataclasses import replace

from domain.model.outcomes import Declined
from domain.routing.candidates import Candidate
from domain.routing.redeciding import Past, redecide
from domain.routing.rules import Choice, Conditions, Facts, Rule, RuleSet

EUROS = Facts(intent="pi_1", amount=1_000, currency="eur", type="card", capture="automatic", brand="visa")
DOLLARS = replace(EUROS, intent="pi_2", amount=500, currency="usd")
SOFT, HARD = Declined(decline_code="do_not_honor"), Declined(decline_code="stolen_card")
RULES = RuleSet(
    version=1,
    rules=(
        Rule(
            name="euros", when=Conditions(currencies=frozenset({"eur"})), choice=Choice(gateways=("beta", "alpha"))
        ),
    ),
    otherwise=Choice(gateways=("alpha",)),
)  # fmt: skip


def both(facts: Facts) -> list[Candidate]:
    return [Candidate(name="alpha"), Candidate(name="beta", lacks="" if facts.currency == "eur" else "currency")]


def test_what_would_move_is_counted_with_its_amount_and_its_rule() -> None:
    past = [Past(facts=EUROS, gateway="alpha"), Past(facts=DOLLARS, gateway="alpha"),
            Past(facts=EUROS, gateway="beta", no=SOFT)]  # fmt: skip
    found = redecide(past, RULES, both)
    assert (found.attempts, found.moved, found.nobody) == (3, 1, 0)
    assert found.moves == {("alpha", "beta"): 1, ("alpha", "alpha"): 1, ("beta", "beta"): 1}
    assert found.amounts["alpha", "beta", "eur"] == 1_000
    assert found.rules == {"euros": 2, "": 1}


def test_declines_after_which_another_would_be_asked() -> None:
    past = [
        Past(facts=EUROS, gateway="alpha", no=SOFT),
        Past(facts=EUROS, gateway="alpha", no=HARD),
        Past(facts=EUROS, gateway="alpha", no=SOFT, authenticated=True),
        Past(facts=DOLLARS, gateway="alpha", no=SOFT),
    ]
    assert redecide(past, RULES, both).retried == 1
    assert redecide(past, None, both).retried == 0, "without rules nobody is asked after a no"


def test_approvals_are_estimated_by_what_each_approved_and_not_at_all_of_one_that_was_never_tried() -> None:
    past = [Past(facts=EUROS, gateway="alpha"), Past(facts=EUROS, gateway="alpha", no=HARD)]
    assert redecide(past, None, both).estimate() == 1.0
    assert redecide(past, RULES, both).estimate() is None
    known = [*past, Past(facts=EUROS, gateway="beta")]
    assert redecide(known, RULES, both).estimate() == 3.0


def test_a_payment_that_nobody_could_take_is_named() -> None:
    found = redecide([Past(facts=DOLLARS, gateway="beta")], None, lambda facts: [Candidate(name="beta", lacks="x")])
    assert (found.nobody, found.moved, found.attempts) == (1, 0, 1)
