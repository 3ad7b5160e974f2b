"""What the operators' documents tell people to type, read from the documents themselves."""

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

from settings import ROOT

RUNBOOKS = ROOT / "docs" / "RUNBOOKS.md"
DOCUMENTS = tuple(ROOT / name for name in ("docs/OPERATING.md", "docs/ALERTS.md", "docs/RUNBOOKS.md", "docs/CONSOLE.md",
                                           "docs/SCALE.md", "deploy/README.md", "README.md"))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Runbook:
    """One situation: what is typed, and which lines are printed, in this order (`…` is anything)."""

    name: str
    typed: str
    printed: tuple[str, ...]

    def missing(self, said: str) -> str:
        """The first line that was to be printed, and is not; nothing if all of them are."""
        at = 0
        for line in self.printed:
            found = re.compile(r"[^\n]*?".join(map(re.escape, re.split(r"\s*…\s*", line)))).search(said, at)
            if found is None:
                return line
            at = found.end()
        return ""


def runbooks() -> list[Runbook]:
    """Of the page, in its order."""
    found = []
    for section in re.finditer(r"^## ([^\n]+)\n(.*?)(?=^## |\Z)", RUNBOOKS.read_text(), re.MULTILINE | re.DOTALL):
        typed, printed = (
            "\n".join(re.findall(rf"^```{kind}\n(.*?)^```", section[2], re.MULTILINE | re.DOTALL))
            for kind in ("bash", "text")
        )
        lines = tuple(line for line in printed.splitlines() if line)
        found.append(Runbook(section[1], typed, lines))
    return found


def commands(page: Path) -> list[list[str]]:
    """Every `./perdure …` that a page has, in a block or in a line, by its words; what stands for a word is one."""
    text = page.read_text().replace("\\\n", " ")
    blocks = "\n".join(re.findall(r"^```bash\n(.*?)^```", text, re.MULTILINE | re.DOTALL))
    typed = re.findall(r"\./perdure ([^\n|;)#]*)", blocks)
    lines = re.findall(r"`(?:\./)?perdure ([^`]*)`", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL))
    return [_words(each) for each in [*typed, *lines]]


def _words(command: str) -> list[str]:
    # `<their reference>` is one word, and no redirection.
    return shlex.split(
        re.sub(r"<[^>]*>", "REFERENCE", command.replace("\n", " ")).partition(" >")[0].partition(" &&")[0]
    )
