"""The request log, read by the console: what was asked, by which key, and how it ended. Only read."""

from api.dialect.call import Call
from api.dialect.errors import missing
from api.dialect.lists import created_bounds, cursor, list_body
from api.dialect.operation import Resource
from domain.model.hashes import JsonObject
from parameters.others import NoParameters
from parameters.request_logs import RequestLogsListParameters
from records import request_log as records
from records.request_log import Wanted
from rendering.request_log import render


async def retrieve(call: Call, given: NoParameters) -> JsonObject:
    """One request with its bodies, masked. It is there half a second after it was answered."""
    del given
    id_ = call.path_id("request")
    found = await records.load(call.services.database, call.scope, id_)
    if found is None:
        raise missing("request", id_, "id", in_path=True)
    return render(found, bodies=True)


async def list_all(call: Call, given: RequestLogsListParameters) -> JsonObject:
    """A page of requests, newest first, without bodies."""
    found, has_more = await records.list_newest(
        call.services.database,
        call.scope,
        cursor(given),
        created_bounds(given.created),
        Wanted(statuses=given.statuses(), **given.exact()),
    )
    return list_body(URL, [render(row, bodies=False) for row in found], has_more)


URL = "/dashboard/v1/request_logs"

RESOURCE = Resource(path=URL, name="request_logs", returns="request_log")

OPERATIONS = (
    RESOURCE.operation("GET", "", "list", "List requests", RequestLogsListParameters, list_all, is_list=True),
    RESOURCE.operation("GET", "/{id}", "retrieve", "Retrieve a request", NoParameters, retrieve),
)
