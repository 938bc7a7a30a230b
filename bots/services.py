"""What commands call: the composition root's services by the names they have there."""

from __future__ import annotations

from typing import Protocol

from hub.connections import Connections
from hub.decisions import Decisions
from hub.extraction.readings import Readings
from hub.extraction.schemas.workspace import Schemas
from hub.extraction.service import Extractions
from hub.files import Files
from hub.identities import Carriers, Identities
from hub.privacy import Privacy
from hub.providers import Providers
from hub.recipes import Recipes
from hub.recipes.choices import Offers
from hub.runs import History, Runs


class Services(Protocol):
    """The services that commands use; whoever composes the hub hands over a struct that has them."""

    @property
    def identities(self) -> Identities:
        """Linked accounts."""
        ...

    @property
    def carriers(self) -> Carriers:
        """How the bots fare."""
        ...

    @property
    def recipes(self) -> Recipes:
        """Recipes and their states."""
        ...

    @property
    def offers(self) -> Offers:
        """What can be chosen for a setting."""
        ...

    @property
    def runs(self) -> Runs:
        """Runs, plans and items."""
        ...

    @property
    def history(self) -> History:
        """What happened."""
        ...

    @property
    def decisions(self) -> Decisions:
        """What waits for people."""
        ...

    @property
    def schemas(self) -> Schemas:
        """What can be extracted."""
        ...

    @property
    def extractions(self) -> Extractions:
        """Records out of files and texts."""
        ...

    @property
    def readings(self) -> Readings:
        """What files say, recordings too."""
        ...

    @property
    def files(self) -> Files:
        """Stored files."""
        ...

    @property
    def connections(self) -> Connections:
        """Stored credentials, by name."""
        ...

    @property
    def providers(self) -> Providers:
        """Language models, where there are any."""
        ...

    @property
    def privacy(self) -> Privacy:
        """What may leave the workspace for a model."""
        ...
