"""Files: what merchants upload as evidence, and get back as it was."""

from api.dialect.call import Call
from api.dialect.errors import invalid_request, missing
from api.dialect.lists import created_bounds, cursor, list_body
from api.dialect.operation import Resource
from domain.model.files import File, kind_of
from domain.model.hashes import JsonObject
from parameters.disputes import FileCreateParameters, FilesListParameters
from parameters.others import NoParameters
from records import files as records
from rendering.file import render

ACCOUNT_BYTES_MAX = 1_073_741_824
"""All files of one account together: two hundred of the largest, so that nobody fills the records with them."""


async def create(call: Call, given: FileCreateParameters) -> JsonObject:
    """Upload one. What it is, is seen from its first bytes."""
    content = given.file.content
    kind = kind_of(content)
    if kind is None:
        raise invalid_request("Invalid file: evidence is a PDF, a PNG or a JPEG.", param="file")
    database, scope = call.services.database, call.scope
    if await records.stored(database, scope) + len(content) > ACCOUNT_BYTES_MAX:
        raise invalid_request(f"The files of an account can have at most {ACCOUNT_BYTES_MAX} bytes.", param="file")
    file = File(
        id=call.mint.id("file_1"),
        account=scope.account,
        livemode=scope.livemode,
        created=call.now,
        purpose=given.purpose,
        filename=given.file.filename,
        size=len(content),
        type=kind,
    )
    await records.add(database, file, content)
    return render(file, call.address)


async def retrieve(call: Call, given: NoParameters) -> JsonObject:
    """One file."""
    del given
    id_ = call.path_id("file upload", "file")
    file = await records.load(call.services.database, call.scope, id_)
    if file is None:
        raise missing("file upload", id_, "file", in_path=True)
    return render(file, call.address)


async def contents(call: Call, given: NoParameters) -> JsonObject:
    """What is in it, as it was uploaded."""
    del given
    id_ = call.path_id("file upload", "file")
    content = await records.content(call.services.database, call.scope, id_)
    if content is None:
        raise missing("file upload", id_, "file", in_path=True)
    return {"content": content}


async def list_all(call: Call, given: FilesListParameters) -> JsonObject:
    """A page, newest first."""
    found, has_more = await records.newest(
        call.services.database, call.scope, cursor(given), created_bounds(given.created), given.purpose
    )
    return list_body("/v1/files", [render(file, call.address) for file in found], has_more)


RESOURCE = Resource(path="/v1/files", name="files", returns="file")

OPERATIONS = (
    RESOURCE.operation("POST", "", "create", "Upload a file", FileCreateParameters, create, takes_file=True),
    RESOURCE.operation("GET", "", "list", "List files", FilesListParameters, list_all, is_list=True),
    RESOURCE.operation("GET", "/{id}", "retrieve", "Retrieve a file", NoParameters, retrieve),
    RESOURCE.operation("GET", "/{id}/contents", "contents", "Download a file", NoParameters, contents, raw=True),
)
