"""Reading rules: what an operator writes, as JSON, to a RuleSet, or to everything that is wrong with it at once."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from domain.methods.families import TYPES
from domain.money.currencies import CURRENCIES
from domain.routing.rules import PERCENT, Choice, Conditions, Rule, RuleSet
from domain.spelling import meant

RULES_MAX = 100
NAME_MAX = 60
VALUES_MAX = 300
GATEWAYS_MAX = 8
TRIES_MAX = 3
"""A buyer waits while one gateway after another is asked."""

AMOUNT_MAX = 2**63 - 1

BRANDS = frozenset(
    "amex cartes_bancaires diners discover eftpos_au interac jcb link mastercard unionpay unknown visa".split()
)
FUNDINGS = frozenset({"credit", "debit", "prepaid", "unknown"})
CAPTURES = frozenset({"automatic", "manual"})

_NAME = re.compile(r"[^\x00-\x1f\x7f\ud800-\udfff]+")
_COUNTRY = re.compile(r"[A-Z]{2}")

SET, RULE = ("rules", "otherwise", "tries"), ("name", "when", "gateways", "split")
WHEN = ("currency", "type", "brand", "country", "funding", "capture", "amount")


class Mistakes(ValueError):
    """What is wrong with rules, each with where it is."""

    def __init__(self, found: Iterable[str]) -> None:
        """Carry them all."""
        self.found = tuple(found)
        super().__init__("; ".join(self.found))


def read(data: Any, gateways: Iterable[str] | None, version: int = 1) -> RuleSet:
    """The rules that `data` says; `gateways` are those that there are, None for whichever there may be.

    Raises:
        Mistakes: something in it makes no sense. Nothing is guessed.
    """
    reading = _Reading(None if gateways is None else frozenset(gateways))
    rules = reading.set(data, version)
    if reading.mistakes:
        raise Mistakes(reading.mistakes)
    return rules


def written(rules: RuleSet) -> dict[str, Any]:
    """As an operator would write them; `read` makes the same of it again."""
    said: dict[str, Any] = {"rules": [_written(rule) for rule in rules.rules], "tries": rules.tries}
    otherwise = _choice(rules.otherwise)
    return said | ({"otherwise": otherwise} if otherwise else {})


def _written(rule: Rule) -> dict[str, Any]:
    when: dict[str, Any] = {
        name: sorted(values)
        for name, values in (
            ("currency", rule.when.currencies), ("type", rule.when.types), ("brand", rule.when.brands),
            ("country", rule.when.countries), ("funding", rule.when.fundings),
        )
        if values
    }  # fmt: skip
    if rule.when.capture:
        when["capture"] = rule.when.capture
    amount = {"from": rule.when.least, "to": rule.when.most}
    if amount := {name: value for name, value in amount.items() if value is not None}:
        when["amount"] = amount
    return {"name": rule.name, **({"when": when} if when else {}), **_choice(rule.choice)}


def _choice(choice: Choice) -> dict[str, Any]:
    said: dict[str, Any] = {"gateways": list(choice.gateways)} if choice.gateways else {}
    return said | ({"split": dict(choice.shares)} if choice.shares else {})


class _Reading:
    """One reading: collects mistakes as it goes."""

    def __init__(self, gateways: frozenset[str] | None) -> None:
        self._gateways = gateways
        self.mistakes: list[str] = []

    def set(self, data: Any, version: int) -> RuleSet:
        given = self._hash(data, "", SET)
        listed = given.get("rules", [])
        if not isinstance(listed, list) or len(listed) > RULES_MAX:
            self._wrong("rules", f"must be a list of at most {RULES_MAX}")
            listed = []
        rules = tuple(self._rule(one, f"rules[{index}]") for index, one in enumerate(listed))
        names = [rule.name for rule in rules]
        for name in sorted({name for name in names if names.count(name) > 1}):
            self._wrong("rules", f"two are called {name!r}")
        otherwise = self._choice(
            self._hash(given.get("otherwise", {}), "otherwise", ("gateways", "split")), "otherwise"
        )
        tries = given.get("tries", 2)
        if type(tries) is not int or not 1 <= tries <= TRIES_MAX:
            self._wrong("tries", f"must be a number from 1 to {TRIES_MAX}")
            tries = 1
        return RuleSet(version=version, rules=rules, otherwise=otherwise, tries=tries)

    def _rule(self, data: Any, where: str) -> Rule:
        given = self._hash(data, where, RULE)
        name = given.get("name")
        if not isinstance(name, str) or not _NAME.fullmatch(name) or len(name) > NAME_MAX:
            self._wrong(f"{where}.name", f"must be a text of at most {NAME_MAX} characters")
            name = ""
        choice = self._choice(given, where)
        if not (choice.gateways or choice.shares):
            self._wrong(where, "says no gateways: give `gateways`, `split`, or both")
        return Rule(name=name, when=self._conditions(given.get("when", {}), f"{where}.when"), choice=choice)

    def _conditions(self, data: Any, where: str) -> Conditions:
        given = self._hash(data, where, WHEN)
        currencies = self._values(given, where, "currency", CURRENCIES)
        amount = self._hash(given.get("amount", {}), f"{where}.amount", ("from", "to"))
        least, most = (self._amount(amount, f"{where}.amount", name) for name in ("from", "to"))
        if amount and len(currencies) != 1:
            self._wrong(f"{where}.amount", "needs one currency: a hundred yen are not a hundred dollars")
        if least is not None and most is not None and least > most:
            self._wrong(f"{where}.amount", "starts above where it ends")
        capture = given.get("capture", "")
        if "capture" in given and capture not in CAPTURES:
            self._wrong(f"{where}.capture", "must be automatic or manual")
            capture = ""
        return Conditions(
            currencies=currencies,
            types=self._values(given, where, "type", TYPES),
            brands=self._values(given, where, "brand", BRANDS),
            countries=self._values(given, where, "country", None),
            fundings=self._values(given, where, "funding", FUNDINGS),
            capture=capture,
            least=least,
            most=most,
        )

    def _values(self, given: Mapping[str, Any], where: str, name: str, known: Iterable[str] | None) -> frozenset[str]:
        said = given.get(name, [])
        values = said if isinstance(said, list) else [said]
        if name in given and (
            not values or len(values) > VALUES_MAX or not all(isinstance(one, str) for one in values)
        ):
            self._wrong(f"{where}.{name}", f"must be a text, or a list of 1 to {VALUES_MAX} of them")
            return frozenset()
        for one in values:
            right = _COUNTRY.fullmatch(one) is not None if known is None else one in known
            if not right:
                hint = " as in ISO 3166, two capital letters" if known is None else meant(one, known)
                self._wrong(f"{where}.{name}", f"{one!r} is none.{hint}")
        return frozenset(values)

    def _amount(self, given: Mapping[str, Any], where: str, name: str) -> int | None:
        value = given.get(name)
        if name in given and (type(value) is not int or not 0 <= value <= AMOUNT_MAX):
            self._wrong(f"{where}.{name}", "must be minor units, a whole number")
            return None
        return value

    def _choice(self, given: Mapping[str, Any], where: str) -> Choice:
        listed = given.get("gateways", [])
        if not isinstance(listed, list) or len(listed) > GATEWAYS_MAX or len(set(map(str, listed))) != len(listed):
            self._wrong(f"{where}.gateways", f"must be a list of at most {GATEWAYS_MAX}, each once")
            listed = []
        split = self._hash(given.get("split", {}), f"{where}.split", None)
        for name in (*listed, *split):
            if self._gateways is not None and name not in self._gateways:
                self._wrong(where, f"there is no gateway {name!r}.{meant(str(name), self._gateways)}")
        shares = tuple((str(name), share) for name, share in split.items())
        whole = all(type(share) is int and 1 <= share <= PERCENT for _, share in shares)
        if shares and (not whole or sum(share for _, share in shares) != PERCENT or len(shares) > GATEWAYS_MAX):
            self._wrong(f"{where}.split", "must be whole per cents, 100 in all")
            shares = ()
        return Choice(gateways=tuple(map(str, listed)), shares=shares)

    def _hash(self, data: Any, where: str, known: Iterable[str] | None) -> Mapping[str, Any]:
        if not isinstance(data, dict):
            self._wrong(where, "must be an object")
            return {}
        for name in data:
            if known is not None and name not in known:
                self._wrong(f"{where}.{name}".removeprefix("."), f"is unknown.{meant(str(name), known)}")
        return data

    def _wrong(self, where: str, what: str) -> None:
        self.mistakes.append(f"{where or 'the rules'}: {what}")
