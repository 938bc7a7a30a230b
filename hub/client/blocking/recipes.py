"""Recipes, runs and items."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any

from hub.client.blocking.connection import Connection, encoded
from hub.client.exchange import JSON, YAML
from hub.recipes.views import Applied, Publication, RecipeSummary, RecipeView
from hub.runs import ItemDetail, ItemSummary, Preview, ReplayChoice, ReplayView, RunSummary
from hub.runs.history import PlanResult
from hub.runs.service import Submission
from hub.runs.views import Delivery

LOOK_EVERY = 0.5


class Recipes:
    """What happens when something arrives."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def list(self, search: str | None = None) -> Iterator[RecipeSummary]:
        """Yield the recipes by name."""
        return self._connection.pages(RecipeSummary, "recipes", search=search)

    def show(self, recipe: str) -> RecipeView:
        """Return a recipe by id or name."""
        return self._connection.ask(RecipeView, "GET", f"recipes/{recipe}")

    def apply(self, document: Mapping[str, Any] | str, *, publish: bool = False, dry_run: bool = False) -> Applied:
        """Make the recipe of this name be as the document says, a mapping or YAML; the same again changes nothing."""
        return self._connection.ask(
            Applied,
            "POST",
            "recipes/apply",
            query={"publish": publish, "dry_run": dry_run},
            body=encoded(document),
            kind=YAML if isinstance(document, str) else JSON,
        )

    def publish(self, recipe: str, *, note: str = "", revision: int | None = None) -> Publication:
        """Make the draft the version that runs."""
        return self._connection.ask(
            Publication, "POST", f"recipes/{recipe}/publish", body={"note": note}, revision=revision
        )

    def pause(self, recipe: str) -> RecipeView:
        """Keep taking items but work on none."""
        return self._connection.ask(RecipeView, "POST", f"recipes/{recipe}/pause")

    def resume(self, recipe: str) -> RecipeView:
        """Go on working."""
        return self._connection.ask(RecipeView, "POST", f"recipes/{recipe}/resume")

    def run(self, recipe: str, content: Any = None, *, title: str = "", key: str | None = None) -> Submission:
        """Give a published recipe one item now; without content its trigger is asked at once."""
        body = {"content": content, "title": title, "key": key}
        return self._connection.ask(Submission, "POST", f"recipes/{recipe}/runs", body=body)

    def plan(self, recipe: str, content: Any = None, *, item: str | None = None, draft: bool = True) -> PlanResult:
        """Return every write that a recipe would make, for a content or for an item that is stored."""
        body = {"content": content, "item": item, "draft": draft}
        return self._connection.ask(PlanResult, "POST", f"recipes/{recipe}/plan", body=body)

    def delete(self, recipe: str) -> None:
        """Delete a recipe; what it did stays readable."""
        self._connection.content("DELETE", f"recipes/{recipe}")


class Runs:
    """What recipes did."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def list(
        self, *, recipe: str | None = None, state: str | None = None, kind: str | None = None
    ) -> Iterator[RunSummary]:
        """Yield runs, the newest first."""
        return self._connection.pages(RunSummary, "runs", recipe=recipe, state=state, kind=kind)

    def show(self, run: str) -> RunSummary:
        """Return a run."""
        return self._connection.ask(RunSummary, "GET", f"runs/{run}")

    def wait(self, run: str) -> RunSummary:
        """Return a run once it has ended."""
        while (found := self.show(run)).state == "running":
            time.sleep(LOOK_EVERY)
        return found

    def items(self, run: str, state: str | None = None) -> Iterator[ItemSummary]:
        """Yield the items of a run."""
        return self._connection.pages(ItemSummary, f"runs/{run}/items", state=state)

    def deliveries(self, run: str) -> Iterator[Delivery]:
        """Yield a run's part of the ledger."""
        return self._connection.pages(Delivery, f"runs/{run}/deliveries")

    def retry(self, run: str) -> int:
        """Replay a run's dead items from the step that failed, and return how many."""
        return (self._connection.ask(dict[str, int], "POST", f"runs/{run}/retry"))["items"]

    def cancel(self, run: str) -> RunSummary:
        """Stop a run; what was delivered stays."""
        return self._connection.ask(RunSummary, "POST", f"runs/{run}/cancel")

    def apply(self, plan: str) -> RunSummary:
        """Perform exactly the writes of a plan."""
        return self._connection.ask(RunSummary, "POST", f"runs/{plan}/apply")

    def undo(self, run: str) -> RunSummary:
        """Take back what a run wrote, where it is still as written."""
        return self._connection.ask(RunSummary, "POST", f"runs/{run}/undo")


class Items:
    """What arrived, one by one."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def list(self, *, recipe: str | None = None, state: str | None = None) -> Iterator[ItemSummary]:
        """Yield items, the newest first; those of the state `dead` need somebody."""
        return self._connection.pages(ItemSummary, "items", recipe=recipe, state=state)

    def show(self, item: str) -> ItemDetail:
        """Return an item with all that happened to it."""
        return self._connection.ask(ItemDetail, "GET", f"items/{item}")

    def replay(self, item: str, *, step: str | None = None, newest: bool = False, again: bool = False) -> ItemSummary:
        """Start an ended item again; `again` sends what was sent already a second time."""
        body = {"step": step, "newest": newest, "again": again}
        return self._connection.ask(ItemSummary, "POST", f"items/{item}/replay", body=body)

    def preview_replay(self, choice: ReplayChoice) -> Preview:
        """Return how many items a replay would take, without starting it."""
        return self._connection.ask(Preview, "POST", "items/replay/preview", body=choice)

    def replay_many(self, choice: ReplayChoice) -> ReplayView:
        """Start named items, those of runs, or all that match again; nothing is sent twice."""
        return self._connection.ask(ReplayView, "POST", "items/replay", body=choice)

    def replayed(self, replay: str) -> ReplayView:
        """Return how far a replay of many items is."""
        return self._connection.ask(ReplayView, "GET", f"replays/{replay}")

    def take_back(self, replay: str) -> ReplayView:
        """Put the items of a replay back that have not started yet."""
        return self._connection.ask(ReplayView, "POST", f"replays/{replay}/take-back")
