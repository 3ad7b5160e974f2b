"""Whether payments get slower, and what memory it takes, while ten thousand others are open."""

from functools import partial

from bench.figures import Figure, Figures
from bench.load import Load, closed, middle
from bench.payments import three_requests
from bench.systems import Client, engine

OPEN, PAYMENTS, AT_ONCE = 10_000, 200, 32
KIBIBYTE = 2**10


async def hold(http: Client) -> None:
    """A payment that stays open: its money is held, and its timer runs."""
    form = {"amount": 1099, "currency": "usd", "capture_method": "manual", "payment_method": "pm_card_visa"}
    await http.post("/v1/payment_intents", **form, confirm="true")


async def measure(figures: Figures, rounds: int, open_: int = OPEN) -> None:
    """Before and after."""
    async with engine() as system:

        async def pay() -> Load:
            pays = partial(three_requests, system.http)
            await closed(pays, PAYMENTS, AT_ONCE)
            return middle([await closed(pays, PAYMENTS, AT_ONCE) for _ in range(rounds)])

        before = await pay()
        memory = {name: process.memory_info().rss for name, process in system.processes().items()}
        await closed(partial(hold, system.http), open_, AT_ONCE)
        grown = {name: process.memory_info().rss - memory[name] for name, process in system.processes().items()}
        after = await pay()
        held = Figure(after.rate, "payments/s", before.rate, "none open", at_least=0.9)
        figures.add(f"payments with {open_:,} others open", held)
        for name in ("worker", "Temporal"):
            figures.add(f"memory of the {name} for each open payment", Figure(grown[name] / open_ / KIBIBYTE, "KiB"))
