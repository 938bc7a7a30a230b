"""Say in one line how many tests ran, how many did not and why, and how long everything took."""

import sys
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree  # the report is pytest's own


def summary(report: Path, seconds: int) -> str:
    """Return the line for a report in JUnit's format."""
    suite = ElementTree.parse(report).getroot().find("testsuite")
    if suite is None:
        return "The report holds no tests."
    counts = {name: int(suite.get(name, "0")) for name in ("tests", "failures", "errors", "skipped")}
    reasons = Counter(skipped.get("message", "no reason given") for skipped in suite.iter("skipped"))
    lines = [
        f"{counts['tests']} tests in {float(suite.get('time', '0')):.0f} s ({seconds} s with set-up and checks): "
        f"{counts['failures']} failed, {counts['errors']} broken, {counts['skipped']} skipped."
    ]
    lines += [f"  skipped {count}: {reason}" for reason, count in reasons.most_common()]
    return "\n".join(lines)


if __name__ == "__main__":
    print(summary(Path(sys.argv[1]), int(sys.argv[2])))
