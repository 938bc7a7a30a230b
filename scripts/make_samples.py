"""Draw the demo's sample documents and what must be read from them: python -m scripts.make_samples."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from scripts.samples import invoices

FOLDER = Path(__file__).parent.parent / "hub" / "demo" / "samples"
SAMPLES: dict[str, tuple[str, Callable[[Path], dict[str, object]]]] = {
    "invoice-timber-en.pdf": ("invoice", invoices.british),
    "rechnung-elektro-de.pdf": ("invoice", invoices.german),
    "facture-atelier-fr.pdf": ("invoice", invoices.french),
    "rechnung-grafik-ch.pdf": ("invoice", invoices.swiss),
    "invoice-robotics-us.pdf": ("invoice", invoices.american),
}


def main() -> None:
    """Write every sample with its expected record beside it."""
    for name, (schema, draw) in SAMPLES.items():
        record = draw(FOLDER / name)
        expected = json.dumps({"schema": schema, "record": record}, indent=2, ensure_ascii=False)
        (FOLDER / f"{name}.expected.json").write_text(expected + "\n", "utf-8")


if __name__ == "__main__":
    main()
