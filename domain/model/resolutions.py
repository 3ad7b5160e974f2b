"""What operators say of effects that a gateway does not answer about: their command, and what is kept of it."""

from dataclasses import dataclass
from typing import Literal

from domain.copies import replace
from domain.refusals import Refusal

RESOLUTIONS_KEPT = 20
"""With the payment; what was before is in its history and in the log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolve:
    """An operator says what became of an effect that its gateway owes an answer about (machine/resolving.py).

    `key` is the effect's. It was `done`, and `reference` is the gateway's own for it; or it was not. `by` is who says
    so, and `evidence` what it rests on. `regardless` is why it is said although the gateway can still be asked.
    """

    command_id: str = ""
    request_id: str | None = None
    idempotency_key: str | None = None
    seen_version: int = 0
    not_after: int = 0
    mistake: Refusal | None = None
    key: str = ""
    done: bool | None = None
    reference: str = ""
    by: str = ""
    evidence: str = ""
    regardless: str = ""
    name: Literal["resolve"] = "resolve"


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """What an operator, `by`, has said `at` (Unix seconds) of an effect, and what that rests on: see `Resolve`."""

    key: str
    operation: str
    done: bool
    reference: str
    by: str
    evidence: str
    at: int
    regardless: str = ""
    contradicted: bool = False
    """Whether the gateway has told the opposite since."""


def kept(resolutions: tuple[Resolution, ...], latest: Resolution) -> tuple[Resolution, ...]:
    """What stays with the payment, the latest last."""
    return (*resolutions, latest)[-RESOLUTIONS_KEPT:]


def contradicted(resolutions: tuple[Resolution, ...], key: str) -> tuple[Resolution, ...]:
    """Those words, once the gateway has told the opposite of what was said of this key."""
    return tuple(replace(said, contradicted=said.contradicted or said.key == key) for said in resolutions)
