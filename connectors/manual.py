"""Manual: items that people upload or that programs submit."""

from __future__ import annotations

from typing import Annotated

from connectors.sdk import Connector, Settings, field

connector = Connector("manual", "Manual", icon="upload_file")


class Submitted(Settings):
    """What people are asked for."""

    instructions: Annotated[
        str,
        field(
            "Instructions",
            hint="Shown above the upload field.",
            example="Drop this month's invoices here.",
            multiline=True,
        ),
    ] = ""


@connector.native("Submitted by hand")
def submitted(settings: Submitted) -> None:
    """Start a run for each file that is uploaded or value that is sent to the API.

    Gives an uploaded `file`, or the value as it was sent.
    """
