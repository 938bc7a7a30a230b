"""Piccolo's configuration (`PICCOLO_CONF`): the engine and the app that holds the migrations."""

from piccolo.conf.apps import AppRegistry

from hub.database.engine import DB

__all__ = ["APP_REGISTRY", "DB"]

APP_REGISTRY = AppRegistry(apps=["hub.database.app"])
