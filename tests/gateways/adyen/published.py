"""What Adyen publishes about its interface, and judges of requests and answers that nobody here wrote.

The specification is Adyen's own file (see specification/README.md). The judge is openapi-core: it runs in the test's
process, so that every request of every test can be shown to it at 6 ms each, reads OpenAPI 3.1 and checks the security
scheme, the path, the headers and the body. Prism says the same, as a Node process that has to be waited for.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

from openapi_core import OpenAPI
from openapi_core.testing import MockRequest, MockResponse

FOLDER = Path(__file__).parent / "specification"
HOST, BASE = "https://checkout-test.adyen.com", "/v72"


@cache
def document(name: str = "CheckoutService-v72") -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text())
    return loaded


@cache
def judge() -> OpenAPI:
    return OpenAPI.from_dict(document())


def _request(path: str, body: Any, headers: dict[str, str], method: str) -> MockRequest:
    data = None if body is None else json.dumps(body).encode()
    return MockRequest(HOST, method, BASE + path, headers={"X-API-Key": "k", **headers}, data=data)


def check_request(path: str, body: Any, headers: dict[str, str] | None = None, method: str = "post") -> None:
    """Raise what is wrong with a request, if it is not one of Adyen's Checkout v72."""
    key = (headers or {}).get("Idempotency-Key", "")
    assert len(key) <= 64, "the judge does not know how long a key may be"
    judge().validate_request(_request(path, body, headers or {}, method))


def check_answer(path: str, status: int, body: Any, method: str = "post") -> None:
    """Raise what is wrong with an answer, if Adyen's would not look like that."""
    answer = MockResponse(json.dumps(body).encode(), status_code=status)
    judge().validate_response(_request(path, None, {}, method), answer)


def examples() -> list[tuple[str, str, str, Any]]:
    """Every example of an answer: path (with the method before it, if not POST), status, name and body."""
    found = []
    for path, operations in document()["paths"].items():
        for method, operation in operations.items():
            where = path if method == "post" else f"{method} {path}"
            for status, answer in operation["responses"].items():
                content = answer.get("content", {}).get("application/json", {})
                for name, example in content.get("examples", {}).items():
                    kept = example["$ref"].rsplit("/", 1)[-1] if "$ref" in example else None
                    value = document()["components"]["examples"][kept]["value"] if kept else example["value"]
                    found.append((where, status, name, value))
    return found
