"""Figures: each with what it is held against, in the same run; as a table, as JSON, and as a picture."""

import json
import os
import platform
from dataclasses import asdict, dataclass, field
from html import escape
from pathlib import Path

import psutil

BAR_WIDTH, ROW_HEIGHT, LABEL_WIDTH = 360, 26, 330
GOOD, SHORT, PLAIN = "#2f855a", "#c05621", "#718096"


@dataclass(frozen=True, slots=True)
class Figure:
    """One. `ratio` is value by baseline; `goal` is what the ratio (without baseline: the value) is to be."""

    value: float
    unit: str
    baseline: float | None = None
    baseline_name: str | None = None
    at_least: float | None = None
    at_most: float | None = None

    @property
    def ratio(self) -> float | None:
        """Value by baseline; None where there is none."""
        return self.value / self.baseline if self.baseline else None

    @property
    def goal(self) -> str | None:
        """In words."""
        if self.at_least is not None:
            return f">= {self.at_least:g}"
        return None if self.at_most is None else f"<= {self.at_most:g}"

    @property
    def met(self) -> bool | None:
        """Whether the goal is reached; None where there is none."""
        held = self.value if self.ratio is None else self.ratio
        if self.at_least is not None:
            return held >= self.at_least
        return None if self.at_most is None else held <= self.at_most


@dataclass(slots=True)
class Figures:
    """All of a run, by name; printed as they come."""

    of: dict[str, Figure] = field(default_factory=dict)

    def add(self, name: str, figure: Figure) -> None:
        """Keep one, and show it."""
        self.of[name] = figure
        ratio = "" if figure.ratio is None else f"{figure.ratio:8.2f} of {figure.baseline:.1f} ({figure.baseline_name})"
        met = {None: "", True: "met", False: "NOT MET"}[figure.met]
        print(f"{name:<52}{figure.value:>10.1f} {figure.unit:<12}{ratio:<48}{figure.goal or '':<9}{met}", flush=True)

    def save(self, results: Path, chart: Path) -> None:
        """Write both files; what an earlier run measured and this one did not is kept."""
        kept = json.loads(results.read_text())["figures"] if results.exists() else {}
        mine = {
            name: asdict(figure) | {"ratio": figure.ratio, "goal": figure.goal, "met": figure.met}
            for name, figure in self.of.items()
        }
        every: dict[str, dict[str, object]] = kept | mine
        results.write_text(json.dumps({"machine": machine(), "figures": every}, indent=2) + "\n")
        chart.write_text(picture(every))


def machine() -> dict[str, str | int | None]:
    """On what it was measured."""
    memory = round(psutil.virtual_memory().total / 2**30)
    return {"cores": os.cpu_count(), "memory_gib": memory, "python": platform.python_version(),
            "system": f"{platform.system()} {platform.machine()}"}  # fmt: skip


def picture(figures: dict[str, dict[str, object]]) -> str:
    """Bars of the ratios, an SVG: 1 is the baseline, the tick is the goal."""
    shown = {name: f for name, f in figures.items() if isinstance(f["ratio"], float) and f["goal"]}
    widest = max([2.0, *(min(_number(f["ratio"]), 4.0) for f in shown.values())])
    height = ROW_HEIGHT * (len(shown) + 1) + 10
    width = LABEL_WIDTH + BAR_WIDTH + 90
    scale = BAR_WIDTH / widest
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" '
        'font-size="12" role="img" aria-label="Each figure by its baseline, measured in the same run">',
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
    ]
    for row, (name, figure) in enumerate(shown.items()):
        y, ratio = ROW_HEIGHT * row + 8, _number(figure["ratio"])
        goal = _number(figure["at_least"] if figure["at_least"] is not None else figure["at_most"])
        colour = GOOD if figure["met"] else SHORT
        lines += [
            f'<text x="{LABEL_WIDTH - 8}" y="{y + 13}" text-anchor="end" fill="#1a202c">{escape(name)}</text>',
            f'<rect x="{LABEL_WIDTH}" y="{y}" width="{min(ratio, widest) * scale:.1f}" height="16" fill="{colour}"/>',
            f'<rect x="{LABEL_WIDTH + min(goal, widest) * scale - 1:.1f}" y="{y - 3}" width="2" height="22"/>',
            f'<text x="{LABEL_WIDTH + min(ratio, widest) * scale + 6:.1f}" y="{y + 13}" fill="#1a202c">{ratio:.2f} '
            f'<tspan fill="{PLAIN}">({escape(str(figure["goal"]))})</tspan></text>',
        ]
    legend = "value by baseline, same run; the tick is the goal"
    lines.append(f'<text x="{LABEL_WIDTH}" y="{height - 8}" fill="{PLAIN}">{legend}</text></svg>')
    return "\n".join(lines) + "\n"


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
