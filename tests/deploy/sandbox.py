"""A root file system in which a Dockerfile's steps are run, and its processes, with bubblewrap: no Docker is needed.

As Docker does it: a build step is root in the image and has the network; a process is the image's user, without
capabilities, in a process namespace of its own as process 1, on a root that it can only read.
"""

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.deploy.dockerfile import Instruction, Stage

TOOLS = ("bwrap", "debootstrap")
NETWORK_FILES = ("/etc/resolv.conf", "/etc/ssl/certs", "/etc/pip.conf")
"""What this machine reaches its package registries by; a build on another has its own."""

DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_BUILDER = ("--cap-add", "ALL")
_DROPPING = tuple(part for name in ("SETUID", "SETGID", "SETPCAP") for part in ("--cap-add", f"CAP_{name}"))


def debian(directory: Path) -> Path:
    """A fresh Debian with Python 3.11 as `python`, in place of the base image; made once."""
    root = directory / "debian"
    if not (root / "made").exists():
        shutil.rmtree(root, ignore_errors=True)
        packages = "--include=python3,python3-venv,ca-certificates"
        subprocess.run(["debootstrap", "--variant=minbase", packages, "bookworm", str(root)], check=True)
        (root / "usr/local/bin/python").symlink_to("/usr/bin/python3")
        # A container's is mounted over it.
        (root / "etc/hosts").touch()
        (root / "made").touch()
    return root


@dataclass(slots=True)
class Image:
    """A root, and how its processes are started."""

    root: Path
    environment: dict[str, str] = field(default_factory=lambda: {"PATH": DEFAULT_PATH})
    directory: str = "/"
    user: str = "0:0"
    entrypoint: list[str] = field(default_factory=list)
    command: list[str] = field(default_factory=list)

    def build_step(self, command: str) -> list[str]:
        """What runs a RUN."""
        network = [part for name in NETWORK_FILES if Path(name).exists() for part in ("--ro-bind", name, name)]
        ours = os.environ.items()  # noqa: TID251
        passed = {name: value for name, value in ours if name.startswith("PIP_") or "proxy" in name.lower()}
        return [
            "bwrap", "--bind", str(self.root), "/", "--dev", "/dev", "--proc", "/proc", "--tmpfs", "/tmp", *network,
            *_BUILDER, *_set({**passed, **self.environment}), "--chdir", self.directory, "/bin/sh", "-c", command,
        ]  # fmt: skip

    def process(
        self, arguments: list[str], environment: Mapping[str, str], mounts: Mapping[str, Path], hosts: Path
    ) -> list[str]:
        """What runs a container. `mounts` are its volumes by where they are in it; `hosts` is its /etc/hosts."""
        bound = [part for where, volume in mounts.items() for part in ("--bind", str(volume), where)]
        user, _, group = self.user.partition(":")
        return [
            "bwrap", "--ro-bind", str(self.root), "/", "--dev", "/dev", "--proc", "/proc", *bound,
            "--ro-bind", str(hosts), "/etc/hosts", "--unshare-pid", "--as-pid-1", "--die-with-parent", *_DROPPING,
            *_set({**self.environment, **environment}), "--chdir", self.directory,
            "setpriv", f"--reuid={user}", f"--regid={group}", "--clear-groups", "--inh-caps=-all",
            "--bounding-set=-all", "--no-new-privs", "--", *self.entrypoint, *(arguments or self.command),
        ]  # fmt: skip

    def describe(self, stage: Stage) -> None:
        """Take what a stage says of its processes: environment, directory, user, entry point, command."""
        for instruction in stage.instructions:
            match instruction.name:
                case "WORKDIR":
                    self.directory = instruction.rest
                case "ENV":
                    self.environment |= dict(word.split("=", 1) for word in instruction.words())
                case "USER":
                    self.user = instruction.rest
                case "ENTRYPOINT":
                    self.entrypoint = instruction.words()
                case "CMD":
                    self.command = instruction.words()


def _set(environment: Mapping[str, str]) -> list[str]:
    return ["--clearenv", *(part for name, value in environment.items() for part in ("--setenv", name, value))]


def build(stages: list[Stage], base: Path, context: Path, directory: Path) -> Image:
    """Run every step of every stage, each on a copy of `base`; gives the last one."""
    built: dict[str, Image] = {}
    for stage in stages:
        root = directory / stage.name
        subprocess.run(["cp", "-a", "--reflink=auto", str(base), str(root)], check=True)
        image = built[stage.name] = Image(root)
        for instruction in stage.instructions:
            _carry_out(instruction, image, context, built)
            image.describe(Stage(stage.base, stage.name, [instruction]))
    return image


def _carry_out(instruction: Instruction, image: Image, context: Path, built: Mapping[str, Image]) -> None:
    match instruction.name:
        case "RUN":
            subprocess.run(image.build_step(instruction.rest), check=True)
        case "COPY":
            _copy(instruction.words(), image, context, built)
        case "WORKDIR":
            _inside(image.root, instruction.rest).mkdir(parents=True, exist_ok=True)
        case "ENV" | "USER" | "ENTRYPOINT" | "CMD" | "LABEL":
            return
        case other:
            raise AssertionError(f"{other}: nobody carries this out here")


def _copy(words: list[str], image: Image, context: Path, built: Mapping[str, Image]) -> None:
    """`COPY [--from=STAGE] SOURCE DESTINATION`: of a directory, what is in it."""
    start = built[words.pop(0).removeprefix("--from=")].root if words[0].startswith("--from=") else context
    source, destination = words
    found, target = _inside(start, source), _inside(image.root, os.path.join(image.directory, destination))  # noqa: PTH118
    target.mkdir(parents=True, exist_ok=True)
    copied = f"{found}/." if found.is_dir() else str(found)
    subprocess.run(["cp", "-a", "--no-preserve=ownership", copied, str(target)], check=True)


def _inside(root: Path, path: str) -> Path:
    return root / path.lstrip("/")
