"""Recipes over their real services, and their routes in one small application."""

import pytest

from hub.audit import Audit
from hub.documents import Documents
from hub.outbox import Outbox
from hub.recipes import Recipes, RecipeVersions


@pytest.fixture
def documents(database):
    return Documents(Audit())


@pytest.fixture
def recipes(documents):
    return Recipes(documents, Audit(), Outbox(), "https://hub.example")


@pytest.fixture
def versions(documents, recipes):
    return RecipeVersions(documents, recipes)
