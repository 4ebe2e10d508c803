"""A Debian with nothing on it, in a folder: for programs that must start everywhere.

Made by debootstrap from the mirror that this machine's apt uses, entered by chroot in
namespaces of its own. Needs root; where something lacks, :func:`why_not` says what.
"""

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

PERSON = "person"
_NUMBER = "1000"
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_ENTER = """\
set -e
root=$1; user=$2; shift 2
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount -t tmpfs tmpfs "$root/tmp"
chmod 1777 "$root/tmp"
if [ -d /tmp/.X11-unix ]; then
    mkdir "$root/tmp/.X11-unix"
    mount --bind /tmp/.X11-unix "$root/tmp/.X11-unix"
fi
exec chroot --userspec="$user" "$root" "$@"
"""


def why_not() -> str:
    """Return why no bare system can be made here, "" when it can."""
    if os.name != "posix" or os.geteuid() != 0:
        return "only root makes and enters a bare system"
    for tool in ("debootstrap", "unshare", "apt-get"):
        if shutil.which(tool) is None:
            return f"{tool} is not installed"
    trial = [*_unshare(network=False), "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    if subprocess.run(trial, capture_output=True, check=False).returncode:
        return "this machine lets nobody mount or leave its namespaces"
    return "" if _mirror() else "apt knows no mirror of Debian here"


def _mirror() -> str:
    """Return the mirror of Debian that this machine's apt uses, "" for none."""
    words = ["apt-get", "indextargets", "--format", "$(SITE) $(RELEASE) $(COMPONENT)"]
    listing = subprocess.run(words, capture_output=True, text=True, check=False).stdout
    for line in listing.splitlines():
        site, release, component = line.split(" ", 2)
        plain = release in ("bookworm", "trixie", "stable", "oldstable", "testing", "sid")
        if plain and component == "main":
            return site
    return ""


def _unshare(*, network: bool) -> list[str]:
    words = ["unshare", "--mount", "--pid", "--fork", "--kill-child"]
    return words if network else [*words, "--net"]


class BareSystem:
    """One such system. ``run`` waits, ``start`` does not."""

    def __init__(self, root: Path, release: str) -> None:
        self.root = root
        self.release = release
        words = ["debootstrap", "--variant=minbase", release, str(root), _mirror()]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        if done.returncode:
            raise OSError(f"debootstrap failed:\n{done.stdout[-2000:]}{done.stderr[-1000:]}")
        root.chmod(0o755)  # it is everybody's / inside, and was made for its maker alone
        # Names, certificates and a proxy are this machine's own way to the mirror.
        for name in ("resolv.conf", "hosts"):
            shutil.copyfile(Path("/etc", name), root / "etc" / name)
        if Path("/etc/ssl/certs").is_dir():
            shutil.copytree("/etc/ssl/certs", root / "etc/ssl/certs", dirs_exist_ok=True)
        self.run(["apt-get", "-q", "update"], network=True)
        self.run(["useradd", "-m", "-u", _NUMBER, "-s", "/bin/sh", PERSON])

    def run(
        self,
        words: Sequence[str],
        *,
        user: str = "root",
        network: bool = False,
        check: bool = True,
        environment: Mapping[str, str] | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Run ``words`` inside; the network is the machine's, or none at all."""
        command = self._command(words, user, network=network)
        done = subprocess.run(
            command,
            env=self._environment(user, environment or {}),
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        if check and done.returncode:
            raise AssertionError(f"{words}: {done.stdout[-3000:]}{done.stderr[-3000:]}")
        return done

    def start(
        self, words: Sequence[str], *, user: str, environment: Mapping[str, str]
    ) -> "subprocess.Popen[bytes]":
        """Start ``words`` inside, without a network; killed with the process that is returned."""
        command = self._command(words, user, network=False)
        return subprocess.Popen(command, env=self._environment(user, environment))

    def home(self, user: str) -> Path:
        """Return a person's home, as it is seen from outside."""
        return self.root / ("root" if user == "root" else f"home/{user}")

    def install(self, package: Path) -> None:
        """Install the file ``package`` and what it depends on, nothing it only recommends."""
        target = self.root / package.name
        shutil.copyfile(package, target)
        words = ["apt-get", "-q", "install", "-y", "--no-install-recommends", f"/{package.name}"]
        self.run(words, network=True, environment={"DEBIAN_FRONTEND": "noninteractive"})
        target.unlink()

    def files(self, part: str) -> list[str]:
        """Return the paths inside that hold ``part`` in their names, apt's and dpkg's own not."""
        skipped = ("proc", "dev", "sys", "tmp", "var/log", "var/cache/apt", "var/lib/apt")
        found = []
        for folder, folders, names in os.walk(self.root):
            here = Path(folder).relative_to(self.root)
            folders[:] = [name for name in folders if str(here / name) not in skipped]
            found += [str(here / name) for name in (*folders, *names) if part in name]
        return found

    def _command(self, words: Sequence[str], user: str, *, network: bool) -> list[str]:
        number = "0:0" if user == "root" else f"{_NUMBER}:{_NUMBER}"
        enter = ["sh", "-c", _ENTER, "enter", str(self.root), number]
        return [*_unshare(network=network), *enter, *words]

    def _environment(self, user: str, more: Mapping[str, str]) -> dict[str, str]:
        home = "/root" if user == "root" else f"/home/{user}"
        kept = {key: value for key, value in os.environ.items() if key.endswith("_proxy")}
        return {"PATH": _PATH, "HOME": home, "LANG": "C.UTF-8", "USER": user, **kept, **more}
