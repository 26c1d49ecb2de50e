"""What several test modules are given."""

import pytest
from hosts import CASES, Chromium
from support import node


@pytest.fixture(scope="session")
def in_node():
    """Hash and error of a case, trained by one thread in Node."""
    known = {}

    def train(name):
        if name not in known:
            case = CASES[name]
            known[name] = node("trained", **{**case, "fit": {**case["fit"], "threads": 1}})
        return known[name]

    return train


@pytest.fixture(scope="session")
def chromium():
    """A page in Chromium."""
    page = Chromium()
    yield page
    page.close()
