"""Files that are written whole or not at all."""

from __future__ import annotations

import errno
import os
import secrets
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
    """Writes a file, whose place keeps what it has if that fails.

    A pipe, a terminal, and a file in a folder that takes no others are written in place.
    """
    given = check_path(call, "path", path)
    mode = os.stat(given).st_mode if os.path.exists(given) else None
    if mode is not None and stat.S_ISREG(mode) and not os.access(given, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), given)
    is_plain = not given.endswith(os.sep) if mode is None else stat.S_ISREG(mode)
    place = os.path.realpath(given)
    part = os.path.join(os.path.dirname(place), f".{secrets.token_hex(8)}.part")
    try:
        file = open(part, "xb") if is_plain else None  # noqa: SIM115
    except PermissionError:
        file = None
    if file is None:
        with open(given, "wb") as file:
            file.write(content)
        return
    try:
        with file:
            if mode is not None:
                os.chmod(part, stat.S_IMODE(mode))
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, place)
    except BaseException:
        os.unlink(part)
        raise
