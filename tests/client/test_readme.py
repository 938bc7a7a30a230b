"""The README's example, run as it stands there."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from tests.reading.pdfs import pdf

ROOT = Path(__file__).parents[2]


def _example() -> str:
    _, _, after = (ROOT / "README.md").read_text().partition("## Use it from Python")
    return after.partition("```python\n")[2].partition("```")[0]


async def test_the_example_runs(address: str, key: str, tmp_path: Path) -> None:
    (tmp_path / "invoice.pdf").write_bytes(pdf(lambda canvas: canvas.drawString(72, 700, "Invoice number: INV-17")))
    environment = {**os.environ, "PATCHDECK_URL": address, "PATCHDECK_API_KEY": key, "PYTHONPATH": str(ROOT)}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _example(), cwd=tmp_path, env=environment, stdout=asyncio.subprocess.PIPE
    )
    said, _ = await process.communicate()
    assert (process.returncode, said.split()[0]) == (0, b"INV-17")
