"""Every page that a person sees, by its headers: no script and no style but the page's own, whatever is asked for.

The pages are found among the routes, so that a new one is held to this before anybody thinks of it.
"""

import base64
import hashlib
import re

import httpx
from starlette.routing import Route

from api.browser import dashboard, demo
from api.browser.receiver import Receiver
from api.build import build, mount
from api.pages import home
from api.routes.codec import CodecEndpoint
from tests.api.conftest import Api

SHOWN = {
    "/3d_secure/return",
    "/gateways/x/return",
    "/",
    "/bank_accounts/link",
    "/bank_transfers",
    "/codec/login",
    "/dashboard",
    "/dashboard/x",
    "/demo",
    "/demo/",
    "/docs",
    "/elements/frame.html",
    "/microdeposits",
    "/receipts/x/x",
}
"""Of the API. What is asked for besides answers with no page."""

INLINE = re.compile(r"<(script|style)(?![^>]*\ssrc=)[^>]*>(.*?)</\1>", re.S)


def faults(answer: httpx.Response) -> list[str]:
    """What would let something in: in the policy, or in the page, which may have nothing that its policy forbids."""
    policy = {
        words[0]: words[1:]
        for part in answer.headers.get("content-security-policy", "").split(";")
        if (words := part.split())
    }
    found = [f"{name} has {word}" for name, words in policy.items() for word in words if "unsafe" in word]
    found += [f"{name} is not said" for name in ("default-src", "base-uri") if policy.get(name) != ["'none'"]]
    found += [
        f"script-src has {word}"
        for word in policy.get("script-src", [])
        if word not in ("'self'", "'none'") and "sha256" not in word
    ]
    found += re.findall(r"\son\w+=|\sstyle=|javascript:", answer.text)
    for kind, text in INLINE.findall(answer.text):
        hash_ = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        if f"'sha256-{hash_}'" not in policy.get(f"{kind}-src", []):
            found.append(f"a {kind} that the policy does not know")
    if answer.headers.get("x-content-type-options") != "nosniff":
        found.append("a browser may take it for something else")
    return found


async def test_no_page_of_the_api_lets_anything_in(api: Api) -> None:
    mount(app := build(), api.services, CodecEndpoint(None, "token", "http://temporal"))
    dashboard.mount(app, "http://temporal")
    demo.mount(app, Receiver(api.services, api.scope, "http://shop"), api.secret, api.publishable)
    home.mount(app)
    shown = set()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://api") as http:
        for route in app.routes:
            if isinstance(route, Route) and "GET" in (route.methods or ()):
                path = re.sub(r"\{\w+(:\w+)?\}", "x", route.path)
                answer = await http.get(path, headers={"Accept": "text/html"})
                if answer.headers.get("content-type", "").startswith("text/html"):
                    shown.add(path)
                    assert faults(answer) == [], path
    assert shown == SHOWN
