"""The OpenAPI document, as pages that try it out read it: brackets for what is nested, and nothing is null."""

from typing import Any

import pytest

from api.build import OPERATIONS
from api.dialect.openapi import FORM, document

DOCUMENT = document(OPERATIONS)
POSTS = [
    (path, described["post"]) for path, described in DOCUMENT["paths"].items() if "post" in described
]  # fmt: skip


def kinds(field: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = field.get("anyOf", [field])
    return found


@pytest.mark.parametrize(("path", "operation"), POSTS, ids=[path for path, _ in POSTS])
def test_a_form_can_be_sent_as_it_is_described(path: str, operation: dict[str, Any]) -> None:
    """swagger-ui sends what has a default, and writes what is encoded as nested by its keys: null has none."""
    (content,) = operation["requestBody"]["content"].values()
    is_form = FORM in operation["requestBody"]["content"]
    for name, field in content["schema"]["properties"].items():
        assert {"type": "null"} not in kinds(field), (path, name)
        assert field.get("default", "") not in (None, [], {}), (path, name)
        nested = any("$ref" in kind or kind.get("type") == "object" for kind in kinds(field))
        assert name.endswith("[]") == (field.get("type") == "array"), (path, name)
        assert name in content["schema"].get("required", ()) or "example" in field, "nothing is made up"
        assert (name in content.get("encoding", ())) == (nested and is_form), (path, name)


def test_so_are_queries() -> None:
    listed = {each["name"]: each for each in DOCUMENT["paths"]["/v1/payment_intents"]["get"]["parameters"]}
    assert listed["created"]["style"] == "deepObject"
    assert "style" not in listed["expand[]"]
    assert "style" not in listed["limit"]
    assert listed["customer"]["schema"]["type"] == "string"
