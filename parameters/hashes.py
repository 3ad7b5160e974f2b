"""Nested parameters: hashes, lists and whole requests made of the values in fields.py. Unknown names are refused.

A hash with a behaviour of its own is a class; the many that are only names and types are one `hash_of(...)` each.
"""

from collections.abc import Callable, Iterable
from difflib import get_close_matches
from typing import Annotated, Any, TypeVar, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    GetCoreSchemaHandler,
    PrivateAttr,
    create_model,
)
from pydantic_core import CoreSchema, core_schema

from domain.model.hashes import JsonObject
from parameters.fields import (
    TEXT_MAX,
    Bounded,
    Clear,
    Elements,
    Id,
    Integer,
    Limited,
    Longest,
    OneOf,
    Text,
    invalid,
    whole_number,
)
from records.scope import Total

NEAR_ENOUGH = 0.75
"""How like a known name an unknown one must be to be taken for a slip of the finger (difflib's ratio)."""


class Hash(BaseModel):
    """A nested parameter: unknown names are refused."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    def sent(self) -> JsonObject:
        """What was sent, as plain values; what was cleared is None, what was not sent is absent."""
        return self.model_dump(mode="json", exclude_unset=True)


H = TypeVar("H", bound=Hash)

REQUIRED = "required"
"""Marks a field of `hash_of` that must be there."""


def model_of(title: str, base: type[H], **fields: Any) -> type[H]:
    """`base` with more fields; each may be left out unless it is `required`."""
    definitions: JsonObject = {
        name: (type_, ...) if REQUIRED in getattr(type_, "__metadata__", ()) else (type_ | None, None)
        for name, type_ in fields.items()
    }
    return create_model(title, __base__=base, **definitions)


class Shaped:
    """A nested parameter described by its fields; its value is a plain dict of what was sent."""

    def __init__(self, title: str, **fields: Any) -> None:
        """Name the fields and what each is."""
        self.model = model_of(title, Hash, **fields)

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Validate as the model does, and keep what was sent."""
        del source
        return core_schema.no_info_after_validator_function(
            Hash.sent,
            handler.generate_schema(self.model),
            serialization=core_schema.plain_serializer_function_ser_schema(lambda value: value),
        )


class Extended:
    """A nested parameter that is `base` with more fields than its class spells out."""

    def __init__(self, title: str, base: type[Hash], **fields: Any) -> None:
        """Add the fields."""
        self.model = model_of(title, base, **fields)

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Validate as the model does."""
        del source
        return handler.generate_schema(self.model)


def nearest_name(model: type[Hash], location: tuple[int | str, ...]) -> str | None:
    """The known name closest to the unknown one at the end of `location`; None if none is like it."""
    *way, unknown = location
    holder: type[Hash] | None = model
    for name in way:
        if isinstance(name, str) and holder is not None:
            field = holder.model_fields.get(name)
            holder = _hash_in([field.annotation, *field.metadata]) if field else None
    near = get_close_matches(str(unknown), holder.model_fields, 1, NEAR_ENOUGH) if holder else []
    return near[0] if near else None


def _hash_in(types: Iterable[Any]) -> type[Hash] | None:
    """The hash that a field's type is, or is a list of, or is when it is not cleared."""
    types = list(types)
    described = next((type_ for type_ in types if isinstance(type_, Shaped | Extended)), None)
    if described is not None:
        return described.model
    for type_ in types:
        found = type_ if isinstance(type_, type) and issubclass(type_, Hash) else _hash_in(get_args(type_))
        if found is not None:
            return found
    return None


def hash_of(title: str, **fields: Any) -> Any:
    """A nested parameter in one line: `hash_of("Tax", total_tax_amount=required(integer(0)))`.

    For the many hashes that are nothing but names and types; one with a behaviour of its own is a class.
    """
    return Annotated[JsonObject, Shaped(title, **fields)]


def required(type_: Any) -> Any:
    """A field that must be there."""
    return Annotated[type_, REQUIRED]


def cleared(type_: Any) -> Any:
    """A field that an empty string clears."""
    return Annotated[type_ | None, Clear]


def checked(type_: Any, check: Callable[[Any], Any]) -> Any:
    """A field with one more check, which answers with the value or raises `invalid`."""
    return Annotated[type_, AfterValidator(check)]


def one_of(*names: str) -> Any:
    """One of these words."""
    return Annotated[str, OneOf(*names)]


def text(length_max: int = TEXT_MAX) -> Any:
    """Text of at most so many characters."""
    return Annotated[str, Limited(length_max)]


def integer(minimum: int, maximum: int | None = None) -> Any:
    """A whole number within bounds, both included."""
    return Annotated[Integer, Bounded(minimum, maximum)]


def list_of(type_: Any, length_max: int | None = None) -> Any:
    """A list, however the form spells it."""
    return Annotated[list[type_], Longest(length_max), Elements]


class Parameters(Hash):
    """The parameters of one operation. Every operation takes `expand`."""

    expand: Annotated[list[Text], Elements] = []

    def given(self, *names: str) -> JsonObject:
        """The named parameters that were sent, as plain values; cleared ones are None."""
        sent = self.model_dump(mode="json", include=set(names) & self.model_fields_set, exclude_unset=True)
        return {name: sent[name] for name in names if name in sent}


class RangeHash(Hash):
    """Bounds on a time."""

    gt: Integer | None = None
    gte: Integer | None = None
    lt: Integer | None = None
    lte: Integer | None = None


def _range(value: Any) -> Any:
    """A number means that very second."""
    if isinstance(value, dict):
        return value
    if isinstance(value, list):
        raise invalid("Invalid object")
    second = whole_number(value)
    return {"gte": second, "lte": second}


CreatedRange = Annotated[RangeHash, BeforeValidator(_range)]


class ListParameters(Parameters):
    """What every list takes. `limit` is clamped to 1..100, as Stripe does without a word."""

    limit: Integer = 10
    starting_after: Id | None = None
    ending_before: Id | None = None
    _total: Total | None = PrivateAttr(None)

    @property
    def total(self) -> Total | None:
        """Where it is written down how many there are in all, if that is asked (`lists.cursor`)."""
        return self._total

    @total.setter
    def total(self, total: Total) -> None:
        self._total = total
