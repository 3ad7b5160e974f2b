"""How the hosted pages look, and what every one of them sends along. Nothing from elsewhere."""

import base64
import hashlib
from html import escape

from starlette.responses import HTMLResponse

STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: Canvas; color: CanvasText }
main { max-width: 26rem; padding: 2rem; margin: 1rem; border-radius: 12px;
       border: 1px solid color-mix(in srgb, CanvasText 20%, transparent) }
h1 { font-size: 1.25rem; margin: 0 0 .5rem }
h2 { font-size: 1rem; margin: 1rem 0 .25rem; text-transform: uppercase }
dl { display: grid; grid-template-columns: auto 1fr; gap: .25rem 1rem; margin: 0 0 1.5rem }
dt { color: color-mix(in srgb, CanvasText 72%, Canvas) }
dd { margin: 0; overflow-wrap: anywhere }
label { display: block; margin: 0 0 .25rem; font-weight: 600 }
input { font: inherit; padding: .5rem; width: 100%; box-sizing: border-box; margin: 0 0 1rem; border-radius: 8px;
        border: 1px solid GrayText; background: Field; color: FieldText }
fieldset { border: 0; padding: 0; margin: 0 0 1rem }
legend { font-weight: 600; padding: 0; margin: 0 0 .5rem }
fieldset label { font-weight: 400; margin: 0 0 .5rem; display: flex; gap: .5rem; align-items: baseline }
input[type=radio] { width: auto; margin: 0; flex: none }
button { font: inherit; padding: .6rem 1.1rem; border-radius: 8px; border: 1px solid #2454d6; background: #2454d6;
         color: #fff; cursor: pointer }
:focus-visible { outline: 3px solid #7aa2ff; outline-offset: 2px }
[role=alert] { border-left: 4px solid #c0392b; padding-left: .75rem }
dd.amount { font-size: 1.25rem; font-weight: 700 }
button.small { font-size: .8rem; padding: .1rem .5rem; background: transparent; color: inherit; border-color: GrayText }
code + button.small { margin-left: .5rem }
@media print { form, button, [role=alert] { display: none !important } main { border: 0 } }
"""


_STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; "
    f"style-src 'sha256-{_STYLE_HASH}'; form-action 'self'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


TOOLS = "/elements/page.js"
"""Copies and prints. Its buttons are hidden until it runs, so that a page without scripts has none that do nothing."""

PRINT = '<p class="tools"><button type="button" class="small" data-print hidden>Print this page</button></p>'


def copyable(text: str) -> str:
    """What a buyer has to type elsewhere, with a button that copies it. HTML."""
    return (
        f"<code>{escape(text)}</code>"
        f'<button type="button" class="small" data-copy="{escape(text)}" hidden>Copy</button>'
    )


def page(title: str, content: str, status: int = 200, script: str | None = None) -> HTMLResponse:
    """A whole page; `content` is HTML, `script` the path of one of ours."""
    if script is not None:
        content += f'<script src="{escape(script)}"></script>'
    body = (
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title><style>{STYLE}</style><main><h1>{escape(title)}</h1>{content}</main></html>"
    )
    return HTMLResponse(body, status_code=status, headers=HEADERS)
