"""Values that worlds are made of: never changed, compared by content, and hashed once."""

from dataclasses import dataclass, field, fields
from typing import Any

from pydantic import TypeAdapter

from domain.machine.fence import Recorded
from domain.model.payment_intent import PaymentIntent
from domain.model.setup_intent import SetupIntent
from tests.explore.sdk import payload

RECORDED: dict[type, TypeAdapter[Any]] = {
    PaymentIntent: TypeAdapter(Recorded[PaymentIntent]),
    SetupIntent: TypeAdapter(Recorded[SetupIntent]),
}
"""What a record says, by the kind of its intent."""


def hashed_once(self: Any) -> int:
    """A hash for frozen dataclasses that are looked up often; `__hash__ = hashed_once`. Not with slots."""
    known: int | None = self.__dict__.get("_hash")
    if known is None:
        names = _COMPARED.get(type(self))
        if names is None:
            names = _COMPARED[type(self)] = tuple(one.name for one in fields(self) if one.compare)
        known = self.__dict__["_hash"] = hash(tuple(getattr(self, name) for name in names))
    return known


_COMPARED: dict[type, tuple[str, ...]] = {}


@dataclass(frozen=True, slots=True)
class Value:
    """Something that cannot be hashed, known by its JSON."""

    json: bytes
    content: Any = field(compare=False, repr=False)


def value(content: Any) -> Value:
    """The same content has the same JSON."""
    if isinstance(content, Recorded):
        return Value(RECORDED[type(content.intent)].dump_json(content, exclude_none=True), content)
    return Value(payload(content), content)
