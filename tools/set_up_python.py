"""Make `.venv` hold exactly what `uv.lock` says.

Runs under the machine's own Python with nothing installed. uv comes from `uv.lock` too, checked by hash.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
UV = VENV / "bin" / "uv"


def main() -> int:
    """Exit code: 0 when `.venv` matches the lock file, else that of the tool which failed."""
    try:
        if not _runs(UV):
            _make_venv_with_uv()
        _sync()
    except subprocess.CalledProcessError as error:
        command = " ".join(str(part) for part in error.cmd)
        print(
            f"set-up failed: `{command}` ended with exit code {error.returncode}; its own message is above.\n"
            "Remove .venv and run `make setup` again; on Debian and Ubuntu, `apt install python3-venv` "
            "brings what `python3 -m venv` needs.",
            file=sys.stderr,
        )
        return error.returncode or 1
    return 0


def _runs(program: Path) -> bool:
    if not program.exists():
        return False
    return subprocess.run([program, "--version"], capture_output=True, check=False).returncode == 0


def _make_venv_with_uv() -> None:
    subprocess.run([sys.executable, "-m", "venv", "--clear", VENV], check=True)
    requirement = VENV / "uv.txt"
    requirement.write_text(_uv_requirement((ROOT / "uv.lock").read_text()))
    pip = [str(PYTHON), "-m", "pip", "--quiet", "--disable-pip-version-check"]
    install = ["install", "--only-binary", ":all:", "--require-hashes", "--requirement", str(requirement)]
    subprocess.run([*pip, *install], check=True)
    # They are not in the lock file, and setuptools puts a hook of its own into every start of Python.
    uninstall = [str(UV), "pip", "uninstall", "--quiet", "--python", str(PYTHON), "pip", "setuptools"]
    subprocess.run(uninstall, check=True)


def _uv_requirement(lock: str) -> str:
    """One pip requirement: the version of uv in the lock file, with the hash of each of its wheels."""
    package = next(each for each in tomllib.loads(lock)["package"] if each["name"] == "uv")
    hashes = [f"--hash={wheel['hash']}" for wheel in package["wheels"]]
    return " ".join([f"uv=={package['version']}", *hashes]) + "\n"


def _sync() -> None:
    # Someone's own uv settings must not send the packages elsewhere, nor fetch another Python.
    environment = os.environ | {"UV_PROJECT_ENVIRONMENT": str(VENV), "UV_PYTHON_DOWNLOADS": "never"}
    environment.pop("VIRTUAL_ENV", None)
    # The bars are for a terminal; in a log they would be a list of every package.
    uv = [str(UV)] if sys.stderr.isatty() else [str(UV), "--quiet"]
    mirror = os.environ.get("UV_DEFAULT_INDEX") or os.environ.get("PIP_INDEX_URL")
    if mirror is None:
        subprocess.run([*uv, "sync", "--frozen"], cwd=ROOT, env=environment, check=True)
    else:
        _sync_from(mirror, uv, environment)


def _sync_from(mirror: str, uv: list[str], environment: dict[str, str]) -> None:
    """The same versions and hashes, from an index other than pypi.org, whose addresses `uv.lock` carries."""
    requirements = VENV / "requirements.txt"
    export = [*uv, "export", "--frozen", "--quiet", "--output-file", str(requirements)]
    subprocess.run(export, cwd=ROOT, env=environment, check=True)
    install = [*uv, "pip", "sync", "--python", str(PYTHON), "--compile-bytecode", str(requirements)]
    subprocess.run(install, cwd=ROOT, env=environment | {"UV_DEFAULT_INDEX": mirror}, check=True)


if __name__ == "__main__":
    sys.exit(main())
