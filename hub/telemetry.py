"""Traces over OTLP and crash reports to Sentry: only when configured, and imported only then."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

from hub.config import Config
from hub.logs import masked

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Tracer
    from sentry_sdk.types import Event, Hint

_tracers: list["Tracer"] = []


def configure(config: Config, service: str) -> Callable[[], None]:
    """Switch on what the config names; returns what to call before the process ends, so that nothing is lost."""
    endings: list[Callable[[], object]] = []
    if config.otlp_endpoint:
        provider = _provider(config.otlp_endpoint, service)
        _tracers[:] = [provider.get_tracer("patchdeck")]
        endings.append(provider.shutdown)
    if config.sentry_dsn:
        endings.append(_start_sentry(config.sentry_dsn, service))

    def end() -> None:
        _tracers.clear()
        for ending in endings:
            ending()

    return end


def span(name: str, **attributes: str | int | float | bool) -> AbstractContextManager[Any]:
    """Time a block as a span of the current trace; costs nothing while no endpoint is configured."""
    if not _tracers:
        return nullcontext()
    return _recorded(_tracers[0], name, attributes)


@contextmanager
def _recorded(tracer: "Tracer", name: str, attributes: dict[str, str | int | float | bool]) -> Iterator[Any]:
    with tracer.start_as_current_span(name, attributes=attributes) as current:
        yield current


def _provider(endpoint: str, service: str) -> "TracerProvider":
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider(resource=Resource.create({"service.name": service}), shutdown_on_exit=False)
    exporter = OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/').removesuffix('/v1/traces')}/v1/traces")
    provider.add_span_processor(BatchSpanProcessor(exporter))
    return provider


def _start_sentry(dsn: str, service: str) -> Callable[[], None]:
    import sentry_sdk
    from sentry_sdk.integrations.stdlib import StdlibIntegration

    sentry_sdk.init(
        dsn=str(dsn),
        server_name=service,
        auto_enabling_integrations=False,
        # It would write trace ids into the environment of jailed children and the requests of libraries
        disabled_integrations=[StdlibIntegration()],
        include_local_variables=False,
        max_request_body_size="never",
        before_send=_without_secrets,
    )
    return sentry_sdk.get_client().close


def _without_secrets(event: "Event", _: "Hint") -> "Event":
    """Mask every text of a report; breadcrumbs, which may quote contents, are left out."""
    event.pop("breadcrumbs", None)
    cleaned: Event = _cleaned(event)
    return cleaned


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, dict):
        return {name: _cleaned(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_cleaned(inner) for inner in value]
    return value
