"""The privacy policy over REST."""

from __future__ import annotations

from litestar import Controller, Response, get, put
from litestar.di import NamedDependency
from litestar.params import JSONBody

from hub.api.etags import IfMatch, expected_revision, tagged
from hub.members import Member, Verb
from hub.privacy import Policy, PolicyView, Privacy


class PrivacyController(Controller):
    """Say what is done with personal data before a document leaves for a provider."""

    path = "/privacy"
    tags = ["privacy"]

    @get("/", opt={"verb": Verb.READ})
    async def show_policy(
        self, privacy: NamedDependency[Privacy], member: NamedDependency[Member]
    ) -> Response[PolicyView]:
        """Show the policy in force."""
        found = await privacy.show(member)
        return tagged(found, found.revision)

    @put("/", opt={"verb": Verb.EDIT_WORKSPACE})
    async def change_policy(
        self,
        privacy: NamedDependency[Privacy],
        member: NamedDependency[Member],
        data: JSONBody[Policy],
        if_match: IfMatch = None,
    ) -> Response[PolicyView]:
        """Put a policy in force for every extraction from now on."""
        changed = await privacy.change(member, data, revision=expected_revision(if_match))
        return tagged(changed, changed.revision)


CONTROLLERS = [PrivacyController]
