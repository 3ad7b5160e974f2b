"""Processes that are dialled, and hung up on at the end."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import pytest

from api.usecases.pacing import Pace
from tests.api.conftest import Api
from tests.api.stripe_cli import Process


@pytest.fixture
async def process(api: Api) -> AsyncIterator[Callable[[], Process]]:
    made: list[Process] = []

    def another() -> Process:
        made.append(Process(replace(api.services, pace=Pace())))
        return made[-1]

    yield another
    for each in made:
        await each.close()
