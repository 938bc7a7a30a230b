"""Trying recipes out over REST: samples, pins, tries of single steps, listening for an event."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from litestar import Controller, Response, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from hub.api.paging import Page
from hub.ids import parse
from hub.members import Member, Verb
from hub.recipes import Recipes
from hub.runs.trying import (
    Attempted,
    KnownSample,
    Listening,
    Listenings,
    Mark,
    Pin,
    Pins,
    Sample,
    Tried,
    Tries,
    TryResult,
)

BeforeStep = Annotated[
    str | None, QueryParameter(name="step", description="Only what comes before this step; left out: every step.")
]
OfSample = Annotated[
    str | None, QueryParameter(name="item", description="A sample's id; left out: the one tried last.")
]
Most = Annotated[int, QueryParameter(name="limit", description="How many samples at most.", ge=1, le=20)]


class GivenSample(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A sample to keep; without content the trigger is read now, where it can be read."""

    content: Any = None
    title: str = ""


class Try(Attempted, frozen=True, kw_only=True):
    """Which step to try, and with what."""

    step: str


class Output(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a step is to give while people try."""

    value: Any


class SampleController(Controller):
    """The items that a recipe can be tried with."""

    path = "/recipes/{recipe_id:str}/samples"
    tags = ["trying"]

    @get("/", opt={"verb": Verb.READ})
    async def list_samples(
        self,
        tries: NamedDependency[Tries],
        recipes: NamedDependency[Recipes],
        member: NamedDependency[Member],
        recipe_id: FromPath[str],
        limit: Most = 20,
    ) -> Page[Sample]:
        """List the last items of any version, and those kept for trying, the newest first."""
        return Page(await tries.samples(member, await recipes.identify(member, recipe_id), limit))

    @post("/", opt={"verb": Verb.PLAN})
    async def keep_sample(
        self,
        tries: NamedDependency[Tries],
        listenings: NamedDependency[Listenings],
        recipes: NamedDependency[Recipes],
        member: NamedDependency[Member],
        recipe_id: FromPath[str],
        data: JSONBody[GivenSample | None] = None,
    ) -> Page[Sample]:
        """Keep a sample; without content the newest items of the trigger are read now, no cursor moves."""
        recipe, given = await recipes.identify(member, recipe_id), data or GivenSample()
        if given.content is None:
            return Page(await listenings.read(member, recipe))
        return Page([await tries.keep(member, recipe, given.content, given.title)])

    @delete("/{item_id:str}", opt={"verb": Verb.PLAN})
    async def forget_sample(
        self,
        tries: NamedDependency[Tries],
        recipes: NamedDependency[Recipes],
        member: NamedDependency[Member],
        recipe_id: FromPath[str],
        item_id: FromPath[str],
    ) -> None:
        """Remove a kept sample with its tries."""
        await tries.forget(member, await recipes.identify(member, recipe_id), parse("itm", item_id))


class TryController(Controller):
    """Tries of single steps, and what is known from them."""

    path = "/recipes/{recipe_id:str}"
    tags = ["trying"]

    @post("/tries", status_code=200, opt={"verb": Verb.PLAN})
    async def try_step(
        self,
        tries: NamedDependency[Tries],
        recipes: NamedDependency[Recipes],
        member: NamedDependency[Member],
        recipe_id: FromPath[str],
        data: JSONBody[Try],
    ) -> TryResult:
        """Try a step of the draft: lookups and extraction are done for real, writes are only shown."""
        return await tries.attempt(member, await recipes.identify(member, recipe_id), data.step, data)

    @get("/tries", opt={"verb": Verb.READ})
    async def list_tries(
        self,
        tries: NamedDependency[Tries],
        recipes: NamedDependency[Recipes],
        member: NamedDependency[Member],
        recipe_id: FromPath[str],
        item: OfSample = None,
    ) -> Page[Tried]:
        """Show the latest try of each step over a sample, and whether it still holds."""
        found = await tries.tried(
            member, await recipes.identify(member, recipe_id), parse("itm", item) if item else None
        )
        return Page([] if found is None else found.steps)

    @get("/outputs", opt={"verb": Verb.READ})
    async def list_outputs(
        self,
        tries: NamedDependency[Tries],
        recipes: NamedDependency[Recipes],
        member: NamedDependency[Member],
        recipe_id: FromPath[str],
        step: BeforeStep = None,
        limit: Most = 20,
    ) -> Page[KnownSample]:
        """Show for each sample what the steps give: pinned, tried, or by the item's latest run."""
        return Page(await tries.known(member, await recipes.identify(member, recipe_id), step, limit=limit))

    @get("/marks", opt={"verb": Verb.READ})
    async def show_marks(
        self,
        tries: NamedDependency[Tries],
        recipes: NamedDependency[Recipes],
        member: NamedDependency[Member],
        recipe_id: FromPath[str],
        item: OfSample = None,
    ) -> Mapping[str, Mark]:
        """Tell for each step whether it is pinned, how its try ended, and whether that is out of date."""
        recipe = await recipes.identify(member, recipe_id)
        return await tries.marks(member, recipe, parse("itm", item) if item else None)


class PinController(Controller):
    """Outputs that stand in for steps while people try; live runs never look at them."""

    path = "/recipes/{recipe_id:str}/pins"
    tags = ["trying"]

    @get("/", opt={"verb": Verb.READ})
    async def list_pins(
        self,
        pins: NamedDependency[Pins],
        recipes: NamedDependency[Recipes],
        member: NamedDependency[Member],
        recipe_id: FromPath[str],
    ) -> Page[Pin]:
        """List the pinned outputs of a recipe's steps."""
        return Page(await pins.list(member, await recipes.identify(member, recipe_id)))

    @put("/{step:str}", opt={"verb": Verb.PLAN})
    async def pin_output(
        self,
        pins: NamedDependency[Pins],
        recipes: NamedDependency[Recipes],
        member: NamedDependency[Member],
        recipe_id: FromPath[str],
        step: FromPath[str],
        data: JSONBody[Output],
    ) -> Pin:
        """Pin an output to a step, in the place of one that it has."""
        return await pins.put(member, await recipes.identify(member, recipe_id), step, data.value)

    @delete("/{step:str}", opt={"verb": Verb.PLAN})
    async def remove_pin(
        self,
        pins: NamedDependency[Pins],
        recipes: NamedDependency[Recipes],
        member: NamedDependency[Member],
        recipe_id: FromPath[str],
        step: FromPath[str],
    ) -> None:
        """Take a pin away; tries do the step again."""
        await pins.remove(member, await recipes.identify(member, recipe_id), step)


class ListeningController(Controller):
    """Waiting for one real event of a recipe's trigger."""

    path = "/recipes/{recipe_id:str}/listenings"
    tags = ["trying"]

    @post("/", opt={"verb": Verb.PLAN})
    async def begin_listening(
        self,
        listenings: NamedDependency[Listenings],
        recipes: NamedDependency[Recipes],
        member: NamedDependency[Member],
        recipe_id: FromPath[str],
    ) -> Response[Listening]:
        """Begin to listen, ten minutes at most; whoever listened for this recipe before is let go."""
        made = await listenings.begin(member, await recipes.identify(member, recipe_id))
        place = f"/api/v1/recipes/{recipe_id}/listenings/{made.id}"
        return Response(made, headers={"Location": place}, status_code=201)

    @get("/{listening_id:str}", opt={"verb": Verb.PLAN})
    async def show_listening(
        self,
        listenings: NamedDependency[Listenings],
        recipes: NamedDependency[Recipes],
        member: NamedDependency[Member],
        recipe_id: FromPath[str],
        listening_id: FromPath[str],
    ) -> Listening:
        """Tell how it stands; a polled trigger is looked at when the last look is a while ago."""
        recipe = await recipes.identify(member, recipe_id)
        return await listenings.show(member, recipe, parse("lsn", listening_id))

    @delete("/{listening_id:str}", opt={"verb": Verb.PLAN})
    async def cancel_listening(
        self,
        listenings: NamedDependency[Listenings],
        recipes: NamedDependency[Recipes],
        member: NamedDependency[Member],
        recipe_id: FromPath[str],
        listening_id: FromPath[str],
    ) -> None:
        """Stop listening."""
        await listenings.cancel(member, await recipes.identify(member, recipe_id), parse("lsn", listening_id))


CONTROLLERS = (SampleController, TryController, PinController, ListeningController)
