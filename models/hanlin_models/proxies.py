"""Which proxy to go by: the person's, the environment's, or the desktop's. Connects to nothing.

Windows and macOS name theirs to the fetcher itself. A desktop's script that finds a proxy
(PAC) is not run.
"""

import ast
import configparser
import ipaddress
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

NONE: Final = "none"
_VARIABLES: Final = ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy")
_EXCEPTIONS: Final = ("NO_PROXY", "no_proxy")
_SCHEMAS: Final = ("org.gnome.system.proxy", "com.deepin.wrap.gnome.system.proxy")
_SECONDS: Final = 3.0
_MANUAL_IN_KDE: Final = "1"
_LINE: Final = re.compile(r"(?P<schema>[\w.]+) (?P<key>[\w-]+) (?P<value>.+)")


@dataclass(frozen=True, slots=True)
class Way:
    """A proxy's address, "" for none known, and the hosts reached without it."""

    proxy: str = ""
    no_proxy: str = ""


def way(chosen: str, environment: Mapping[str, str] = os.environ) -> Way:
    """Return the way out. ``chosen``: an address, "none", or "" for the system's.

    May start a program of the desktop and wait for it, seconds at most.
    """
    if chosen.strip():
        return Way(with_scheme(chosen))
    named = next((environment[name] for name in _VARIABLES if environment.get(name)), "")
    if named:
        exceptions = next((environment[name] for name in _EXCEPTIONS if environment.get(name)), "")
        return Way(with_scheme(named), exceptions)
    if not sys.platform.startswith("linux"):
        return Way()
    home = Path(environment.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    if "KDE" in environment.get("XDG_CURRENT_DESKTOP", ""):
        return of_kde(home / "kioslaverc")
    return next((found for one in _SCHEMAS if (found := of_gnome(one)).proxy), Way())


def with_scheme(address: str) -> str:
    """Return what a person typed as an address: ``host:port`` alone is an HTTP proxy."""
    text = address.strip()
    return text if "://" in text or text.casefold() == NONE else f"http://{text}"


def bypasses(host: str, rules: str) -> bool:
    """Return whether ``host`` is reached without the proxy.

    ``rules`` are names, endings of names, addresses and networks, "*" for everything.
    """
    name = host.casefold().strip("[]")
    return any(_matches(name, rule) for rule in re.split(r"[,;\s]+", rules.casefold()) if rule)


def of_gnome(schema: str, ask: Callable[[str], str] | None = None) -> Way:
    """Return the proxy that is set in GNOME and the desktops that share its settings."""
    known: dict[str, object] = {}
    for line in (ask or _gsettings)(schema).splitlines():
        if matched := _LINE.fullmatch(line.strip()):
            inside = matched["schema"].removeprefix(schema).strip(".")
            known[f"{inside}/{matched['key']}"] = _value(matched["value"])
    if known.get("/mode") != "manual":
        return Way()
    ignored = known.get("/ignore-hosts")
    exceptions = ",".join(map(str, ignored)) if isinstance(ignored, list) else ""
    for kind, scheme in (("https", "http"), ("socks", "socks5"), ("http", "http")):
        host, port = known.get(f"{kind}/host"), known.get(f"{kind}/port")
        if host and port:
            return Way(f"{scheme}://{host}:{port}", exceptions)
    return Way()


def of_kde(file: Path) -> Way:
    """Return the proxy that is set in Plasma; its addresses may end in a blank and the port."""
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(file.read_text("utf-8"))
        section = parser["Proxy Settings"]
    except (OSError, ValueError, KeyError, configparser.Error):
        return Way()
    if section.get("ProxyType") != _MANUAL_IN_KDE:
        return Way()
    for key, scheme in (("httpsProxy", "http"), ("socksProxy", "socks5"), ("httpProxy", "http")):
        if address := section.get(key, "").strip().replace(" ", ":"):
            full = address if "://" in address else f"{scheme}://{address}"
            return Way(full, section.get("NoProxyFor", ""))
    return Way()


def _gsettings(schema: str) -> str:
    """Return what the desktop keeps, "" where there is no such desktop."""
    program = shutil.which("gsettings")
    if program is None:
        return ""
    try:
        done = subprocess.run(
            [program, "list-recursively", schema],
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.SubprocessError, ValueError):
        return ""
    return done.stdout if done.returncode == 0 else ""


def _value(text: str) -> object:
    """Return what GLib wrote: its texts, numbers and lists are written like Python's."""
    try:
        value: object = ast.literal_eval(text.removeprefix("@as ").strip())
    except (ValueError, SyntaxError):
        return text
    return value


def _matches(name: str, rule: str) -> bool:
    if rule == "*":
        return True
    try:
        return ipaddress.ip_address(name) in ipaddress.ip_network(rule, strict=False)
    except ValueError:
        ending = rule.removeprefix("*").removeprefix(".").partition(":")[0]
        return name == ending or name.endswith(f".{ending}")
