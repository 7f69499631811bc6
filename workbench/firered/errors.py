"""Errors that are the user's to mend: one line, `where: what (do this)`, no traceback.

    FireRedError
        RecipeError      a recipe, or a value given with --set
        CatalogError     the catalog's folder, file, version or lock
        SourceError      photographs or data sets to read
        TemplateError    a file in templates/
        ManifestError    a frozen manifest
        ModelError       a model that is missing, altered or unknown
        MissingExtra     an optional package that is not installed
        RunError         a run that had to stop

Anything else that is raised is a bug and keeps its traceback.
"""

import errno

DISK_FULL = "no space left on the disk (free some and run again, nothing that was done is lost)"


def is_disk_full(error: BaseException) -> bool:
    """Whether the disk, or the user's share of it, is full."""
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)


class FireRedError(Exception):
    """Base of all errors that the command line prints as one line."""


class RecipeError(FireRedError):
    """A recipe is wrong."""


class CatalogError(FireRedError):
    """The catalog cannot be used as asked."""


class SourceError(FireRedError):
    """What should be read is not there or cannot be read."""


class TemplateError(FireRedError):
    """A template file is wrong."""


class ManifestError(FireRedError):
    """A manifest is missing, altered or empty."""


class ModelError(FireRedError):
    """A model is unknown, not installed, or not what it says it is."""


class RunError(FireRedError):
    """A run stopped before its end."""


class MissingExtra(FireRedError):
    """An optional package is not installed; names the extra that brings it."""

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(f"{what}: not installed (pip install 'firered-workbench[{extra}]')")
        self.what = what
        self.extra = extra

    def __reduce__(self) -> tuple[type["MissingExtra"], tuple[str, str]]:
        # A worker's error crosses to the driver as a pickle, which would call __init__ with the message.
        return MissingExtra, (self.what, self.extra)
