"""One thread in Node, a page in Chromium, and Python with any number of threads train to the same bits.

Workers on Ray do so in test_ray.py, with the same cases.
"""

import pytest
from hosts import CASES
from support import CLASSES, hash_of, parameters, split


@pytest.mark.parametrize("name", CASES)
def test_a_page_in_chromium_gives_the_bits_of_one_thread_in_node(chromium, in_node, name):
    assert chromium.ask("trained", **CASES[name]) == in_node(name)


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("name", CASES)
def test_python_gives_the_bits_of_one_thread_in_node(in_node, name, threads):
    case = CASES[name]
    model = CLASSES[case["type"]](**parameters(case["type"], case["options"], {**case["fit"], "threads": threads}))
    model.fit(*split(case["type"], case["samples"]))
    assert {"hash": hash_of(model.network_), "error": model.result_.error} == in_node(name)
