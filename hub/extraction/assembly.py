"""The services of extraction put together, the same way for every process."""

from __future__ import annotations

import msgspec

from hub.audit import Audit
from hub.config import Config
from hub.documents import Documents
from hub.extraction.confined import Confined
from hub.extraction.extractor import Extractor
from hub.extraction.language_models.configured import model_of
from hub.extraction.readers import Readers
from hub.extraction.readings import Readings
from hub.extraction.schemas.workspace import Schemas
from hub.extraction.service import Extractions
from hub.files import Files
from hub.jail import Jail
from hub.sealing import Vault
from hub.usage import Usage


class ExtractionServices(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that reads documents and fills schemas."""

    jail: Jail
    schemas: Schemas
    readings: Readings
    extractor: Extractor
    extractions: Extractions

    def close(self) -> None:
        """End the child processes in which documents are read."""
        self.jail.close()


def extraction_services(
    *, config: Config, files: Files, documents: Documents, vault: Vault, usage: Usage, audit: Audit
) -> ExtractionServices:
    """Build the services of extraction on top of the others."""
    jail = Jail()
    schemas = Schemas(documents)
    readings = Readings(files=files, readers=Readers(jail), vault=vault, usage=usage, audit=audit)
    extractor = Extractor(schemas=schemas, readings=readings, local=Confined(jail), model=model_of(config), usage=usage)
    return ExtractionServices(
        jail=jail,
        schemas=schemas,
        readings=readings,
        extractor=extractor,
        extractions=Extractions(files=files, schemas=schemas, extractor=extractor, audit=audit),
    )
