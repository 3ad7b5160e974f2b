"""An Adyen of our own behind the adapter, and Adyen's specification between the two: what breaks it fails the test."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
from openapi_core.templating.responses.exceptions import ResponseNotFound
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from domain.model.gateways import GatewayProfile, Later
from gateways.adyen import notifications
from gateways.adyen.account import AdyenAccount
from gateways.adyen.client import AdyenClient
from gateways.adyen.gateway import AdyenGateway
from simulator.adyen.app import create_app
from simulator.adyen.faults import Faults
from tests.gateways.adyen.effects import ACCOUNT
from tests.gateways.adyen.published import check_answer, check_request, judge
from tests.support.memory import ProcessMemory
from tests.support.serving import serving

PROFILE = GatewayProfile(name="adyen", answers_by_key=False, tells_standing=False, later=frozenset(Later))


class Witness:
    """Shows every exchange to the judge, and remembers it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.wrong: list[str] = []
        self.seen: list[tuple[str, int]] = []
        self.keys: list[str] = []
        self.bodies: list[bytes] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if scope["type"] != "http" or not path.startswith("/v72") or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        asked, told, status = bytearray(), bytearray(), 0

        async def hear() -> Message:
            message = await receive()
            asked.extend(message.get("body", b""))
            return message

        async def say(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            told.extend(message.get("body", b""))
            await send(message)

        await self._app(scope, hear, say)
        key = dict(scope["headers"]).get(b"idempotency-key", b"").decode()
        self.seen.append((path.removeprefix("/v72"), status))
        self.keys.append(key)
        self.bodies.append(bytes(asked))
        self._judge(
            path.removeprefix("/v72"), bytes(asked), {"Idempotency-Key": key} if key else {}, status, bytes(told)
        )

    def _judge(self, path: str, asked: bytes, headers: dict[str, str], status: int, told: bytes) -> None:
        try:
            if asked:
                check_request(path, json.loads(asked), headers)
            if told:
                check_answer(path, status, json.loads(told))
        except ResponseNotFound:
            # A status that the specification does not have there: it has errors for some operations only.
            if status < 400:
                self.wrong.append(f"{path}: {status} is not published")
        except Exception as error:
            self.wrong.append(f"{path}: {status}: {error}: {error.__cause__}")


@dataclass
class Stage:
    """The adapter, the Adyen behind it, and the time."""

    gateway: AdyenGateway
    account: AdyenAccount
    memory: ProcessMemory
    witness: Witness
    control: httpx.AsyncClient
    now: list[float] = field(default_factory=lambda: [1_000_000.0])
    telling: list[bool] = field(default_factory=lambda: [True])
    """Whether notifications are taken."""
    sent: list[dict[str, Any]] = field(default_factory=list)
    """The items of those that were."""

    async def misbehave(self, **faults: Any) -> None:
        (await self.control.post("/_faults", json=Faults(**faults).model_dump())).raise_for_status()

    async def heal(self) -> None:
        (await self.control.delete("/_faults")).raise_for_status()

    async def ledger(self) -> list[tuple[str, int]]:
        entries = (await self.control.get("/_ledger")).json()["entries"]
        return [(entry["operation"], entry["amount"]) for entry in entries]

    async def payments(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await self.control.get("/_payments")).json()
        return found

    async def happen(self, psp: str, event: str, **more: Any) -> None:
        (await self.control.post("/_events", json={"psp": psp, "event": event, **more})).raise_for_status()

    def another(self, profile: GatewayProfile = PROFILE, **changes: Any) -> AdyenGateway:
        """A second process with the same memory."""
        account = replace(self.account, **changes)
        return AdyenGateway(account, AdyenClient(account, 5.0), self.memory, lambda: self.now[0], profile)


@asynccontextmanager
async def on_stage(folder: Path, timeout_seconds: float = 5.0, **changes: Any) -> AsyncIterator[Stage]:
    # It takes seconds to read the specification, and nobody is to wait for that with a timeout.
    judge()
    memory, now, telling = ProcessMemory(), [1_000_000.0], [True]
    sent: list[dict[str, Any]] = []
    account = replace(ACCOUNT, **changes)

    async def take(request: httpx.Request) -> httpx.Response:
        if not telling[0]:
            return httpx.Response(503)
        assert notifications.is_admitted(request.headers["authorization"], account.basic)
        for item in notifications.items(request.content):
            assert notifications.is_genuine(item, account.hmac_keys)
            sent.append(item)
            await memory.notice(replace(notifications.notice(item, account.name), received_at=int(now[0])))
        return httpx.Response(202)

    app = create_app(
        folder / "adyen.db", "http://127.0.0.1:1", merchant=account.merchant, api_key=account.api_key,
        notify_url="http://engine/notifications", hmac_key=account.hmac_keys[0], basic=account.basic,
        transport=httpx.MockTransport(take),
    )  # fmt: skip
    witness = Witness(app)
    async with serving(witness) as url:
        account = replace(account, url=f"{url}/v72")
        gateway = AdyenGateway(account, AdyenClient(account, timeout_seconds), memory, lambda: now[0], PROFILE)
        async with httpx.AsyncClient(base_url=url, trust_env=False) as control:
            yield Stage(gateway, account, memory, witness, control, now, telling, sent)
        await gateway.close()
    assert witness.wrong == []
