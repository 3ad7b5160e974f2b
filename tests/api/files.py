"""Uploads, as the SDKs send them."""

from typing import Any

import httpx

from tests.api.conftest import Api

PDF = b"%PDF-1.7 what was bought"


async def uploaded(api: Api, text: str = "", **more: Any) -> httpx.Response:
    """A PDF, or what `content`, `data` and `headers` say instead."""
    files = {"file": (more.get("filename", "receipt.pdf"), more.get("content", PDF + text.encode()), "application/pdf")}
    headers = {"Authorization": f"Bearer {more.get('key', api.secret)}", **more.get("headers", {})}
    data = more.get("data", {"purpose": "dispute_evidence"})
    return await api.http.post("/v1/files", data=data, files=files, headers=headers)
