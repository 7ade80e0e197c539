"""How the archive fails: a few named errors, each one line that says what happened and what to do."""

from typing import ClassVar


class ArchiveError(Exception):
    """Any failure of the archive; `str()` is the line in English, `say` the line in the person's language."""

    code: ClassVar[str] = "archive_error"

    def __init__(self, en: str, fr: str) -> None:
        """Keep one line per language; neither may quote what a person wrote, because errors are logged."""
        super().__init__(en)
        self.en = en
        self.fr = fr

    def say(self, lang: str) -> str:
        """Return the line in `lang` (an ISO 639-1 code, region allowed), English when there is none in it."""
        return self.fr if lang.lower().startswith("fr") else self.en


class ArchiveUnavailable(ArchiveError):
    """The archive cannot be used now: locked by another program, damaged, unreachable or closed."""

    code = "archive_unavailable"


class ArchiveTooNew(ArchiveError):
    """A newer Souvenir wrote this memory; this one must not touch it."""

    code = "archive_too_new"


class ArchiveFull(ArchiveError):
    """The disk, or the quota, is full: nothing of the last unit of work was kept."""

    code = "archive_full"


class ArchiveReadOnly(ArchiveError):
    """The folder or the file cannot be written."""

    code = "archive_read_only"


class StaleTurn(ArchiveError):
    """The conversation was continued by somebody else while this turn was made: nothing was kept."""

    code = "thread_taken"


class ArchiveRefused(ArchiveError):
    """What was to be kept cannot be: half a character, a date without a zone, two things under one id."""

    code = "archive_refused"
