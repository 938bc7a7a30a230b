"""What is counted and timed, for Prometheus; one registry a process."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.gc_collector import GCCollector
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
REGISTRY = CollectorRegistry()
_QUICK = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)

ITEMS_ACCEPTED = Counter("patchdeck_items_accepted", "Items stored, by trigger.", ["trigger"], registry=REGISTRY)
ITEMS_REPEATED = Counter(
    "patchdeck_items_repeated", "Items recognised as already known, by trigger.", ["trigger"], registry=REGISTRY
)
ITEMS_SETTLED = Counter("patchdeck_items_settled", "Items that came to an end, by state.", ["state"], registry=REGISTRY)
DELIVERIES = Counter(
    "patchdeck_deliveries", "Writes to services, by target and outcome.", ["target", "outcome"], registry=REGISTRY
)
STAGE_SECONDS = Histogram(
    "patchdeck_stage_seconds", "How long a stage of a run took.", buckets=_QUICK, registry=REGISTRY
)
REQUESTS = Counter(
    "patchdeck_requests", "Answered requests, by part and status.", ["part", "status"], registry=REGISTRY
)
REQUEST_SECONDS = Histogram(
    "patchdeck_request_seconds", "Time to answer, by part.", ["part"], buckets=_QUICK, registry=REGISTRY
)
ITEMS_PRESENT = Gauge("patchdeck_items_present", "Items that are not done yet, by state.", ["state"], registry=REGISTRY)
UP = Gauge("patchdeck_part_up", "1 while a part answers, by part.", ["part"], registry=REGISTRY)

ProcessCollector(registry=REGISTRY)
PlatformCollector(registry=REGISTRY)
GCCollector(registry=REGISTRY)


def rendered() -> bytes:
    """Return everything in Prometheus's text format."""
    return generate_latest(REGISTRY)
