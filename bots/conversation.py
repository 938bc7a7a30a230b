"""One message in, one reply out: who writes, what it means, what came of it; the same for every carrier."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import msgspec

from bots import linking
from bots.asked import Asked, Command, Incoming
from bots.commands import COMMANDS, find, unknown
from bots.drafting.draft import RecipeDraft
from bots.drafting.wizard import filled, go_on
from bots.finding import clipped
from bots.grammar import Said, one_line, parse
from bots.replies import Button, Reply, Table
from bots.services import Services
from hub.accounts.limits import KeyLimits
from hub.errors import ForbiddenError, HubError
from hub.identities import Account, Buttons, Identity, Wizards
from hub.logs import correlate

# Nobody types faster; a script gets a sentence.
COMMANDS_A_SECOND = 20

log = logging.getLogger(__name__)


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """What came from a chat: words, files, or the button that was pressed.

    `own` is false for words that somebody else wrote, such as a forwarded message: they are content, never a command.
    `room` is the channel, empty in a direct conversation; `draft` a form about a recipe that was filled in.
    """

    account: Account
    text: str = ""
    files: Sequence[Incoming] = ()
    voice: Incoming | None = None
    pressed: str | None = None
    own: bool = True
    key: str = ""
    room: str = ""
    draft: RecipeDraft | None = None


class Conversation:
    """Answers what is heard, on behalf of the member whose account it is."""

    def __init__(self, services: Services, url: str) -> None:
        self._services = services
        self._url = url
        self._limits = KeyLimits()
        self.buttons = Buttons()
        self.wizards = Wizards()

    async def who(self, account: Account) -> Identity | None:
        """Return whom an account is linked to."""
        return await self._services.identities.find(account)

    async def answer(self, heard: Heard) -> Reply:
        """Return the reply; whatever a service refuses is a reply too."""
        try:
            identity = await self.who(heard.account)
            if identity is None:
                return await self._to_stranger(heard)
            self._limits.take(identity.id, COMMANDS_A_SECOND).check()
            with correlate(workspace=identity.member.workspace, identity=identity.id):
                return await self._to_member(identity, heard)
        except HubError as error:
            return refusal(error)

    async def show(self, identity: Identity, word: str) -> Reply:
        """Return what a command that only looks would answer, for a page that shows several at once."""
        try:
            return await COMMANDS[word].answer(self.asked(identity))
        except HubError as error:
            return refusal(error)

    def asked(self, identity: Identity) -> Asked:
        """Return what forms need to look things up for an account."""
        return self._asked(identity, Heard(account=Account(carrier=identity.carrier, account="", chat=identity.chat)))

    async def _to_stranger(self, heard: Heard) -> Reply:
        said = parse(heard.text) if heard.own and not heard.pressed else Said("", "")
        found = find(said.word)
        # A link into the chat sends `start` with the code.
        if found is None or (found.word != "connect" and not (said.word == "start" and said.argument)):
            return Reply(text=linking.how_to_link(self._url), private=True)
        if not said.argument:
            how = f"Which code? Say connect and the code.\n{linking.how_to_link(self._url)}"
            return Reply(text=how, private=True)
        await self._services.identities.connect(heard.account, said.argument)
        return Reply(
            text="This account is linked now; you can do here what you may do in Patchdeck. Say help to see what.",
            buttons=[Button("Help", "help"), Button("Status", "status"), Button("Recipes", "recipes")],
            private=True,
        )

    async def _to_member(self, identity: Identity, heard: Heard) -> Reply:
        asked = self._asked(identity, heard)
        if heard.draft is not None:
            await self._services.identities.note(identity, "new")
            return await filled(asked, heard.draft)
        if heard.pressed:
            return await self._pressed(asked, heard.pressed)
        if heard.voice is not None:
            return await self._hear(asked, heard.voice)
        if heard.files:
            return await self._extract(asked, _schema_in(heard.text) if heard.own else "")
        if not heard.own:
            return await self._extract(asked, heard.text)
        return await self._command(asked, heard.text)

    async def _pressed(self, asked: Asked, button: str) -> Reply:
        """Do what a button stands for; who may not leaves it to those who may."""
        pressed = await self.buttons.press(asked.identity, button)
        try:
            return await self._command(asked, pressed.command)
        except ForbiddenError:
            await self.buttons.put_back(pressed)
            raise

    async def _command(self, asked: Asked, text: str) -> Reply:
        """Do what the words say; words that are no command answer the question that is open, if there is one."""
        said = parse(text)
        found = find(said.word)
        if found is None:
            reply = await go_on(asked.with_argument(text.strip()))
            return reply or Reply(text=unknown(said.word or clipped(text, 40)), buttons=[Button("Help", "help")])
        return await self._do(found, asked.with_argument(said.argument))

    async def _extract(self, asked: Asked, argument: str) -> Reply:
        return await self._do(COMMANDS["extract"], asked.with_argument(argument))

    async def _do(self, command: Command, asked: Asked) -> Reply:
        await self._services.identities.note(asked.identity, command.word)
        log.info("command %s", command.word)
        return await command.answer(asked if command.verbatim else asked.with_argument(one_line(asked.argument)))

    async def _hear(self, asked: Asked, voice: Incoming) -> Reply:
        """Write down what a voice note says; what would change something is done once a button confirms it."""
        await self._services.identities.note(asked.identity, "voice")
        stored = await self._services.files.store(asked.member, voice.name, voice.media_type, await voice.load())
        reading = await self._services.readings.of_file(asked.member, stored.id)
        text = _spoken(reading.text)
        if not text:
            return Reply(text="I heard no words in this.")
        told, said = f"I heard: {clipped(text, 500)}", parse(text)
        found = find(said.word)
        if found is None:
            buttons = [Button("Extract from this", f"extract {stored.id}")]
            return Reply(text=f"{told}\n{unknown(said.word)}", buttons=buttons)
        if found.acts:
            words = f"{found.word} {said.argument}".strip()
            return Reply(text=told, buttons=[Button(f"Do it: {clipped(words, 40)}", words, once=True)])
        reply = await self._do(found, asked.with_argument(said.argument))
        return msgspec.structs.replace(reply, text=f"{told}\n\n{reply.text}")

    def _asked(self, identity: Identity, heard: Heard) -> Asked:
        return Asked(
            services=self._services,
            wizards=self.wizards,
            identity=identity,
            argument="",
            url=self._url,
            files=heard.files,
            key=heard.key,
            room=heard.room,
        )


def refusal(error: HubError) -> Reply:
    """Return what a service refused, with what to mend."""
    rows = [(problem.path, problem.message) for problem in error.errors if problem.message not in error.message]
    return Reply(text=error.message, table=Table(("Where", "What"), rows[:8]) if rows else None, private=True)


def _schema_in(caption: str) -> str:
    """Return the schema that a caption may name: its only word, or the one after extract; never a command."""
    said = parse(caption)
    word = said.argument if said.word == "extract" else caption.strip()
    return word if word and " " not in word else ""


def _spoken(text: str) -> str:
    """Return words as one line, without the dots that speech engines set."""
    return " ".join(text.split()).rstrip(" .!?")
