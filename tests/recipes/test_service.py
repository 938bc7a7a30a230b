import pytest

from hub.database import execute, fetch, fetch_one
from hub.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError, StaleError
from hub.ids import parse as parse_id
from hub.recipes import Change, State, parse
from hub.recipes.document import Place
from hub.recipes.sketching import Sketch
from tests.recipes.texts import recipe

SEND = "- {id: send, uses: http.send, with: {url: 'https://a.example/', json: {n: '{{ trigger.body.n }}'}}}"
OTHER = SEND.replace("a.example", "b.example")
BROKEN = "- {id: send, uses: http.sent}"
POLL = "trigger: {uses: rss.new_entry, with: {url: 'https://a.example/feed', every: %s}}"
CALL = "- {id: call, uses: recipe, with: {recipe: orders}}"


def document(steps=SEND, name="orders", **rest):
    return parse(recipe(steps, **rest).replace("name: orders", f"name: {name}"))


async def row_of(view):
    return await fetch_one("select * from triggers where recipe = $1", parse_id("rcp", view.id))


async def test_stores_a_draft_and_its_address(recipes, member):
    view = await recipes.create(member, document())
    assert (view.state, view.version, view.changed, view.problems) == (State.DRAFT, None, True, [])
    assert view.hook_url.startswith("https://hub.example/hooks/")
    assert view.test_hook_url.startswith("https://hub.example/hooks/test/")


async def test_stores_a_draft_with_problems_and_blocks_its_publication(recipes, member):
    view = await recipes.create(member, document(BROKEN))
    assert [problem.path for problem in view.problems] == ["spec.steps[0].uses"]
    with pytest.raises(InvalidError) as caught:
        await recipes.publish(member, view.id)
    assert [problem.path for problem in caught.value.errors] == ["spec.steps[0].uses"]


async def test_stores_nothing_wrong_when_asked_to_be_strict(recipes, member):
    with pytest.raises(InvalidError):
        await recipes.create(member, document(BROKEN), strict=True)
    with pytest.raises(NotFoundError):
        await recipes.show(member, "orders")


async def test_publishing_makes_it_live_under_the_same_address(recipes, member):
    view = await recipes.create(member, document())
    published = await recipes.publish(member, "orders", note="go")
    row = await row_of(view)
    assert (published.version, published.fresh, published.recipe.state) == (1, True, State.LIVE)
    assert (published.recipe.hook_url, row["version"], row["state"]) == (view.hook_url, 1, "live")


async def test_publishing_a_note_or_a_moved_step_changes_nothing_that_runs(recipes, member):
    view = await recipes.create(member, document(trigger=POLL % "5m"))
    await recipes.publish(member, "orders")
    await execute("update triggers set cursor = 'seen' where recipe = $1", parse_id("rcp", view.id))
    before = await recipes.published(parse_id("rcp", view.id))
    sketch = Sketch(document(trigger=POLL % "5m"))
    sketch.add_note(10.4, 1e12, "Ask {{ nobody }} first")
    sketch.stand({"send": (7.6, -3), "gone": (0, 0)})
    sketch.group(["send"], "All")
    saved = await recipes.save(member, "orders", sketch.document())
    published = await recipes.publish(member, "orders")
    after = await recipes.published(parse_id("rcp", view.id))
    assert (saved.problems, published.fresh) == ([], True)
    assert (after.spec, (await row_of(view))["cursor"]) == (before.spec, "seen")
    assert after.metadata.canvas.places == {"send": Place(x=8, y=-3)}
    assert after.metadata.canvas.notes["note"].y == 100_000


async def test_publishing_again_changes_nothing(recipes, member):
    await recipes.create(member, document())
    await recipes.publish(member, "orders")
    again = await recipes.publish(member, "orders")
    assert (again.version, again.fresh) == (1, False)


async def test_publishing_looks_again_at_what_the_workspace_has(recipes, member):
    await recipes.create(member, document(CALL, name="caller"))
    await recipes.create(member, document())
    published = await recipes.publish(member, "caller")
    assert published.recipe.problems == []


async def test_a_poll_is_due_as_soon_as_it_is_published(recipes, member):
    view = await recipes.create(member, document(trigger=POLL % "10m"))
    await recipes.publish(member, view.id)
    row = await row_of(view)
    assert (row["kind"], row["every"], row["next_due_at"] is not None) == ("poll", 600.0, True)


async def test_a_calendar_is_due_at_its_time(recipes, member):
    view = await recipes.create(member, document(trigger="trigger: {uses: schedule.due, with: {cron: '0 0 1 1 *'}}"))
    await recipes.publish(member, view.id)
    row = await row_of(view)
    assert (row["next_due_at"].month, row["next_due_at"].day, row["every"]) == (1, 1, None)


async def test_a_cursor_outlives_versions_that_read_from_the_same_place(recipes, member):
    view = await recipes.create(member, document(trigger=POLL % "10m"))
    await recipes.publish(member, view.id)
    await execute("update triggers set cursor = 'here' where recipe = $1", parse_id("rcp", view.id))
    await recipes.save(member, view.id, document(OTHER, trigger=POLL % "20m"))
    await recipes.publish(member, view.id)
    assert (await row_of(view))["cursor"] == "here"


async def test_a_cursor_ends_with_the_place_it_was_read_from(recipes, member):
    view = await recipes.create(member, document(trigger=POLL % "10m"))
    await recipes.publish(member, view.id)
    await execute("update triggers set cursor = 'here' where recipe = $1", parse_id("rcp", view.id))
    await recipes.save(member, view.id, document(trigger=(POLL % "10m").replace("a.example", "b.example")))
    await recipes.publish(member, view.id)
    assert (await row_of(view))["cursor"] is None


async def test_pauses_and_resumes(recipes, member):
    await recipes.create(member, document())
    await recipes.publish(member, "orders")
    paused = await recipes.pause(member, "orders")
    resumed = await recipes.resume(member, "orders")
    assert (paused.state, resumed.state) == (State.PAUSED, State.LIVE)


async def test_a_paused_recipe_stays_paused_when_published(recipes, member):
    await recipes.create(member, document())
    await recipes.publish(member, "orders")
    await recipes.pause(member, "orders")
    await recipes.save(member, "orders", document(OTHER))
    assert (await recipes.publish(member, "orders")).recipe.state == State.PAUSED


async def test_cannot_pause_what_was_never_published(recipes, member):
    await recipes.create(member, document())
    with pytest.raises(ConflictError, match="not been published"):
        await recipes.pause(member, "orders")


async def test_deletes(recipes, member):
    view = await recipes.create(member, document())
    await recipes.publish(member, "orders")
    await recipes.remove(member, "orders")
    row = await row_of(view)
    assert (row["state"], row["hook_token"]) == ("deleted", None)
    with pytest.raises(NotFoundError):
        await recipes.show(member, view.id)


async def test_keeps_a_recipe_that_another_one_calls(recipes, member):
    await recipes.create(member, document())
    await recipes.create(member, document(CALL, name="caller"))
    await recipes.publish(member, "caller")
    with pytest.raises(ConflictError, match="called by caller"):
        await recipes.remove(member, "orders")
    with pytest.raises(ConflictError, match="called by caller"):
        await recipes.save(member, "orders", document(name="renamed"))


async def test_refuses_recipes_that_call_each_other_in_a_circle(recipes, member):
    await recipes.create(member, document())
    await recipes.apply(member, document(CALL, name="caller"), publish=True)
    await recipes.save(member, "orders", document(CALL.replace("orders", "caller")))
    with pytest.raises(InvalidError) as caught:
        await recipes.publish(member, "orders")
    assert [(problem.path, problem.message) for problem in caught.value.errors] == [
        ("spec.steps[0].with.recipe", "The recipe would call itself: orders -> caller -> orders.")
    ]


async def test_clones_under_an_address_of_its_own(recipes, member):
    view = await recipes.create(member, document())
    copy = await recipes.clone(member, "orders", "orders-2")
    assert (copy.name, copy.state) == ("orders-2", State.DRAFT)
    assert copy.hook_url != view.hook_url


async def test_applying_twice_changes_nothing(recipes, member):
    first = await recipes.apply(member, document(), publish=True)
    again = await recipes.apply(member, document(), publish=True)
    assert (first.change, first.version, first.published) == (Change.CREATED, 1, True)
    assert (again.change, again.version, again.published, again.differences) == (Change.UNCHANGED, 1, False, [])


async def test_applying_shows_the_drift(recipes, member):
    await recipes.apply(member, document(), publish=True)
    changed = await recipes.apply(member, document(OTHER))
    assert [difference.path for difference in changed.differences] == ["spec.steps[send].with.url"]
    assert (changed.change, changed.version, changed.recipe.changed) == (Change.CHANGED, 1, True)


async def test_shows_the_drift_without_applying(recipes, members):
    await recipes.apply(members.owner, document())
    told = await recipes.apply(members.viewer, document(OTHER), dry=True)
    unchanged = await recipes.apply(members.viewer, document(), dry=True)
    assert (told.change, unchanged.change) == (Change.CHANGED, Change.UNCHANGED)


async def test_refuses_to_apply_problems(recipes, member):
    with pytest.raises(InvalidError):
        await recipes.apply(member, document(BROKEN))
    assert (await recipes.list(member)).items == []


async def test_the_order_of_columns_makes_a_version_but_that_of_settings_does_not(recipes, member):
    url, columns = "url: 'https://a.example/'", "json: {a: 1, b: 2}"
    step = "- {id: send, uses: http.send, with: {%s, %s}}"
    await recipes.apply(member, document(step % (url, columns)))
    swapped = await recipes.apply(member, document(step % (columns, url)))
    turned = await recipes.apply(member, document(step % (url, "json: {b: 2, a: 1}")), publish=True)
    assert (swapped.recipe.revision, turned.recipe.revision) == (1, 2)


async def test_compares_and_restores_versions(recipes, versions, member):
    await recipes.apply(member, document(), publish=True)
    await recipes.apply(member, document(OTHER), publish=True, note="moved")
    found = await versions.compare(member, "orders", 1, 2)
    restored = await versions.restore(member, "orders", 1)
    page = await versions.list(member, "orders")
    assert [difference.path for difference in found] == ["spec.steps[send].with.url"]
    assert (restored.changed, restored.version) == (True, 2)
    assert [(one.number, one.note, one.active) for one in page.items] == [(2, "moved", True), (1, "", False)]


async def test_exports_what_can_be_applied_unchanged(recipes, versions, member):
    await recipes.apply(member, document())
    text = await versions.export(member, "orders")
    assert (await recipes.apply(member, parse(text))).change == Change.UNCHANGED


async def test_refuses_a_stale_revision(recipes, member):
    await recipes.create(member, document())
    await recipes.save(member, "orders", document(OTHER), revision=1)
    with pytest.raises(StaleError):
        await recipes.save(member, "orders", document(), revision=1)


async def test_gives_a_new_address(recipes, member):
    view = await recipes.create(member, document())
    assert (await recipes.rotate_hook(member, "orders")).hook_url != view.hook_url


async def test_tells_the_address_only_to_those_who_may_edit(recipes, members):
    await recipes.create(members.editor, document())
    assert (await recipes.show(members.viewer, "orders")).hook_url is None


async def test_lists_with_state(recipes, member):
    await recipes.create(member, document(name="b"))
    await recipes.apply(member, document(name="a"), publish=True)
    page = await recipes.list(member)
    assert [(one.name, one.state) for one in page.items] == [("a", State.LIVE), ("b", State.DRAFT)]


async def test_lets_viewers_change_nothing(recipes, members):
    await recipes.create(members.editor, document())
    with pytest.raises(ForbiddenError):
        await recipes.save(members.viewer, "orders", document(OTHER))
    with pytest.raises(ForbiddenError):
        await recipes.publish(members.viewer, "orders")
    with pytest.raises(ForbiddenError):
        await recipes.remove(members.viewer, "orders")


async def test_hides_recipes_from_other_workspaces(recipes, members):
    view = await recipes.create(members.owner, document())
    with pytest.raises(NotFoundError):
        await recipes.show(members.outsider, view.id)
    with pytest.raises(NotFoundError):
        await recipes.publish(members.outsider, view.id)


async def test_says_what_happened_to_whoever_follows(recipes, member):
    await recipes.apply(member, document(), publish=True)
    rows = await fetch("select kind from outbox where workspace = $1 order by id", member.workspace)
    assert [row["kind"] for row in rows] == ["recipe.created", "recipe.published"]
