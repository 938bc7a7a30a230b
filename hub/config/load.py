"""Read the config from the environment, `.env` and secret files; tell everything that is wrong at once."""

import os
import re
from collections.abc import Mapping
from difflib import get_close_matches
from ipaddress import ip_network
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin
from urllib.parse import urlsplit

import msgspec

from hub.config.values import Config, Hidden, Network
from hub.errors import InvalidError, Problem

PREFIX = "PATCHDECK_"
_CLIENT_NAMES = frozenset({"URL", "API_KEY", "API_KEY_FILE"})
_FIELDS = {field.encode_name.upper(): field for field in msgspec.structs.fields(Config)}
_SCHEMES = {
    "PUBLIC_URL": {"http", "https"},
    "DATABASE_URL": {"postgresql", "postgres"},
    "S3_ENDPOINT": {"http", "https"},
    "SMTP_URL": {"smtp", "smtps"},
    "LLM_BASE_URL": {"http", "https"},
    "TELEGRAM_API_URL": {"http", "https"},
    "SLACK_API_URL": {"http", "https"},
    "OAUTH_ISSUER": {"http", "https"},
    "GOOGLE_SIGN_IN_URL": {"http", "https"},
    "MICROSOFT_SIGN_IN_URL": {"http", "https"},
    "GITHUB_SIGN_IN_URL": {"http", "https"},
    "OTLP_ENDPOINT": {"http", "https"},
    "SENTRY_DSN": {"http", "https"},
}
_NEEDS = {
    "LLM_BASE_URL": "LLM_MODEL",
    "SMTP_URL": "MAIL_FROM",
    "S3_ACCESS_KEY": "S3_SECRET_KEY",
    "GOOGLE_SIGN_IN_ID": "GOOGLE_SIGN_IN_SECRET",
    "MICROSOFT_SIGN_IN_ID": "MICROSOFT_SIGN_IN_SECRET",
    "GITHUB_SIGN_IN_ID": "GITHUB_SIGN_IN_SECRET",
}
_DOTENV_LINE = re.compile(r"(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*)")


def load(environment: Mapping[str, str] | None = None, dotenv: Path | None = Path(".env")) -> Config:
    """Return the config, or raise InvalidError with one problem for each value that cannot be used.

    The environment wins over `.env`; an empty value counts as not set.
    """
    problems: list[Problem] = []
    given = _dotenv(dotenv, problems) | dict(os.environ if environment is None else environment)
    texts = {
        name.removeprefix(PREFIX): value.strip()
        for name, value in given.items()
        if name.startswith(PREFIX) and value.strip()
    }
    _read_secret_files(texts, problems)
    values: dict[str, Any] = {}
    for name, text in texts.items():
        if name in _FIELDS:
            _take(name, text, values, problems)
        elif name not in _CLIENT_NAMES:
            problems.append(Problem(PREFIX + name, _unknown(name)))
    if "SLACK_BOT_TOKEN" in texts and not {"SLACK_SIGNING_SECRET", "SLACK_APP_TOKEN"} & set(texts):
        told = "This needs PATCHDECK_SLACK_APP_TOKEN (Socket Mode) or PATCHDECK_SLACK_SIGNING_SECRET (Slack calls)."
        problems.append(Problem(f"{PREFIX}SLACK_BOT_TOKEN", told))
    problems += [
        Problem(PREFIX + name, f"This needs {PREFIX}{other} as well.")
        for name, other in _NEEDS.items()
        if name in texts and other not in texts
    ]
    if problems:
        listed = "\n".join(f"  {problem.path}: {problem.message}" for problem in problems)
        raise InvalidError(f"The config cannot be used:\n{listed}", errors=problems)
    return Config(**values)


def client_settings(
    environment: Mapping[str, str] | None = None, dotenv: Path | None = Path(".env")
) -> tuple[str, Hidden | None]:
    """Return which hub commands talk to and with which key; nothing else is looked at."""
    problems: list[Problem] = []
    given = _dotenv(dotenv, problems) | dict(os.environ if environment is None else environment)
    url = given.get(f"{PREFIX}URL", "").strip().rstrip("/") or "http://127.0.0.1:8080"
    if urlsplit(url).scheme not in {"http", "https"}:
        problems.append(Problem(f"{PREFIX}URL", f"Expected an address that begins with http:// (found {url!r})."))
    key = given.get(f"{PREFIX}API_KEY", "").strip()
    key_file = given.get(f"{PREFIX}API_KEY_FILE", "").strip()
    if key_file and not key:
        try:
            key = Path(key_file).read_text(encoding="utf-8").strip()
        except OSError as error:
            problems.append(Problem(f"{PREFIX}API_KEY_FILE", f"{key_file} cannot be read: {_reason(error)}."))
    if problems:
        raise InvalidError("The client's config cannot be used.", errors=problems)
    return url, Hidden(key) if key else None


def _dotenv(path: Path | None, problems: list[Problem]) -> dict[str, str]:
    """Read our own names from a file of NAME=value lines; others in it are none of our business."""
    if path is None or not path.is_file():
        return {}
    values: dict[str, str] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        match = _DOTENV_LINE.fullmatch(text)
        if match is None:
            problems.append(Problem(f"{path} line {number}", "Expected NAME=value."))
        elif match[1].startswith(PREFIX):
            values[match[1]] = _unquoted(match[2].strip())
    return values


def _unquoted(text: str) -> str:
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
        return text[1:-1]
    return re.sub(r"\s+#.*$", "", text)


def _read_secret_files(texts: dict[str, str], problems: list[Problem]) -> None:
    """Replace NAME_FILE by NAME with the file's content, for secrets only."""
    for name in [name for name in texts if name.endswith("_FILE")]:
        secret = name.removesuffix("_FILE")
        if secret not in _FIELDS or not is_secret(_FIELDS[secret].type):
            continue
        path = Path(texts.pop(name))
        if secret in texts:
            problems.append(Problem(PREFIX + name, f"Set this or {PREFIX}{secret}, not both."))
            continue
        try:
            texts[secret] = path.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            problems.append(Problem(PREFIX + name, f"{path} cannot be read: {_reason(error)}."))


def _reason(error: OSError | UnicodeDecodeError) -> str:
    return (error.strerror or "unknown reason") if isinstance(error, OSError) else "it is not text"


def _take(name: str, text: str, values: dict[str, Any], problems: list[Problem]) -> None:
    """Convert one value to its field's type; a secret that is refused is not repeated in the sentence."""
    field = _FIELDS[name]
    raw: Any = [part.strip() for part in text.split(",") if part.strip()] if _is_list(field.type) else text
    try:
        values[field.name] = _converted(raw, field.type)
    except ValueError as error:  # msgspec's ValidationError is one
        shown = "" if is_secret(field.type) else f" (found {text!r})"
        problems.append(Problem(PREFIX + name, f"{_sentence(error, field.type)}{shown}."))
        return
    schemes = _SCHEMES.get(name)
    if schemes and not (urlsplit(text).scheme in schemes and urlsplit(text).netloc):
        problems.append(
            Problem(PREFIX + name, f"Expected an address that begins with {' or '.join(sorted(schemes))}://.")
        )
    if name == "TEMPORAL_ADDRESS" and not text.rpartition(":")[2].isdigit():
        problems.append(Problem(PREFIX + name, f"Expected host:port (found {text!r})."))


_KINDS = {"int": "a whole number", "float": "a number", "bool": "true or false"}


def _sentence(error: ValueError, wanted: Any) -> str:
    choices = [choice for part in _parts(wanted) if get_origin(part) is Literal for choice in get_args(part)]
    if choices:
        return f"Expected one of {', '.join(choices)}"
    said = str(error).replace("`", "").replace(", got str", "").rstrip(".")
    for kind, words in _KINDS.items():
        said = said.replace(f"Expected {kind}", f"Expected {words}")
    return said


def _converted(raw: Any, wanted: Any) -> Any:
    if tuple[Network, ...] in _parts(wanted):  # a union of two types that msgspec does not know
        return tuple(ip_network(text) for text in raw)
    return msgspec.convert(raw, wanted, strict=False, dec_hook=_made_of_text)


def _made_of_text(wanted: Any, value: Any) -> Any:
    if wanted is Hidden:
        return Hidden(value)
    if wanted is Path:
        return Path(value).expanduser().absolute()
    raise NotImplementedError(wanted)


def _parts(wanted: Any) -> tuple[Any, ...]:
    """Return the plain types inside Annotated, unions and tuples."""
    if get_origin(wanted) is Annotated:
        return _parts(get_args(wanted)[0])
    if get_origin(wanted) in (Union, UnionType):
        return tuple(part for argument in get_args(wanted) for part in _parts(argument))
    return (wanted,)


def is_secret(wanted: Any) -> bool:
    """Tell whether a field's type is a secret, which may also come from a file."""
    return Hidden in _parts(wanted)


def _is_list(wanted: Any) -> bool:
    return any(get_origin(part) is tuple for part in _parts(wanted))


def _unknown(name: str) -> str:
    close = get_close_matches(name, _FIELDS, n=1)
    return f"There is no such setting. Did you mean {PREFIX}{close[0]}?" if close else "There is no such setting."
