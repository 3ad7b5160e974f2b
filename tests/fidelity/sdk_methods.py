"""Every method that the official SDKs have of the resources here, and which of them are not here, and why.

The methods are found by reflection, and what each asks for by calling it with an HTTP client that sends nothing.
"""

import inspect
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote, urlsplit

import stripe
from stripe._stripe_service import StripeService

from settings import ROOT

NODE = ROOT / "tests" / "e2e" / "node"

RESOURCES = (
    "accounts", "application_fees", "balance", "balance_transactions", "charges", "confirmation_tokens",
    "customer_sessions", "customers", "disputes", "ephemeral_keys", "events", "files", "mandates", "payment_intents",
    "payment_method_configurations", "payment_method_domains", "payment_methods", "refunds", "setup_attempts",
    "setup_intents", "tokens", "transfers", "webhook_endpoints",
)  # fmt: skip

NOT_HERE = {
    "POST /v1/transfers": "a transfer is made by its payment (`transfer_data`)",
    "/v1/accounts/{}/capabilities": "an account may do everything at once",
    "/v1/accounts/{}/external_accounts": "nothing is paid out",
    "/v1/accounts/{}/login_links": "accounts have no dashboard of their own",
    "/v1/accounts/{}/persons": "nobody is verified",
    "/v1/accounts/{}/reject": "nobody is verified",
    "/v1/accounts/{}/unreject": "nobody is verified",
    "/v1/customers/{}/balance_transactions": "there are no invoices that a credit would be taken off",
    "/v1/customers/{}/discount": "there are no coupons",
    "/v1/customers/{}/sources": "sources are older than payment methods, and live Stripe refuses new ones",
    "/v1/customers/{}/tax_ids": "there are no invoices that would show them",
}
"""What is answered with a 404: a request, or every request under a path."""


def not_here(request: str) -> str | None:
    """Which entry says why there is no such request; None if there is one."""
    path = request.partition(" ")[2]
    whole = (request, *(path[: found.start()] for found in re.finditer(r"/|$", path)))
    return next((each for each in whole if each in NOT_HERE), None)


class _Unsent(stripe.HTTPClient):
    """Notes what is asked for."""

    name = "unsent"

    def __init__(self) -> None:
        super().__init__()
        self.request_line = ""

    def request(self, method: str, url: str, headers: Any, post_data: Any = None, **more: Any) -> Any:
        self.request_line = f"{method.upper()} {unquote(urlsplit(url).path)}"
        return "{}", 200, {}

    def close(self) -> None:
        pass


def of_python() -> dict[str, str]:
    """What each method asks for, by its name: `refunds.create`, `POST /v1/refunds`; an id is `{}`."""
    unsent = _Unsent()
    v1 = stripe.StripeClient("sk_test_none", http_client=unsent).v1
    found = {}
    for resource in RESOURCES:
        for name, method in _methods(getattr(v1, resource), resource):
            needed = [each for each in inspect.signature(method).parameters.values() if each.default is each.empty]
            method(*({} if each.name == "params" else "{}" for each in needed))
            found[name] = unsent.request_line
    return found


def _methods(service: Any, name: str) -> Iterator[tuple[str, Any]]:
    """Those of a service, and of the services in it."""
    for inner in getattr(inspect.getmodule(type(service)), "_subservices", {}):
        yield from _methods(getattr(service, inner), f"{name}.{inner}")
    for own in vars(type(service)):
        if not own.startswith("_") and not own.endswith("_async"):
            yield f"{name}.{own}", getattr(service, own)


class Watched:
    """A service of the SDK's, whose methods are noted as they are called."""

    def __init__(self, service: Any, called: set[str], name: str = "") -> None:
        self._service, self._called, self._name = service, called, name

    def __getattr__(self, name: str) -> Any:
        found, whole = getattr(self._service, name), f"{self._name}.{name}".lstrip(".")
        if isinstance(found, StripeService):
            return Watched(found, self._called, whole)
        self._called.add(whole)
        return found


def of_node() -> dict[str, str] | None:
    """The same of the Node SDK; None if there is no Node.js, or it is not installed."""
    node = shutil.which("node")
    if node is None or not (NODE / "node_modules").is_dir():
        return None
    named = [re.sub("_(.)", lambda part: part[1].upper(), resource) for resource in RESOURCES]
    done = subprocess.run([node, "methods.mjs", *named], cwd=NODE, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr
    found: dict[str, str] = json.loads(done.stdout)
    return found
