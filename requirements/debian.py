"""Installs Debian packages that are needed, where that is possible; part of the set-up."""

import os
import shutil
import subprocess


def administrator() -> list[str] | None:
    """What a command starts with to run as administrator, or None where nobody may."""
    if os.geteuid() == 0:
        return []
    sudo = ["sudo", "-n"]
    may = shutil.which("sudo") and subprocess.run([*sudo, "true"], check=False).returncode == 0
    return sudo if may else None


def install(*packages: str) -> None:
    """Install packages with what they must have, if this is such a machine and we may."""
    prefix = administrator() if shutil.which("apt-get") else None
    if prefix is None:
        return
    print(f"Installing {', '.join(packages)} with apt-get", flush=True)
    apt = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]
    options = ["--yes", "--no-install-recommends", "-o=Dpkg::Use-Pty=0"]
    subprocess.run([*apt, "update"], check=False)  # an old list may still do
    command = [*apt, "install", *options, *packages]
    subprocess.run(command, stdout=subprocess.DEVNULL, check=False)  # the caller looks for it again
