"""The OpenAPI document, as pages that try it out read it: brackets for what is nested, and nothing is null."""

from collections.abc import Iterator
from typing import Any

import pytest

from api.build import OPERATIONS
from api.dialect.meanings import MEANINGS
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


def fields() -> Iterator[tuple[str, str, str | None]]:
    """Every parameter, at any depth: of what, its name, and what it is said to be."""
    for path, methods in DOCUMENT["paths"].items():
        for operation in methods.values():
            for each in operation["parameters"]:
                yield path, each["name"], each.get("description")
            for content in operation.get("requestBody", {"content": {}})["content"].values():
                yield from within(path, content["schema"], ())


def within(path: str, schema: dict[str, Any], seen: tuple[str, ...]) -> Iterator[tuple[str, str, str | None]]:
    for name, field in schema.get("properties", {}).items():
        yield path, name, field.get("description")
        yield from within(path, field, seen)
    for inner in [*schema.get("anyOf", ()), *([schema["items"]] if "items" in schema else ())]:
        yield from within(path, inner, seen)
    name = schema.get("$ref", "").rpartition("/")[2]
    if name and name not in seen:
        yield from within(path, DOCUMENT["components"]["schemas"][name], (*seen, name))


def test_every_parameter_is_described_and_every_description_is_of_one() -> None:
    found = list(fields())
    assert len(found) > 3_000
    assert {(path, name) for path, name, said in found if not said} == set()
    assert set(MEANINGS) - {name.removesuffix("[]") for _, name, _ in found} == set()


def test_so_are_queries() -> None:
    listed = {each["name"]: each for each in DOCUMENT["paths"]["/v1/payment_intents"]["get"]["parameters"]}
    assert listed["created"]["style"] == "deepObject"
    assert "style" not in listed["expand[]"]
    assert "style" not in listed["limit"]
    assert listed["customer"]["schema"]["type"] == "string"
