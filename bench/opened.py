"""Whether payments get slower, and what memory it takes, while ten thousand others are open."""

from functools import partial

from bench.client import Client
from bench.figures import Figure, Figures
from bench.load import Load, closed, middle
from bench.payments import three_requests
from bench.systems import CARDS, engine

OPEN, PAYMENTS, AT_ONCE = 10_000, 200, 32
KIBIBYTE = 2**10


async def hold(http: Client) -> None:
    """A payment that stays open: its money is held, and its timer runs."""
    form = {"amount": 1099, "currency": "usd", "capture_method": "manual", "payment_method": "pm_card_visa", **CARDS}
    await http.post("/v1/payment_intents", **form, confirm="true")


async def measure(figures: Figures, rounds: int, open_: int = OPEN) -> None:
    """One with them and one without, in turns: between before and after, the machine itself changes."""
    async with engine() as crowded, engine() as quiet:
        for system in (crowded, quiet):
            await closed(partial(three_requests, system.http), PAYMENTS, AT_ONCE)
        memory = {name: process.memory_info().rss for name, process in crowded.processes().items()}
        await closed(partial(hold, crowded.http), open_, AT_ONCE)
        grown = {name: process.memory_info().rss - memory[name] for name, process in crowded.processes().items()}
        taken: tuple[list[Load], list[Load]] = ([], [])
        for _ in range(rounds):
            for system, loads in zip((crowded, quiet), taken, strict=True):
                loads.append(await closed(partial(three_requests, system.http), PAYMENTS, AT_ONCE))
        with_them, without = (middle(loads) for loads in taken)
        held = Figure(with_them.rate, "payments/s", without.rate, "none open", at_least=0.9)
        figures.add(f"payments with {open_:,} others open", held)
        for name in ("worker", "Temporal"):
            figures.add(f"memory of the {name} for each open payment", Figure(grown[name] / open_ / KIBIBYTE, "KiB"))
