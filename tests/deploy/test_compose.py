"""deploy/compose.yaml, as Compose reads it, and as somebody would wish it who leaves it on a machine."""

import json
import re
from importlib import resources
from typing import Any

import jsonschema
import pytest
import yaml

from settings import ROOT, Settings
from tests.deploy.composed import Service, filled_in, services
from tests.deploy.running import OURS

FILE = ROOT / "deploy" / "compose.yaml"
GIVEN = {"POSTGRES_PASSWORD": "canary0", "PERDURE_NOTIFICATION_SECRET": "canary1"}
CONDITIONS = {"service_started", "service_healthy", "service_completed_successfully"}


def written() -> Any:
    return yaml.safe_load(FILE.read_text())


def every() -> dict[str, Service]:
    return {service.name: service for service in services(FILE, GIVEN)}


def test_compose_would_take_it() -> None:
    schema = resources.files("check_jsonschema") / "builtin_schemas" / "vendor" / "compose-spec.json"
    jsonschema.validate(written(), json.loads(schema.read_text()))


def test_each_waits_for_what_it_needs_and_can_know() -> None:
    found = every()
    for service in found.values():
        for name, condition in service.waits_for.items():
            assert condition in CONDITIONS
            # Who never says that it is well, or never ends, would be waited for without an end.
            assert condition != "service_healthy" or found[name].healthcheck, name
            assert condition != "service_completed_successfully" or found[name].command[0] in ("migrate", "setup")
    ordered = list(found)
    assert ordered.index("migrate") > ordered.index("postgres")
    assert ordered.index("setup") > ordered.index("temporal")
    assert max(ordered.index("migrate"), ordered.index("setup")) < min(ordered.index("worker"), ordered.index("api"))


def test_no_secret_has_a_default() -> None:
    text = FILE.read_text()
    for name in GIVEN:
        assert re.findall(rf"\$\{{{name}(.)", text).count("}") == 0, f"{name} must be asked for"
        with pytest.raises(KeyError, match=name):
            services(FILE, {other: value for other, value in GIVEN.items() if other != name})
    for service in every().values():
        for key, value in service.environment.items():
            if re.search("PASSWORD|SECRET|KEYS|TOKEN", key):
                assert value == "" or "canary" in value, key
        assert not re.search(r"//\w+:(?!canary)\w+@", json.dumps(service.environment)), service.name


@pytest.mark.parametrize(("given", "said"), [({}, "refuse"), ({"PERDURE_TEST_ACCOUNTS": "allow"}, "allow")])
def test_accounts_for_tests_are_there_for_who_asks_for_them(given: dict[str, str], said: str) -> None:
    """As docs/TESTING.md asks."""
    found = {service.name: service for service in services(FILE, {**GIVEN, **given})}
    assert found["api"].environment["PERDURE_TEST_ACCOUNTS"] == said


def test_everything_is_pinned_and_on_this_machine_only() -> None:
    for service in every().values():
        assert service.image == OURS or re.fullmatch(r"[a-z/]+:\d+\.\d+(\.\d+)?(-[a-z]+)?", service.image), (
            service.image
        )
        for port in service.written.get("ports", []):
            assert port.startswith("127.0.0.1:"), port
    assert filled_in(written()["services"]["postgres"]["image"], {"POSTGRES_IMAGE": "postgres@sha256:a"}).endswith(":a")


def test_ours_can_write_nothing_but_their_volumes() -> None:
    for service in every().values():
        if service.name == "postgres":
            # The official image gives its volume to a user of its own, and becomes that user.
            continue
        assert service.written["read_only"] is True
        assert service.written["cap_drop"] == ["ALL"]
        assert service.written["security_opt"] == ["no-new-privileges:true"]
        assert not service.written.get("privileged")
    volumes = {volume for service in every().values() for volume in service.volumes.values()}
    assert volumes == set(written()["volumes"])
    assert {where for service in every().values() if service.image == OURS for where in service.volumes} == {"/data"}


def test_the_settings_are_taken() -> None:
    for service in every().values():
        if service.image == OURS:
            settings = Settings.read(service.environment)
            assert settings.database_url.endswith(":canary0@postgres/perdure")
            assert settings.notification_secret == "canary1"
