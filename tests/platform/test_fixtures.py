"""The shared fixtures themselves."""

from hub.database import fetch_one
from hub.members import Role
from temporal.dev_server import DevServer
from tests.conftest import Members


async def test_gives_each_test_a_workspace_with_all_roles(members: Members) -> None:
    row = await fetch_one("select count(*) as count from memberships where workspace = $1", members.workspace)
    assert row is not None
    assert row["count"] == 4
    assert members.outsider.workspace != members.workspace
    assert members.viewer.role is Role.VIEWER


def test_temporal_answers(temporal_server: DevServer) -> None:
    assert temporal_server.answers()
