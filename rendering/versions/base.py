"""What a change of Stripe's API is to us: from which version on, and how an older version is served by the newest.

Only breaking changes are tied to a version (docs.stripe.com/upgrades): a new field, parameter or type of event reaches
every version when it comes. So nothing here takes away from an older version what was added later.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from domain.model.hashes import JsonObject

Shown = JsonObject
"""An object, or a part of one, as JSON has it."""

Given = JsonObject
"""A request's parameters, as they were sent: text, hashes and lists."""

Step = Callable[[Shown], Shown]
"""From the shape that a change brought to the one before it. May change what it is handed, and hands back."""


@dataclass(frozen=True, slots=True)
class Failure:
    """An error as it is answered: the HTTP status, and the error hash."""

    status: int
    error: Shown


class RequestRefused(Exception):
    """A version does not take what was asked of it."""

    def __init__(self, message: str, *, code: str | None = None, param: str | None = None) -> None:
        """Say what, in Stripe's words: an `invalid_request_error`."""
        super().__init__(message)
        self.message, self.code, self.param = message, code, param


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change. Everything but its description is about the versions before `since`.

    `known_from` is how we know: changelog (Stripe's own), types (two releases of its libraries, or of its OpenAPI
    document, differ), recording (an answer of the real API that was published), guess (of ours, where these are
    silent), and several of these.
    """

    since: str
    """The first version that has it."""
    title: str
    source: str
    known_from: str
    shows: Mapping[str, Step] = field(default_factory=dict)
    """By kind of object: how it was shown."""
    includes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """By kind of object: lists that were always in it, and of what; of nothing that we have, an empty list."""
    describes: Mapping[str, Step] = field(default_factory=dict)
    """By kind of object: how its description differed (JSON Schema), for what `expand` can open."""
    takes: Mapping[str, Callable[[Given], Given]] = field(default_factory=dict)
    """By operation: what was asked in the older words, in the words from `since` on."""
    refuses: Mapping[str, Callable[[Given], None]] = field(default_factory=dict)
    """By operation, of the versions from `since` on: raises RequestRefused for what they do not take any more."""
    params: Mapping[str, str] = field(default_factory=dict)
    """What errors call a parameter that had another name: newer name to older one."""
    fails: Callable[[Failure], Failure] | None = None
    """How an error was answered."""
    event_types: Mapping[str, str] = field(default_factory=dict)
    """Events that had another name: newer name to older one."""
    event: Step | None = None
    """How an event was shown, apart from the object that it tells of."""

    def concerns(self, version: str) -> bool:
        """Whether a version is older than the change. Versions begin with their date, so they compare as text."""
        return version < self.since


def renamed(shown: Shown, newer: str, older: str) -> Shown:
    """The object with a key under its older name, at its place in the alphabet, as Stripe shows keys."""
    if newer not in shown:
        return shown
    return in_order({older if name == newer else name: value for name, value in shown.items()})


def with_keys(shown: Shown, **more: Any) -> Shown:
    """The object with further keys, each at its place. What is there already stays as it is."""
    return in_order({**more, **shown})


def in_order(shown: Shown) -> Shown:
    """`id` and `object` first, and the others by the alphabet."""
    return dict(sorted(shown.items(), key=lambda item: (item[0] != "id", item[0] != "object", item[0])))


def is_whole(intent: Shown) -> bool:
    """Whether a PaymentIntent is shown as a secret key sees it, and not as a buyer's browser does."""
    return "latest_charge" in intent
