"""What a test does with SetupIntents on a stage."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace

from domain.machine.fence import Recorded
from domain.model.commands import Command
from domain.model.setup_intent import SetupIntent
from temporal.engine import TemporalIntents
from temporal.kinds import SETUP_INTENTS
from tests.support.builders import make_setup
from tests.workflows.conftest import Stage


class Setups:
    """What a test does with SetupIntents on a stage."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.engine = TemporalIntents(SETUP_INTENTS, stage.client, stage.setups.latest, stage.queue)

    async def open(self, **fields: object) -> SetupIntent:
        setup = make_setup(created=int(time.time()), **fields)  # noqa: TID251
        setup = replace(setup, id=f"{setup.id}_{self.stage.queue}")
        self.stage.setups.records[setup.id] = Recorded(intent=setup)
        await self.engine.start(setup)
        return setup

    async def send(self, setup: SetupIntent, command: Command) -> SetupIntent:
        async def reload() -> SetupIntent:
            return await self.stage.setups.latest(setup.id) or setup

        return (await self.engine.send(setup, replace(command, seen_version=setup.version), reload)).intent

    async def until(self, setup: SetupIntent, holds: Callable[[SetupIntent], bool]) -> SetupIntent:
        async with asyncio.timeout(60):
            while not ((found := await self.stage.setups.latest(setup.id)) and holds(found)):
                await asyncio.sleep(0.02)
        return found
