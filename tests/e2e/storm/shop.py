"""The merchant's side: asks by the official SDK under an Idempotency-Key, again until there is an answer, or once.

Everything that was answered is written down. What was acknowledged must be true when the storm is over.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import httpx
import stripe

from tests.e2e.conftest import CheckedClient, Running

PATIENCE_SECONDS = 480.0
PAUSE_SECONDS = 0.25
REQUEST_SECONDS = 90
"""Longer than the longest freeze and the engine's own patience together."""

WITNESSED = "witnessed"
"""The result of what was not asked for under a key, but seen to happen at the gateway."""

REPEATED = (409, 429)
"""The key is in use, or the payment is busy: no answer yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """Something asked of one payment, and the answer: `status` is HTTP's, 0 if there was none before giving up.

    `shown` is the PaymentIntent inside the answer, as much of it as is compared; times are `time.monotonic`.
    """

    intent: str
    name: str
    given: dict[str, Any] = field(default_factory=dict)
    began: float
    ended: float | None
    status: int
    code: str | None = None
    shown: dict[str, Any] | None = None
    tries: int = 1
    result: Any = None


class Unanswered(AssertionError):
    """A client has repeated a request for minutes, in vain."""


@dataclass
class Shop:
    """Thread-safe: each thread has a client of its own."""

    running: Running
    deeds: list[Deed] = field(default_factory=list)
    unanswered: list[str] = field(default_factory=list)
    http: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=REQUEST_SECONDS))
    """For what the SDK does not have, and for the gateway."""

    _local: threading.local = field(default_factory=threading.local)

    def close(self) -> None:
        """Nothing more is asked at the gateway."""
        self.http.close()

    @property
    def client(self) -> Any:
        """The official SDK; it repeats nothing, so that every try is ours."""
        if not hasattr(self._local, "client"):
            http = CheckedClient(timeout=REQUEST_SECONDS)
            self._local.client = self.running.client(http_client=http, max_network_retries=0)
        return self._local.client

    def ask(
        self,
        name: str,
        key: str,
        call: Callable[[Any, dict[str, str]], Any],
        intent: str = "",
        once: bool = False,
        **given: Any,
    ) -> Deed:
        """Send it until it is answered; `once` gives up after the first failure, as careless clients do.

        Raises:
            Unanswered: no answer in minutes.
        """
        began = time.monotonic()
        tries = 0
        while True:
            tries += 1
            status, code, result = self._try(call, {"idempotency_key": key})
            if status or once:
                return self._note(intent, name, given, began, status, code, result, tries)
            if time.monotonic() - began > PATIENCE_SECONDS:
                self._note(intent, name, given, began, 0, None, None, tries)
                self.unanswered.append(f"{intent} {name}")
                raise Unanswered(f"{name} of {intent} under {key}: no answer after {tries} tries")
            time.sleep(PAUSE_SECONDS)

    def _try(self, call: Callable[[Any, dict[str, str]], Any], options: dict[str, str]) -> tuple[int, str | None, Any]:
        """One try: HTTP status, error code and body. Status 0 is no answer."""
        try:
            return 200, None, call(self.client, options).to_dict()
        except stripe.APIConnectionError:
            return 0, None, None
        except stripe.StripeError as error:
            status = error.http_status or 0
            definite = 400 <= status < 500 and status not in REPEATED
            body = error.json_body if isinstance(error.json_body, dict) else {}
            return (status, error.code, body.get("error", {})) if definite else (0, None, None)

    def _note(
        self, intent: str, name: str, given: dict[str, Any], began: float, status: int, code: str | None, result: Any,
        tries: int,
    ) -> Deed:  # fmt: skip
        shown = seen(result)
        deed = Deed(
            intent=intent or (shown or {}).get("id", ""), name=name, given=given, began=began,
            ended=time.monotonic() if status else None, status=status, code=code, shown=shown, tries=tries,
            result=result,
        )  # fmt: skip
        # Of a long storm's answers, what is compared: whole objects would fill the memory.
        kept = {"status": result.get("status")} if isinstance(result, dict) and name == "refund" else None
        self.deeds.append(replace(deed, result=kept))
        return deed

    def witness(self, name: str, intent: str, began: float, **given: Any) -> None:
        """Note what others do to a payment: its buyer, its bank, the clock. It will take effect, some time from now."""
        self.deeds.append(
            Deed(intent=intent, name=name, given=given, began=began, ended=None, status=200, result=WITNESSED)
        )


SHOWN = ("id", "status", "amount", "amount_received", "amount_capturable")


def seen(result: Any) -> dict[str, Any] | None:
    """The PaymentIntent or SetupIntent in an answer, be it the answer or inside an error."""
    if not isinstance(result, dict):
        return None
    for kind in ("payment_intent", "setup_intent"):
        intent = result if result.get("object") == kind else result.get(kind)
        if isinstance(intent, dict):
            return {name: intent.get(name) for name in SHOWN}
    return None
