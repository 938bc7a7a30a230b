"""Draw the shipped curves of confidence: python -m scripts.evaluation.calibrate RESULT.

RESULT is what `patchdeck eval run DIR/tuning -o json` printed; the held-out half is never given.
"""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec

import hub.extraction.confidence.curves
from hub.extraction.confidence.curves import Calibration
from hub.extraction.confidence.fitting import curves_of
from hub.extraction.evaluation.report import Report, told

SHIPPED = Path(hub.extraction.confidence.curves.__file__).with_name("default.json")


def main() -> None:
    """Write the curves of the engines that gave enough values."""
    result = msgspec.json.decode(Path(sys.argv[1]).read_bytes(), type=Report)
    values = told(one for document in result.documents for one in document.values)
    curves = curves_of(values, Calibration())
    written = msgspec.json.format(msgspec.json.encode(curves), indent=1)
    SHIPPED.write_bytes(written + b"\n")
    print(f"Wrote the curves of {', '.join(curves.curves)} to {SHIPPED.name}.")


if __name__ == "__main__":
    main()
