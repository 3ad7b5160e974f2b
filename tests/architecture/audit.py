"""`make lint`: known vulnerabilities among what is pinned, by pip-audit. `python -m tests.architecture.audit FILE…`

Fails when there is one. Where no vulnerability data can be reached (no network, a mirror that has none), it says that
nothing was audited, and does not fail: what was not looked at is neither safe nor unsafe.
"""

import json
import subprocess
import sys
from dataclasses import dataclass

COMMAND = ("-m", "pip_audit", "--disable-pip", "--require-hashes", "--format", "json", "--progress-spinner", "off")
SECONDS_MAX = 120


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to say, and whether it is bad."""

    text: str
    bad: bool


def verdict(name: str, report: str) -> Verdict:
    """Read pip-audit's report on one file; an empty one is a pip-audit that reached nothing."""
    try:
        dependencies = json.loads(report)["dependencies"]
    except (ValueError, KeyError):
        return Verdict(f"{name}: no vulnerability data could be reached; nothing was audited", bad=False)
    audited = [each for each in dependencies if "skip_reason" not in each]
    found = [f"{each['name']} {each['version']}: {fault['id']}" for each in audited for fault in each.get("vulns", ())]
    if found:
        return Verdict(f"{name}: " + "; ".join(found), bad=True)
    if not audited:
        return Verdict(f"{name}: there is no vulnerability data here; nothing was audited", bad=False)
    return Verdict(f"{name}: {len(audited)} of {len(dependencies)} packages audited, no known vulnerability", bad=False)


def main(names: list[str]) -> int:
    """Audit every file; 1 if any is bad."""
    verdicts = []
    for name in names:
        command = [sys.executable, *COMMAND, "-r", name]
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS_MAX, check=False)
        verdicts.append(verdict(name, done.stdout))
        sys.stdout.write(verdicts[-1].text + "\n")
    return int(any(each.bad for each in verdicts))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
