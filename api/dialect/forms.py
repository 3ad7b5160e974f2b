"""Decoding: bracketed forms, query strings and JSON bodies become one nested structure of dicts, lists and scalars.

Types come later (fields.py): `a[0]` stays a dict with the key "0" here, because only the parameter's type knows whether
it is a list (`expand[0]`) or a map (`metadata[0]`). A JSON null means what an empty string means: clear.
"""

import re
from typing import Any
from urllib.parse import parse_qsl

import orjson

from api.dialect.errors import StripeError, invalid_request
from domain.machine.limits import INTEGER_MAX, unstorable
from domain.model.hashes import JsonObject

BODY_BYTES_MAX = 1_048_576
PARAMETERS_MAX = 10_000
DEPTH_MAX = 12
"""Deeper than any parameter of the API, by far."""

_NAME = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
_SEGMENT = re.compile(r"\[([^\[\]]*)\]")

Decoded = JsonObject


def decode_form(text: bytes) -> Decoded:
    """Decode `a[b][]=c&…`, from a body or a query string.

    Raises:
        StripeError: it is not UTF-8, too long, or its brackets make no sense.
    """
    try:
        pairs = parse_qsl(
            text.decode(), keep_blank_values=True, errors="strict", max_num_fields=PARAMETERS_MAX, separator="&"
        )
    except UnicodeDecodeError as error:
        raise invalid_request("Invalid request: the parameters are not valid UTF-8.") from error
    except ValueError as error:
        raise invalid_request(f"Invalid request: more than {PARAMETERS_MAX} parameters.") from error
    decoded: Decoded = {}
    for name, value in pairs:
        _check_text(name)
        _check_text(value, name.partition("[")[0])
        _put(decoded, _path(name), value, name)
    return decoded


def put_text(decoded: Decoded, name: str, value: bytes) -> None:
    """Place the value of one field, which came by itself.

    Raises:
        StripeError: it is not UTF-8, or its brackets make no sense.
    """
    try:
        text = value.decode()
    except UnicodeDecodeError as error:
        raise invalid_request("Invalid request: the parameters are not valid UTF-8.") from error
    _check_text(name)
    _check_text(text, name.partition("[")[0])
    _put(decoded, _path(name), text, name)


def _path(name: str) -> list[str]:
    match = _NAME.fullmatch(name)
    if match is None:
        raise invalid_request(f"Invalid parameter name: {name[:100]}", param=name[:100])
    path = [match[1], *_SEGMENT.findall(match[2])]
    if len(path) > DEPTH_MAX:
        raise invalid_request(f"Parameters are nested too deeply; the limit is {DEPTH_MAX} levels.", param=match[1])
    return path


def _put(target: Decoded, path: list[str], value: str, name: str) -> None:
    """Place one value. `x[]` appends to a list; within `x[][y]`, a repeated `y` starts the next element."""
    node: Any = target
    for index, segment in enumerate(path[:-1]):
        following = path[index + 1]
        if segment == "":
            node = _element(node, following, last=index + 2 == len(path))
            continue
        node = node.setdefault(segment, [] if following == "" else {})
        if not isinstance(node, list if following == "" else dict):
            raise invalid_request(f"Invalid parameter: {name} conflicts with another parameter.", param=path[0])
    if path[-1] == "":
        node.append(value)
    elif isinstance(node.get(path[-1]), dict | list):
        raise invalid_request(f"Invalid parameter: {name} conflicts with another parameter.", param=path[0])
    else:
        node[path[-1]] = value


def _element(elements: list[Any], key: str, last: bool) -> Any:
    if key == "":
        elements.append([])
    elif not elements or not isinstance(elements[-1], dict) or (last and key in elements[-1]):
        elements.append({})
    return elements[-1]


def decode_json(text: bytes) -> Decoded:
    """Decode a JSON object.

    Raises:
        StripeError: it is not JSON, not an object, nested too deeply, or has what no parameter can be.
    """
    try:
        decoded = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise invalid_request("Invalid request: the body is not valid JSON.") from error
    if not isinstance(decoded, dict):
        raise invalid_request("Invalid request: the JSON body must be an object.")
    reader = _Json()
    return {reader.key(name): reader.value(value, 1, name) for name, value in decoded.items()}


class _Json:
    """Reads one body; counts its parameters."""

    def __init__(self) -> None:
        self._count = 0

    def key(self, name: str) -> str:
        self._count += 1
        if self._count > PARAMETERS_MAX:
            raise invalid_request(f"Invalid request: more than {PARAMETERS_MAX} parameters.")
        _check_text(name)
        return name

    def value(self, value: Any, depth: int, name: str) -> Any:
        if depth > DEPTH_MAX:
            raise invalid_request(f"Parameters are nested too deeply; the limit is {DEPTH_MAX} levels.", param=name)
        if isinstance(value, str):
            _check_text(value, name)
        elif isinstance(value, dict):
            return {self.key(key): self.value(inner, depth + 1, name) for key, inner in value.items()}
        elif isinstance(value, list):
            return [self.value(inner, depth + 1, self.key(name)) for inner in value]
        elif isinstance(value, int | float) and not abs(value) <= INTEGER_MAX:
            # Larger integers come as floats, and are not any more what was sent; "not" for what is no number at all.
            raise invalid_request("Invalid request: numbers can have at most 64 bits.", param=name)
        return "" if value is None else value


def _check_text(text: str, param: str | None = None) -> None:
    wrong = unstorable(text)
    if wrong is not None:
        raise invalid_request(f"Invalid request: parameters cannot contain {wrong}.", param=param)


def too_large() -> StripeError:
    """The body is longer than any request of the API."""
    return invalid_request(f"The request body is too large; the limit is {BODY_BYTES_MAX} bytes.", status=413)
