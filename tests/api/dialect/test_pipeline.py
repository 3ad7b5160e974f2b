"""The pipeline: what a request that is refused has taken is given back, and that it was refused is what it is told."""

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from structlog.testing import capture_logs

from api.dialect.call import Call
from api.dialect.errors import invalid_request
from api.dialect.operation import Resource
from api.dialect.pipeline import Pipeline
from domain.model.hashes import JsonObject
from parameters.hashes import Parameters
from records.base import RecordsRefused, RecordsUnavailable
from tests.api.conftest import Api, error_of


@pytest.mark.parametrize("error", [RecordsRefused("CheckViolationError"), RecordsUnavailable("away")])
async def test_a_refusal_stays_one_when_what_was_taken_cannot_be_given_back(api: Api, error: Exception) -> None:
    given_back: list[str] = []

    async def fails() -> None:
        raise error

    async def works() -> None:
        given_back.append("the second")

    async def refused(call: Call, given: Parameters) -> JsonObject:
        call.taken.extend((fails, works))
        raise invalid_request("Not so.", param="amount")

    operation = Resource("/v1/refunds", "refunds", "refund").operation("POST", "", "refuse", "No", Parameters, refused)
    pipeline = Pipeline(api.services)

    async def run(request: Request) -> Response:
        return await pipeline.run(operation, request)

    app = Starlette(routes=[Route("/v1/refunds", run, methods=["POST"])])
    headers = {"Authorization": f"Bearer {api.secret}"}
    with capture_logs() as lines:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://api") as http:
            answered = await http.post("/v1/refunds", headers=headers)
    assert (answered.status_code, error_of(answered)["message"]) == (400, "Not so.")
    assert given_back == ["the second"]
    assert [line["why"] for line in lines if line["event"] == "not given back"] == [str(error)]
