"""Every setting, typed, once. The only reader of the environment; everything else is handed what it needs."""

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from contracts.gateways import (
    SECRETS,
    SIMULATED_MERCHANT,
    SIMULATOR,
    GatewaySetting,
    parse_gateways,
    secret_setting,
)
from contracts.payload_keys import parse_keys
from domain.model.gateways import FIRST
from domain.spelling import meant

ROOT = Path(__file__).parent


TEST_ACCOUNT = "acct_1PerdureTestMode00"
"""Whose keys `make run` comes with."""


PREFIX = "PERDURE_"

HTTP = ("http", "https")

ANSWER_SECONDS_MAX = 150
"""Half of what a command that has taken something that is good once may be about to be begun (records/takers.py)."""

LOG_LEVELS = {"debug", "info", "warning", "warn", "error", "critical", "fatal"}

_SERVICE_LINK = re.compile(r"PERDURE_.*(_SERVICE_HOST|_SERVICE_PORT(_\w+)?|_PORT(_[0-9]+_(TCP|UDP|SCTP)(_\w+)?)?)")
"""What Kubernetes and Docker tell a container of a service that is called perdure-something: no setting of ours."""

_LINKED = re.compile(r"(tcp|udp|sctp)://")


class SettingsError(ValueError):
    """A setting makes no sense; the message says which, and what would."""


class _Environment(Mapping[str, str]):
    """The environment, which remembers what it was asked for: those are the names that there are."""

    def __init__(self, given: Mapping[str, str]) -> None:
        self._given = {name: value for name, value in given.items() if not _is_service_link(name, value)}
        self.asked: set[str] = set()

    def __getitem__(self, name: str) -> str:
        self.asked.add(name)
        return self._given[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._given)

    def __len__(self) -> int:
        return len(self._given)

    def refuse_unknown(self) -> None:
        """A name that nobody has asked for was mistyped, or is of another release."""
        for name in sorted(self._given):
            if name.startswith(PREFIX) and name not in self.asked:
                raise SettingsError(f"{name} is not a setting.{meant(name, self.asked)} docs/OPERATING.md has them all")


def _is_service_link(name: str, value: str) -> bool:
    return bool(_SERVICE_LINK.fullmatch(name)) and (not name.endswith("_PORT") or bool(_LINKED.match(value)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What can be chosen, with what `make run` chooses. Ports are on 127.0.0.1 unless `host` says otherwise."""

    host: str
    api_port: int
    temporal_port: int
    temporal_ui_port: int
    simulator_port: int
    data_dir: Path
    secret_key: str
    publishable_key: str
    database_url: str
    temporal_address: str
    temporal_namespace: str
    temporal_bin: str
    ui_url: str
    """Where people reach Temporal's Web UI."""
    simulator_url: str
    notification_secret: str = field(repr=False)
    notification_secret_next: str = field(repr=False)
    """What the gateway will sign its notifications with once the secret is changed."""
    test_accounts: bool | None
    """Whether who has a test key may make accounts for tests; None leaves it to whoever asks."""
    private_webhooks: bool | None
    """Whether webhooks may go to this machine and its network; None leaves it to whoever asks."""
    demo: bool | None
    """Whether there is a demo shop at /demo, which pays with the test account's key; None leaves it to whoever asks."""
    payload_keys: str = field(repr=False)
    """`id:base64,…`: what payloads in Temporal are encrypted under; empty, or with `plain` first, they are not."""
    codec_token: str = field(repr=False)
    """What the codec endpoint asks for."""
    nexus_key: str = field(repr=False)
    """The API key that operations of workflows in other namespaces are carried out with; empty, there are none."""
    public_url: str
    """Where whoever pays or is paid reaches this API; empty: where a request was addressed to."""
    nexus_url: str
    """Where buyers reach this API, for the pages that such an operation sends them to."""
    answer_seconds: int
    """How long a request waits for its command at most; then it gets 503, and is safe to repeat."""
    build_id: str
    """Which build a worker is, where payments are to stay with the build they were started on; empty, they do not."""
    traces_endpoint: str
    """Where OpenTelemetry's spans go; empty, there are none."""
    internal_port: int
    """Where an API process alone shows metrics, health by part and the codec; 0: on its port, to everybody."""
    worker_metrics_port: int
    temporal_metrics_port: int
    """Where a worker exports metrics, its own and the SDK's; 0 is nowhere."""
    rate_limit: int
    """Reads, and writes, a second for each account and API process; 0 is no limit."""
    commands_max: int
    """Commands under way at once in an API process at most; 0 is no limit, and nobody is sent away."""
    log_level: str
    request_log_days: int
    """How long the request log keeps a request; 0: there is none."""
    gateways: tuple[GatewaySetting, ...]
    """In order; the first is where payments go that nobody routes."""
    hosts: tuple[str, ...] = ("*",)
    """The names that the API answers to; `*` is every name. `make run`, on loopback, adds its own and no other."""

    @classmethod
    def read(cls, environment: Mapping[str, str] = os.environ) -> Self:  # noqa: TID251
        """Read the environment.

        Raises:
            SettingsError: a value makes no sense, or a name that starts with PERDURE_ is none of a setting.
        """
        asked = _Environment(environment)
        read = cls._read(asked)
        asked.refuse_unknown()
        return read

    @classmethod
    def _read(cls, environment: Mapping[str, str]) -> Self:
        ports = _ports(environment)
        host = _host(environment, "PERDURE_HOST", "127.0.0.1")
        public = _found_at(environment, "PERDURE_PUBLIC_URL", "")
        gateways = _gateways(environment, ports["simulator_port"])
        return cls(
            host=host,
            **ports,
            data_dir=Path(environment.get("PERDURE_DATA_DIR", ".perdure")).absolute(),
            secret_key=_key(environment, "PERDURE_SECRET_KEY", "sk_test_perdure", "sk_"),
            publishable_key=_key(environment, "PERDURE_PUBLISHABLE_KEY", "pk_test_perdure", "pk_"),
            database_url=_url(environment, "DATABASE_URL", "", ("postgresql", "postgres")),
            temporal_address=_address(environment, "TEMPORAL_ADDRESS", f"127.0.0.1:{ports['temporal_port']}"),
            temporal_namespace=environment.get("TEMPORAL_NAMESPACE", "default"),
            temporal_bin=environment.get("PERDURE_TEMPORAL_BIN", ""),
            ui_url=_url(environment, "PERDURE_TEMPORAL_UI_URL", f"http://{host}:{ports['temporal_ui_port']}", HTTP),
            simulator_url=_first_url(environment, gateways, ports["simulator_port"]),
            notification_secret=environment.get("PERDURE_NOTIFICATION_SECRET", ""),
            notification_secret_next=environment.get("PERDURE_NOTIFICATION_SECRET_NEXT", ""),
            test_accounts=_allowed(environment, "PERDURE_TEST_ACCOUNTS"),
            private_webhooks=_allowed(environment, "PERDURE_WEBHOOKS_PRIVATE"),
            demo=_allowed(environment, "PERDURE_DEMO"),
            payload_keys=_keys(environment, "PERDURE_PAYLOAD_KEYS"),
            codec_token=environment.get("PERDURE_CODEC_TOKEN", ""),
            nexus_key=environment.get("PERDURE_NEXUS_KEY", ""),
            public_url=public,
            nexus_url=_found_at(environment, "PERDURE_NEXUS_URL", public or f"http://{host}:{ports['api_port']}"),
            answer_seconds=_count(environment, "PERDURE_ANSWER_SECONDS", 15, least=1, most=ANSWER_SECONDS_MAX),
            build_id=environment.get("PERDURE_BUILD_ID", ""),
            traces_endpoint=environment.get("OTEL_EXPORTER_OTLP_ENDPOINT", ""),
            internal_port=_count(environment, "PERDURE_INTERNAL_PORT", 0),
            worker_metrics_port=_count(environment, "PERDURE_WORKER_METRICS_PORT", 0),
            temporal_metrics_port=_count(environment, "PERDURE_TEMPORAL_METRICS_PORT", 0),
            rate_limit=_count(environment, "PERDURE_RATE_LIMIT", 0),
            commands_max=_count(environment, "PERDURE_COMMANDS_MAX", 256),
            log_level=_level(environment, "PERDURE_LOG_LEVEL", "info"),
            request_log_days=_count(environment, "PERDURE_REQUEST_LOG_DAYS", 30),
            gateways=gateways,
            hosts=_hosts(environment, "PERDURE_HOSTS"),
        )

    def child_environment(self, **more: str) -> dict[str, str]:
        """The environment for a process that `make run` starts: ours, these settings, and `more`."""
        return {
            **os.environ,  # noqa: TID251
            "PERDURE_DATA_DIR": str(self.data_dir),
            "TEMPORAL_ADDRESS": f"127.0.0.1:{self.temporal_port}",
            "TEMPORAL_NAMESPACE": "default",
            "PERDURE_SIMULATOR_URL": f"http://127.0.0.1:{self.simulator_port + self._place_of_first()}",
            **more,
        }

    def _place_of_first(self) -> int:
        """Where in the row of gateways, and so of ports, the one is that has this address."""
        return next((place for place, each in enumerate(self.gateways) if each.name == FIRST), 0)


def _ports(environment: Mapping[str, str]) -> dict[str, int]:
    """Where `make run` has what it starts."""
    return {
        "api_port": _port(environment, "PERDURE_API_PORT", 8000),
        "temporal_port": _port(environment, "PERDURE_TEMPORAL_PORT", 7233),
        "temporal_ui_port": _port(environment, "PERDURE_TEMPORAL_UI_PORT", 8233),
        "simulator_port": _port(environment, "PERDURE_SIMULATOR_PORT", 8010),
    }


def _first_url(environment: Mapping[str, str], gateways: Iterable[GatewaySetting], port: int) -> str:
    """Where the first gateway that there ever was is reached, wherever it stands now."""
    found = next((each.url for each in gateways if each.name == FIRST and each.kind == SIMULATOR), "")
    return found or _simulator_url(environment, port)


def _simulator_url(environment: Mapping[str, str], port: int) -> str:
    return _url(environment, "PERDURE_SIMULATOR_URL", f"http://127.0.0.1:{port}", HTTP)


def _gateways(environment: Mapping[str, str], port: int) -> tuple[GatewaySetting, ...]:
    """Each with its address: a simulator that comes with us listens on `port`, the next one on the next."""
    try:
        given = parse_gateways(environment.get("PERDURE_GATEWAYS", FIRST))
    except ValueError as error:
        raise SettingsError(f"PERDURE_GATEWAYS: {error}") from None
    reached = tuple(_reached(environment, each, port + place) for place, each in enumerate(given))
    at: dict[str, str] = {}
    for each in reached:
        other = at.setdefault(each.url, each.name) if each.kind == SIMULATOR else each.name
        if other != each.name:
            raise SettingsError(f"PERDURE_GATEWAYS: {other} and {each.name} are both at {each.url}: one is not two")
    return reached


def _reached(environment: Mapping[str, str], gateway: GatewaySetting, port: int) -> GatewaySetting:
    if gateway.kind != SIMULATOR:
        secret = environment.get(secret_setting(gateway), "")
        others = {each: environment.get(secret_setting(gateway, ending), "") for each, ending in SECRETS.items()}
        gateway = replace(gateway, secret=secret, secrets=others)
        return _simulated(environment, gateway, port) if gateway.comes_with_us else gateway
    if gateway.url:
        return gateway
    first = gateway.name == FIRST
    return replace(gateway, url=_simulator_url(environment, port) if first else f"http://127.0.0.1:{port}")


def _simulated(environment: Mapping[str, str], gateway: GatewaySetting, port: int) -> GatewaySetting:
    """One that `make run` brings: on `port`, and its buyers come back to the API."""
    back = f"http://127.0.0.1:{_port(environment, 'PERDURE_API_PORT', 8000)}"
    options = {"merchant": SIMULATED_MERCHANT, "returns": back, **gateway.options}
    return replace(gateway, url=f"http://127.0.0.1:{port}/v72", options=options)


def _port(environment: Mapping[str, str], name: str, default: int) -> int:
    value = environment.get(name, str(default))
    if not (value.isascii() and value.isdigit()) or not 0 < int(value) < 65_536:
        raise SettingsError(f"{name}={value} is not a port: give a number from 1 to 65535")
    return int(value)


def _keys(environment: Mapping[str, str], name: str) -> str:
    value = environment.get(name, "")
    try:
        parse_keys(value)
    except ValueError as error:
        raise SettingsError(f"{name}: {error}") from None
    return value


def _count(environment: Mapping[str, str], name: str, default: int, least: int = 0, most: int | None = None) -> int:
    value = environment.get(name, str(default))
    if not (value.isascii() and value.isdigit()) or int(value) < least:
        raise SettingsError(f"{name}={value} is not a number: give how many, {least} at least")
    if most is not None and int(value) > most:
        raise SettingsError(f"{name}={value} is too many: give {most} at most")
    return int(value)


def _level(environment: Mapping[str, str], name: str, default: str) -> str:
    value = environment.get(name, default).lower()
    if value not in LOG_LEVELS:
        raise SettingsError(f"{name}={value} is no level: say debug, info, warning or error.{meant(value, LOG_LEVELS)}")
    return value


def _host(environment: Mapping[str, str], name: str, default: str) -> str:
    value = environment.get(name, default)
    if not value or "/" in value or any(character.isspace() for character in value):
        raise SettingsError(f"{name}={value} is no address to listen on: say 127.0.0.1, 0.0.0.0 or a host's name")
    return value


def _hosts(environment: Mapping[str, str], name: str) -> tuple[str, ...]:
    value = environment.get(name, "*")
    hosts = tuple(host.strip().lower() for host in value.split(",") if host.strip())
    wrong = [host for host in hosts if "/" in host or any(character.isspace() for character in host)]
    if wrong or not hosts:
        raise SettingsError(f"{name}={value} are no hosts: give names without http:// and without a port, or *")
    return hosts


def _address(environment: Mapping[str, str], name: str, default: str) -> str:
    value = environment.get(name, default)
    host, _, port = value.rpartition(":")
    if not host or "/" in value or not port.isdigit():
        raise SettingsError(f"{name}={value} is no address: say host:port")
    return value


def _url(environment: Mapping[str, str], name: str, default: str, schemes: tuple[str, ...]) -> str:
    """Empty is not set. A database may have several hosts, or a socket: of its URL, only the scheme is checked."""
    value = environment.get(name, default)
    scheme, _, rest = value.partition("://")
    valid = scheme.lower().partition("+")[0] in schemes and bool(rest)
    if valid and "http" in schemes:
        try:
            parts = urlsplit(value)
            valid = bool(parts.hostname) and parts.port != 0
        except ValueError:
            valid = False
    if value and not valid:
        # Not as it is: there may be a password in it.
        raise SettingsError(f"{name} is not a URL of this kind: it starts with {schemes[0]}:// and a host")
    return value


def _found_at(environment: Mapping[str, str], name: str, default: str) -> str:
    """What addresses in answers begin with: a path is put behind it, and everybody reads it."""
    value = _url(environment, name, default, HTTP)
    if any(mark in value for mark in "@?#"):
        # Not as it is: there may be a password in it.
        raise SettingsError(f"{name} is a URL that paths are put behind: without a user, without ? and without #")
    scheme, mark, rest = value.partition("://")
    return (scheme.lower() + mark + rest).rstrip("/")


def _allowed(environment: Mapping[str, str], name: str) -> bool | None:
    value = environment.get(name)
    if value not in (None, "allow", "refuse"):
        raise SettingsError(f"{name}={value} makes no sense: say allow or refuse.{meant(value, ('allow', 'refuse'))}")
    return None if value is None else value == "allow"


def _key(environment: Mapping[str, str], name: str, default: str, prefix: str) -> str:
    value = environment.get(name, default)
    if not value.startswith(prefix + "test_"):
        raise SettingsError(f"{name} must start with {prefix}test_: `make run` is a test mode")
    return value


def adyen_live(environment: Mapping[str, str] = os.environ) -> dict[str, str]:  # noqa: TID251
    """What `make adyen-live` is told: an account at Adyen's test system, and where the report goes."""
    return {name: environment.get(f"ADYEN_{name.upper()}", "") for name in ("merchant", "api_key", "url", "report")}


def known_names() -> frozenset[str]:
    """The names of all settings."""
    asked = _Environment({})
    Settings._read(asked)
    return frozenset(asked.asked)
