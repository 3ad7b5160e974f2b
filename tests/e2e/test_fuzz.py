"""Schemathesis against our own OpenAPI document, over HTTP: no 500, no answer that is not described, nothing created by
a refusal. `PERDURE_FUZZ_EXAMPLES=1000 make test ARGS=tests/e2e/test_fuzz.py` asks a thousand per endpoint.

And hostile requests (hostile.py): no 500 and no 503, nothing changed by a refusal, every intent usable afterwards.
`make fuzz` sends 100,000 of them; another `PERDURE_FUZZ_SEED` sends others.
"""

import os
import time
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.build import OPERATIONS
from api.dialect import openapi
from tests.api.test_every_parameter import form
from tests.e2e.conftest import SECRET, Running
from tests.e2e.hostile import torment
from tests.support.cards import ONLY_CARDS

EXAMPLES = int(os.environ.get("PERDURE_FUZZ_EXAMPLES", "15"))  # noqa: TID251
REQUESTS = int(os.environ.get("PERDURE_FUZZ_REQUESTS", "1000"))  # noqa: TID251
SEED = int(os.environ.get("PERDURE_FUZZ_SEED", "1"))  # noqa: TID251
AT_ONCE = 8
FINDINGS_SHOWN_MAX = 20
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
HEADERS = {"Authorization": f"Bearer {SECRET}"}
HELD = "&confirm=true&payment_method=pm_card_visa&capture_method=manual"

PHASES = (Phase.explicit, Phase.generate)
"""Without shrinking: the first failure is clear enough, and a server's state does not shrink with it."""

URL_MAX = 50_000
schema: Any = schemathesis.openapi.from_dict(openapi.document(OPERATIONS))
ENDPOINTS = [found.ok() for found in schema.get_all_operations()]


@pytest.fixture(scope="module")
def api(running: Running) -> Any:
    with httpx.Client(base_url=running.url, headers=HEADERS, timeout=90) as client:
        yield client


@pytest.fixture(scope="module")
def known(api: httpx.Client) -> list[str]:
    """Objects in several states, for paths to hit now and then."""
    intents = [
        post(api, "/v1/payment_intents", f"amount=1099&currency=usd&{ONLY_CARDS}{more}") for more in ("", HELD, HELD)
    ]
    paid = post(api, f"/v1/payment_intents/{intents[1]}/capture", "")
    method = post(api, "/v1/payment_methods", "type=card&card[token]=tok_visa")
    token = post(api, "/v1/test_helpers/confirmation_tokens", "payment_method=pm_card_visa")
    charge = api.get(f"/v1/payment_intents/{paid}").json()["latest_charge"]
    return [*intents, charge, post(api, "/v1/customers", "name=Jenny"), method, token]


def post(api: httpx.Client, path: str, body: str) -> str:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    return str(api.post(path, content=body, headers=headers).raise_for_status().json()["id"])


def newest(api: httpx.Client) -> list[str]:
    """What would show that something was created: the newest object of each kind."""
    kinds = ("payment_intents", "payment_methods", "customers", "charges")
    pages = [api.get(f"/v1/{kind}", params={"limit": 1}).json()["data"] for kind in kinds]
    return [str(one["id"]) for page in pages for one in page]


@pytest.mark.parametrize("operation", ENDPOINTS, ids=lambda operation: operation.label)
def test_no_request_breaks_it(operation: Any, api: httpx.Client, known: list[str]) -> None:
    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), phases=PHASES)
    @given(operation.as_strategy(), st.booleans(), st.sampled_from(known))
    def requests(case: Any, real: bool, id_: str) -> None:
        if real and case.path_parameters:
            case.path_parameters = dict.fromkeys(case.path_parameters, id_)
        send(api, case)

    requests()


def send(api: httpx.Client, case: Any) -> None:
    """One request, encoded as the SDKs do, and everything that must hold of its answer."""
    query = form(case.query or {})
    assume(len(query) < URL_MAX)
    before = newest(api) if case.method == "POST" else []
    body = form(case.body).encode() if isinstance(case.body, dict) else b""
    typed = {"Content-Type": "application/x-www-form-urlencoded"} if case.method == "POST" else {}
    path = case.formatted_path + (f"?{query}" if query else "")
    response = api.request(case.method, path, content=body, headers=typed)
    case.validate_response(response, checks=CHECKS)
    if case.method == "POST" and response.status_code in (400, 404):
        assert newest(api) == before, "a refused request created something"


@pytest.mark.timeout(900 + REQUESTS // 5)
async def test_hostile_requests_break_nothing(running: Running) -> None:
    started = time.monotonic()
    async with httpx.AsyncClient(base_url=running.url, headers=HEADERS, timeout=90) as api:
        all_ = await torment(api, REQUESTS, AT_ONCE, SEED)
    statuses: dict[int, int] = {}
    for one in all_:
        for status, count in one.statuses.items():
            statuses[status] = statuses.get(status, 0) + count
    findings = [finding for one in all_ for finding in one.findings]
    spent, used = time.monotonic() - started, sum(len(one.intents) for one in all_)
    told = f"{REQUESTS} hostile requests in {spent:.0f} s, {used} intents used: {dict(sorted(statuses.items()))}"
    print(told)  # noqa: T201
    assert findings == [], "\n".join(findings[:FINDINGS_SHOWN_MAX])
    assert statuses[200] > REQUESTS / 20, "hardly any request made sense"
