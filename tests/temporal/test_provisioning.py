"""`perdure setup` on a real server: it makes what is missing, once, and touches nothing else."""

import argparse
from typing import Any

import pytest
from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from cli import setup
from contracts.names import SEARCH_ATTRIBUTES
from temporal.client import connect
from temporal.condition import TemporalCondition
from temporal.provisioning import NotOursToSetUp, Provisioning
from tests.support.servers import temporal_cli

GIVEN = argparse.Namespace(retention_days=5, wait=60)


@pytest.fixture
def at(temporal_address: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The command, for a namespace of the server."""

    def for_namespace(name: str, address: str = temporal_address) -> None:
        monkeypatch.setenv("TEMPORAL_ADDRESS", address)
        monkeypatch.setenv("TEMPORAL_NAMESPACE", name)

    return for_namespace


async def test_a_namespace_is_made_with_everything(
    temporal_address: str, at: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    at("made")
    assert await setup.run(GIVEN) == 0
    said = capsys.readouterr().out
    assert "namespace made: made, with 5 days of retention" in said
    assert all(name in said for name in SEARCH_ATTRIBUTES)
    await TemporalCondition(await connect(temporal_address, "made")).check()
    described = temporal_cli(temporal_address, "operator", "namespace", "describe", "--namespace", "made")
    assert "120h" in described.stdout

    assert await setup.run(GIVEN) == 0
    assert capsys.readouterr().out == "namespace made: is there\nsearch attributes: are there\n"


async def test_what_is_of_another_type_is_not_touched(
    temporal_address: str, at: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    temporal_cli(temporal_address, "operator", "namespace", "create", "--namespace", "others")
    named = ("--namespace", "others", "--name", "PaymentIntentAmount", "--type", "Keyword")
    made = temporal_cli(temporal_address, "operator", "search-attribute", "create", *named)
    assert made.returncode == 0, made.stderr
    at("others")
    assert await setup.run(argparse.Namespace(retention_days=5, wait=0)) == 1
    told = capsys.readouterr()
    assert "PaymentIntentAmount is INDEXED_VALUE_TYPE_KEYWORD" in told.err
    service = (await connect(temporal_address, "others")).operator_service
    there = (await service.list_search_attributes(ListSearchAttributesRequest(namespace="others"))).custom_attributes
    assert set(SEARCH_ATTRIBUTES) & set(there) == {"PaymentIntentAmount"}


async def test_nobody_there(at: Any, capsys: pytest.CaptureFixture[str]) -> None:
    at("made", "127.0.0.1:1")
    assert await setup.run(argparse.Namespace(retention_days=5, wait=0)) == 1
    assert "cannot set up" in capsys.readouterr().err


class Refusing:
    """A service that others administer: it says so to whatever is asked."""

    namespace = "shop.a1b2c"

    @property
    def workflow_service(self) -> "Refusing":
        return self

    operator_service = workflow_service

    async def describe_namespace(self, *_: Any, **__: Any) -> None:
        return None

    async def list_search_attributes(self, *_: Any, **__: Any) -> None:
        raise RPCError("Request unauthorized.", RPCStatusCode.PERMISSION_DENIED, b"")


async def test_a_service_that_others_administer_says_what_to_ask_them_for() -> None:
    refusing: Any = Refusing()
    client: Client = refusing
    with pytest.raises(NotOursToSetUp, match=r"tcld namespace search-attributes add --namespace shop\.a1b2c") as raised:
        await Provisioning(client, 3, lambda _: None).carry_out()
    assert all(f"--search-attribute {name}={kind}" in str(raised.value) for name, kind in SEARCH_ATTRIBUTES.items())
