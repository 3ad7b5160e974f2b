"""httpx's own functions, which wait 5 s: an engine under load says after 15 s that it cannot tell, or later."""

from functools import partial

import httpx

ANSWER_SECONDS = 90

get = partial(httpx.get, timeout=ANSWER_SECONDS)
post = partial(httpx.post, timeout=ANSWER_SECONDS)
delete = partial(httpx.delete, timeout=ANSWER_SECONDS)
