"""Files that are written whole or not at all."""

from __future__ import annotations

import os
import stat
from typing import Any

from .errors import wrong_type

Path = str | os.PathLike[str]
"""Where a file is."""


def check_path(call: str, field: str, path: Any) -> str:  # noqa: ANN401
    """Checks a path, and gives it as a text; numbers, which `open` takes for files that are open, are none."""
    try:
        return os.fsdecode(path)
    except TypeError:
        raise wrong_type(call, field, "a path: a str or an os.PathLike", path) from None


def write_whole(call: str, path: Path, content: bytes) -> None:
    """Writes a file, whose place keeps what it has if that fails."""
    place = os.path.realpath(check_path(call, "path", path))
    mode = os.stat(place).st_mode if os.path.exists(place) else None
    if mode is not None and not stat.S_ISREG(mode):
        # A pipe, or a terminal: there is nothing to be kept, and a folder is refused.
        with open(place, "wb") as file:
            file.write(content)
        return
    part = f"{place}.{os.getpid()}.part"
    try:
        with open(part, "wb") as file:
            if mode is not None:
                os.chmod(part, stat.S_IMODE(mode))
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, place)
    except BaseException:
        if os.path.exists(part):
            os.unlink(part)
        raise
