"""Volumes over REST: how much came in and went out over time."""

from __future__ import annotations

from typing import Annotated

from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from hub.api.paging import Page
from hub.members import Member, Verb
from hub.runs.volumes import Span, VolumePoint, Volumes

HowLong = Annotated[Span, QueryParameter(description="24 hours by hour, or 7 or 30 days by day.")]


class VolumeController(Controller):
    """Count items, records, extractions and failures."""

    path = "/volumes"
    tags = ["runs"]

    @get("/", opt={"verb": Verb.READ})
    async def show_volumes(
        self, volumes: NamedDependency[Volumes], member: NamedDependency[Member], span: HowLong = Span.WEEK
    ) -> Page[VolumePoint]:
        """Show what came in, went out, was extracted and failed, the oldest first; days are those of UTC."""
        return Page(await volumes.show(member, span))


CONTROLLERS = (VolumeController,)
