"""Node-RED: flows as its editor exports them, a list of nodes with wires."""

from hub.foreign.node_red.reading import DIALECT, read

__all__ = ["DIALECT", "read"]
