"""Parameter types: what a value from a form or from JSON must look like, and which Stripe error says that it does not.

Every error is a `PydanticCustomError` whose type is Stripe's error code, or `invalid` where Stripe gives no code;
validation.py turns it into a refusal, and api/dialect/validation.py that into the answer. Limits are named, and tested
from both sides.
"""

import re
from collections.abc import Callable, Sequence
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BeforeValidator,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    WithJsonSchema,
    WrapValidator,
)
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from domain.model.hashes import JsonObject

TEXT_MAX = 5_000
METADATA_KEYS_MAX = 50
METADATA_KEY_MAX = 40
METADATA_VALUE_MAX = 500
INTEGER_DIGITS_MAX = 18
"""More than any amount or time has, and what PostgreSQL's bigint holds."""

EXPAND_MAX = 50
_INTEGER = re.compile(r"-?[0-9]+")
_BLANK = re.compile(r"[\x00-\x20\x7f-\x9f]")
"""Spaces and control characters, which no URL has."""

_INDEX = re.compile(r"[0-9]{1,5}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")


def invalid(message: str, code: str = "invalid") -> PydanticCustomError:
    """A value that Stripe refuses, with its code if it has one. Braces in the message would be taken for a template."""
    return PydanticCustomError(code, "{message}", {"message": message})


EMPTY = "parameter_invalid_empty"
"""An empty string where nothing can be cleared; the message needs the parameter's name and is made in validation.py."""


def _not_empty(value: object) -> Any:
    if value == "":
        raise invalid("", EMPTY)
    return value


def whole_number(value: object) -> int:
    """An integer, from a form or from JSON."""
    _not_empty(value)
    if isinstance(value, int) and not isinstance(value, bool):
        text = str(value)
    elif isinstance(value, str) and _INTEGER.fullmatch(value):
        text = value
    else:
        raise invalid(f"Invalid integer: {str(value)[:100]}", "parameter_invalid_integer")
    if len(text) > INTEGER_DIGITS_MAX:
        raise invalid(f"Invalid integer: {text[:100]}", "parameter_invalid_integer")
    return int(text)


def _boolean(value: object) -> bool:
    _not_empty(value)
    if isinstance(value, bool):
        return value
    # stripe-python before 12 sends `True`.
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    raise invalid(f"Invalid boolean: '{str(value)[:100]}'")


def _string(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if not isinstance(value, str):
        raise invalid("Invalid string: a hash or a list was given")
    return value


class Limited:
    """Text that has at most `length_max` characters, and is not empty, unless it may be."""

    def __init__(self, length_max: int, *, empty: bool = False) -> None:
        """Set the limit."""
        self.length_max = length_max
        self._may_be_empty = empty

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Check before pydantic does."""
        return core_schema.no_info_before_validator_function(self._check, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonObject:
        """For the OpenAPI document."""
        return {**handler(schema), "maxLength": self.length_max}

    def _check(self, value: object) -> str:
        text = _string(value if self._may_be_empty else _not_empty(value))
        if len(text) > self.length_max:
            raise invalid(f"Invalid string: {text[:60]}…; must be at most {self.length_max} characters")
        return text


class Bounded:
    """A whole number from `minimum` to `maximum`."""

    def __init__(self, minimum: int, maximum: int | None = None) -> None:
        """Set the bounds."""
        self.minimum, self.maximum = minimum, maximum

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Check after the number is known to be one."""
        return core_schema.no_info_after_validator_function(self._check, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonObject:
        """For the OpenAPI document."""
        bounds = {"minimum": self.minimum} | ({} if self.maximum is None else {"maximum": self.maximum})
        return {**handler(schema), **bounds}

    def _check(self, value: int) -> int:
        if value < self.minimum:
            text = f"This value must be greater than or equal to {self.minimum}."
            raise invalid(text, "parameter_invalid_integer")
        if self.maximum is not None and value > self.maximum:
            raise invalid(f"This value must be less than or equal to {self.maximum}.", "parameter_invalid_integer")
        return value


class Longest:
    """A list of at most so many elements."""

    def __init__(self, length_max: int | None) -> None:
        """Set the limit; None is no limit of its own."""
        self.length_max = length_max

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Check once the list is one."""
        return core_schema.no_info_after_validator_function(self._check, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonObject:
        """For the OpenAPI document."""
        return {**handler(schema)} | ({} if self.length_max is None else {"maxItems": self.length_max})

    def _check(self, value: list[Any]) -> list[Any]:
        if self.length_max is not None and len(value) > self.length_max:
            raise invalid(f"Array of {len(value)} elements; must have at most {self.length_max}")
        return value


def list_of_names(names: Sequence[str]) -> str:
    """`a, b, or c`."""
    if len(names) < 3:
        return " or ".join(names)
    return f"{', '.join(names[:-1])}, or {names[-1]}"


class OneOf:
    """One of the given values; the message lists them, and needs the parameter's name (validation.py)."""

    def __init__(self, *names: str) -> None:
        """Set the values."""
        self.names = names

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Check before pydantic does."""
        return core_schema.no_info_before_validator_function(self._check, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonObject:
        """For the OpenAPI document."""
        return {**handler(schema), "enum": list(self.names)}

    def _check(self, value: object) -> str:
        given = _string(_not_empty(value))
        if given not in self.names:
            raise PydanticCustomError("enum", "{names}", {"names": list_of_names(self.names)})
        return given


def _clear(value: Any, validate: Callable[[Any], Any]) -> Any:
    return None if value == "" else validate(value)


Clear = WrapValidator(_clear)
"""An empty string clears: the field is set, and None."""


def _elements(value: Any) -> Any:
    """A list, however the form spelled it: `x[]=…`, or `x[0]=…&x[1]=…` in the order of the numbers."""
    if isinstance(value, dict) and all(_INDEX.fullmatch(key) for key in value):
        return [value[key] for key in sorted(value, key=int)]
    if not isinstance(value, list):
        raise invalid("Invalid array")
    return value


Elements = BeforeValidator(_elements)


def _metadata(value: object) -> dict[str, str | None]:
    """Text to text; an empty value deletes its key."""
    if value == "":
        return {}
    if not isinstance(value, dict):
        raise invalid("Invalid hash")
    if len(value) > METADATA_KEYS_MAX:
        raise invalid(f"Metadata can have at most {METADATA_KEYS_MAX} keys; {len(value)} were given")
    for key, item in value.items():
        if len(key) > METADATA_KEY_MAX:
            raise invalid(f"Metadata keys can have at most {METADATA_KEY_MAX} characters: {key[:60]}")
        if "[" in key or "]" in key:
            raise invalid(f"Metadata keys cannot contain square brackets: {key}")
        if isinstance(item, dict | list):
            raise invalid(f"Metadata values must be strings: {key}")
        if len(_string(item)) > METADATA_VALUE_MAX:
            raise invalid(f"Metadata values can have at most {METADATA_VALUE_MAX} characters: {key}")
    return {key: _string(item) or None for key, item in value.items()}


def _email(value: str) -> str:
    if len(value) > 512 or not _EMAIL.fullmatch(value):
        raise invalid(f"Invalid email address: {value[:100]}", "email_invalid")
    return value


def absolute_url(value: str) -> str:
    """An absolute URL, or an app's own scheme."""
    try:
        parts = urlsplit(value)
    except ValueError:
        parts = urlsplit("")
    if not parts.scheme or (parts.scheme in ("http", "https") and not parts.netloc) or _BLANK.search(value):
        raise invalid(f"Not a valid URL: {value[:100]}", "url_invalid")
    if parts.scheme.lower() in ("javascript", "data", "vbscript"):
        raise invalid(f"Not a valid URL: {value[:100]}", "url_invalid")
    return value


def _off_session(value: object) -> bool:
    """True also for `one_off` and `recurring`, the older spellings."""
    return True if value in ("one_off", "recurring") else _boolean(value)


Integer = Annotated[int, BeforeValidator(whole_number), WithJsonSchema({"type": "integer"})]
Boolean = Annotated[bool, BeforeValidator(_boolean), WithJsonSchema({"type": "boolean"})]
Text = Annotated[str, Limited(TEXT_MAX)]
AnyText = Annotated[str, Limited(TEXT_MAX, empty=True)]
Id = Annotated[str, Limited(255)]
Email = Annotated[Text, AfterValidator(_email)]
Url = Annotated[Text, AfterValidator(absolute_url)]
OffSession = Annotated[bool, BeforeValidator(_off_session)]
Metadata = Annotated[
    dict[str, str | None],
    BeforeValidator(_metadata),
    WithJsonSchema({"type": "object", "additionalProperties": {"type": "string"}}),
]
DESCRIPTOR_MAX = 22
DESCRIPTOR_MIN = 5
DESCRIPTOR_FORBIDDEN = "<>\\'\"*"


def _descriptor(value: str) -> str:
    """Text for a bank statement: the networks' characters, and at least one letter. docs.stripe.com/get-started."""
    forbidden = [character for character in value if character in DESCRIPTOR_FORBIDDEN or not character.isascii()]
    if forbidden:
        raise invalid(f"A statement descriptor cannot contain the character {forbidden[0]!r}.")
    if not any(character.isalpha() for character in value):
        raise invalid("A statement descriptor must contain at least one letter.")
    return value


def _whole_descriptor(value: str) -> str:
    if len(value) < DESCRIPTOR_MIN:
        raise invalid(f"A statement descriptor must have at least {DESCRIPTOR_MIN} characters.")
    return value


DescriptorSuffix = Annotated[str, Limited(DESCRIPTOR_MAX), AfterValidator(_descriptor)]
Descriptor = Annotated[DescriptorSuffix, AfterValidator(_whole_descriptor)]
Integers = Annotated[list[Integer], Elements]


AllowRedisplay = Annotated[str, OneOf("always", "limited", "unspecified")]
CaptureMethod = Annotated[str, OneOf("automatic", "automatic_async", "manual")]
ConfirmationMethod = Annotated[str, OneOf("automatic", "manual")]
FutureUsage = Annotated[str, OneOf("off_session", "on_session")]
