"""The services of people, with mail that goes to a real SMTP server where a test asks for one."""

import pytest

from hub.accounts import AccountServices, account_services
from hub.audit import Audit


@pytest.fixture
def people(database: str) -> AccountServices:
    return account_services("https://hub.example", Audit())
