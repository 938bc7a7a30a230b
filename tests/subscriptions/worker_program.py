"""A worker of subscriptions as a process of its own, so that it can be killed: database URL and key folder."""

import asyncio
import sys
from pathlib import Path

from hub import database
from tests.subscriptions.parts import parts_of, vault_in


async def main(url: str, folder: Path) -> None:
    """Work until killed."""
    await database.connect(url)
    await parts_of(vault_in(folder), "127.0.0.0/8").work().forever()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2])))
