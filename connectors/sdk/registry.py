"""Every connector there is, found by looking through the modules below `connectors`."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType, ModuleType

import connectors
from connectors.sdk.declare import Connector, Lookup, Target, Trigger


@cache
def registry() -> Mapping[str, Connector]:
    """Return all connectors by name, in alphabetical order."""
    found = {connector.name: connector for connector in _scan(connectors)}
    return MappingProxyType(dict(sorted(found.items())))


def find_connector(name: str) -> Connector | None:
    """Return the connector of a name, if there is one."""
    return registry().get(name)


@cache
def find(uses: str) -> Trigger | Lookup | Target | None:
    """Return the part that a recipe names, such as `http.send`, if there is one."""
    name, _, part = uses.partition(".")
    connector = registry().get(name)
    if connector is None:
        return None
    return connector.triggers.get(part) or connector.lookups.get(part) or connector.targets.get(part)


def find_trigger(uses: str) -> Trigger | None:
    """Return the trigger of a name such as `rss.new_entry`, if there is one."""
    found = find(uses)
    return found if isinstance(found, Trigger) else None


def _scan(package: ModuleType) -> Iterator[Connector]:
    """Import each module; a folder without a `connector` of its own is a family with one connector a module."""
    for found in pkgutil.iter_modules(package.__path__):
        if found.name in {"sdk", "__main__"} or found.name.startswith("_"):
            continue
        module = importlib.import_module(f"{package.__name__}.{found.name}")
        declared = getattr(module, "connector", None)
        if isinstance(declared, Connector):
            declared.place = Path(module.__file__ or "")
            yield declared
        elif found.ispkg:
            yield from _scan(module)
