"""Prometheus' own tool, where it is at hand: on PATH, as Prometheus installs it."""

import shutil
import subprocess
from pathlib import Path


def complaints(*arguments: str | Path) -> str:
    """What `promtool` has against it; nothing if it takes it, or is not here."""
    tool = shutil.which("promtool")
    if tool is None:
        return ""
    done = subprocess.run([tool, *map(str, arguments)], capture_output=True, text=True, timeout=240, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr
