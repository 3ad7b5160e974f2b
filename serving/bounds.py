"""What a connection may take: bytes, headers, and time. No rule of payments lives here, and no setting."""

from dataclasses import dataclass

HEAD_BYTES_MAX = 65_536
"""Request line and headers. Node allows 16 KiB, h11 64; a search with 50 paths to expand has been seen at 20."""

HEADERS_MAX = 100
"""Apache's limit. Stripe's SDKs send a dozen."""

MESSAGE_BYTES_MAX = 2_500_000
"""A whole request as it is on the wire: a body of 1 MiB (the API's own limit, which answers first), and as much again
for whoever sends it in small chunks."""

UNFINISHED_BYTES_MAX = 8_388_608
"""Of all requests together that have not arrived whole: so many of the longest, or thousands of usual ones. If there is
more, whoever has been sending for longest has to begin again."""

PIPELINED_MAX = 8
"""Requests on one connection whose turn has not come. No client of an API does this; each costs memory."""

CONNECTIONS_MAX = 4_000
"""Per process, and never more than half of the files that the system lets it open."""

WEBSOCKETS_MAX = 400
"""Of those connections: each is there for hours, and makes no room for others."""

WEBSOCKET_BYTES_MAX = 1_048_576
"""A message, in however many frames. What Stripe's CLI sends is an event with what a shop answered to it."""

WEBSOCKET_FRAMES_A_SECOND_MAX = 2_000
"""From one side. Stripe's CLI sends two or three for each event, and gets no more than a hundred without a word."""

PING_SECONDS = 20.0
"""A WebSocket is asked this often whether somebody is there, and has as long to say so."""

HEAD_SECONDS = 10.0
BODY_SECONDS = 10.0
BYTES_A_SECOND_MIN = 8_192
"""A body, and an answer that is not taken, has ten seconds, and one more for each 8 KiB."""

IDLE_SECONDS = 75.0
"""Between two requests. Longer than a balancer keeps its connections, so that it is never us who closes one in use."""

PUT_OFF_SECONDS = 5.0
"""How long somebody waits for their refusal where too much arrives at once: who is told at once is back at once."""

LINGER_SECONDS = 1.0
"""How long somebody who was refused has to read why, while we read what is still on its way, and forget it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """The limits of one server. Sizes in bytes, times in seconds."""

    head_bytes: int = HEAD_BYTES_MAX
    headers: int = HEADERS_MAX
    message_bytes: int = MESSAGE_BYTES_MAX
    unfinished_bytes: int = UNFINISHED_BYTES_MAX
    pipelined: int = PIPELINED_MAX
    connections: int = CONNECTIONS_MAX
    websockets: int = WEBSOCKETS_MAX
    websocket_bytes: int = WEBSOCKET_BYTES_MAX
    websocket_frames_a_second: int = WEBSOCKET_FRAMES_A_SECOND_MAX
    ping_seconds: float = PING_SECONDS
    head_seconds: float = HEAD_SECONDS
    body_seconds: float = BODY_SECONDS
    write_seconds: float = BODY_SECONDS
    bytes_a_second: int = BYTES_A_SECOND_MIN
    idle_seconds: float = IDLE_SECONDS
    put_off_seconds: float = PUT_OFF_SECONDS
    linger_seconds: float = LINGER_SECONDS
    watch_seconds: float = 1.0
    """How often a connection is looked at: a time is kept to within this."""
