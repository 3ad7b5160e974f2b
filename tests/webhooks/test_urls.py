"""URLs of endpoints: what is converted, what stays as it is, and what is refused."""

import pytest

from webhooks.addresses import plainly_inside
from webhooks.urls import URL_MAX, UrlRefused, sendable


@pytest.mark.parametrize(
    "url",
    [
        "https://shop.example",
        "https://shop.example/",
        "HTTPS://Shop.Example:8443/Hook?a=b&c=%20d%2F",
        "http://localhost:4242/hook",
        "http://my_service:3000/hook",
        "http://127.0.0.1:8000/demo/webhooks",
        "http://[::1]:8000/",
        "https://[2001:db8::1]/",
        "https://xn--mller-kva.example/",
        "https://shop.example./hook;v=1/a,b(c)'d'",
        "https://" + ".".join(["a" * 63] * 3) + "/",
        "https://shop.example/" + "a" * (URL_MAX - 21),
    ],
)
def test_what_is_in_order_stays_as_it_is(url: str) -> None:
    assert sendable(url) == url


@pytest.mark.parametrize(
    ("url", "sent_to"),
    [
        ("https://müller.example/", "https://xn--mller-kva.example/"),
        ("https://MÜLLER.example:8443/", "https://xn--mller-kva.example:8443/"),
        ("https://faß.example/", "https://xn--fa-hia.example/"),
        ("https://例え.テスト/", "https://xn--r8jz45g.xn--zckzah/"),
        ("https://shop。example/", "https://shop.example/"),
        ("https://ｓｈｏｐ.example/", "https://shop.example/"),
        ("https://shop.example/größe?ä=ö&b=%20", "https://shop.example/gr%C3%B6%C3%9Fe?%C3%A4=%C3%B6&b=%20"),
        ("https://shop.example/100%", "https://shop.example/100%25"),
    ],
)
def test_what_can_be_converted_is(url: str, sent_to: str) -> None:
    assert sendable(url) == sent_to
    assert sendable(sent_to) == sent_to


@pytest.mark.parametrize("url", ["http://127。0。0。1/", "http://１２７.０.０.１/", "http://①②⑦.0.0.1/"])
def test_an_address_in_other_clothes_is_seen_for_what_it_is(url: str) -> None:
    assert sendable(url) == "http://127.0.0.1/"
    assert plainly_inside("127.0.0.1")


@pytest.mark.parametrize(
    "url",
    [
        "", "shop.example", "//shop.example/", "ftp://shop.example/", "file:///etc/passwd", "javascript:alert(1)",
        "http://", "http:///path", "http://:80/", "https://user@shop.example/", "https://user:secret@shop.example/",
        "https://shop.example/#top", "https://shop.example/#", "https://shop.example:0/", "https://shop.example:/",
        "https://shop.example:65536/", "https://shop.example:http/", "https://shop.example:８０/x y",
        "https://shop.example/a b", "https://shop.example/\t", "https://shop.example/\r\nHost: evil",
        "https://shop.example/\u00a0", "https://shop.example/\u200b", "https://shop.example/\x7f", "https://sh\u00adop/",
        "https://good.example\\@evil.example/", "http://127.1/", "http://2130706433/", "http://0x7f.0.0.1/",
        "http://0177.0.0.1/", "http://1.2.3.256/", "http://1.2.3.4.5/", "http://[::1/", "http://[::1%25eth0]/",
        "http://[::g]/", "http://[v1.a]/", "https://-shop.example/", "https://shop-.example/", "https://shop..example/",
        "https://.shop.example/", "https://xn--a.example/", "https://sh%6Fp.example/", "https://shop.example%2F@evil/",
        "https://\ud800.example/", "https://a\u0300\u0301\u200dü.example/", "https://" + "a" * 64 + ".example/",
        "https://" + "a." * 130 + "example/", "https://shop.example/" + "a" * (URL_MAX - 20),
        "https://shop.example/" + "ä" * (URL_MAX - 100),
    ],
)  # fmt: skip
def test_what_cannot_be_sent_to_is_refused_with_a_reason(url: str) -> None:
    with pytest.raises(UrlRefused) as refused:
        sendable(url)
    assert str(refused.value).startswith("must ")
