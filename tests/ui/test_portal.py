"""Keys of every program by the desktop's portal: a portal of the test's own, on its own bus."""

import os
import shutil
import subprocess
import sys

import pytest

SECONDS = 60
STARTER = shutil.which("dbus-run-session")
PROGRAM = """
import queue, subprocess, sys
from hanlin_ui.portal import PortalKeys, Wish
portal = None
if sys.argv[1]:
    portal = subprocess.Popen(
        [sys.executable, "-m", "hanlin_fakes.portal", sys.argv[1]], stdout=subprocess.PIPE
    )
    portal.stdout.readline()
heard = queue.Queue()
keys = PortalKeys(
    [Wish("quick", "Ask", "CTRL+SHIFT+space"), Wish("translate", "Translate", "CTRL+SHIFT+y")],
    lambda standing, keys: heard.put((standing.value, dict(keys))),
    lambda name, token: heard.put((name, token)),
)
for _number in range(int(sys.argv[2])):
    print(heard.get(timeout=float(sys.argv[3])))
keys.close()
assert heard.empty()
if portal is not None:
    portal.terminate()
    portal.wait()
"""
KEYS = {"quick": "Super+CTRL+SHIFT+space", "translate": "Super+CTRL+SHIFT+y"}
PRESSED = [("quick", "a-token"), ("translate", "a-token")]
ASKING: tuple[str, dict[str, str]] = ("asking", {})


def heard(manner: str, expected: int) -> list[str]:
    """Return what is told of the keys where the portal is one of ``manner``, "" for none."""
    roots = os.pathsep.join(root for root in sys.path if root)
    program = [sys.executable, "-c", PROGRAM, manner, str(expected), str(SECONDS)]
    done = subprocess.run(
        [str(STARTER), "--", *program],
        env={**os.environ, "PYTHONPATH": roots},
        capture_output=True,
        text=True,
        check=False,
        timeout=3 * SECONDS,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.skipif(STARTER is None, reason="no dbus-run-session here")
@pytest.mark.parametrize(
    ("manner", "told"),
    [
        ("grant", [ASKING, ("active", KEYS), *PRESSED]),
        ("refuse", [ASKING, ("refused", {})]),
        ("close", [ASKING, ("active", KEYS), *PRESSED, ("refused", {})]),
        ("", [ASKING, ("absent", {})]),
    ],
)
def test_it_is_told_how_it_stands_with_the_keys_and_when_they_are_pressed(
    manner: str, told: list[object]
) -> None:
    assert heard(manner, len(told)) == [str(one) for one in told]
