"""Reading rules: what is written is what is read, and what makes no sense is named with its place."""

from typing import Any

import pytest
from hypothesis import given

from domain.routing.reading import GATEWAYS_MAX, RULES_MAX, TRIES_MAX, Mistakes, read, written
from domain.routing.rules import Choice, Conditions, Rule, RuleSet
from tests.domain.routing.test_choosing import ANY_RULES

THERE = ("alpha", "beta", "gamma", "delta")

WHOLE: dict[str, Any] = {
    "rules": [
        {
            "name": "European cards",
            "when": {
                "currency": "eur", "type": ["card"], "brand": ["visa", "mastercard"], "country": ["DE", "FR"],
                "funding": ["debit"], "capture": "manual", "amount": {"from": 100, "to": 99_999},
            },
            "gateways": ["alpha", "beta"],
        },
        {"name": "the rest", "split": {"alpha": 70, "beta": 30}, "gateways": ["gamma"]},
    ],
    "otherwise": {"gateways": ["delta"]},
    "tries": 3,
}  # fmt: skip


def test_everything_that_can_be_said() -> None:
    rules = read(WHOLE, THERE, version=7)
    assert rules == RuleSet(
        version=7,
        rules=(
            Rule(
                name="European cards",
                when=Conditions(
                    currencies=frozenset({"eur"}), types=frozenset({"card"}), brands=frozenset({"visa", "mastercard"}),
                    countries=frozenset({"DE", "FR"}), fundings=frozenset({"debit"}), capture="manual",
                    least=100, most=99_999,
                ),
                choice=Choice(gateways=("alpha", "beta")),
            ),
            Rule(
                name="the rest",
                when=Conditions(),
                choice=Choice(gateways=("gamma",), shares=(("alpha", 70), ("beta", 30))),
            ),
        ),
        otherwise=Choice(gateways=("delta",)),
        tries=3,
    )  # fmt: skip
    assert rules.named == frozenset(THERE)
    assert read(written(rules), THERE, version=7) == rules
    assert read({}, ()) == RuleSet(version=1)


@pytest.mark.parametrize(
    ("data", "mistake"),
    [
        ([], "the rules: must be an object"),
        ({"rule": []}, "rule: is unknown. Did you mean rules?"),
        ({"rules": {}}, "rules: must be a list of at most 100"),
        ({"rules": [{"name": str(n), "gateways": ["alpha"]} for n in range(RULES_MAX + 1)]}, "must be a list"),
        ({"rules": [1]}, "rules[0]: must be an object"),
        ({"rules": [{"name": "a"}]}, "rules[0]: says no gateways"),
        ({"rules": [{"gateways": ["alpha"]}]}, "rules[0].name: must be a text of at most 60"),
        ({"rules": [{"name": "a" * 61, "gateways": ["alpha"]}]}, "rules[0].name: must be a text of at most 60"),
        ({"rules": [{"name": "a\x00", "gateways": ["alpha"]}]}, "rules[0].name: must be a text of at most 60"),
        ({"rules": [{"name": "a", "gateways": ["alpha"]}] * 2}, "rules: two are called 'a'"),
        ({"rules": [{"name": "a", "gateways": ["alpa"]}]}, "there is no gateway 'alpa'. Did you mean alpha?"),
        ({"rules": [{"name": "a", "gateways": ["alpha", "alpha"]}]}, "rules[0].gateways: must be a list"),
        ({"rules": [{"name": "a", "gateways": [str(n) for n in range(GATEWAYS_MAX + 1)]}]}, "at most 8, each once"),
        ({"rules": [{"name": "a", "split": {"alpha": 99}}]}, "rules[0].split: must be whole per cents, 100 in all"),
        ({"rules": [{"name": "a", "split": {"alpha": 100, "beta": 0}}]}, "must be whole per cents"),
        ({"rules": [{"name": "a", "split": {"alpha": 50.0, "beta": 50.0}}]}, "must be whole per cents"),
        ({"rules": [{"name": "a", "split": {"alpha": True, "beta": 99}}]}, "must be whole per cents"),
        ({"tries": 0}, "tries: must be a number from 1 to 3"),
        ({"tries": TRIES_MAX + 1}, "tries: must be a number from 1 to 3"),
        ({"tries": True}, "tries: must be a number from 1 to 3"),
        ({"otherwise": ["alpha"]}, "otherwise: must be an object"),
    ],
)
def test_what_makes_no_sense_is_named_with_its_place(data: Any, mistake: str) -> None:
    with pytest.raises(Mistakes) as raised:
        read(data, THERE)
    assert any(mistake in one for one in raised.value.found), raised.value.found


@pytest.mark.parametrize(
    ("when", "mistake"),
    [
        ({"currency": "eurr"}, "'eurr' is none. Did you mean eur?"),
        ({"currency": []}, "must be a text, or a list"),
        ({"currency": [1]}, "must be a text, or a list"),
        ({"type": "cart"}, "'cart' is none. Did you mean card?"),
        ({"brand": "vise"}, "'vise' is none. Did you mean visa?"),
        ({"country": "de"}, "two capital letters"),
        ({"funding": "credits"}, "Did you mean credit?"),
        ({"capture": "later"}, "must be automatic or manual"),
        ({"amount": {"from": 1}}, "needs one currency"),
        ({"amount": {"from": 1}, "currency": ["eur", "jpy"]}, "needs one currency"),
        ({"amount": {"from": 2, "to": 1}, "currency": "eur"}, "starts above where it ends"),
        ({"amount": {"from": "1"}, "currency": "eur"}, "must be minor units"),
        ({"amount": {"to": -1}, "currency": "eur"}, "must be minor units"),
        ({"amount": {"below": 1}, "currency": "eur"}, "amount.below: is unknown"),
        ({"colour": "red"}, "when.colour: is unknown"),
    ],
)
def test_conditions_that_make_no_sense(when: dict[str, Any], mistake: str) -> None:
    with pytest.raises(Mistakes) as raised:
        read({"rules": [{"name": "a", "when": when, "gateways": ["alpha"]}]}, THERE)
    assert any(mistake in one for one in raised.value.found), raised.value.found


def test_all_mistakes_are_told_at_once() -> None:
    with pytest.raises(Mistakes) as raised:
        read({"tries": 9, "rules": [{"name": "", "gateways": ["x"]}]}, THERE)
    assert len(raised.value.found) == 3


@given(ANY_RULES)
def test_what_is_written_is_what_is_read(rules: RuleSet) -> None:
    if len({rule.name for rule in rules.rules}) < len(rules.rules):
        return
    assert read(written(rules), THERE, rules.version) == rules
