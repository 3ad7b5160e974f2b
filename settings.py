"""Every setting, typed, once. The only reader of the environment; everything else is handed what it needs."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from contracts.payload_keys import parse_keys

ROOT = Path(__file__).parent


TEST_ACCOUNT = "acct_1PerdureTestMode00"
"""Whose keys `make run` comes with."""


class SettingsError(ValueError):
    """A setting makes no sense; the message says which, and what would."""


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
    simulator_url: str
    notification_secret: str
    private_webhooks: bool | None
    """Whether webhooks may go to this machine and its network; None leaves it to whoever asks."""
    demo: bool | None
    """Whether there is a demo shop at /demo, which pays with the test account's key; None leaves it to whoever asks."""
    payload_keys: str = field(repr=False)
    """`id:base64,…`: what payloads in Temporal are encrypted under; empty, they are not."""
    codec_token: str = field(repr=False)
    """What the codec endpoint asks for."""
    answer_seconds: int
    """How long a request waits for its command at most; then it gets 503, and is safe to repeat."""
    build_id: str
    """Which build a worker is, where payments are to stay with the build they were started on; empty, they do not."""
    traces_endpoint: str
    """Where OpenTelemetry's spans go; empty, there are none."""
    worker_metrics_port: int
    temporal_metrics_port: int
    """Where a worker exports metrics, its own and the SDK's; 0 is nowhere."""
    rate_limit: int
    """Reads, and writes, a second for each account and API process; 0 is no limit."""
    log_level: str

    @classmethod
    def read(cls, environment: Mapping[str, str] = os.environ) -> Self:  # noqa: TID251
        """Read the environment.

        Raises:
            SettingsError: a value makes no sense.
        """
        ports = {
            "api_port": _port(environment, "PERDURE_API_PORT", 8000),
            "temporal_port": _port(environment, "PERDURE_TEMPORAL_PORT", 7233),
            "temporal_ui_port": _port(environment, "PERDURE_TEMPORAL_UI_PORT", 8233),
            "simulator_port": _port(environment, "PERDURE_SIMULATOR_PORT", 8010),
        }
        host = environment.get("PERDURE_HOST", "127.0.0.1")
        return cls(
            host=host,
            **ports,
            data_dir=Path(environment.get("PERDURE_DATA_DIR", ".perdure")).absolute(),
            secret_key=_key(environment, "PERDURE_SECRET_KEY", "sk_test_perdure", "sk_"),
            publishable_key=_key(environment, "PERDURE_PUBLISHABLE_KEY", "pk_test_perdure", "pk_"),
            database_url=environment.get("DATABASE_URL", ""),
            temporal_address=environment.get("TEMPORAL_ADDRESS", f"127.0.0.1:{ports['temporal_port']}"),
            temporal_namespace=environment.get("TEMPORAL_NAMESPACE", "default"),
            temporal_bin=environment.get("PERDURE_TEMPORAL_BIN", ""),
            simulator_url=environment.get("PERDURE_SIMULATOR_URL", f"http://127.0.0.1:{ports['simulator_port']}"),
            notification_secret=environment.get("PERDURE_NOTIFICATION_SECRET", ""),
            private_webhooks=_allowed(environment, "PERDURE_WEBHOOKS_PRIVATE"),
            demo=_allowed(environment, "PERDURE_DEMO"),
            payload_keys=_keys(environment, "PERDURE_PAYLOAD_KEYS"),
            codec_token=environment.get("PERDURE_CODEC_TOKEN", ""),
            answer_seconds=_count(environment, "PERDURE_ANSWER_SECONDS", 15),
            build_id=environment.get("PERDURE_BUILD_ID", ""),
            traces_endpoint=environment.get("OTEL_EXPORTER_OTLP_ENDPOINT", ""),
            worker_metrics_port=_count(environment, "PERDURE_WORKER_METRICS_PORT", 0),
            temporal_metrics_port=_count(environment, "PERDURE_TEMPORAL_METRICS_PORT", 0),
            rate_limit=_count(environment, "PERDURE_RATE_LIMIT", 0),
            log_level=environment.get("PERDURE_LOG_LEVEL", "info").lower(),
        )

    def child_environment(self, **more: str) -> dict[str, str]:
        """The environment for a process that `make run` starts: ours, these settings, and `more`."""
        return {
            **os.environ,  # noqa: TID251
            "PERDURE_DATA_DIR": str(self.data_dir),
            "TEMPORAL_ADDRESS": f"127.0.0.1:{self.temporal_port}",
            "TEMPORAL_NAMESPACE": "default",
            "PERDURE_SIMULATOR_URL": f"http://127.0.0.1:{self.simulator_port}",
            **more,
        }


def _port(environment: Mapping[str, str], name: str, default: int) -> int:
    value = environment.get(name, str(default))
    if not value.isdigit() or not 0 < int(value) < 65_536:
        raise SettingsError(f"{name}={value} is not a port: give a number from 1 to 65535")
    return int(value)


def _keys(environment: Mapping[str, str], name: str) -> str:
    value = environment.get(name, "")
    try:
        parse_keys(value)
    except ValueError as error:
        raise SettingsError(f"{name}: {error}") from None
    return value


def _count(environment: Mapping[str, str], name: str, default: int) -> int:
    value = environment.get(name, str(default))
    if not value.isdigit():
        raise SettingsError(f"{name}={value} is not a number: give how many, or 0")
    return int(value)


def _allowed(environment: Mapping[str, str], name: str) -> bool | None:
    value = environment.get(name)
    if value not in (None, "allow", "refuse"):
        raise SettingsError(f"{name}={value} makes no sense: say allow or refuse")
    return None if value is None else value == "allow"


def _key(environment: Mapping[str, str], name: str, default: str, prefix: str) -> str:
    value = environment.get(name, default)
    if not value.startswith(prefix + "test_"):
        raise SettingsError(f"{name} must start with {prefix}test_: `make run` is a test mode")
    return value
