"""Recipes out of exports of other tools: read in the jail, shown or stored as drafts, never published."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

import msgspec

from hub.database import transaction
from hub.documents import Documents
from hub.errors import InvalidError, Problem
from hub.foreign.shapes import Finding, Origin, Tally
from hub.foreign.translate import MAX_BYTES, Export, Translations
from hub.jail import Jail, JailError, Limits, RefusedError
from hub.members import Member, Verb
from hub.recipes.document import from_plain, to_plain
from hub.recipes.names import RESERVED
from hub.recipes.service import RECIPE, Recipes, canonical
from hub.recipes.views import RecipeView

TRANSLATE = "hub.foreign.translate:translate"
LIMITS = Limits(seconds=30.0, cpu_seconds=20)
LONGEST_NAME = 60


class ImportedRecipe(msgspec.Struct, frozen=True, kw_only=True):
    """One recipe out of an export: its document, what keeps it from running, and what did not come along.

    `recipe` is the stored draft, or null when it was only looked at.
    """

    name: str
    title: str
    document: dict[str, object]
    problems: Sequence[Problem]
    findings: Sequence[Finding]
    tally: Tally
    recipe: RecipeView | None = None


class Imported(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that an export gave."""

    origin: Origin
    recipes: Sequence[ImportedRecipe]


class Imports:
    """Brings recipes along from n8n, Zapier and Node-RED."""

    def __init__(self, *, recipes: Recipes, documents: Documents, jail: Jail) -> None:
        self._recipes = recipes
        self._documents = documents
        self._jail = jail

    async def bring(
        self, member: Member, content: bytes, *, dry: bool = False, only: Sequence[int] | None = None
    ) -> Imported:
        """Make drafts of an export, all or none; `dry` only shows them, `only` chooses some by their place."""
        member.authorize(Verb.READ if dry else Verb.EDIT_RECIPES)
        found = await self._translated(content)
        chosen = [one for place, one in enumerate(found.recipes) if only is None or place in only]
        if not chosen:
            raise InvalidError("Choose at least one recipe.", errors=[Problem("only", "Nothing is chosen.")])
        made: list[ImportedRecipe] = []
        async with transaction():
            if not dry:
                await self._documents.hold(member.workspace)
            taken = {name.lower() for name in await self._documents.names(member.workspace, RECIPE)}
            for translation in chosen:
                name = _name(translation.title, taken)
                taken.add(name)
                metadata = {**translation.document["metadata"], "name": name}
                document = from_plain({**translation.document, "metadata": metadata})
                view = None if dry else await self._recipes.create(member, document)
                problems = view.problems if view else await self._recipes.validate(member, document)
                made.append(
                    ImportedRecipe(
                        name=name,
                        title=translation.title,
                        document=view.document if view else canonical(from_plain(to_plain(document))),
                        problems=problems,
                        findings=translation.findings,
                        tally=translation.tally,
                        recipe=view,
                    )
                )
        return Imported(origin=found.recipes[0].origin, recipes=made)

    async def _translated(self, content: bytes) -> Translations:
        if not content.strip():
            raise InvalidError("The export is empty. Send the file that the other tool gave.")
        if len(content) > MAX_BYTES:
            raise InvalidError(f"The export is larger than {MAX_BYTES // 1_000_000} MB.")
        try:
            return await self._jail.run(TRANSLATE, Export(content, RESERVED), Translations, LIMITS)
        except RefusedError as error:
            raise InvalidError(str(error)) from error
        except JailError as error:
            raise InvalidError("This export could not be read within the limits for one file.") from error


def _name(title: str, taken: set[str]) -> str:
    """Return a free name made of a title."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
    made = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:LONGEST_NAME].strip("-") or "imported"
    number, name = 2, made
    while name in taken or name in {"validate", "apply", "import"}:
        name = f"{made}-{number}"
        number += 1
    return name
