"""The services of extraction put together, the same way for every process."""

from __future__ import annotations

import msgspec

from hub.audit import Audit
from hub.config import Config
from hub.documents import Documents
from hub.extraction.batches.service import Batches
from hub.extraction.batches.work import BatchWork
from hub.extraction.confidence.calibrations import Calibrations
from hub.extraction.confined import Confined
from hub.extraction.extractor import Extractor
from hub.extraction.golden.service import Golden
from hub.extraction.history import forget_file
from hub.extraction.language_models.models import LanguageModels
from hub.extraction.language_models.settings import Screens
from hub.extraction.learning.accuracy import Accuracy
from hub.extraction.learning.corrections import Corrections
from hub.extraction.learning.examples import Examples
from hub.extraction.learning.hints import Hints
from hub.extraction.learning.layouts import Layouts
from hub.extraction.pages import Pages
from hub.extraction.readers import Readers
from hub.extraction.readings import Readings
from hub.extraction.schemas.suggestions import Suggestions
from hub.extraction.schemas.workspace import Schemas
from hub.extraction.service import Extractions
from hub.extraction.speech.configured import speech_of
from hub.extraction.templates import Templates
from hub.extraction.tuning.service import FineTunings
from hub.files import Files
from hub.jail import Jail
from hub.outbox import Outbox
from hub.providers import Providers
from hub.sealing import Vault
from hub.usage import Usage


class ExtractionServices(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that reads documents and fills schemas."""

    jail: Jail
    viewing: Jail
    schemas: Schemas
    suggestions: Suggestions
    readings: Readings
    pages: Pages
    layouts: Layouts
    extractor: Extractor
    extractions: Extractions
    corrections: Corrections
    accuracy: Accuracy
    calibrations: Calibrations
    golden: Golden
    hints: Hints
    examples: Examples
    fine_tunings: FineTunings
    providers: Providers
    templates: Templates
    batches: Batches
    batch_work: BatchWork

    def close(self) -> None:
        """End the child processes in which documents are read and models run."""
        self.jail.close()
        self.viewing.close()
        self.providers.close()


def extraction_services(  # noqa: PLR0913  # all that extraction stands on, by name
    *,
    config: Config,
    files: Files,
    documents: Documents,
    vault: Vault,
    usage: Usage,
    audit: Audit,
    outbox: Outbox,
    providers: Providers,
    screens: Screens,
    jail: Jail | None = None,
) -> ExtractionServices:
    """Build the services of extraction on top of the others; a jail that is given is closed with them, as their own."""
    jail = jail or Jail()
    # Whoever looks at a page does not wait for what is being read.
    viewing = Jail(1)
    schemas = Schemas(documents)
    readers = Readers(jail, speech=speech_of(config, jail))
    readings = Readings(files=files, readers=readers, vault=vault, usage=usage, audit=audit)
    layouts, hints = Layouts(jail=jail, vault=vault, audit=audit), Hints(schemas=schemas, audit=audit)
    examples = Examples(vault=vault, layouts=layouts)
    models = LanguageModels(
        providers=providers, screens=screens, examples=examples, files=files, vault=vault, jail=jail
    )
    calibrations = Calibrations()
    extractor = Extractor(
        schemas=schemas,
        readings=readings,
        layouts=layouts,
        local=Confined(jail),
        calibrations=calibrations,
        models=models,
        usage=usage,
    )
    golden = Golden(schemas=schemas, readings=readings, extractor=extractor, files=files, audit=audit)
    schemas.guard_with(golden)
    files.forget_with(forget_file)
    return ExtractionServices(
        jail=jail,
        viewing=viewing,
        schemas=schemas,
        suggestions=Suggestions(readings=readings, files=files, jail=jail, models=models),
        readings=readings,
        pages=Pages(files=files, jail=viewing),
        layouts=layouts,
        extractor=extractor,
        extractions=Extractions(files=files, schemas=schemas, extractor=extractor, audit=audit),
        corrections=Corrections(jail=jail, vault=vault, layouts=layouts, hints=hints, audit=audit, outbox=outbox),
        accuracy=Accuracy(),
        calibrations=calibrations,
        golden=golden,
        hints=hints,
        examples=examples,
        providers=providers,
        fine_tunings=FineTunings(
            providers=providers, screens=screens, schemas=schemas, vault=vault, jail=jail, audit=audit
        ),
        templates=Templates(schemas=schemas, audit=audit),
        batches=Batches(schemas=schemas, audit=audit, outbox=outbox),
        batch_work=BatchWork(extractor=extractor, schemas=schemas, files=files, outbox=outbox),
    )
