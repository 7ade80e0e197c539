"""Why Souvenir could not start, in one line: every named error that opening it may raise."""

from graphs.models.routes import RoutesError
from memory.archive.errors import ArchiveError
from memory.long_term.errors import IndexFull, LongTermError
from memory.short_term.errors import ShortTermError
from server.failures import message
from server.owner import FolderBusy
from server.serving import PortTaken
from server.settings import Settings

STARTUP_ERRORS = (FolderBusy, PortTaken, RoutesError, ArchiveError, LongTermError, ShortTermError, OSError)

_PORT = {
    "en": "port {port} is in use by another program: choose another with `souvenir serve --port` "
    "or SOUVENIR_PORT",
    "fr": "le port {port} est pris par un autre programme : choisissez-en un autre par "
    "`souvenir serve --port` ou SOUVENIR_PORT",
}
_NO_ROOM = {
    "en": "no room left on the disk of {folder}: free some space, then try again; nothing was lost",
    "fr": "plus de place sur le disque de {folder} : libérez de l'espace, puis réessayez ; rien n'est perdu",
}


def startup_line(error: BaseException, settings: Settings) -> str:
    """Return the line that says what is wrong and what to do."""
    if isinstance(error, PortTaken):
        return _PORT[settings.lang].format(port=settings.port)
    if isinstance(error, ArchiveError):
        return error.say(settings.lang)
    if isinstance(error, ShortTermError):
        return message("short_term_unavailable", settings.lang).message
    if isinstance(error, IndexFull):
        return _NO_ROOM[settings.lang].format(folder=settings.data_dir)
    return " ".join(str(error).split())
