"""What fakes of business services have in common: records with times, under a clock that stands until it is moved."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any


class Kept:
    """Records in the order in which they were made.

    Each has `id`, `values`, `version`, `created`, `changed` and `archived`.
    """

    def __init__(self, name: Callable[[int], str] = str) -> None:
        self.rows: list[dict[str, Any]] = []
        # Now, as targets ask for what is newer than their own try
        self.now = datetime.now(UTC).replace(microsecond=0)
        self._name = name

    @property
    def there(self) -> list[dict[str, Any]]:
        """Those that nobody has archived."""
        return [row for row in self.rows if not row["archived"]]

    def add(self, values: dict[str, Any]) -> dict[str, Any]:
        """Make a record now."""
        row = {"id": self._name(len(self.rows) + 1), "values": dict(values), "version": 0, "archived": False}
        row |= {"created": self.now, "changed": self.now}
        self.rows.append(row)
        return row

    def edit(self, row: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
        """Set fields of a record a second later."""
        self.pass_time(1)
        row["values"] |= values
        row["version"] += 1
        row["changed"] = self.now
        return row

    def get(self, identity: Any) -> dict[str, Any] | None:
        """Return one that is there."""
        return next((row for row in self.there if row["id"] == str(identity)), None)

    def pass_time(self, seconds: float) -> None:
        """Move the clock."""
        self.now += timedelta(seconds=seconds)
