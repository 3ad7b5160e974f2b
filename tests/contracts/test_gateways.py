"""`PERDURE_GATEWAYS`: what is said is what the gateways are; what makes no sense is refused with what would."""

import pytest

from contracts.gateways import SIMULATOR, parse_gateways
from domain.model.gateways import FIRST, GatewayProfile, Hop, Latency
from embedded.banner import banner
from embedded.run import port_of
from settings import Settings, SettingsError

BRISK = "brisk=simulator?latency=patient&p50_ms=1200&p99_ms=4000&later=capture,void&keys_days=7&rate=50&concurrency=64"


def test_nothing_said_is_the_one_prompt_simulator() -> None:
    (only,) = Settings.read({}).gateways
    assert (only.name, only.kind, only.url) == (FIRST, SIMULATOR, "http://127.0.0.1:8010")
    assert only.profile == GatewayProfile()
    assert only.comes_with_us


def test_what_is_said_is_what_they_are() -> None:
    first, brisk = parse_gateways(f"simulator\n {BRISK}")
    assert first.profile == GatewayProfile()
    profile = brisk.profile
    assert (profile.name, profile.latency, profile.later) == ("brisk", Latency.PATIENT, frozenset({"capture", "void"}))
    assert (profile.call_seconds, profile.patience_seconds, profile.keeps_keys_seconds) == (30.0, 30, 7 * 86_400)
    assert (profile.rate_limit, profile.concurrency) == (50.0, 64)
    assert profile.hop == Hop(gateway="brisk", patience=30)
    assert brisk.options["p50_ms"] == "1200"


def test_what_a_gateway_lacks() -> None:
    taken = "methods=card&currencies=eur,usd&brands=visa&amount_max=500"
    (told,) = parse_gateways(f"a=simulator?{taken}&lacks=multicapture")
    can = told.profile.capabilities
    assert can.methods == frozenset({"card"})
    assert can.currencies == frozenset({"eur", "usd"})
    assert can.brands == frozenset({"visa"})
    assert (can.amount_max, can.multicapture, can.incremental) == (500, False, True)


def test_what_an_adyen_declares_and_what_its_account_has_not() -> None:
    (bare,) = parse_gateways("adyen=adyen?merchant=M&returns=https://e.example")
    profile = bare.profile
    assert (profile.latency, profile.call_seconds, profile.patience_seconds) == (Latency.PATIENT, 30.0, 30)
    assert (profile.keeps_keys_seconds, profile.answers_by_key, profile.tells_standing) == (6 * 86_400, False, False)
    can = profile.capabilities
    assert can.methods == frozenset({"card"})
    has = {
        name: getattr(can, name) for name in ("overcapture", "authenticated_elsewhere", "multicapture", "incremental")
    }
    assert set(has.values()) == {False}
    (more,) = parse_gateways("adyen=adyen?merchant=M&multicapture=yes&increments=yes&patience=10")
    assert more.profile.capabilities.multicapture
    assert more.profile.capabilities.incremental
    assert more.profile.patience_seconds == 10


def test_an_adyens_secrets_are_settings_of_their_own() -> None:
    names = {"SECRET": "the key", "KEYS": "k", "HMAC": "h", "BASIC": "b"}
    environment = {f"PERDURE_GATEWAY_MY_ADYEN_{name}": value for name, value in names.items()}
    (gateway,) = Settings.read({**environment, "PERDURE_GATEWAYS": "my-adyen=adyen?merchant=M"}).gateways
    assert gateway.secret == "the key"
    assert gateway.secrets == {"keys": "k", "hmac": "h", "basic": "b"}
    assert "the key" not in repr(gateway)
    assert not gateway.comes_with_us


def test_a_simulated_adyen_comes_with_us() -> None:
    (gateway,) = Settings.read({"PERDURE_GATEWAYS": "adyen=adyen?simulated=yes", "PERDURE_API_PORT": "9100"}).gateways
    assert gateway.comes_with_us
    assert gateway.url == "http://127.0.0.1:8010/v72"
    assert gateway.options["returns"] == "http://127.0.0.1:9100"


def test_each_that_comes_with_us_has_a_port_of_its_own() -> None:
    settings = Settings.read(
        {"PERDURE_SIMULATOR_PORT": "9000", "PERDURE_GATEWAYS": "simulator b c=simulator?url=http://10.0.0.1:1/"}
    )
    assert [each.url for each in settings.gateways] == [
        "http://127.0.0.1:9000", "http://127.0.0.1:9001", "http://10.0.0.1:1",
    ]  # fmt: skip
    assert [each.comes_with_us for each in settings.gateways] == [True, True, False]
    elsewhere = Settings.read({"PERDURE_SIMULATOR_URL": "http://gateway:8010", "PERDURE_GATEWAYS": "b simulator"})
    assert [each.url for each in elsewhere.gateways] == ["http://127.0.0.1:8010", "http://gateway:8010"]


def test_what_make_run_starts_reaches_each_gateway_where_it_listens_wherever_it_stands(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for given in ("simulator b", "b simulator", "b c simulator", "b"):
        settings = Settings.read({"PERDURE_SIMULATOR_PORT": "9000", "PERDURE_GATEWAYS": given})
        monkeypatch.setenv("PERDURE_GATEWAYS", given)
        child = Settings.read(settings.child_environment(PERDURE_SIMULATOR_PORT="9000"))
        assert [each.url for each in child.gateways] == [
            f"http://127.0.0.1:{port_of(settings, each)}" for each in settings.gateways
        ]
        first = [each.url for each in child.gateways if each.name == "simulator"] or ["http://127.0.0.1:9000"]
        assert [child.simulator_url] == [settings.simulator_url] == first
        assert all(each.url in banner(settings, 1) for each in settings.gateways)
    both = Settings.read({"PERDURE_SIMULATOR_PORT": "9000", "PERDURE_GATEWAYS": "simulator a=adyen?simulated=yes"})
    assert "Gateway simulator  http://127.0.0.1:9000 " in banner(both, 1)
    assert "An Adyen of ours   http://127.0.0.1:9001 " in banner(both, 1)


def test_one_simulator_is_not_two_gateways() -> None:
    given = {"PERDURE_SIMULATOR_URL": "http://127.0.0.1:8010", "PERDURE_GATEWAYS": "b simulator"}
    with pytest.raises(SettingsError, match="b and simulator are both at"):
        Settings.read(given)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "name one at least"),
        (" ".join(f"g{n}" for n in range(17)), "16 at most"),
        ("a a", "a is named twice"),
        ("Brisk", "Brisk is no name of a gateway"),
        ("=simulator", "no name of a gateway"),
        ("a=simulater", "Did you mean simulator?"),
        ("a=simulator?latancy=patient", "Did you mean latency?"),
        ("a=simulator?latency=slow", "say prompt or patient"),
        ("a=simulator?patience=30", "say latency=patient as well"),
        ("a=simulator?call_seconds=2", "from 0.1 to 1.5"),
        ("a=simulator?latency=patient&call_seconds=61", "from 0.1 to 60"),
        ("a=simulator?rate=-1", "give a number"),
        ("a=simulator?rate=1e9", "give a number"),
        ("a=simulator?by_key=maybe", "say yes or no"),
        ("a=simulator?later=captures", "Did you mean capture?"),
        ("a=simulator?later=,", "separated by commas"),
        ("a=simulator?url=ftp://x", "starts with http://"),
        ("a=simulator?latency", "is not option=value"),
    ],
)
def test_what_makes_no_sense_is_refused_with_what_would(text: str, said: str) -> None:
    with pytest.raises(SettingsError) as refused:
        Settings.read({"PERDURE_GATEWAYS": text})
    assert said in str(refused.value)
    assert "PERDURE_GATEWAYS" in str(refused.value)
