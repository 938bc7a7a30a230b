"""The services of a hub with the peer as a workspace's own provider."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from connectors.sdk.network.guard import Guard
from hub.audit import Audit
from hub.config import Config
from hub.documents import Documents
from hub.extraction import Choice, Extraction, Extractions
from hub.extraction.assembly import ExtractionServices, extraction_services
from hub.files import Files, open_store
from hub.jail import Jail
from hub.members import Member
from hub.outbox import Outbox
from hub.privacy import Privacy
from hub.providers import NewProvider, PinnedModel, Providers
from hub.sealing import MasterKeys, Vault
from hub.usage import Usage
from tests.peers.llm_client import Peer

TEXT = "Our treasurer is Olga Brandt.\nPay to DE89 3704 0044 0532 0130 00, questions to olga@mail.example.\n"
SCHEMA = """{"apiVersion": "patchdeck/v1", "kind": "Schema", "metadata": {"name": "dues"}, "spec": {"fields": [
{"name": "treasurer", "type": "string", "hint": "Who keeps the money."},
{"name": "account", "type": "string", "format": "iban", "labels": ["Konto"]},
{"name": "mood", "type": "string"}]}}"""
FOUND = {"treasurer": "Olga Brandt", "account": "DE89 3704 0044 0532 0130 00", "mood": None}
LLM = Choice(engine="llm")


class Hub:
    """The services that a face has."""

    def __init__(self, folder: Path, jail: Jail) -> None:
        audit, usage, outbox = Audit(), Usage(), Outbox()
        vault = Vault(MasterKeys.from_file(folder / "master.key"))
        self.files = Files(open_store(str(folder / "files")), vault, usage, audit)
        self.privacy = Privacy(audit)
        self.providers = Providers(
            vault=vault, audit=audit, usage=usage, guard=Guard(["127.0.0.0/8"]), config=Config(data_dir=folder)
        )
        self.extraction: ExtractionServices = extraction_services(
            config=Config(data_dir=folder),
            files=self.files,
            documents=Documents(audit),
            vault=vault,
            usage=usage,
            audit=audit,
            outbox=outbox,
            providers=self.providers,
            screens=self.privacy,
            jail=jail,
        )

    def close(self) -> None:
        """End what belongs to this hub alone."""
        self.extraction.viewing.close()
        self.providers.close()

    @property
    def extractions(self) -> Extractions:
        return self.extraction.extractions

    async def ready(self, member: Member, peer: Peer, **told: Any) -> str:
        """Store the schema and the peer as a provider; returns the provider's id."""
        await self.extraction.schemas.create(member, SCHEMA)
        pinned = PinnedModel(name="test-1", input_price=2.0, output_price=10.0)
        given = NewProvider(name="Peer", preset="other", base_url=peer.url, key="k", models=(pinned,), **told)
        return (await self.providers.add(member, given)).id

    async def extract(self, member: Member, choice: Choice = LLM, text: str = TEXT) -> Extraction:
        return await self.extractions.extract_text(member, text, "dues", choice)
