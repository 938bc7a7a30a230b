"""Notices by apprise to services on loopback, held to the shapes that these document, and the walls around it."""

import asyncio
import json
from urllib.parse import parse_qs

import psutil
import pytest
from aiohttp import web

from connectors.notify import Connection, Message, check, preview, send
from connectors.sdk import CredentialsError, Record, Secret, SettingsError, TemporaryError
from connectors.sdk.network.guard import Guard
from tests.connectors.contracts import TargetContract
from tests.connectors.wording import WordingStand
from tests.peers.faults import Fault, Faults
from tests.peers.surroundings import surroundings

RECORD = Record(key="KEY-1")
FAULTS = {"401": Fault(status=401), "403": Fault(status=403), "500": Fault(status=500), "cut": Fault(kind="cut")}


class Services:
    """ntfy (its docs, publish as JSON), Gotify (its swagger, POST /message), Mattermost (incoming webhooks), hooks."""

    def __init__(self):
        self.place = ""
        self.told = []
        self.asked = 0
        self.violations = []
        self.files = {}
        self.faults = Faults(lambda status, message: {"error": message})

    async def answer(self, request):
        self.asked += 1
        return await self.faults.answer(request, self._take)

    async def _take(self, request):
        body = (await request.read()).decode()
        kind = request.path.strip("/").partition("/")[0] or "ntfy"
        known = {
            "ntfy": self._ntfy, "message": self._gotify, "hooks": self._mattermost, "json": self._json,
            "form": self._form, "xml": self._xml, "moved": self._moved,
        }  # fmt: skip
        return known[kind](request, body)

    def _need(self, met, otherwise):
        self.violations += [] if met else [otherwise]

    def _ntfy(self, request, body):
        given = json.loads(body)
        self._need({"topic", "message"} <= given.keys(), f"ntfy wants topic and message: {given}")
        self._need(set(given) <= {"topic", "message", "title", "priority", "tags", "icon", "markdown"}, f"{given}")
        self.told.append(("ntfy", given.get("title"), given["message"]))
        return web.json_response({"id": "x", "event": "message", "topic": given["topic"]})

    def _gotify(self, request, body):
        given = json.loads(body)
        self._need(request.headers.get("X-Gotify-Key") == "AppToken12345.x", "Gotify wants its key in a header")
        self._need(isinstance(given["message"], str) and isinstance(given["priority"], int), f"{given}")
        self.told.append(("gotify", given["title"], given["message"]))
        return web.json_response({"id": 1, "appid": 1, "message": given["message"], "date": "2026-11-21T10:00:00Z"})

    def _mattermost(self, request, body):
        given = json.loads(body)
        self._need(request.path == "/hooks/3ccdd113474722377935511fc85d3dd4" and "text" in given, f"{given}")
        self.told.append(("mattermost", None, given["text"]))
        return web.Response(text="ok")

    def _json(self, request, body):
        given = json.loads(body)
        self._need(given["version"] == "1.0" and given["type"] in {"info", "warning"}, f"{given}")
        self.files |= {one["filename"]: one["base64"] for one in given.get("attachments", [])}
        self.told.append(("json", given["title"], given["message"]))
        return web.Response(text="ok")

    def _form(self, request, body):
        given = parse_qs(body)
        self.told.append(("form", given["title"][0], given["message"][0]))
        return web.Response(text="ok")

    def _xml(self, request, body):
        self._need("<Message>" in body and "soapenv:Envelope" in body, body)
        self.told.append(("xml", None, body.partition("<Message>")[2].partition("<")[0]))
        return web.Response(text="ok")

    def _moved(self, request, body):
        raise web.HTTPFound("http://169.254.169.254/latest/meta-data/")


@pytest.fixture(scope="module")
async def serving():
    running = Services()
    runner = web.ServerRunner(web.Server(running.answer), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    running.place = f"127.0.0.1:{runner.addresses[0][1]}"
    yield running
    await runner.cleanup()


@pytest.fixture
def services(serving):
    """The same services for all tests, so that one process sends to them all."""
    serving.told.clear()
    serving.asked = 0
    serving.files.clear()
    serving.faults.clear()
    yield serving
    assert serving.violations == []


class StoredFiles:
    """Files of a run, by reference."""

    async def open(self, reference):
        return {"fil_1": b"%PDF", "fil_big": b"0" * (11 * 1024 * 1024)}[reference]


@pytest.fixture(scope="module")
async def around():
    async with surroundings(files=StoredFiles()) as made:
        yield made


@pytest.fixture
def make(around, services):
    """Return a context whose connection holds some addresses; they share one process, as a connection's pool does."""

    def call(*urls, **settings):
        said = "\n".join(url.replace("PLACE", services.place) for url in urls)
        context = around.context(Message(**{"text": "hi", **settings}), Connection(urls=Secret(said)))
        return _sharing(context, around)

    return call


def _sharing(context, around):
    shared = around.context(Message(text="x"), Connection(urls=Secret("shared")))
    context._pool = shared._pool
    return context


NTFY, GOTIFY = "ntfy://PLACE/bills", "gotify://PLACE/AppToken12345.x"
MATTERMOST = "mmost://PLACE/3ccdd113474722377935511fc85d3dd4"


class NoticeStand(WordingStand):
    """A service that takes notices."""

    uses = "notify.send"

    def __init__(self, around, services):
        super().__init__(around, Connection(urls=Secret(f"json://{services.place}/json")))
        self.services = services

    @property
    def writes(self):  # type: ignore[override]  # the peer counts
        return len(self.services.told)

    def settings(self, words):
        return Message(title="Invoice" * bool(words.strip()), text=words)

    def bad_record(self):
        return self.worded("KEY-BAD", " ")

    async def rows(self):
        return list(self.services.told)

    async def drift(self):
        self.services.faults.add(Fault(status=404))

    async def fail(self, fault):
        self.services.faults.add(FAULTS[fault])

    async def heal(self):
        self.services.faults.clear()


class TestSend(TargetContract):
    # apprise tells of a failure only its status: neither Retry-After nor what stood in an answer
    faults = {fault: word for fault, word in TargetContract.faults.items() if fault not in {"429", "malformed"}}
    many = 200  # one after the other through one process

    @pytest.fixture
    def stand(self, around, services):
        return NoticeStand(around, services)

    async def test_writes_once_under_a_repeated_key(self, stand):
        """Nobody can be asked what he was told: the hub leaves what it does not know to a person."""
        assert stand.target.finder is None
        assert not stand.target.carries_key

    async def test_knows_what_was_never_written(self, stand):
        await self.test_writes_once_under_a_repeated_key(stand)

    async def found(self, stand, record):
        return None


async def test_tells_several_services_at_once_each_in_its_own_shape(services, make):
    urls = [NTFY, GOTIFY, MATTERMOST, "json://PLACE/json", "form://PLACE/form", "xml://PLACE/xml"]
    context = make(*urls, title="Invoice 17", text="118 euros are due")
    [[shown]] = await preview(context, [RECORD])
    assert (shown.after["services"][:2], services.told) == (["ntfy", "Gotify"], [])
    receipt = await send(context, RECORD)
    assert receipt.output["told"] == 6
    assert [one[0] for one in services.told] == ["ntfy", "gotify", "mattermost", "json", "form", "xml"]
    assert all("118 euros are due" in one[2] for one in services.told)
    assert [one[1] for one in services.told][:2] == ["Invoice 17", "Invoice 17"]


async def test_sends_files_to_those_who_take_them(services, make):
    await send(make("json://PLACE/json", files=[{"file": "fil_1", "name": "bill.pdf"}]), RECORD)
    assert services.files == {"bill.pdf": "JVBERg=="}
    with pytest.raises(SettingsError, match="larger than 10 MB"):
        await send(make("json://PLACE/json", files={"file": "fil_big", "name": "x"}), RECORD)


async def test_tells_of_each_address_how_it_went(services, make):
    services.faults.add(Fault(status=403, path="/message"))
    with pytest.raises(SettingsError, match=r"1 of 2 were not told. Gotify \(number 2\): It does not accept the token"):
        await send(make(NTFY, GOTIFY), RECORD)
    receipt = await send(make(NTFY, GOTIFY, one_is_enough=True), RECORD)
    assert [one["told"] for one in receipt.output["results"]] == [True, False]
    assert "AppToken" not in str(receipt)


@pytest.mark.parametrize(
    "url",
    [
        "syslog://", "file:///etc/passwd", "dbus://", "windows://", "macosx://", "mailto://user:pass@PLACE", "mqtt://PLACE/topic",
        "irc://PLACE/room", "rsyslog://PLACE", "growl://PLACE", "nostr://PLACE/x", "smpp://u:p@PLACE/1/2",
    ],
)  # fmt: skip
async def test_refuses_what_needs_more_than_web_requests(make, url):
    with pytest.raises(SettingsError, match="needs more than web requests"):
        await send(make(url), RECORD)


@pytest.mark.parametrize("url", ["@/etc/passwd", "include://PLACE/more", "nonsense", "http://"])
async def test_refuses_what_is_no_address(make, url):
    with pytest.raises(SettingsError, match="no address that apprise can read"):
        await check(Connection(urls=Secret("x")), make(url))


async def test_reads_no_file_of_this_machine(services, make, tmp_path):
    template = tmp_path / "card.json"
    template.write_text('{"type": "AdaptiveCard", "body": "secret of this machine"}')
    workflow = f"workflow://127.0.0.1/{'a' * 32}/{'b' * 43}/?template={template}"
    with pytest.raises(SettingsError, match="needs more than web requests"):
        await send(make(workflow), RECORD)


async def test_reaches_nothing_that_the_guard_forbids(services, make):
    with pytest.raises(SettingsError, match="not on the public internet"):
        await send(make("json://169.254.169.254/latest"), RECORD)
    async with surroundings(guard=Guard(())) as closed:
        inside = closed.context(Message(text="x"), Connection(urls=Secret(f"json://{services.place}/json")))
        with pytest.raises(SettingsError, match="PATCHDECK_ALLOW_NETWORKS"):
            await send(inside, RECORD)
    assert services.told == []


async def test_a_redirect_does_not_lead_where_calls_may_not_go(services, make):
    with pytest.raises(SettingsError, match=r"169.254.169.254"):
        await send(make("json://PLACE/moved?method=GET"), RECORD)


def senders():
    return [one for one in psutil.Process().children() if "connectors.notify.sender" in one.cmdline()]


async def test_starts_again_when_its_process_is_gone(services, make):
    context = make(NTFY)
    await send(context, RECORD)
    for one in senders():
        one.kill()
    # At once, before this side can have noticed
    await send(context, RECORD)
    assert len(services.told) == 2


async def test_a_process_that_ends_while_it_sends_may_have_sent(services, make):
    context = make(NTFY)
    await send(context, RECORD)
    services.faults.add(Fault(kind="slow"))
    sending = asyncio.ensure_future(send(context, RECORD))
    while not services.asked > 1:
        await asyncio.sleep(0.01)
    for one in senders():
        one.kill()
    with pytest.raises(TemporaryError, match="ended before it was done") as failed:
        await sending
    assert failed.value.uncertain


async def test_says_when_nobody_is_there(make):
    with pytest.raises(TemporaryError, match="cannot"):
        await send(make("json://127.0.0.1:9/json"), RECORD)


async def test_needs_something_to_say_and_somebody_to_tell(make):
    with pytest.raises(SettingsError, match="nothing to say"):
        await send(make(NTFY, text=" "), RECORD)
    with pytest.raises(CredentialsError, match="separated by spaces"):
        await send(make(""), RECORD)
