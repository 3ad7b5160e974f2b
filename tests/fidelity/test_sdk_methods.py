"""Each method that the SDKs have of the resources here asks for what is here, or it is said why that is not."""

import re
from collections.abc import Callable

import pytest

from api.build import OPERATIONS
from settings import ROOT
from tests.fidelity.sdk_methods import NOT_HERE, not_here, of_node, of_python

HERE = {f"{one.method} {re.sub(r'{[^}]*}', '{}', one.path)}" for one in OPERATIONS}


@pytest.mark.parametrize("methods", [of_python, of_node])
def test_what_each_method_asks_for_is_here_or_it_is_said_why_not(methods: Callable[[], dict[str, str] | None]) -> None:
    found = methods()
    if found is None:
        pytest.skip("no Node.js here, or its SDK is not installed (`make test` does, where there is npm)")
    assert len(found) > 130
    for name, request in found.items():
        assert (request in HERE) is (not_here(request) is None), (name, request)


def test_nothing_is_said_not_to_be_here_that_no_method_asks_for() -> None:
    asked = {not_here(request) for request in of_python().values()}
    assert asked - {None} == set(NOT_HERE)


def test_the_documentation_says_the_same() -> None:
    text = (ROOT / "docs" / "TESTING.md").read_text()
    rows = dict(re.findall(r"^\| `([^`]+)` \| (.+) \|$", text, re.M))
    assert {name: rows.get(name) for name in NOT_HERE} == NOT_HERE


def test_a_request_is_looked_up_by_itself_and_by_every_path_that_it_is_under() -> None:
    assert not_here("POST /v1/transfers") == "POST /v1/transfers"
    assert not_here("GET /v1/transfers") is None
    assert not_here("POST /v1/transfers/{}") is None
    assert not_here("GET /v1/accounts/{}/persons/{}") == "/v1/accounts/{}/persons"
    assert not_here("GET /v1/accounts/{}") is None
