"""Every value of the config, with its type, limits and the sentence that documents it."""

import os
from ipaddress import IPv4Network, IPv6Network, ip_address
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

_EVERYWHERE = ("0.0.0.0", "[::]")  # noqa: S104  # recognised, not bound
Network = IPv4Network | IPv6Network


class Hidden(str):
    """A secret of the operator's: usable as text, never shown by repr, so that no log or traceback carries it."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'********'"


def default_data_dir() -> Path:
    """Return where data is kept unless told: /var/lib/patchdeck for root, the user's data folder for everyone else."""
    if os.geteuid() == 0:
        return Path("/var/lib/patchdeck")
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "patchdeck"


class Config(msgspec.Struct, frozen=True, kw_only=True):
    """The whole config. Names in the environment are these in capitals behind `PATCHDECK_`."""

    data_dir: Annotated[
        Path,
        Meta(
            title="Server",
            description="Everything `patchdeck up` keeps: database, Temporal's file, stored files, master key, logs. "
            "Default: `/var/lib/patchdeck` for root, else `~/.local/share/patchdeck`.",
        ),
    ] = msgspec.field(default_factory=default_data_dir)
    host: Annotated[str, Meta(description="Address that the web server binds.")] = "127.0.0.1"
    port: Annotated[int, Meta(ge=1, le=65535, description="Port that the web server binds.")] = 8080
    public_url: Annotated[
        str | None,
        Meta(description="How people and services reach the hub; links are built from it. Default: host and port."),
    ] = None
    trusted_proxies: Annotated[
        tuple[Network, ...],
        Meta(description="Networks of reverse proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed."),
    ] = ()
    max_upload_mb: Annotated[int, Meta(ge=1, le=10_000, description="Largest file that can be uploaded, in MB.")] = 100

    database_url: Annotated[
        Hidden | None,
        Meta(
            title="Database and engine",
            description="`postgresql://user:password@host:port/database` of a server of your own. "
            "Default: the embedded one, started by `patchdeck up`.",
        ),
    ] = None
    database_connections: Annotated[
        int, Meta(ge=2, le=500, description="Most connections that one process opens to the database.")
    ] = 20
    temporal_address: Annotated[
        str | None,
        Meta(description="`host:port` of a Temporal server of your own. Default: the one of `patchdeck up`."),
    ] = None
    temporal_namespace: Annotated[str, Meta(min_length=1, description="Namespace in Temporal.")] = "default"

    master_key: Annotated[
        Hidden | None,
        Meta(
            title="Secrets and files",
            description="Key that wraps every workspace's key: 32 bytes in base64. "
            "Default: `master.key` in the data directory, made at first start.",
        ),
    ] = None
    file_store: Annotated[
        str | None,
        Meta(
            description="Where files go: a directory or `s3://bucket/prefix`. Default: `files` in the data directory."
        ),
    ] = None
    s3_endpoint: Annotated[str | None, Meta(description="Address of an S3 service other than Amazon's.")] = None
    s3_region: Annotated[str, Meta(description="Region of the S3 bucket.")] = "us-east-1"
    s3_access_key: Annotated[Hidden | None, Meta(description="Access key of the S3 service.")] = None
    s3_secret_key: Annotated[Hidden | None, Meta(description="Secret key of the S3 service.")] = None

    oauth_issuer: Annotated[
        str | None,
        Meta(
            title="Assistants",
            description="Address of an OAuth 2.1 authorization server, as it stands in the claim `iss` of its tokens. "
            "`/mcp` takes them besides API keys: JWTs for the audience `PUBLIC_URL/mcp` with a verified "
            "`email` and `scope`.",
        ),
    ] = None

    allow_networks: Annotated[
        tuple[Network, ...],
        Meta(
            title="Outbound",
            description="Networks that outbound calls may reach besides the public internet, in CIDR form. "
            "The hub's own ports stay closed to them.",
        ),
    ] = ()
    simulated_port: Annotated[
        Annotated[int, Meta(ge=1, le=65535)] | None,
        Meta(description="Port of the demo's simulated services on this machine; `up --demo` sets it."),
    ] = None
    folder_roots: Annotated[
        tuple[Path, ...], Meta(description="Directories below which folders may be watched and written.")
    ] = ()
    mcp_servers: Annotated[
        tuple[str, ...],
        Meta(description="Hosts of the MCP servers that recipes may use, such as `mcp.example.com`. Default: none."),
    ] = ()
    smtp_url: Annotated[
        Hidden | None,
        Meta(
            description="`smtp://user:password@host:587` (STARTTLS) or `smtps://…:465` of the server that "
            "sends invitations, password links and what people are asked. Without it links are shown to the admin "
            "who makes them."
        ),
    ] = None
    mail_from: Annotated[str | None, Meta(description="Sender of these mails.")] = None

    llm_base_url: Annotated[
        str | None,
        Meta(
            title="Language model",
            description="Address of an OpenAI-compatible service, such as `https://api.openai.com/v1`. "
            "Without it nothing is sent to any model.",
        ),
    ] = None
    llm_api_key: Annotated[Hidden | None, Meta(description="Key for that service.")] = None
    llm_model: Annotated[str | None, Meta(description="Model that reads documents.")] = None
    embedding_model: Annotated[str | None, Meta(description="Model that makes embeddings.")] = None
    llm_input_price: Annotated[
        float, Meta(ge=0, description="Price of a million input tokens in USD, for the cost shown.")
    ] = 0.0
    llm_output_price: Annotated[
        float, Meta(ge=0, description="Price of a million output tokens in USD, for the cost shown.")
    ] = 0.0

    llm_vision: Annotated[
        bool, Meta(description="Whether that model can be shown pictures, when its service is none we know of.")
    ] = False
    local_model: Annotated[
        Path | None,
        Meta(
            description="A GGUF file whose model runs on this machine, asked after every other provider. "
            "Needs `pip install 'patchdeck[local-model]'`."
        ),
    ] = None
    local_model_sha256: Annotated[
        str | None,
        Meta(pattern="^[0-9a-fA-F]{64}$", description="SHA-256 that this file must have; another file is not loaded."),
    ] = None
    local_model_threads: Annotated[
        int, Meta(ge=1, le=256, description="Threads it computes with; more than there are free cores make it slower.")
    ] = 1
    local_model_context: Annotated[
        int, Meta(ge=512, le=1_000_000, description="Tokens it can take in and give out in one call.")
    ] = 8192

    transcribe_base_url: Annotated[
        str | None,
        Meta(
            title="Speech",
            description="Address of a service that speaks OpenAI's audio transcriptions, for recordings. "
            "Without it they are heard on this machine, by an engine that is installed.",
        ),
    ] = None
    transcribe_api_key: Annotated[Hidden | None, Meta(description="Key for that service.")] = None
    transcribe_model: Annotated[
        str | None,
        Meta(
            description="Its model, `whisper-1` unless set. With a model and no address, recordings go to the language "
            "model's service."
        ),
    ] = None
    transcribe_model_dir: Annotated[
        Path | None,
        Meta(
            description="Directory with a Whisper model for faster-whisper (CTranslate2), heard on this machine. "
            "Needs `pip install 'patchdeck[whisper]'`."
        ),
    ] = None

    telegram_token: Annotated[
        Hidden | None,
        Meta(
            title="Chat",
            description="Token of a Telegram bot, made with @BotFather. Without it there is no bot.",
        ),
    ] = None
    telegram_webhook: Annotated[
        bool,
        Meta(
            description="Whether Telegram calls the hub at `PUBLIC_URL` (https, reachable from outside); "
            "otherwise the hub asks Telegram, which needs no way in."
        ),
    ] = False
    telegram_api_url: Annotated[
        str | None, Meta(description="Address of a Bot API server of your own. Default: Telegram's.")
    ] = None
    slack_bot_token: Annotated[
        Hidden | None,
        Meta(description="Bot token of a Slack app (`xoxb-…`). Settings, Chat, tells where to click for it."),
    ] = None
    slack_signing_secret: Annotated[
        Hidden | None,
        Meta(description="Signing secret of the app, for calls of Slack's to `PUBLIC_URL/slack/events`."),
    ] = None
    slack_app_token: Annotated[
        Hidden | None,
        Meta(
            description="App-level token (`xapp-…`) for Socket Mode: the hub calls Slack, which needs no way in. "
            "This or the signing secret is needed."
        ),
    ] = None
    slack_api_url: Annotated[
        str | None, Meta(description="Address of Slack's Web API, where it is not `https://slack.com/api/`.")
    ] = None

    google_sign_in_id: Annotated[
        str | None,
        Meta(
            title="Signing in",
            description="Client id of an OAuth client at Google, so that people sign in with their Google account. "
            "Redirect address: `PUBLIC_URL/api/v1/auth/with/google/return`.",
        ),
    ] = None
    google_sign_in_secret: Annotated[Hidden | None, Meta(description="Client secret of that OAuth client.")] = None
    google_sign_in_url: Annotated[
        str | None, Meta(description="Address of a stand-in of Google's sign-in, to try it out without Google.")
    ] = None
    microsoft_sign_in_id: Annotated[
        str | None,
        Meta(
            description="Client id of an app registered with Microsoft Entra. "
            "Redirect address: `PUBLIC_URL/api/v1/auth/with/microsoft/return`."
        ),
    ] = None
    microsoft_sign_in_secret: Annotated[Hidden | None, Meta(description="Client secret of that app.")] = None
    microsoft_sign_in_url: Annotated[
        str,
        Meta(description="Sign-in address of one tenant (with its id in place of `common`), or of a national cloud."),
    ] = "https://login.microsoftonline.com/common"
    github_sign_in_id: Annotated[
        str | None,
        Meta(
            description="Client id of an OAuth app at GitHub. "
            "Redirect address: `PUBLIC_URL/api/v1/auth/with/github/return`."
        ),
    ] = None
    github_sign_in_secret: Annotated[Hidden | None, Meta(description="Client secret of that app.")] = None
    github_sign_in_url: Annotated[
        str | None, Meta(description="Address of a GitHub Enterprise Server, where it is not github.com.")
    ] = None

    log_level: Annotated[
        Literal["debug", "info", "warning", "error"],
        Meta(title="Watching", description="How much is logged: debug, info, warning or error."),
    ] = "info"
    log_format: Annotated[
        Literal["text", "json"], Meta(description="`text` for people, `json` for collectors, one object a line.")
    ] = "text"
    otlp_endpoint: Annotated[
        str | None, Meta(description="OTLP/HTTP address for traces, such as `http://collector:4318`.")
    ] = None
    sentry_dsn: Annotated[Hidden | None, Meta(description="Sentry DSN for crash reports; contents are never sent.")] = (
        None
    )

    @property
    def url(self) -> str:
        """The address to print and to build links from."""
        if self.public_url:
            return self.public_url.rstrip("/")
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{'localhost' if host in _EVERYWHERE else host}:{self.port}"

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach the web server."""
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"

    @property
    def files(self) -> str:
        """The file store, with its default filled in."""
        return self.file_store or str(self.data_dir / "files")
