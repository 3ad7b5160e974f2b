"""Commands as an operator types them: JSON that may have mistakes. Each becomes a command that says what is wrong.

A mistyped key must not be passed over: `{"amount": 400}` would capture everything. Commands of our own have ids of
their own form, and may have fields of a newer release, which are ignored. What is no JSON object at all, or more than
one, is `Unreadable`.
"""

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, TypeVar, get_args

import pydantic_core
from pydantic import TypeAdapter, ValidationError

from contracts import names
from domain.machine.limits import LOOSELY_TYPED
from domain.model.commands import Command, ModificationResult
from domain.model.resolutions import Resolve
from domain.refusals import Refusal

NAME_SHOWN_MAX = 100

_C = TypeVar("_C", bound=Command)

COMMANDS: frozenset[type] = frozenset(get_args(Command))

TYPES: dict[str, type] = {name: type_ for type_ in COMMANDS if (name := type_().name) in names.COMMANDS}
"""Commands by the name of their signal and update."""

JSON = "json/plain"
"""What the Temporal CLI and UI call a JSON input."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """What came where a command should be, in a form that none has; `why` is a sentence for whoever typed it."""

    why: str


def in_another_form(encoding: str) -> Unreadable:
    """What came is no JSON, by its own word."""
    shown = encoding[:NAME_SHOWN_MAX] or "none"
    return Unreadable(f"It takes a JSON object ({JSON}), and what came has the encoding {shown}.")


FROM_GATEWAYS = frozenset(
    {
        names.AUTHENTICATION_RESULT, names.REFUND_RESULT, names.DISPUTE, names.CHECK_SETTLEMENT,
        names.MODIFICATION_RESULT, names.RESOLVE,
    }
)  # fmt: skip
"""What gateways say, by signal or update, or operators in their place; who types it is checked by what it is made of
(`read`), and by the rules."""

ENDINGS = {(True, False): "succeeded", (False, False): "failed", (False, True): "failed_after_all"}
"""How the ids of a gateway's news end, by `succeeded` and `after_all` (api/routes/notifications.py)."""

_MINTED = re.compile(r"cmd_[0-9A-Za-z]{22}|page_[0-9a-f]{40}")
"""Ids of commands that our own API sends for requests (api/dialect/minting.py) and from its pages."""


def is_typed(command: Command, update_id: str | None = None) -> bool:
    """Whether somebody has typed a command that requests are made for, whatever id it has.

    Our own API sends such a command as an update under the command's id (`update_id`; None for a signal), or under that
    and when it was sent again (temporal/deadlines.py). The CLI gives an update an id of its own.
    """
    if command.name not in TYPES or command.name in FROM_GATEWAYS:
        return False
    return not command.command_id or update_id is None or update_id.split("/")[0] != command.command_id


def _is_ours(command: Command) -> bool:
    """Whether a command of ours may have brought fields of a newer release: by its id, which few would type."""
    if command.name not in FROM_GATEWAYS:
        return _MINTED.fullmatch(command.command_id) is not None
    if isinstance(command, ModificationResult):
        # An id of anybody's own would pass a mistyped field over: `{"succeded": true}` is no failure of a capture.
        return command.command_id == news_id(command)
    if isinstance(command, Resolve):
        return command.command_id.startswith(f"resolve/{command.key}/")
    return "/" in command.command_id or command.command_id == getattr(command, "authentication", "")


def news_id(news: ModificationResult) -> str:
    """The id of a gateway's news: what they say, so that they are carried out once however often they are told."""
    ending = ENDINGS.get((news.succeeded, news.after_all), "unclear")
    return f"{news.reference}/{news.operation}/{ending}"


def form_refusal(name: str, inputs: Sequence[Any]) -> str | None:
    """Why what came with a signal or an update of this name cannot be read at all; None if it can."""
    if name not in TYPES:
        return None
    if len(inputs) > 1:
        return f"It takes one JSON object, and {len(inputs)} inputs came."
    only = inputs[0] if inputs else None
    return only.why if isinstance(only, Unreadable) else None


def unknown_name(name: str) -> str:
    """Why a signal of this name does nothing."""
    near = difflib.get_close_matches(name[:NAME_SHOWN_MAX], [*names.COMMANDS, names.PARK, names.LEVEL], n=1, cutoff=0.4)
    return "There is no such signal." + (f" Did you mean {near[0]}?" if near else "")


def read(type_: type[_C], adapter: TypeAdapter[_C], data: bytes) -> _C:
    """The command of this type that `data` (JSON) is; one with a `mistake` if it is none.

    What is typed has to be of its type: `true` is no amount of 1, and `"1_000"` none of 1000.
    """
    try:
        command = adapter.validate_json(data)
        if command.command_id and _is_ours(command):
            return command
    except ValidationError as error:
        return type_(mistake=_wrong(type_, error))
    sent = pydantic_core.from_json(data)
    known = [field.name for field in fields(type_)]
    unknown = [name for name in sent if name not in known]
    if unknown:
        return replace(command, mistake=_unknown(unknown[0], known))
    return replace(command, mistake=_loose(type_, adapter, data))


def _loose(type_: type[_C], adapter: TypeAdapter[_C], data: bytes) -> Refusal | None:
    try:
        adapter.validate_json(data, strict=True)
    except ValidationError as error:
        return replace(_wrong(type_, error), code=LOOSELY_TYPED)
    return None


def _unknown(name: str, known: list[str]) -> Refusal:
    shown = name[:NAME_SHOWN_MAX]
    near = difflib.get_close_matches(shown, known, n=1, cutoff=0.4)
    hint = f". Did you mean {near[0]}?" if near else ""
    return Refusal(code="parameter_unknown", message=f"Received unknown parameter: {shown}{hint}", param=shown)


def _wrong(type_: type[Any], error: ValidationError) -> Refusal:
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    path = [str(part) for part in first["loc"] if part != type_.__name__]
    param = ".".join(path)[:NAME_SHOWN_MAX] or None
    return Refusal(message=f"Invalid {param or 'input'}: {first['msg']}.", param=param)
