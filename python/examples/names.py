"""The names task: which language is a first name of, read bit by bit?"""

import json
from pathlib import Path

LANGUAGES = ("turkish", "italian")


def samples() -> tuple[list[str], list[str], list[str], list[str]]:
    """Names and languages to train on, then those held out: of each language every fourth."""
    names = json.loads((Path(__file__).parents[2] / "examples/names/first-names.json").read_text())
    both = [(name, language, index % 4 == 3) for language in LANGUAGES for index, name in enumerate(names[language])]
    trained = [(name, language) for name, language, is_held_out in both if not is_held_out]
    held_out = [(name, language) for name, language, is_held_out in both if is_held_out]
    return (*map(list, zip(*trained, strict=True)), *map(list, zip(*held_out, strict=True)))
