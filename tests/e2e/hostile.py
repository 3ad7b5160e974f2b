"""Hostile requests to every operation, made of its own parameters: names and values, in forms and in JSON, to any id.

A `Tormentor` has objects of its own, so that what a refused request leaves unchanged can be compared. What is asked for
comes from a seed, so a finding can be asked again.
"""

import asyncio
import json
import random  # noqa: TID251
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import httpx

from api.build import OPERATIONS
from api.dialect import openapi
from api.dialect.operation import Operation
from tests.api.test_every_parameter import form
from tests.support.cards import ONLY_CARDS

DOCUMENT = openapi.document(OPERATIONS)
UNASKED = ("fast_forward", "listeners.listen", "fund_cash_balance")
"""Operations that wait, or whose effects come later and by themselves, so that nothing can be compared."""

ASKED = [operation for operation in OPERATIONS if not operation.name.endswith(UNASKED)]
URL_MAX = 50_000
"""Longer ones no client of ours sends."""

INTENTS = "/v1/payment_intents"
MOVING = ("processing", "requires_action")
"""Intents that change by themselves, as a bank or a buyer answers."""

TEXTS = [
    "", " ", "x", "x" * 6_000, "\x00", "a\x00b", "\x01\x1f\x7f", "\n", "é", "\U0001f600" * 40, "\ufffe\uffff",
    "\u202eabc", "\u0300" * 30, "²", "٣", "１２", "-", "--", "0x10", "1e5", "NaN", "null", "true", "True", "[]", "{}",
    "' OR 1=1 --", "${jndi:ldap://x}", "%00", "%s%n", "../../etc/passwd", "<script>", "javascript:alert(1)",
    "http://[", "https://x.example/\r\n", "pi_x", "cus_x", "pm_card_visa", "tok_visa", "usd", "eur", "a@b.example",
    "2030-01-01",
]  # fmt: skip
NUMBERS = [
    0,
    1,
    -1,
    99,
    1_099,
    99_999_999,
    10**9,
    2**31,
    2**53,
    2**63 - 1,
    2**63,
    -(2**63) - 1,
    10**30,
    1.5,
    1e300,
    -0.0,
]
BROKEN = [
    b"", b"[", b"[" * 3_000, b'{"a":' * 3_000, b"null", b'"x"', b'{"metadata":{"a":"\\ud800"}}', b'{"\\ud800":1}',
    b'{"amount":1e999}', b'{"amount":NaN}', b"\xff\xfe", b'{"a":1,"a":{}}', b"amount[=1", b"amount[[]]=1",
    b"a[b][]=1&a[b]=2", b"%ff=1", b"a=%c0%80", b"a=%ed%a0%80", b"&&&", b"=", b"a" * 70_000, b"a=" + b"x" * 1_100_000,
]  # fmt: skip


REPETITIONS_MAX, REPETITION_SECONDS = 20, 0.5


@dataclass
class Tormentor:
    """Sends requests one after the other. `findings` is what should not have been, with the request."""

    api: httpx.AsyncClient
    random: random.Random
    ids: dict[str, str] = field(default_factory=dict)
    intents: list[str] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)

    async def torment(self, count: int) -> None:
        """Send `count` requests, and see to it that there is always something to send them to."""
        for number in range(count):
            if number % 50 == 0:
                await self.provide()
            await self.ask(self.random.choice(ASKED))

    async def provide(self) -> None:
        """Objects of every kind, in several states."""
        made = {
            "customers": ("/v1/customers", "name=Jenny"),
            "payment_methods": ("/v1/payment_methods", "type=card&card[token]=tok_visa"),
            "webhook_endpoints": (
                "/v1/webhook_endpoints",
                "url=https://shop.example/hook&enabled_events[]=charge.failed",
            ),
            "confirmation_tokens": ("/v1/test_helpers/confirmation_tokens", "payment_method=pm_card_visa"),
        }
        for kind, (path, body) in made.items():
            if kind == "webhook_endpoints" and self.intents:
                # An account has sixteen at most.
                continue
            self.ids[kind] = await self.make(path, body)
        base = f"amount=1099&currency=usd&{ONLY_CARDS}"
        held = f"{base}&confirm=true&payment_method=pm_card_visa&capture_method=manual"
        kept = [await self.make(INTENTS, body) for body in (base, f"{base}&payment_method=pm_card_visa", held)]
        paid = await self.make(INTENTS, f"{base}&confirm=true&payment_method=pm_card_visa")
        self.ids["charges"] = (await self.read(f"{INTENTS}/{paid}"))["latest_charge"]
        self.ids["refunds"] = await self.make("/v1/refunds", f"payment_intent={paid}&amount=1")
        self.intents += [*kept, paid]

    async def make(self, path: str, body: str) -> str:
        """As a client that means well does it: what a busy machine did not answer is asked again under its key."""
        key = f"made-{self.random.getrandbits(128):032x}"
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Idempotency-Key": key}
        for _ in range(REPETITIONS_MAX):
            response = await self.api.post(path, content=body, headers=headers)
            if response.headers.get("Stripe-Should-Retry") != "true":
                break
            await asyncio.sleep(REPETITION_SECONDS)
        return str(response.raise_for_status().json()["id"])

    async def read(self, path: str) -> Any:
        response = await self.api.get(path)
        return response.json() if response.status_code == 200 else None

    async def ask(self, operation: Operation) -> None:
        """One request; what its refusal has changed, or a fault of ours, is a finding."""
        path, target = self.path_of(operation)
        content, headers = self.body_of(operation) if operation.method == "POST" else (b"", {})
        query = self.query_of(operation) if operation.method == "GET" or self.random.random() < 0.05 else ""
        if self.random.random() < 0.1:
            headers["Idempotency-Key"] = self.random.choice(["k", "x" * 255, "x" * 256, "%00", "a b;,"])
        compared = operation.method != "GET" and target is not None
        before = await self.read(target) if compared and target else None
        url = path + (f"?{query}" if query else "")
        response = await self.api.request(operation.method, url, content=content, headers=headers)
        self.statuses[response.status_code] = self.statuses.get(response.status_code, 0) + 1
        asked = f"{operation.method} {url[:300]} {headers} {content[:600]!r}"
        wrong = _fault(response)
        if wrong:
            self.findings.append(f"{wrong}: {asked}: {response.text[:300]}")
        if before and 400 <= response.status_code < 500 and response.status_code != 402 and target:
            after = await self.read(target)
            if after != before and before.get("status") not in MOVING:
                self.findings.append(f"{response.status_code}, and it changed: {asked}")

    def path_of(self, operation: Operation) -> tuple[str, str | None]:
        """The path, and what it is about, if that is an object of ours."""
        path = operation.path
        for name in ("{transaction}", "{payment_method}"):
            path = path.replace(
                name, self.random.choice(["x", "%00", quote(self.random.choice(TEXTS) or "x", safe="")])
            )
        if "{id}" not in path:
            return path, None
        kind = operation.path.removeprefix("/v1/test_helpers/").removeprefix("/v1/").partition("/")[0]
        mine = self.random.choice(self.intents) if kind == "payment_intents" else self.ids.get(kind)
        if mine is None or self.random.random() < 0.1:
            text = self.random.choice([text for text in TEXTS if text not in ("", ".", "..") and len(text) < 500])
            return path.replace("{id}", quote(text, safe="")), None
        return path.replace("{id}", mine), f"/v1/{kind}/{mine}"

    def query_of(self, operation: Operation) -> str:
        wanted = operation.method.lower()
        known = DOCUMENT["paths"][operation.path][wanted].get("parameters", [])
        names = [one["name"] for one in known if one["in"] == "query"] or ["expand"]
        chosen = {self.name(name): self.value({}, 2) for name in self.some(names)}
        query = form(chosen)
        return query if len(query) < URL_MAX else ""

    def body_of(self, operation: Operation) -> tuple[bytes, dict[str, str]]:
        """Parameters, mostly as they should be, some not; as a form or as JSON."""
        if self.random.random() < 0.05:
            kind = self.random.choice(["application/json", "application/x-www-form-urlencoded", "text/plain", ""])
            return self.random.choice(BROKEN), {"Content-Type": kind}
        content = DOCUMENT["paths"][operation.path]["post"].get("requestBody", {}).get("content", {})
        schema: dict[str, Any] = next((one["schema"] for one in content.values()), {})
        chosen = self.hash(schema, 0)
        if self.random.random() < 0.5:
            return form(chosen).encode(), {"Content-Type": "application/x-www-form-urlencoded"}
        return json.dumps(chosen).encode(), {"Content-Type": "application/json"}

    def some(self, names: list[str]) -> list[str]:
        return self.random.sample(names, min(len(names), self.random.choice([0, 1, 1, 2, 3, 5])))

    def name(self, name: str) -> str:
        return name if self.random.random() < 0.97 else self.random.choice(TEXTS)

    def hash(self, schema: dict[str, Any], depth: int) -> dict[str, Any]:
        properties = schema.get("properties", {})
        names = {*schema.get("required", ())} if self.random.random() < 0.9 else set()
        names |= set(self.some(sorted(properties) or ["a"]))
        return {self.name(name): self.value(properties.get(name, {}), depth + 1) for name in sorted(names)}

    def value(self, schema: dict[str, Any], depth: int) -> Any:
        """A value of the schema's type, or one that is not."""
        if "$ref" in schema:
            schema = DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        if "anyOf" in schema:
            return self.value(self.random.choice(schema["anyOf"]), depth)
        if self.random.random() < 0.15 or depth > 6:
            return self.random.choice(
                [self.random.choice(TEXTS), self.random.choice(NUMBERS), None, [], {}, [[]], True]
            )
        if "enum" in schema:
            return self.random.choice(schema["enum"])
        match schema.get("type"):
            case "integer" | "number":
                return self.random.choice([1, 50, 100, 1_099, self.random.choice(NUMBERS)])
            case "boolean":
                return self.random.choice([True, False])
            case "array":
                return [
                    self.value(schema.get("items", {}), depth + 1) for _ in range(self.random.choice([0, 1, 1, 2, 60]))
                ]
            case "object":
                if "additionalProperties" in schema and not schema.get("properties"):
                    return {
                        self.random.choice(TEXTS): self.random.choice(TEXTS)
                        for _ in range(self.random.choice([1, 2, 60]))
                    }
                return self.hash(schema, depth)
            case _:
                return self.random.choice(
                    [*self.ids.values(), self.random.choice(TEXTS), "usd", "card", "pm_card_visa"]
                )

    async def try_to_use(self) -> int:
        """Every intent takes what its status allows: an update, and then its money, or its end."""
        for id_ in self.intents:
            path = f"{INTENTS}/{id_}"
            await self.expect(path, "metadata[usable]=yes")
            intent = await self.read(path)
            if intent["status"] == "requires_capture":
                await self.expect(f"{path}/capture", "")
            elif intent["status"] not in ("succeeded", "canceled", "processing"):
                await self.expect(f"{path}/cancel", "")
        return len(self.intents)

    async def expect(self, path: str, body: str) -> None:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        response = await self.api.post(path, content=body, headers=headers)
        if response.status_code != 200:
            self.findings.append(f"of no use any more: {path} {body}: {response.text[:300]}")


def _fault(response: httpx.Response) -> str | None:
    if response.status_code >= 500:
        return f"{response.status_code}"
    if response.status_code < 400:
        return None
    error = response.json().get("error", {})
    known = ("invalid_request_error", "card_error", "idempotency_error")
    return None if error.get("type") in known and error.get("message") else "not Stripe's kind of error"


async def torment(api: httpx.AsyncClient, count: int, at_once: int, seed: int) -> list[Tormentor]:
    """`count` requests in all, by `at_once` tormentors; then each of their intents is used."""
    all_ = [Tormentor(api, random.Random(f"{seed}/{number}")) for number in range(at_once)]
    await asyncio.gather(*(one.torment(count // at_once) for one in all_))
    await asyncio.gather(*(one.try_to_use() for one in all_))
    return all_
