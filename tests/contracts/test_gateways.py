"""`PERDURE_GATEWAYS`: what is said is what the gateways are; what makes no sense is refused with what would."""

import pytest

from contracts.gateways import SIMULATOR, parse_gateways
from domain.model.gateways import FIRST, GatewayProfile, Hop, Latency
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
