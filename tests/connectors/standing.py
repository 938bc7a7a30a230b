"""What stands have in common whose service is a peer that fails when it is told to."""

from __future__ import annotations

from typing import Any

from tests.peers.faults import told


class Standing:
    """The peer, and the faults that contracts call by name."""

    peer: Any

    async def fail(self, fault: str) -> None:
        """Let the service fail from now on."""
        self.peer.fail(told(fault))

    async def heal(self) -> None:
        """Let it do what it should again."""
        self.peer.recover()
