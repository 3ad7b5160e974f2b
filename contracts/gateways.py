"""`PERDURE_GATEWAYS`: which gateways there are, by name, and what each is. Read once, by settings.py.

Entries are separated by spaces or new lines; each is a name, or `name=kind?option=value&option=value`, as the query of
a URL has it. The first is where payments go unless a route says otherwise. No secret is ever in it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

from domain.model.gateways import (
    CALL_SECONDS_MAX,
    FEATURES,
    PATIENCE_SECONDS,
    Capabilities,
    GatewayProfile,
    Latency,
    Later,
)
from domain.spelling import meant

SIMULATOR = "simulator"
"""The kind of gateway that comes with us; each is a process of its own."""

GATEWAYS_MAX = 16

PROMPT_CALL_SECONDS = 1.5
PATIENT_CALL_SECONDS = 30.0
"""When one call is given up. A prompt gateway's call is waited for by the workflow's task, so it is no longer than
this; 30 s is what acquirers' own libraries wait (Adyen's; Stripe's waits 80)."""

DAY_SECONDS = 86_400

COMMON = frozenset(
    {
        "url", "latency", "call_seconds", "patience", "keys_days", "by_key", "standing", "later", "rate", "concurrency",
        "methods", "currencies", "brands", "amount_max", "lacks",
    }
)  # fmt: skip
"""Options of a gateway of any kind."""

ADYEN = "adyen"
"""The kind of gateway that speaks to Adyen (docs/GATEWAYS.md)."""

STRIPE = "stripe"
"""The kind of gateway that speaks to Stripe itself."""

OWN = {
    SIMULATOR: frozenset({"p50_ms", "p99_ms", "tail_rate", "tail_ms", "news_ms", "failing"}),
    STRIPE: frozenset({"returns"}),
    ADYEN: frozenset(
        {
            "merchant", "prefix", "region", "returns", "raw_cards", "multicapture", "increments", "verifies_in",
            "simulated",
        }
    ),
}  # fmt: skip
"""Options of one kind, and which kinds there are."""

DECLARED: Mapping[str, Mapping[str, str]] = {
    ADYEN: {
        "latency": "patient", "keys_days": "6", "by_key": "no", "standing": "no", "methods": "card",
        "later": "capture,void,increment,refund", "lacks": "overcapture,authenticated_elsewhere",
    },
    STRIPE: {
        "latency": "patient", "keys_days": "0.9", "by_key": "no", "methods": "card", "later": "refund",
        "lacks": "overcapture,authenticated_elsewhere",
    },
}  # fmt: skip
"""What gateways of a kind declare, where the setting says nothing else."""

SECRETS = {"keys": "_KEYS", "hmac": "_HMAC", "basic": "_BASIC"}
"""Secrets of a gateway beside the one that we are known by, by how their settings end."""

SIMULATED_MERCHANT = "PerdureECOM"

OWN_NUMBERS = {
    "p50_ms": 600_000,
    "p99_ms": 600_000,
    "tail_ms": 600_000,
    "news_ms": 600_000,
    "tail_rate": 1,
    "failing": 1,
}
"""What a simulator is told besides, and how large each may be (simulator/conduct.py)."""

_NAME = re.compile(r"[a-z][a-z0-9-]{0,31}")


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewaySetting:
    """One entry. `url` is where it is reached; `options` are as they were given; `secret` is what we are known by."""

    name: str
    kind: str
    url: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    profile: GatewayProfile
    secret: str = field(default="", repr=False)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    """What else only the two sides know, by its name in `SECRETS`."""

    @property
    def comes_with_us(self) -> bool:
        """Whether `make run` starts it."""
        ours = self.kind == SIMULATOR or self.options.get("simulated") == "yes"
        return ours and "url" not in self.options


def parse_gateways(text: str) -> tuple[GatewaySetting, ...]:
    """The entries, in order.

    Raises:
        ValueError: one makes no sense; the message says which, and what would.
    """
    found = tuple(_entry(entry) for entry in text.split())
    names = [each.name for each in found]
    if not 0 < len(found) <= GATEWAYS_MAX:
        raise ValueError(f"there are {len(found)} gateways: name one at least, and {GATEWAYS_MAX} at most")
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise ValueError(f"{twice} is named twice")
    return found


def _entry(text: str) -> GatewaySetting:
    name, _, rest = text.partition("=")
    kind, _, query = rest.partition("?")
    kind = kind or SIMULATOR
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name or text} is no name of a gateway: small letters, digits and hyphens, 32 at most")
    if kind not in OWN:
        raise ValueError(f"{name}: there is no kind of gateway {kind}.{meant(kind, OWN)}")
    try:
        options = dict(parse_qsl(query, strict_parsing=True)) if query else {}
    except ValueError:
        raise ValueError(f"{name}: {query} is not option=value&option=value") from None
    known = COMMON | OWN[kind]
    for option in options:
        if option not in known:
            raise ValueError(f"{name}: there is no option {option}.{meant(option, known)}")
    profile = _profile(name, {**DECLARED.get(kind, {}), **_lacking(kind, options), **options})
    for option, most in OWN_NUMBERS.items():
        number(name, options, option, 0, 0, most)
    return GatewaySetting(name=name, kind=kind, url=_url(name, options), options=options, profile=profile)


def secret_setting(gateway: GatewaySetting, ending: str = "_SECRET") -> str:
    """The setting that a gateway's secret is in."""
    return f"PERDURE_GATEWAY_{gateway.name.upper().replace('-', '_')}{ending}"


def _lacking(kind: str, options: Mapping[str, str]) -> dict[str, str]:
    """What an Adyen account has not, unless Adyen's support has enabled it and the setting says so."""
    if kind != ADYEN:
        return {}
    enabled = {"multicapture": "multicapture", "incremental": "increments"}
    missing = [feature for feature, option in enabled.items() if options.get(option) != "yes"]
    return {"lacks": ",".join([DECLARED[ADYEN]["lacks"], *missing])}


def _profile(name: str, options: Mapping[str, str]) -> GatewayProfile:
    latency = options.get("latency", Latency.PROMPT.value)
    if latency not in set(Latency):
        raise ValueError(f"{name}: latency={latency}: say prompt or patient")
    patient = latency == Latency.PATIENT
    if not patient and "patience" in options:
        raise ValueError(f"{name}: nobody needs patience with a prompt gateway: say latency=patient as well")
    most = CALL_SECONDS_MAX if patient else PROMPT_CALL_SECONDS
    usual = PATIENT_CALL_SECONDS if patient else PROMPT_CALL_SECONDS
    days = number(name, options, "keys_days", 0, 0, 365)
    return GatewayProfile(
        name=name,
        latency=Latency(latency),
        call_seconds=number(name, options, "call_seconds", usual, 0.1, most),
        patience_seconds=int(number(name, options, "patience", PATIENCE_SECONDS, 1, 120)) if patient else 0,
        keeps_keys_seconds=int(days * DAY_SECONDS) or None,
        answers_by_key=_yes(name, options, "by_key"),
        tells_standing=_yes(name, options, "standing"),
        later=_names(name, options, "later", frozenset(Later)) or frozenset(),
        rate_limit=number(name, options, "rate", 0, 0, 1_000_000),
        concurrency=int(number(name, options, "concurrency", 100, 1, 10_000)),
        capabilities=_capabilities(name, options),
    )


def _capabilities(name: str, options: Mapping[str, str]) -> Capabilities:
    lacking = _names(name, options, "lacks", frozenset(FEATURES)) or frozenset()
    most = int(number(name, options, "amount_max", 0, 0, 99_999_999_999))
    return Capabilities(
        methods=_names(name, options, "methods"),
        currencies=_names(name, options, "currencies"),
        brands=_names(name, options, "brands"),
        amount_max=most or None,
        **{feature: feature not in lacking for feature in FEATURES},
    )


def number(name: str, options: Mapping[str, str], option: str, default: float, least: float, most: float) -> float:
    """A number that is given as an option, or the default.

    Raises:
        ValueError: it is none, or out of bounds.
    """
    text = options.get(option)
    if text is None:
        return default
    plain = re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,6})?", text)
    if plain is None or not least <= float(text) <= most:
        raise ValueError(f"{name}: {option}={text}: give a number from {least:g} to {most:g}")
    return float(text)


def _yes(name: str, options: Mapping[str, str], option: str) -> bool:
    value = options.get(option, "yes")
    if value not in ("yes", "no"):
        raise ValueError(f"{name}: {option}={value}: say yes or no")
    return value == "yes"


def _names(
    name: str, options: Mapping[str, str], option: str, known: frozenset[str] | None = None
) -> frozenset[str] | None:
    if option not in options:
        return None
    found = frozenset(each for each in options[option].split(",") if each)
    wrong = next((each for each in sorted(found) if known is not None and each not in known), None)
    if not found or wrong is not None:
        near = meant(wrong or "", known or ())
        raise ValueError(f"{name}: {option}={options[option]}: give names, separated by commas.{near}")
    return found


def _url(name: str, options: Mapping[str, str]) -> str:
    url = options.get("url", "")
    if url and not (urlsplit(url).scheme in ("http", "https") and urlsplit(url).hostname):
        raise ValueError(f"{name}: its url starts with http:// and a host")
    return url.rstrip("/")
