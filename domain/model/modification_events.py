"""What happens to a modification that its gateway answers later, or does not answer, past tense."""

from dataclasses import dataclass

from domain.model.modifications import AcceptedModification


@dataclass(frozen=True, slots=True)
class ModificationAccepted:
    """The gateway has taken it on, and will say how it ended."""

    accepted: AcceptedModification


@dataclass(frozen=True, slots=True)
class ModificationKnown:
    """It has ended, as the facts that follow say. `taken` is what it has captured; `refused`, that nothing was done."""

    reference: str
    taken: int
    refused: bool


@dataclass(frozen=True, slots=True)
class ModificationQuestioned:
    """Nothing was heard about it for too long: it is an unknown outcome, which is asked about."""


@dataclass(frozen=True, slots=True)
class ModificationFound:
    """It has ended, as was found out by its key: see `ModificationKnown`. Its gateway may still tell of it."""

    taken: int
    refused: bool


@dataclass(frozen=True, slots=True)
class ModificationNamed:
    """What was found out by its `key` is what the gateway calls `reference`. `taken` is what it has captured."""

    key: str
    reference: str
    taken: int


@dataclass(frozen=True, slots=True)
class ModificationTurned:
    """What was asked under this `key` and had been refused was done, for all that; the facts that follow say what."""

    key: str


ModificationEvent = (
    ModificationAccepted | ModificationKnown | ModificationQuestioned | ModificationFound | ModificationNamed
    | ModificationTurned
)  # fmt: skip
"""How something goes that the gateway answers later."""
