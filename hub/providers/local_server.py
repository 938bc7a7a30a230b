"""The child process that serves a model file of this machine: `python -m hub.providers.local_server`.

It is told by its environment, prints its port, and ends when its parent closes its standard input.
"""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import xllamacpp

PREFIX = "PATCHDECK_LOCAL_SERVER_"


def main() -> None:
    """Load the model, say where it is served, and serve until the parent has gone."""
    told = {name: os.environ.get(PREFIX + name, "") for name in ("MODEL", "SHA256", "THREADS", "CONTEXT", "KEY")}
    if told["SHA256"] and _sha256(Path(told["MODEL"])) != told["SHA256"].lower():
        sys.exit("The file has another SHA-256 than PATCHDECK_LOCAL_MODEL_SHA256 says.")
    server = _serve(told["MODEL"], int(told["THREADS"]), int(told["CONTEXT"]), told["KEY"])
    sys.stdout.write(f"{server.listening_address}\n")
    sys.stdout.flush()
    sys.stdin.read()
    # The library's threads may be in the middle of an answer that nobody waits for any more.
    os._exit(0)


def _serve(model: str, threads: int, context: int, key: str) -> xllamacpp.Server:
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = model
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = threads
    params.n_threads_http = 2
    params.n_ctx = context
    params.n_parallel = 1
    params.n_gpu_layers = 0
    params.warmup = False
    params.use_jinja = True
    params.offline = True
    params.ui = False
    params.endpoint_slots = params.endpoint_props = False
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.api_keys = [key]
    return xllamacpp.Server(params)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


if __name__ == "__main__":
    main()
