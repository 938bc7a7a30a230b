"""What an operator sets by environment: read once at start, checked as a whole, handed on as one struct."""

from hub.config.load import PREFIX, client_settings, load
from hub.config.reference import reference
from hub.config.values import Config, Hidden, Network, default_data_dir

__all__ = ["PREFIX", "Config", "Hidden", "Network", "client_settings", "default_data_dir", "load", "reference"]
