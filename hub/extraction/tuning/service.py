"""Fine-tunings of a workspace: what can be learnt from, started, followed, cancelled, and used by name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal
from uuid import UUID

from hub.audit import Audit
from hub.database import Row, execute, fetch, fetch_one, transaction
from hub.errors import ConflictError, HubError, InvalidError, NotFoundError, Problem, UnavailableError
from hub.extraction.language_models.settings import Screens
from hub.extraction.schemas.workspace import Resolved, Schemas
from hub.extraction.tuning.corrected import corrected
from hub.extraction.tuning.jobs import ENDED, Course, Job, Jobs
from hub.extraction.tuning.lines import Lines, lines
from hub.extraction.tuning.views import PREFIX, ExampleCount, FineTuning, NewFineTuning, view
from hub.ids import new_id, parse, show
from hub.jail import Jail
from hub.members import Member, Verb
from hub.providers import OpenProvider, Providers
from hub.sealing import Vault

# What OpenAI asks for at least.
LEAST = 10
Part = Literal["training", "validation"]


class FineTunings:
    """Trains models on corrected records at providers that offer it."""

    def __init__(
        self, *, providers: Providers, screens: Screens, schemas: Schemas, vault: Vault, jail: Jail, audit: Audit
    ) -> None:
        self._providers = providers
        self._screens = screens
        self._schemas = schemas
        self._vault = vault
        self._jail = jail
        self._audit = audit

    async def count(self, member: Member, schema: str) -> ExampleCount:
        """Tell how much there is to learn from."""
        resolved = await self._schemas.resolve_for(member, schema)
        written = await self._lines(member.workspace, resolved)
        return ExampleCount(
            schema=resolved.schema.name,
            training=written.training_examples,
            validation=written.validation_examples,
            needed=LEAST,
            notes=written.notes,
        )

    async def export(self, member: Member, schema: str, part: Part) -> bytes:
        """Write the corrected records as chat lines, as they would leave for a provider."""
        written = await self._lines(member.workspace, await self._schemas.resolve_for(member, schema))
        return written.training if part == "training" else written.validation

    async def list(self, member: Member) -> Sequence[FineTuning]:
        """Return all trainings as they were last seen, newest first."""
        member.authorize(Verb.READ)
        return [view(row) for row in await fetch(f"{_SELECT} order by id desc limit 500", member.workspace)]

    async def show(self, member: Member, tuning: str) -> FineTuning:
        """Return one training, after asking the provider how it is getting on."""
        member.authorize(Verb.READ)
        row = await self._row(member.workspace, tuning)
        if row["job"] is None or row["state"] in ENDED:
            return view(row)
        jobs = Jobs(await self._provider(member.workspace, row["provider"]))
        try:
            await self._follow(member.workspace, row, jobs, await jobs.show(row["job"]))
        except UnavailableError:
            return view(row)
        return view(await self._row(member.workspace, tuning))

    async def start(self, member: Member, given: NewFineTuning) -> FineTuning:
        """Send the corrected records of a schema to a provider and start a training there."""
        member.authorize(Verb.EDIT_CONNECTIONS)
        resolved = await self._schemas.resolve_for(member, given.schema)
        provider = await self._provider(member.workspace, parse("prv", given.provider))
        jobs = Jobs(provider)
        written = await self._lines(member.workspace, resolved, provider)
        if written.training_examples < LEAST:
            message = (
                f"There are {written.training_examples} corrected documents of {resolved.schema.name} to train on; "
                f"{LEAST} are needed. Correct more, or mark good extractions as correct."
            )
            raise InvalidError(message, errors=[Problem("schema", message)])
        identity = await self._begin(member, given, resolved, written)
        try:
            await self._send(member.workspace, identity, jobs, given, written)
        except HubError as error:
            await execute(_FAIL, member.workspace, identity, error.message)
            raise
        return view(await self._row(member.workspace, show(PREFIX, identity)))

    async def cancel(self, member: Member, tuning: str) -> FineTuning:
        """Stop a training."""
        member.authorize(Verb.EDIT_CONNECTIONS)
        row = await self._row(member.workspace, tuning)
        if row["job"] is None or row["state"] in ENDED:
            raise ConflictError("This training is not running any more; there is nothing to cancel.")
        jobs = Jobs(await self._provider(member.workspace, row["provider"]))
        await self._follow(member.workspace, row, jobs, await jobs.cancel(row["job"]))
        await self._audit.record(member, "fine_tuning.cancelled", tuning)
        return view(await self._row(member.workspace, tuning))

    async def _begin(self, member: Member, given: NewFineTuning, resolved: Resolved, written: Lines) -> UUID:
        identity = new_id()
        async with transaction():
            await execute(
                _ADD, identity, member.workspace, parse("prv", given.provider), resolved.schema.name, given.base_model,
                given.suffix, written.training_examples, written.validation_examples, " ".join(written.notes),
                member.user,
            )  # fmt: skip
            detail = {"provider": given.provider, "schema": resolved.schema.name, "base_model": given.base_model}
            await self._audit.record(member, "fine_tuning.started", show(PREFIX, identity), detail)
        return identity

    async def _send(self, workspace: UUID, identity: UUID, jobs: Jobs, given: NewFineTuning, written: Lines) -> None:
        """Upload and start; what went up is written down at once and taken back when the job does not start."""
        training, validation = None, None
        try:
            training = await jobs.upload(written.training, "training.jsonl")
            if written.validation_examples:
                validation = await jobs.upload(written.validation, "validation.jsonl")
            await execute(_SENT, workspace, identity, training, validation)
            course = Course(
                base_model=given.base_model, training_file=training, validation_file=validation, suffix=given.suffix
            )
            job = await jobs.start(course)
        except HubError:
            await jobs.take_back(training, validation)
            raise
        await execute(_STARTED, workspace, identity, job.id, job.state)

    async def _follow(self, workspace: UUID, row: Row, jobs: Jobs, job: Job) -> None:
        """Write down how a job is getting on; at its end pin the model and take the files back."""
        ended = job.state in ENDED
        changed = await fetch_one(
            _FOLLOW, workspace, row["id"], job.state, job.model, job.trained_tokens, job.message, ended
        )
        if changed is None or not ended:
            return
        if job.model:
            await self._providers.pin(workspace, row["provider"], job.model, like=row["base_model"])
        await jobs.take_back(row["training_file"], row["validation_file"])

    async def _lines(self, workspace: UUID, resolved: Resolved, provider: OpenProvider | None = None) -> Lines:
        documents = await corrected(self._vault, workspace, resolved.schema)
        screen = await self._screens.screen(workspace, self._jail)
        return await lines(resolved.schema, documents, screen, is_local=provider is not None and provider.is_local)

    async def _provider(self, workspace: UUID, provider: UUID) -> OpenProvider:
        opened = await self._providers.chain.open_one(workspace, provider)
        if opened is None:
            raise NotFoundError("There is no such provider in this workspace.")
        return opened

    async def _row(self, workspace: UUID, tuning: str) -> Row:
        row = await fetch_one(f"{_SELECT} and id = $2", workspace, parse(PREFIX, tuning))
        if row is None:
            raise NotFoundError("There is no such training in this workspace.")
        return row


# A training whose process died before it reached the provider will never begin.
_SELECT = (
    "select id, provider, schema_name, base_model, suffix, job, training_file, validation_file, training_examples, "
    "validation_examples, model, trained_tokens, created_at, changed_at, ended_at, "
    "case when state = 'preparing' and changed_at < now() - interval '30 minutes' then 'failed' else state end "
    "as state, case when state = 'preparing' and changed_at < now() - interval '30 minutes' "
    "then 'The hub was stopped before the training began. Start it again.' else message end as message "
    "from fine_tunings where workspace = $1"
)
_ADD = (
    "insert into fine_tunings (id, workspace, provider, schema_name, base_model, suffix, training_examples, "
    "validation_examples, message, created_by) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
)
_SENT = (
    "update fine_tunings set training_file = $3, validation_file = $4, changed_at = now() "
    "where workspace = $1 and id = $2"
)
_STARTED = "update fine_tunings set job = $3, state = $4, changed_at = now() where workspace = $1 and id = $2"
_FAIL = (
    "update fine_tunings set state = 'failed', message = $3, changed_at = now(), ended_at = now() "
    "where workspace = $1 and id = $2"
)
# Of several who see the end of a job only the first one acts on it.
_FOLLOW = (
    "update fine_tunings set state = $3, model = $4, trained_tokens = $5, message = coalesce(nullif($6, ''), message), "
    "changed_at = now(), ended_at = case when $7 then now() end "
    "where workspace = $1 and id = $2 and ended_at is null returning id"
)
