"""Which proxy to go by: the person's word first, then the environment's, then the desktop's."""

import os
from pathlib import Path

import pytest

from hanlin_models.proxies import Way, bypasses, of_gnome, of_kde, way

GNOME = """\
org.gnome.system.proxy autoconfig-url ''
org.gnome.system.proxy ignore-hosts ['localhost', '127.0.0.0/8', '::1']
org.gnome.system.proxy mode '{mode}'
org.gnome.system.proxy.http host '10.0.0.1'
org.gnome.system.proxy.http port 8080
org.gnome.system.proxy.https host '{https}'
org.gnome.system.proxy.https port {port}
org.gnome.system.proxy.socks host '127.0.0.1'
org.gnome.system.proxy.socks port 7891
"""
PLASMA = """\
[Proxy Settings]
NoProxyFor=localhost,.lan
ProxyType={kind}
httpsProxy={https}
socksProxy=socks://127.0.0.1 7891
"""
SPARED = "localhost,127.0.0.0/8,::1"


@pytest.mark.parametrize(
    ("chosen", "environment", "expected"),
    [
        (" 127.0.0.1:7890 ", {"https_proxy": "http://there:1"}, Way("http://127.0.0.1:7890")),
        ("none", {"https_proxy": "http://there:1"}, Way("none")),
        ("socks5://mine:2", {}, Way("socks5://mine:2")),
        ("", {"https_proxy": "there:1", "no_proxy": "a,b"}, Way("http://there:1", "a,b")),
        ("", {"ALL_PROXY": "socks://there:1"}, Way("socks://there:1")),
    ],
)
def test_a_persons_word_goes_before_the_environments(
    chosen: str, environment: dict[str, str], expected: Way
) -> None:
    assert way(chosen, environment) == expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (("none", "10.0.0.2", 3128), Way()),
        (("auto", "10.0.0.2", 3128), Way()),
        (("manual", "10.0.0.2", 3128), Way("http://10.0.0.2:3128", SPARED)),
        (("manual", "", 0), Way("socks5://127.0.0.1:7891", SPARED)),
    ],
)
def test_what_gnome_keeps(values: tuple[str, str, int], expected: Way) -> None:
    mode, https, port = values
    said = GNOME.format(mode=mode, https=https, port=port)
    assert of_gnome("org.gnome.system.proxy", lambda _schema: said) == expected


@pytest.mark.parametrize("said", ["", "No such schema", "a b\n\0", "org.gnome.system.proxy mode ["])
def test_what_gnome_does_not_say(said: str) -> None:
    assert of_gnome("org.gnome.system.proxy", lambda _schema: said) == Way()


@pytest.mark.skipif(os.name != "posix", reason="gsettings is a program of Linux desktops")
def test_the_desktop_is_asked_when_nobody_said_anything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    schema = "com.deepin.wrap.gnome.system.proxy"
    said = GNOME.format(mode="manual", https="", port=0).replace("org.gnome.system.proxy", schema)
    program = tmp_path / "gsettings"
    program.write_text(f'#!/bin/sh\n[ "$2" = {schema} ] || exit 1\ncat <<END\n{said}END\n')
    program.chmod(0o755)
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    assert way("", {}) == Way("socks5://127.0.0.1:7891", SPARED)


@pytest.mark.parametrize(
    ("kind", "https", "expected"),
    [
        ("1", "http://10.0.0.2 3128", Way("http://10.0.0.2:3128", "localhost,.lan")),
        ("1", "", Way("socks://127.0.0.1:7891", "localhost,.lan")),
        ("0", "http://10.0.0.2 3128", Way()),
        ("2", "http://10.0.0.2 3128", Way()),
    ],
)
def test_what_plasma_keeps(tmp_path: Path, kind: str, https: str, expected: Way) -> None:
    (tmp_path / "kioslaverc").write_text(PLASMA.format(kind=kind, https=https))
    environment = {"XDG_CURRENT_DESKTOP": "KDE", "XDG_CONFIG_HOME": str(tmp_path)}
    assert of_kde(tmp_path / "kioslaverc") == expected
    assert way("", environment) == expected


@pytest.mark.parametrize(
    "content", [b"", b"ProxyType=1", b"\xff\0", b"[Proxy Settings]\nProxyType=1\n"]
)
def test_what_plasma_does_not_say(tmp_path: Path, content: bytes) -> None:
    assert of_kde(tmp_path / "none") == Way()
    (tmp_path / "kioslaverc").write_bytes(content)
    assert of_kde(tmp_path / "kioslaverc") == Way()


@pytest.mark.parametrize(
    ("host", "rules", "expected"),
    [
        ("huggingface.co", "", False),
        ("huggingface.co", "*", True),
        ("huggingface.co", "localhost, huggingface.co", True),
        ("cdn.huggingface.co", ".huggingface.co;x", True),
        ("cdn.huggingface.co", "*.huggingface.co", True),
        ("nothuggingface.co", "huggingface.co", False),
        ("Huggingface.CO", "huggingface.co:443", True),
        ("127.0.0.1", "127.0.0.0/8", True),
        ("::1", "::1", True),
        ("192.168.1.9", "192.168.2.0/24", False),
    ],
)
def test_who_needs_no_proxy(host: str, rules: str, expected: bool) -> None:  # noqa: FBT001 - a case
    assert bypasses(host, rules) is expected
