"""The services of runs put together, the same way for web and worker."""

from __future__ import annotations

import msgspec

from hub.audit import Audit
from hub.connections import Connections, Contexts
from hub.decisions import Due
from hub.files import Files
from hub.outbox import Outbox
from hub.runs.accept import Intake
from hub.runs.asking import Asking
from hub.runs.catalogue import Catalogue
from hub.runs.deliveries import Deliveries
from hub.runs.dispatch import Dispatcher
from hub.runs.effects import Effects
from hub.runs.engine import Engine
from hub.runs.failing import fail
from hub.runs.history import History
from hub.runs.hooks import Hooks
from hub.runs.ledger import Ledger
from hub.runs.letters import Letters
from hub.runs.pace import Pace
from hub.runs.past import Comparing, TimeMachine
from hub.runs.past.walk import Walks
from hub.runs.pauses import Pauses
from hub.runs.plans import Plans
from hub.runs.replayed import ReplayedWrites
from hub.runs.replays import Replays
from hub.runs.replies import Replies
from hub.runs.schedules import Schedules
from hub.runs.service import Runs
from hub.runs.stages import Stages
from hub.runs.steps import Extractor, Steps
from hub.runs.sweep import Sweep
from hub.runs.triggers import Triggers
from hub.runs.trying import Listenings, Pins, Tries
from hub.runs.trying.outputs import Outputs
from hub.runs.trying.store import TryStore
from hub.runs.trying.walk import Walker
from hub.runs.watch import Watch
from hub.sealing import Vault


class RunServices(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that carries items."""

    runs: Runs
    history: History
    replays: Replays
    letters: Letters
    triggers: Triggers
    deliveries: Deliveries
    hooks: Hooks
    stages: Stages
    schedules: Schedules
    sweep: Sweep
    watch: Watch
    replies: Replies
    dispatcher: Dispatcher
    catalogue: Catalogue
    tries: Tries
    time_machine: TimeMachine
    pins: Pins
    listenings: Listenings


def run_services(  # noqa: PLR0913  # all that runs stand on, by name
    *,
    engine: Engine,
    vault: Vault,
    audit: Audit,
    connections: Connections,
    contexts: Contexts,
    files: Files,
    extractor: Extractor,
    outbox: Outbox,
    public_url: str,
) -> RunServices:
    """Build the services of runs on top of the others."""
    catalogue = Catalogue(connections, contexts, files)
    dispatcher = Dispatcher(engine, catalogue)
    ledger = Ledger(vault)
    pace = Pace()
    effects = Effects(ledger, contexts, catalogue, pace)
    asking = Asking()
    steps = Steps(catalogue, effects, extractor, Pauses(fail, asking), pace)
    replies = Replies()
    history = History()
    schedules = Schedules(catalogue, dispatcher)
    comparing = Comparing(catalogue, Walks(steps, asking))
    pins, store = Pins(vault, audit), TryStore(vault)
    return RunServices(
        runs=Runs(history, catalogue, dispatcher, engine, Plans(catalogue, steps, asking), schedules, audit),
        history=history,
        replays=Replays(catalogue, dispatcher, audit),
        letters=Letters(audit, outbox),
        triggers=Triggers(schedules, public_url),
        deliveries=Deliveries(),
        hooks=Hooks(catalogue, Intake(dispatcher), replies),
        stages=Stages(catalogue, steps, dispatcher, ReplayedWrites(catalogue, effects, ledger), comparing),
        schedules=schedules,
        sweep=Sweep(dispatcher, engine, Due(audit)),
        watch=Watch(catalogue, engine),
        replies=replies,
        dispatcher=dispatcher,
        catalogue=catalogue,
        tries=Tries(catalogue, Walker(catalogue, steps, asking), Outputs(pins, store), store),
        time_machine=TimeMachine(dispatcher, engine, audit),
        pins=pins,
        listenings=Listenings(catalogue),
    )
