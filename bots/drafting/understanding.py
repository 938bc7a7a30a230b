"""From words to a draft: by a model where the workspace has one, else by matching words."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bots.asked import Asked
from bots.drafting import hints, matching
from bots.drafting.choosing import families
from bots.drafting.draft import PartDraft, RecipeDraft
from bots.drafting.modelling import by_model
from hub.extraction.schemas.views import SchemaSummary

_REVIEW = re.compile(r"\b(review|check(?:ed)? by|look(?:ed)? at by|look over)", re.IGNORECASE)
_APPROVE = re.compile(r"\b(approv|confirm|ask me|sign[- ]?off|permission)", re.IGNORECASE)
_EXTRACT = re.compile(r"\b(extract|read out|pull out|capture|scan|parse|document|pdf|photo)", re.IGNORECASE)
_ADDRESS = re.compile(r"\S*[/@]\S*")
_SLUG = re.compile(r"[^a-z0-9]+")


async def understand(asked: Asked, words: str) -> RecipeDraft:
    """Return what the words say; what they leave open is asked afterwards."""
    schemas = (await asked.services.schemas.list(asked.member, limit=100)).items
    connected = await families(asked)
    draft = await by_model(asked, words, schemas, connected) or by_words(words, schemas, connected)
    hints.prefill(draft.trigger, draft.target, words)
    draft.name = await free_name(asked, draft.name or name_of(words))
    return draft


async def free_name(asked: Asked, wanted: str) -> str:
    """Return a name for a recipe that no other has."""
    page = await asked.services.recipes.list(asked.member, limit=500)
    return _free(wanted[:60], {one.name.lower() for one in page.items})


def by_words(words: str, schemas: Sequence[SchemaSummary], connected: matching.Families = frozenset()) -> RecipeDraft:
    """Match words against the declarations of connectors and the names of schemas."""
    triggers, targets = matching.triggers(words, connected), matching.targets(words, connected)
    draft = RecipeDraft(
        words=words,
        name="",
        trigger=PartDraft(uses=triggers[0] if len(triggers) == 1 else None),
        target=PartDraft(uses=targets[0] if len(targets) == 1 else None),
        likely={"trigger": triggers, "target": targets},
    )
    draft.schema = schema_in(words, schemas)
    if _REVIEW.search(words):
        draft.review = hints.below(words)
        draft.schema = draft.schema or None
    draft.approve = bool(_APPROVE.search(words))
    return draft


def schema_in(words: str, schemas: Sequence[SchemaSummary]) -> str | None:
    """Return the schema that is named, empty when nothing is to be extracted, None when it is not said which."""
    said = set(matching.stems(words))
    named = [
        (len(parts), one.name)
        for one in schemas
        for text in (one.name, one.title)
        if (parts := set(matching.stems(text.replace("_", " ").replace("-", " ")))) and parts <= said
    ]
    if named:
        return max(named)[1]
    return None if _EXTRACT.search(words) else ""


def name_of(words: str) -> str:
    """Return a short name made of the first words that say something."""
    said = [word for word in matching.telling(_ADDRESS.sub("", words)) if len(word) > 1 and not word.isdigit()]
    return "-".join(said[:4])[:60] or "drafted"


def _free(wanted: str, taken: set[str]) -> str:
    name = _SLUG.sub("-", wanted.lower()).strip("-") or "drafted"
    return next(one for number in range(1, 1000) if (one := name if number == 1 else f"{name}-{number}") not in taken)
