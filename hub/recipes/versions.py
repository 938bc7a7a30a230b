"""Published versions of recipes: list, look at, compare, restore, export."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from hub.documents import Difference, Document, Documents, compare
from hub.ids import show
from hub.members import Member
from hub.recipes.document import export, from_plain
from hub.recipes.service import RECIPE, Recipes
from hub.recipes.views import RecipeVersionPage, RecipeView, VersionView


class RecipeVersions:
    """Reads what was published; nothing here changes a version."""

    def __init__(self, documents: Documents, recipes: Recipes) -> None:
        self._documents = documents
        self._recipes = recipes

    async def list(
        self, member: Member, reference: str | UUID, *, limit: int = 50, cursor: str | None = None
    ) -> RecipeVersionPage:
        """Return versions, newest first."""
        current = await self._find(member, reference)
        page = await self._documents.versions(member, RECIPE, current.id, limit=limit, cursor=cursor)
        items = [
            VersionView(
                number=version.number,
                note=version.note,
                published_at=version.published_at,
                published_by=_person(version.published_by),
                active=version.active,
            )
            for version in page.versions
        ]
        return RecipeVersionPage(items=items, cursor=page.cursor)

    async def show(self, member: Member, reference: str | UUID, number: int) -> VersionView:
        """Return one version with its document."""
        current = await self._find(member, reference)
        version = await self._documents.version(member, RECIPE, current.id, number)
        return VersionView(
            number=number,
            note=version.note,
            published_at=version.published_at,
            published_by=_person(version.published_by),
            active=number == current.active_version,
            document=version.content,
        )

    async def compare(
        self, member: Member, reference: str | UUID, before: int | None, after: int | None = None
    ) -> Sequence[Difference]:
        """Return what differs between two versions, step by step; None is the draft."""
        current = await self._find(member, reference)
        return compare(await self._content(member, current, before), await self._content(member, current, after))

    async def restore(
        self, member: Member, reference: str | UUID, number: int, *, revision: int | None = None
    ) -> RecipeView:
        """Make the draft be as a version was; publishing it is a step of its own."""
        current = await self._find(member, reference)
        document = from_plain(await self._content(member, current, number))
        return await self._recipes.save(member, current.id, document, revision=revision)

    async def export(self, member: Member, reference: str | UUID, number: int | None = None) -> str:
        """Return the draft, or a version, as stable YAML."""
        current = await self._find(member, reference)
        return export(from_plain(await self._content(member, current, number)))

    async def _find(self, member: Member, reference: str | UUID) -> Document:
        return await self._documents.find(member, RECIPE, reference)

    async def _content(self, member: Member, current: Document, number: int | None) -> Mapping[str, Any]:
        if number is None:
            return current.content
        return (await self._documents.version(member, RECIPE, current.id, number)).content


def _person(user: UUID | None) -> str | None:
    return show("usr", user) if user else None
