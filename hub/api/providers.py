"""Providers of language models over REST; keys go in and never come out."""

from __future__ import annotations

from litestar import Controller, Response, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from hub.api.etags import IfMatch, created, expected_revision, tagged
from hub.api.paging import DEFAULT_LIMIT, Cursor, Limit, Page, part
from hub.members import Member, Verb
from hub.providers import NewProvider, Preset, ProviderChange, Providers, ProviderSummary


class ProviderController(Controller):
    """Choose which language models a workspace asks, in which order, and how much they may cost."""

    path = "/providers"
    tags = ["providers"]

    @get("/", opt={"verb": Verb.READ})
    async def list_providers(
        self,
        providers: NamedDependency[Providers],
        member: NamedDependency[Member],
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = None,
    ) -> Page[ProviderSummary]:
        """List providers in the order in which they are asked; the operator's come last."""
        return part(await providers.list(member), limit, cursor, lambda one: one.id)

    @get("/presets", opt={"verb": Verb.READ})
    async def list_presets(
        self, providers: NamedDependency[Providers], member: NamedDependency[Member]
    ) -> Page[Preset]:
        """List the services we know: address, how the key is sent, what they can do, where to get a key."""
        return Page(providers.presets(member))

    @post("/", opt={"verb": Verb.EDIT_CONNECTIONS})
    async def add_provider(
        self, providers: NamedDependency[Providers], member: NamedDependency[Member], data: JSONBody[NewProvider]
    ) -> Response[ProviderSummary]:
        """Store a provider; its key is sealed."""
        added = await providers.add(member, data)
        return created(added, added.revision, f"providers/{added.id}")

    @get("/{provider_id:str}", opt={"verb": Verb.READ})
    async def show_provider(
        self, providers: NamedDependency[Providers], member: NamedDependency[Member], provider_id: FromPath[str]
    ) -> Response[ProviderSummary]:
        """Show a provider without its key."""
        found = await providers.show(member, provider_id)
        return tagged(found, found.revision)

    @patch("/{provider_id:str}", opt={"verb": Verb.EDIT_CONNECTIONS})
    async def change_provider(
        self,
        providers: NamedDependency[Providers],
        member: NamedDependency[Member],
        provider_id: FromPath[str],
        data: JSONBody[ProviderChange],
        if_match: IfMatch = None,
    ) -> Response[ProviderSummary]:
        """Change a provider; whatever is left out stays, the key too."""
        changed = await providers.change(member, provider_id, data, revision=expected_revision(if_match))
        return tagged(changed, changed.revision)

    @delete("/{provider_id:str}", opt={"verb": Verb.EDIT_CONNECTIONS})
    async def remove_provider(
        self, providers: NamedDependency[Providers], member: NamedDependency[Member], provider_id: FromPath[str]
    ) -> None:
        """Forget a provider and its key."""
        await providers.remove(member, provider_id)

    @post("/{provider_id:str}/test", status_code=200, opt={"verb": Verb.USE_CONNECTIONS})
    async def test_provider(
        self, providers: NamedDependency[Providers], member: NamedDependency[Member], provider_id: FromPath[str]
    ) -> ProviderSummary:
        """Ask its first model for one word and show what came of it."""
        return await providers.test(member, provider_id)


CONTROLLERS = [ProviderController]
