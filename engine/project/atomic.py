"""Writing a file so that it is either whole or as it was: nothing half-written ever has its name."""

from __future__ import annotations

import errno
import os
import stat
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from engine.issues import ChainruleError


class FileError(ChainruleError):
    """A file cannot be read or written, or is not what it should be."""


_REASONS = {
    errno.ENOSPC: ("The disk is full.", "Free some space, or save to another disk."),
    errno.EDQUOT: ("Your share of the disk is used up.", "Free some space, or save to another disk."),
    errno.EFBIG: ("The file would be larger than the system allows.", "Save to another disk."),
    errno.EROFS: ("The folder is read-only.", "Choose another folder."),
    errno.EACCES: ("Writing there is not permitted.", "Choose another folder, or change its permissions."),
    errno.EPERM: ("Writing there is not permitted.", "Choose another folder, or change its permissions."),
    errno.ENOENT: ("The folder does not exist.", "Create it, or choose another folder."),
    errno.ENOTDIR: ("Part of the path is a file, not a folder.", "Choose another folder."),
    errno.EISDIR: ("A folder has that name.", "Choose another name."),
    errno.ENAMETOOLONG: ("The name is too long.", "Choose a shorter name."),
}


def write_error(path: Path, error: OSError) -> FileError:
    """The sentence for a failed write to ``path``."""
    reason, advice = _REASONS.get(error.errno or 0, (f"{error.strerror or error}.", "Choose another folder."))
    return FileError(f"{path.name} could not be written. {reason}", "Any earlier file of that name is unchanged.",
                     advice)


def read_error(path: Path, error: OSError) -> FileError:
    """The sentence for a failed read of ``path``."""
    if isinstance(error, FileNotFoundError):
        return FileError(f"There is no file {path}.", "", "Check the path.")
    if isinstance(error, IsADirectoryError):
        return FileError(f"{path} is a folder.", "A file was expected.", "Choose a file in it.")
    return FileError(f"{path.name} could not be read: {error.strerror or error}.", "",
                     "Check that the file exists and that you may read it.")


def write_atomically(path: str | Path, write: Callable[[BinaryIO], object]) -> None:
    """Has ``write`` fill a new file beside ``path``, and gives it the name once it is safely on the disk.

    Where anything fails the new file is removed and the old one stays. Raises :class:`FileError` for errors of the
    file system; whatever else ``write`` raises is passed on. A symbolic link stays a link: its target is replaced.
    """
    target = Path(os.path.realpath(path))
    try:
        if target.is_dir():
            raise IsADirectoryError(errno.EISDIR, "is a folder", str(target))
        handle, temporary = tempfile.mkstemp(prefix=f".{target.name[:100]}.", suffix=".part", dir=target.parent)
    except OSError as error:
        raise write_error(Path(path), error) from error
    try:
        with os.fdopen(handle, "w+b") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, _mode(target))
        os.replace(temporary, target)
    except BaseException as error:
        with suppress(OSError):
            os.unlink(temporary)
        if isinstance(error, OSError):
            raise write_error(Path(path), error) from error
        raise
    _settle_folder(target.parent)


def _mode(target: Path) -> int:
    """The permissions of the file to be replaced, or those any new file would get."""
    try:
        return stat.S_IMODE(target.stat().st_mode)
    except FileNotFoundError:
        # There is no way to read the mask without setting it. Another thread could create a file in between, so the
        # value set is a cautious one.
        mask = os.umask(0o077)
        os.umask(mask)
        return 0o666 & ~mask


def _settle_folder(folder: Path) -> None:
    """Brings the new name to the disk, too, where the system allows opening folders."""
    if os.name != "posix":
        return
    with suppress(OSError):  # some network file systems refuse; the file itself is safe by now
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
