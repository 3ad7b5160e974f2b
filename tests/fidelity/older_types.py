"""Answers in older versions, held to the types of the releases of Stripe's Node library that pinned them.

Only what breaks is tied to a version, so an answer must show every key that its version's types have, and of others
only what was added later: a key that was gone by then, or that no newer version has, is a fault. The keys are in
older_types.json; to read them again: `npm install` the releases below under the names `stripe-…`, then
`python -m tests.fidelity.older_types node_modules`.
"""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

KEYS = Path(__file__).with_suffix(".json")

RELEASES = {
    "2020-08-27": "8.222.0", "2022-08-01": "10.17.0", "2022-11-15": "11.18.0", "2023-08-16": "13.11.0",
    "2023-10-16": "14.25.0", "2024-04-10": "15.12.0", "2024-06-20": "16.12.0", "2024-09-30.acacia": "17.0.0",
    "2025-03-31.basil": "18.0.0", "2025-09-30.clover": "19.0.0", "2026-03-25.dahlia": "21.0.1",
    "2026-08-26.dahlia": "22.6.0", "2026-10-28.endive": "23.1.0",
}  # fmt: skip
"""By version, the release that pinned it; of a train, the first, which is what broke."""

FILES = {
    "balance_transaction": "BalanceTransaction", "charge": "Charge", "customer": "Customer", "dispute": "Dispute",
    "mandate": "Mandate", "payment_intent": "PaymentIntent", "payment_method": "PaymentMethod", "refund": "Refund",
}  # fmt: skip

UNDESCRIBED = {
    "charge": {"destination", "dispute", "level3", "order", "refunds", "source"},
    "payment_intent": {"shared_payment_granted_token", "source"}, "payment_method": {"shared_payment_granted_token"},
    "customer": {"cash_balance", "default_currency"}, "dispute": {"balance_transaction"},
}  # fmt: skip
"""Keys that the API shows and some releases' types have forgotten, or that are shown where they apply only."""

RENDERED_NULL = {"charge": {"alternate_statement_descriptors"}}
"""Keys that some releases describe and that are of what is not here."""

_KEY = re.compile(r"^(\w+)(\??): ")

Types = dict[str, dict[str, dict[str, bool]]]
"""By version and kind of object, its keys, and whether each may be absent."""


def keys_of(source: str, name: str) -> dict[str, bool]:
    """The keys of an interface, and whether each may be absent."""
    plain = re.sub(r"/\*.*?\*/", "", source, flags=re.DOTALL)
    opening = re.search(rf"interface {name}(?: extends \w+)? \{{", plain)
    assert opening is not None, name
    found: dict[str, bool] = {}
    depth = 1
    for line in plain[opening.end() :].splitlines():
        key = _KEY.match(line.strip())
        if key and depth == 1:
            found[key[1]] = bool(key[2])
        depth += line.count("{") - line.count("}")
        if depth == 0:
            return found
    raise AssertionError(name)


def read(package: Path) -> dict[str, dict[str, bool]]:
    """By kind of object, the keys in one release."""
    found: dict[str, dict[str, bool]] = {}
    for kind, name in FILES.items():
        sources = [path.read_text() for path in sorted(package.rglob(f"{name}s.d.ts"))]
        found[kind] = next(keys_of(source, name) for source in sources if f"interface {name} " in source)
    return found


def main(packages: Path) -> None:
    """Read every release, and write down each version by what differs from the one before."""
    written: dict[str, dict[str, str]] = {kind: {} for kind in FILES}
    before: dict[str, set[str]] = {kind: set() for kind in FILES}
    for version, release in RELEASES.items():
        for kind, keys in read(packages / f"stripe-{release}").items():
            now = {name + "?" * absent for name, absent in keys.items()}
            gone, new = sorted(before[kind] - now), sorted(now - before[kind])
            written[kind][version] = " ".join([f"-{name}" for name in gone] + [f"+{name}" for name in new])
            before[kind] = now
    KEYS.write_text(json.dumps(written, indent=1) + "\n")


def types() -> Types:
    """What older_types.json says."""
    found: Types = {version: {} for version in RELEASES}
    for kind, versions in json.loads(KEYS.read_text()).items():
        now: set[str] = set()
        for version in RELEASES:
            words = versions[version].split()
            now = now - {word[1:] for word in words if word[0] == "-"}
            now = now | {word[1:] for word in words if word[0] == "+"}
            found[version][kind] = {name.rstrip("?"): name.endswith("?") for name in now}
    return found


TYPES = types() if KEYS.exists() else {}


def faults(value: Any, version: str, where: str = "") -> Iterator[str]:
    """What is wrong with an answer in a version of RELEASES, one line each."""
    if isinstance(value, list):
        for index, inner in enumerate(value):
            yield from faults(inner, version, f"{where}[{index}]")
    if not isinstance(value, dict):
        return
    kind = value.get("object")
    if kind in FILES and value.get("deleted") is not True:
        yield from _object(value, str(kind), version, where or str(kind))
    for name, inner in value.items():
        if name not in ("metadata", "previous_attributes"):
            yield from faults(inner, version, f"{where}.{name}")


def _object(shown: dict[str, Any], kind: str, version: str, where: str) -> Iterator[str]:
    described, versions = TYPES[version][kind], list(TYPES)
    later = {name for one in versions[versions.index(version) :] for name in TYPES[one][kind]}
    more = UNDESCRIBED.get(kind, set()) | RENDERED_NULL.get(kind, set())
    for name, absent in described.items():
        if name not in shown and not absent and name not in more:
            yield f"{where}.{name} is missing in {version}"
    for name in shown:
        if name not in later and name not in more:
            yield f"{where}.{name} is not in {version}, and has not come since"


if __name__ == "__main__":
    main(Path(sys.argv[1]))
