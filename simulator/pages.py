"""The bank's page: where a buyer proves, in test mode by a button, who they are. No script, nothing from elsewhere."""

import base64
import hashlib
from html import escape

from starlette.responses import HTMLResponse

STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: Canvas; color: CanvasText }
main { max-width: 26rem; padding: 2rem; border: 1px solid color-mix(in srgb, CanvasText 20%, transparent);
       border-radius: 12px; margin: 1rem }
h1 { font-size: 1.25rem; margin: 0 0 .5rem }
p { margin: 0 0 1.5rem; overflow-wrap: anywhere }
img { background: #fff; border-radius: 8px }
form { display: flex; gap: .75rem; flex-wrap: wrap }
button { font: inherit; padding: .6rem 1.1rem; border-radius: 8px; border: 1px solid currentColor; cursor: pointer;
         background: transparent; color: inherit }
button.primary { background: #2454d6; border-color: #2454d6; color: #fff }
button:focus-visible { outline: 3px solid #7aa2ff; outline-offset: 2px }
"""


_STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()

HEADERS = {
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; img-src 'self'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


def page(title: str, content: str, status: int = 200) -> HTMLResponse:
    """A whole page; `content` is HTML."""
    body = (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title><style>{STYLE}</style><main><h1>{escape(title)}</h1>{content}</main></html>"
    )
    return HTMLResponse(body, status_code=status, headers=HEADERS)


def challenge(id_: str, wallet: str | None = None) -> HTMLResponse:
    """Ask whether it is really the buyer; with `wallet`, whether they want to pay there."""
    what = "authentication" if wallet is None else "test payment"
    text = (
        "This is a test of 3-D Secure. Your bank would ask here whether it is really you who is paying."
        if wallet is None
        else f"This is a test of {wallet.replace('_', ' ')}. You would log in here, and authorize the payment."
    )
    yes, no = ("Complete", "Fail") if wallet is None else ("Authorize", "Fail")
    form = (
        f'<p>{escape(text)}</p><form method="post" action="/authentications/{escape(id_)}/result">'
        f'<button class="primary" name="result" value="complete">{yes} {what}</button>'
        f'<button name="result" value="fail">{no} {what}</button>'
        '<button name="result" value="close">Close</button></form>'
    )
    return page("3D Secure 2 test page" if wallet is None else "Test payment page", form)


def finished(state: str) -> HTMLResponse:
    """It was answered before."""
    return page("Already answered", f"<p>This authentication has ended: {escape(state)}. You can close this page.</p>")


def unknown() -> HTMLResponse:
    """Nobody is being asked this."""
    return page("Nothing to authenticate", "<p>This link is not, or no longer, known.</p>", status=404)
