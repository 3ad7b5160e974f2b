"""A gateway that speaks as the Adyen adapter does (gateways/adyen/gateway.py), as a model, and who tells for it.

What it promises beside what every gateway does, and where that comes from:
- A capture, a void and a raise are taken on, done or not done there, and told of by a notification, which may come
  before the answer, late, and twice (docs.adyen.com, webhooks). Until it has come, the adapter says `Accepted`.
- What is told is kept before it is handed over (gateways/adyen/listener.py); from then on the adapter knows it.
- An error may be all that it ever says under a key, although it has done what was asked (IOEXCEPTION_RECEIVED); while
  the first request is under way, a repetition is refused (704). Neither is a no.
- It cannot be asked by key, and tells nobody what it holds.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from contracts import by_hand
from domain.model.commands import Command, ModificationResult
from domain.model.gateways import GatewayProfile, Later
from domain.model.outcomes import (
    Accepted,
    Approved,
    Authorize,
    CaptureHold,
    Increment,
    Void,
)
from gateways.base import Standing
from tests.explore.clients import REPORT
from tests.explore.code import GatewayPort, Question, Told
from tests.explore.gateway import Book
from tests.explore.values import Value, hashed_once, value
from tests.explore.world import Step, World

MODIFICATIONS = (CaptureHold, Void, Increment)


@dataclass(frozen=True)
class LaterBook(Book):
    """`heard` are the keys of what was told of; `keeps_errors`: an error is all that it ever says by itself."""

    heard: frozenset[str] = frozenset()
    keeps_errors: bool = False

    __hash__ = hashed_once

    def ask(self, question: Question) -> tuple[Book, Value]:
        """As any, but for what is said of what nobody has been told of yet."""
        book, told = super().ask(question)
        found = told.content
        if not isinstance(found, Told) or found.key in self.heard:
            return book, told
        return book, value(self._unheard(found))

    def _unheard(self, told: Told) -> Told | None:
        effect = told.asked.content
        if not isinstance(effect, (*MODIFICATIONS, Authorize)):
            return told
        if self.keeps_errors:
            return None
        return replace(told, outcome=Accepted(reference=reference(told))) if isinstance(effect, MODIFICATIONS) else told


def reference(told: Told) -> str:
    """What the gateway calls a modification."""
    return f"mod_{told.key}"


class LaterPort(GatewayPort):
    """The adapter: what it is not told, it does not know."""

    profile = GatewayProfile(answers_by_key=False, tells_standing=False, later=frozenset(Later))

    async def standing(self, authorization: str) -> Standing | None:
        """It tells nobody."""
        return None


def telling(world: World) -> Iterator[Step]:
    """The gateway tells of something, which is kept: in any order, and as late as it likes."""
    book = world.book
    if not isinstance(book, LaterBook):
        return
    kinds = (*MODIFICATIONS, Authorize) if book.keeps_errors else MODIFICATIONS
    for told in book.told:
        if told.key not in book.heard and isinstance(told.asked.content, kinds):
            kept = replace(book, heard=book.heard | {told.key})
            yield Step(f"the gateway tells of {told.asked.content.operation}, which is kept", world.change(book=kept))


def news_of(operation: str) -> tuple[str, Callable[[World], Command | None]]:
    """How the news of the last modification of this kind are handed over, once they are kept."""

    def make(world: World) -> Command | None:
        book = world.book
        if not isinstance(book, LaterBook):
            return None
        found = [
            told
            for told in book.told
            if isinstance(told.asked.content, MODIFICATIONS)
            and told.asked.content.operation == operation
            and told.key in book.heard
        ]
        return _news(found[-1]) if found else None

    return REPORT, make


def _news(told: Told) -> ModificationResult:
    """As api/routes/notifications.py reads it."""
    effect = told.asked.content
    news = ModificationResult(
        charge=effect.charge, operation=effect.operation, reference=reference(told),
        succeeded=isinstance(told.outcome, Approved),
        amount=None if isinstance(effect, Void) else effect.amount,
    )  # fmt: skip
    return replace(news, command_id=by_hand.news_id(news))
