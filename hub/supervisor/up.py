"""`patchdeck up`: PostgreSQL, the Temporal dev server, the migrations, web and worker, on one machine."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import msgspec

from hub.config import PREFIX, Config
from hub.supervisor.child import Program
from hub.supervisor.errors import StartError
from hub.supervisor.lock import OwnerLock
from hub.supervisor.part import Part
from hub.supervisor.ports import Ports
from hub.supervisor.stores import engine_part, ports_file, postgres_part
from hub.supervisor.tree import Group, Tree

LOCK_NAME = "up.lock"
DEMO_FOLDER = "demo"
_GRACE_SERVING = 8.0
_GRACE_STORES = 4.0


class Options(msgspec.Struct, frozen=True):
    """What only the command line of `up` says."""

    workers: int = 0
    demo: bool = False
    demo_exit: bool = False


def up(config: Config, options: Options) -> int:
    """Start everything, print the address, stay until asked to stop; returns the exit code."""
    config.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = OwnerLock(config.data_dir / LOCK_NAME)
    lock.acquire()
    try:
        _refuse_busy_port(config)
        Ports(ports_file(config)).remember("web", config.port)
        return _Household(config, options).run()
    finally:
        lock.release()


class _Household:
    """The parts of one hub, and the environment in which they find each other."""

    def __init__(self, config: Config, options: Options) -> None:
        self._options = options
        self._environment = os.environ | {
            f"{PREFIX}DATA_DIR": str(config.data_dir),
            f"{PREFIX}HOST": config.host,
            f"{PREFIX}PORT": str(config.port),
        }
        if options.demo:
            roots = [*config.folder_roots, config.data_dir / DEMO_FOLDER]
            self._environment[f"{PREFIX}FOLDER_ROOTS"] = ",".join(str(root) for root in roots)
            self._environment[f"{PREFIX}SIMULATED_PORT"] = str(Ports(ports_file(config)).port("simulated"))
        self._stores: list[Part] = []
        if config.database_url is None:
            self._stores.append(postgres_part(config, self._environment))
        if config.temporal_address is None:
            self._stores.append(engine_part(config, self._environment))
        self._migration = self._python("The migration", ["_migrate"], needs=self._stores, once=True)
        needs = [*self._stores, self._migration]
        self._web = self._python("Web and worker", ["_serve", "--with", "web,worker"], needs=needs)
        self._workers = [
            self._python(f"Worker {number}", ["_serve", "--with", "worker"], needs=needs)
            for number in range(1, options.workers + 1)
        ]
        self._bots = []
        if config.telegram_token is not None or config.slack_bot_token is not None:
            self._bots.append(self._python("Chat bots", ["_serve", "--with", "bots"], needs=needs))
        self._simulated = self._python("The simulated services", ["_simulated"], needs=[])
        self._simulated.required = False
        self._demo = self._python("The demo", ["_demo"], needs=[self._web, self._simulated], once=True)
        self._demo.required = False

    def run(self) -> int:
        """Run the tree; a demo that shall end gives the exit code."""
        serving = [self._migration, self._web, *self._workers, *self._bots]
        if self._options.demo:
            serving += [self._simulated, self._demo]
        Tree([Group(self._stores, _GRACE_STORES), Group(serving, _GRACE_SERVING)], _show).run(self._is_over)
        return (self._demo.code or 0) if self._options.demo_exit else 0

    def _is_over(self) -> bool:
        return self._options.demo_exit and self._demo.code is not None

    def _python(self, name: str, arguments: list[str], *, needs: list[Part], once: bool = False) -> Part:
        def launch() -> subprocess.Popen[bytes]:
            program = Program(
                command=[sys.executable, "-P", "-m", "hub", *arguments],
                folder=Path.cwd(),
                environment=self._environment,
            )
            return program.start(subprocess.PIPE, errors=sys.stderr.fileno())

        return Part(name, launch, needs=needs, once=once)


def _show(line: str) -> None:
    """Show what a part prints; the lines that are meant for us are told in words."""
    word, _, rest = line.partition(": ")
    ready = f"Patchdeck is ready: {rest}" if "://" in rest else f"Also at work: {rest}"
    told = {"ready": ready, "setup": f"Make the first account (works once): {rest}"}
    print(told.get(word, line), flush=True)  # noqa: T201  # the result of `up` is what it prints


def _refuse_busy_port(config: Config) -> None:
    """Find out at once, not after everything else has started."""
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((config.host, config.port))
        except OSError as error:
            raise StartError(
                f"Cannot serve at {config.host}:{config.port}: {error.strerror}. Choose another port with --port."
            ) from error
