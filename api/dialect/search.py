"""The search query language: text in, a checked `Search` out. What it finds is records/search.py.

`field:"value"`, `field>number`, `-field:"value"`, `metadata["key"]:"value"`, `metadata["key"]:null`, joined by AND (or
nothing) or by OR, never both, without parentheses. docs.stripe.com/search#search-query-language.
"""

import re
from typing import Any

from lark import Lark, Token, Transformer, UnexpectedInput, UnexpectedToken, v_args

from api.dialect.errors import StripeError, invalid_request
from records.search import INTENTS, Clause, Kind, Search, Searched

CLAUSES_MAX = 10
OPERATORS: dict[Kind, tuple[str, ...]] = {
    "number": (":", ">", "<", ">=", "<="), "id": (":",), "word": (":",), "text": (":", "~"), "flag": (":",),
}  # fmt: skip
PART_MIN = 3
"""Of a text, at least so many letters are searched for with `~`."""

DIGITS_MAX = 18

_GRAMMAR = r"""
    search: clause (joint? clause)*
    joint: AND | OR
    clause: NOT? field OPERATOR value
    field: NAME ["[" TEXT "]"]
    value: TEXT | NUMBER | NULL

    AND.2: /and\b/i
    OR.2: /or\b/i
    NULL.2: /null\b/i
    NOT: "-"
    NAME: /[A-Za-z_][A-Za-z0-9_.]*/
    OPERATOR: ":" | "~" | ">=" | "<=" | ">" | "<"
    NUMBER: /-?[0-9]+/
    TEXT: /"(?:[^"\\]|\\.)*"/ | /'(?:[^'\\]|\\.)*'/
    %import common.WS
    %ignore WS
"""

_PARSER = Lark(_GRAMMAR, start="search", parser="lalr")


def parse(query: str, searched: Searched = INTENTS) -> Search:
    """The query, checked.

    Raises:
        StripeError: it is not in the language, or asks for what cannot be searched.
    """
    try:
        tree = _PARSER.parse(query)
    except UnexpectedInput as error:
        raise _unreadable(query, error) from None
    joints, clauses = _Reader().transform(tree)
    if len(joints) > 1:
        raise _invalid("A search query cannot mix AND and OR. Use only one of them.")
    if len(clauses) > CLAUSES_MAX:
        raise _invalid(f"A search query can have at most {CLAUSES_MAX} clauses; this one has {len(clauses)}.")
    for clause in clauses:
        _check(clause, searched)
    return Search(clauses=tuple(clauses), any_of=joints == {"or"})


@v_args(inline=True)
class _Reader(Transformer[Token, Any]):
    """From the tree to clauses; knows nothing of which fields there are."""

    def search(self, *parts: Any) -> tuple[set[str], list[Clause]]:
        clauses = [part for part in parts if isinstance(part, Clause)]
        joints = {part for part in parts if isinstance(part, str)}
        silent = len(clauses) - 1 > sum(isinstance(part, str) for part in parts)
        return joints | ({"and"} if silent else set()), clauses

    def joint(self, token: Token) -> str:
        return token.lower()

    def clause(self, *parts: Any) -> Clause:
        negated = isinstance(parts[0], Token)
        (name, key), operator, value = parts[-3:]
        return Clause(field=name, key=key, operator=str(operator), value=value, negated=negated)

    def field(self, name: Token, key: Token | None) -> tuple[str, str | None]:
        return str(name), _unquoted(key) if key is not None else None

    def value(self, token: Token) -> str | int | None:
        if token.type == "NULL":
            return None
        return _unquoted(token) if token.type == "TEXT" else int(token)


def _unquoted(token: Token) -> str:
    return re.sub(r"\\(.)", r"\1", token[1:-1], flags=re.DOTALL)


def _check(clause: Clause, searched: Searched) -> None:
    if clause.field == "metadata":
        _check_metadata(clause)
        return
    kind = searched.fields[clause.field][0] if clause.field in searched.fields else None
    if kind is None or clause.key is not None:
        names = ", ".join([*searched.fields, 'metadata["key"]'])
        raise _invalid(f"Field `{clause.field[:100]}` is an unsupported search field. Supported fields: {names}.")
    _check_operator(clause, OPERATORS[kind])
    if clause.value is None:
        if kind not in ("id", "text"):
            raise _invalid(f"Field `{clause.field}` is never null.")
    elif kind == "number":
        if not re.fullmatch(rf"-?[0-9]{{1,{DIGITS_MAX}}}", str(clause.value)):
            raise _invalid(f"Field `{clause.field}` takes a whole number, not {str(clause.value)[:100]!r}.")
    elif isinstance(clause.value, int):
        raise _invalid(f"Field `{clause.field}` takes a value in quotation marks.")
    elif kind == "flag" and clause.value.lower() not in ("true", "false"):
        raise _invalid(f"Field `{clause.field}` takes 'true' or 'false', not {clause.value[:100]!r}.")
    elif clause.operator == "~" and len(clause.value) < PART_MIN:
        raise _invalid(f"Operator `~` takes at least {PART_MIN} characters, not {clause.value!r}.")


def _check_metadata(clause: Clause) -> None:
    if clause.key is None:
        raise _invalid('Metadata is searched by key: metadata["key"]:"value".')
    _check_operator(clause, (":",))


def _check_operator(clause: Clause, allowed: tuple[str, ...]) -> None:
    if clause.operator not in allowed:
        raise _invalid(
            f"Operator `{clause.operator}` is not supported for field `{clause.field}`. Supported operators: "
            f"{' '.join(allowed)}."
        )


def _unreadable(query: str, error: UnexpectedInput) -> StripeError:
    ended = isinstance(error, UnexpectedToken) and error.token.type == "$END"
    at: int = len(query) if ended else getattr(error, "pos_in_stream", 0)
    where = f"near {query[at : at + 20]!r} (character {at + 1})" if 0 <= at < len(query) else "at its end"
    return _invalid(
        f'We were unable to parse your search query {where}. Use `field:"value"` to search a field and '
        '`metadata["key"]:"value"` to search metadata, joined by AND or by OR.'
    )


def _invalid(message: str) -> StripeError:
    return invalid_request(message)
