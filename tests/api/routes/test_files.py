"""Files over HTTP: what is taken, and that it comes back as it was, to whom it belongs."""

from typing import Any

import pytest

from api.dialect.multipart import UPLOAD_BYTES_MAX
from api.routes import files as routes
from tests.api.conftest import Api, error_of
from tests.api.files import PDF, uploaded

FIELD = '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
BINARY = PDF + bytes(range(256)) + b"\r\n--boundary\r\n"


async def test_a_file_comes_back_as_it_was(api: Api) -> None:
    file = (await uploaded(api, content=BINARY, filename="receipt é.pdf")).json()
    assert (file["size"], file["type"], file["purpose"]) == (len(BINARY), "pdf", "dispute_evidence")
    assert file["filename"] == "receipt é.pdf"
    assert (await api.get(f"/v1/files/{file['id']}")).json() == file
    assert file["url"].endswith(f"/v1/files/{file['id']}/contents")
    response = await api.get(f"/v1/files/{file['id']}/contents")
    assert response.content == BINARY
    assert response.headers["content-type"] == "application/octet-stream"
    assert response.headers["content-disposition"] == "attachment"
    assert response.headers["x-content-type-options"] == "nosniff"


async def test_files_are_listed_newest_first_and_by_purpose(api: Api) -> None:
    ids = [(await uploaded(api, str(number))).json()["id"] for number in range(3)]
    assert [file["id"] for file in (await api.get("/v1/files")).json()["data"]] == ids[::-1]
    page = (await api.get("/v1/files", f"limit=1&starting_after={ids[2]}&purpose=dispute_evidence")).json()
    assert ([file["id"] for file in page["data"]], page["has_more"]) == ([ids[1]], True)
    assert (await api.get("/v1/files", "purpose=pci_document")).json()["data"] == []
    assert error_of(await api.get("/v1/files", "starting_after=file_x"))["message"] == "No such file upload: 'file_x'"


@pytest.mark.parametrize(
    ("more", "status", "param", "text"),
    [
        ({"content": b"<html><script>"}, 400, "file", "a PDF, a PNG or a JPEG"),
        ({"content": b""}, 400, "file", "a PDF, a PNG or a JPEG"),
        ({"content": PDF + b"a" * (UPLOAD_BYTES_MAX - len(PDF) + 1)}, 413, "file", "too large"),
        ({"data": {}}, 400, "purpose", "Missing required param: purpose."),
        ({"data": {"purpose": "identity_document"}}, 400, "purpose", "must be one of dispute_evidence"),
        ({"data": {"purpose": "dispute_evidence", "colour": "red"}}, 400, "colour", "unknown parameter"),
    ],
)
async def test_what_is_no_evidence_is_refused(
    api: Api, more: dict[str, Any], status: int, param: str, text: str
) -> None:
    response = await uploaded(api, **more)
    error = error_of(response)
    assert (response.status_code, error["param"]) == (status, param)
    assert text in error["message"]
    assert (await api.get("/v1/files")).json()["data"] == []


async def test_the_largest_file_is_taken(api: Api) -> None:
    response = await uploaded(api, content=PDF + b"a" * (UPLOAD_BYTES_MAX - len(PDF)))
    assert response.json()["size"] == UPLOAD_BYTES_MAX


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", "purpose=dispute_evidence"),
        ("multipart/form-data; boundary=x", "--y\r\n"),
        ("multipart/form-data; boundary=x", "--x\r\n\r\nno name\r\n--x--\r\n"),
        ("application/x-www-form-urlencoded", "purpose=dispute_evidence&file=text"),
        ("multipart/form-data; boundary=x", FIELD * 21 + "--x--"),
    ],
)
async def test_what_is_no_upload_is_refused(api: Api, kind: str, body: str) -> None:
    response = await api.post("/v1/files", body, Content_Type=kind)
    assert response.status_code == 400
    assert error_of(response)["type"] == "invalid_request_error"
    assert (await api.get("/v1/files")).json()["data"] == []


async def test_only_uploads_are_multipart(api: Api) -> None:
    kind = "multipart/form-data; boundary=x"
    assert (await api.post("/v1/customers", "--x--", Content_Type=kind)).status_code == 400


async def test_the_same_key_is_the_same_file_and_for_no_other(api: Api) -> None:
    key: dict[str, Any] = {"headers": {"Idempotency-Key": "upload"}}
    first, again = (await uploaded(api, **key)).json(), (await uploaded(api, **key)).json()
    assert again == first
    other = await uploaded(api, "other", **key)
    assert error_of(other)["type"] == "idempotency_error"
    assert len((await api.get("/v1/files")).json()["data"]) == 1


async def test_an_account_has_only_so_much_room(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routes, "ACCOUNT_BYTES_MAX", len(PDF) * 2)
    assert [(await uploaded(api)).status_code for _ in range(3)] == [200, 200, 400]
    assert len((await api.get("/v1/files")).json()["data"]) == 2


async def test_a_browser_uploads_nothing(api: Api) -> None:
    assert (await uploaded(api, key=api.publishable)).status_code == 401
