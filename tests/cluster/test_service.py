"""How a process of Temporal is configured, and what is said if Temporal's server is not there."""

import json
from pathlib import Path

import pytest

from embedded.children import StartError
from tests.cluster.service import DYNAMIC_CONFIG, Binaries, Service, Surroundings
from tests.cluster.stack import LINKS, PARTS, TEMPORAL, service_of


@pytest.fixture
def surroundings(tmp_path: Path) -> Surroundings:
    return Surroundings(tmp_path, [service_of(name) for name in TEMPORAL], store=5_432, frontends=7_233)


@pytest.fixture
def binaries(tmp_path: Path) -> Binaries:
    return Binaries(tmp_path / "server", tmp_path / "sql", tmp_path / "schema", tmp_path / "postgres")


def configuration(service: Service, binaries: Binaries, surroundings: Surroundings) -> dict[str, object]:
    command = service.spec(binaries, surroundings).command
    assert command[-2:] == ["--service", service.role]
    found: dict[str, object] = json.loads(Path(command[command.index("--config-file") + 1]).read_text())
    return found


def test_each_process_has_ports_of_its_own_and_knows_of_every_service(
    binaries: Binaries, surroundings: Surroundings
) -> None:
    taken = set()
    for service in surroundings.services:
        services = configuration(service, binaries, surroundings)["services"]
        assert isinstance(services, dict)
        assert set(services) == {"frontend", "history", "matching", "worker"}
        rpc = services[service.role]["rpc"]
        taken |= {rpc["grpcPort"], rpc["membershipPort"]}
    assert len(taken) == 2 * len(TEMPORAL)


def test_all_of_them_share_a_store_and_what_operating_recommends(
    binaries: Binaries, surroundings: Surroundings
) -> None:
    first = configuration(surroundings.services[0], binaries, surroundings)
    for service in surroundings.services[1:]:
        assert configuration(service, binaries, surroundings) | {"services": None} == first | {"services": None}
    dynamic = json.loads((surroundings.directory / "dynamic.yaml").read_text())
    assert dynamic == {key: [{"value": value}] for key, value in DYNAMIC_CONFIG.items()}


def test_two_of_each_service_that_has_shards_or_queues_and_every_link_can_break() -> None:
    roles = [service_of(name).role for name in TEMPORAL]
    assert {role: roles.count(role) for role in roles} == {"frontend": 2, "history": 2, "matching": 2, "worker": 1}
    assert set(LINKS) | set(TEMPORAL) < set(PARTS)
    assert len(set(PARTS)) == len(PARTS)


def test_a_server_that_is_not_there_is_asked_for_by_the_command_that_makes_it(tmp_path: Path) -> None:
    with pytest.raises(StartError, match=r"GOBIN=.* go install go\.temporal\.io/server/cmd/server@v1\.32\.0"):
        Binaries.find(tmp_path)
