"""What pyproject.toml depends on, one requirement a line: `python -m tests.architecture.dependencies PART…`.

`make lock` reads it. A part is `server` (the dependencies), the name of an extra, or that of a group.
"""

import sys
import tomllib

from settings import ROOT


def requirements(*parts: str) -> list[str]:
    """The requirements of these parts, as they are written."""
    document = tomllib.loads((ROOT / "pyproject.toml").read_text())
    project = document["project"]
    every: dict[str, list[str]] = {
        "server": project["dependencies"],
        **project["optional-dependencies"],
        **document["dependency-groups"],
    }
    return [requirement for part in parts for requirement in every[part]]


if __name__ == "__main__":
    print("\n".join(requirements(*sys.argv[1:])))  # noqa: T201
