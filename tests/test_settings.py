"""Settings: what makes no sense is refused in one line, which says what would."""

import pytest

from records.takers import LAPSE_SECONDS
from settings import Settings, SettingsError, known_names


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("PERDURE_LOG_LEVEL", "loud", "say debug, info, warning or error"),
        ("PERDURE_LOG_LEVEL", "debgu", "Did you mean debug?"),
        ("PERDURE_LOG_LEVL", "debug", "Did you mean PERDURE_LOG_LEVEL?"),
        ("PERDURE_RATELIMIT", "100", "Did you mean PERDURE_RATE_LIMIT?"),
        ("PERDURE_COLOUR", "red", "PERDURE_COLOUR is not a setting"),
        ("PERDURE_DEMO", "alow", "Did you mean allow?"),
        ("PERDURE_DEMO", "true", "say allow or refuse"),
        ("PERDURE_WEBHOOKS_PRIVATE", "yes", "say allow or refuse"),
        ("PERDURE_API_PORT", "80a", "from 1 to 65535"),
        ("PERDURE_API_PORT", "65536", "from 1 to 65535"),
        ("PERDURE_API_PORT", "²", "from 1 to 65535"),
        ("PERDURE_RATE_LIMIT", "-1", "is not a number"),
        ("PERDURE_RATE_LIMIT", "١٠", "is not a number"),
        ("PERDURE_ANSWER_SECONDS", "0", "1 at least"),
        ("PERDURE_ANSWER_SECONDS", str(LAPSE_SECONDS // 2 + 1), f"{LAPSE_SECONDS // 2} at most"),
        ("PERDURE_HOST", "http://0.0.0.0", "no address to listen on"),
        ("PERDURE_HOSTS", "https://shop.example", "names without http://"),
        ("PERDURE_HOSTS", ",", "or *"),
        ("PERDURE_SIMULATOR_URL", "gateway:8010", "starts with http://"),
        ("PERDURE_PUBLIC_URL", "pay.example", "starts with http://"),
        ("PERDURE_PUBLIC_URL", "https://user:secret@pay.example", "without a user"),
        ("PERDURE_PUBLIC_URL", "https://pay.example/?a=1", "without ?"),
        ("PERDURE_PUBLIC_URL", "https://pay.example/?", "without ?"),
        ("PERDURE_PUBLIC_URL", "https://pay.example/#here", "without #"),
        ("PERDURE_NEXUS_URL", "https://user@pay.example", "without a user"),
        ("PERDURE_SIMULATOR_URL", "http://gateway:80100", "starts with http://"),
        ("DATABASE_URL", "mysql://user:secret@db/perdure", "starts with postgresql://"),
        ("TEMPORAL_ADDRESS", "http://temporal:7233", "say host:port"),
        ("TEMPORAL_ADDRESS", "temporal", "say host:port"),
    ],
)
def test_what_is_mistyped_is_refused_with_what_would_do(name: str, value: str, said: str) -> None:
    with pytest.raises(SettingsError) as refused:
        Settings.read({name: value})
    assert said in str(refused.value)
    assert name in str(refused.value)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PERDURE_LOG_LEVEL", "WARN"),
        ("DATABASE_URL", "postgresql+asyncpg://user:p%40ss@a:5432,b:5432/perdure"),
        ("DATABASE_URL", "postgresql://postgres@/perdure?host=/some/socket"),
        ("DATABASE_URL", ""),
        ("TEMPORAL_ADDRESS", "ns.acct.tmprl.cloud:7233"),
        ("TEMPORAL_ADDRESS", "[::1]:7233"),
        ("PERDURE_SIMULATOR_URL", "http://[::1]:8010"),
        ("PERDURE_HOSTS", "pay.example, www.pay.example"),
        # What Kubernetes and Docker set for a service that is called perdure-api.
        ("PERDURE_API_PORT", "tcp://10.0.0.1:8000"),
        ("PERDURE_API_SERVICE_HOST", "10.0.0.1"),
        ("PERDURE_API_SERVICE_PORT_HTTP", "8000"),
        ("PERDURE_API_PORT_8000_TCP_ADDR", "10.0.0.1"),
        ("HOME", "/root"),
    ],
)
def test_what_makes_sense_is_taken(name: str, value: str) -> None:
    assert Settings.read({name: value}).api_port == 8000


def test_every_setting_is_known_by_its_name() -> None:
    assert {"PERDURE_API_PORT", "PERDURE_HOSTS", "PERDURE_LOG_LEVEL", "DATABASE_URL"} <= known_names()


def test_where_the_web_ui_is() -> None:
    assert Settings.read({}).ui_url == "http://127.0.0.1:8233"
    assert Settings.read({"PERDURE_HOST": "10.0.0.1", "PERDURE_TEMPORAL_UI_PORT": "9"}).ui_url == "http://10.0.0.1:9"
    elsewhere = {"PERDURE_HOST": "0.0.0.0", "PERDURE_TEMPORAL_UI_URL": "https://cloud.temporal.io"}
    assert Settings.read(elsewhere).ui_url == "https://cloud.temporal.io"
    with pytest.raises(SettingsError, match="PERDURE_TEMPORAL_UI_URL"):
        Settings.read({"PERDURE_TEMPORAL_UI_URL": "temporal.example"})


def test_the_public_address_is_where_other_namespaces_buyers_come_back_to() -> None:
    assert Settings.read({}).public_url == ""
    settings = Settings.read({"PERDURE_PUBLIC_URL": "https://pay.example/"})
    assert (settings.public_url, settings.nexus_url) == ("https://pay.example", "https://pay.example")
    both = {"PERDURE_PUBLIC_URL": "HTTPS://pay.example/a", "PERDURE_NEXUS_URL": "Http://inside.example/"}
    settings = Settings.read(both)
    assert (settings.public_url, settings.nexus_url) == ("https://pay.example/a", "http://inside.example")
