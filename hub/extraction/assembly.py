"""The services of extraction put together, the same way for every process."""

from __future__ import annotations

import msgspec

from hub.audit import Audit
from hub.config import Config
from hub.documents import Documents
from hub.extraction.batches.service import Batches
from hub.extraction.batches.work import BatchWork
from hub.extraction.confined import Confined
from hub.extraction.extractor import Extractor
from hub.extraction.language_models.configured import model_of
from hub.extraction.pages import Pages
from hub.extraction.readers import Readers
from hub.extraction.readings import Readings
from hub.extraction.schemas.workspace import Schemas
from hub.extraction.service import Extractions
from hub.extraction.templates import Templates
from hub.files import Files
from hub.jail import Jail
from hub.outbox import Outbox
from hub.sealing import Vault
from hub.usage import Usage


class ExtractionServices(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that reads documents and fills schemas."""

    jail: Jail
    viewing: Jail
    schemas: Schemas
    readings: Readings
    pages: Pages
    extractor: Extractor
    extractions: Extractions
    templates: Templates
    batches: Batches
    batch_work: BatchWork

    def close(self) -> None:
        """End the child processes in which documents are read."""
        self.jail.close()
        self.viewing.close()


def extraction_services(  # noqa: PLR0913  # all that extraction stands on, by name
    *, config: Config, files: Files, documents: Documents, vault: Vault, usage: Usage, audit: Audit, outbox: Outbox
) -> ExtractionServices:
    """Build the services of extraction on top of the others."""
    # Whoever looks at a page does not wait for what is being read.
    jail, viewing = Jail(), Jail(1)
    schemas = Schemas(documents)
    readings = Readings(files=files, readers=Readers(jail), vault=vault, usage=usage, audit=audit)
    extractor = Extractor(schemas=schemas, readings=readings, local=Confined(jail), model=model_of(config), usage=usage)
    return ExtractionServices(
        jail=jail,
        viewing=viewing,
        schemas=schemas,
        readings=readings,
        pages=Pages(files=files, jail=viewing),
        extractor=extractor,
        extractions=Extractions(files=files, schemas=schemas, extractor=extractor, audit=audit),
        templates=Templates(schemas=schemas, audit=audit),
        batches=Batches(schemas=schemas, audit=audit, outbox=outbox),
        batch_work=BatchWork(extractor=extractor, schemas=schemas, files=files, outbox=outbox),
    )
