"""MCP under /mcp: one module of tools a noun, listed here and imported when the server is built."""

from __future__ import annotations

from importlib import import_module

from hub.mcp.tools import Tool

# Each module names its tools in TOOLS.
MODULES = ("schemas", "extractions", "recipes", "runs", "reviews", "connectors")


def tools() -> dict[str, Tool]:
    """Import the modules and return their tools by name, in the order in which assistants see them."""
    return {tool.name: tool for name in MODULES for tool in import_module(f"hub.mcp.{name}").TOOLS}
