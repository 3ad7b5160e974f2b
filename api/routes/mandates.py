"""Mandates: read-only; a payment made with the buyer's consent gives rise to one."""

from api.dialect.call import Call
from api.dialect.errors import missing
from api.dialect.operation import Resource
from domain.model.hashes import JsonObject
from parameters.others import NoParameters
from records import mandates as records
from rendering.mandate import render


async def retrieve(call: Call, given: NoParameters) -> JsonObject:
    """One mandate."""
    del given
    id_ = call.path_id("mandate", "mandate")
    mandate = await records.load(call.services.database, call.scope, id_)
    if mandate is None:
        raise missing("mandate", id_, "mandate", in_path=True)
    return render(mandate)


RESOURCE = Resource(path="/v1/mandates", name="mandates", returns="mandate")

OPERATIONS = (RESOURCE.operation("GET", "/{id}", "retrieve", "Retrieve a mandate", NoParameters, retrieve),)
