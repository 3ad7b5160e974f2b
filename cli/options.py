"""What commands that work on the records have in common."""

from importlib.util import find_spec

from records.base import RecordsRefused, RecordsUnavailable
from records.condition import in_words
from settings import Settings, SettingsError


def database_url(settings: Settings) -> str:
    """The database of the settings, or the embedded one of `make run` in the data directory.

    Raises:
        SettingsError: none is set, and this installation (a container's) brings none.
    """
    if settings.database_url:
        return settings.database_url
    if find_spec("embedded") is None:
        raise SettingsError("DATABASE_URL is not set: it says which PostgreSQL has the records")
    # Not at the top: an image has no embedded servers.
    from embedded.postgres import EmbeddedPostgres

    return EmbeddedPostgres(settings.data_dir).url


def told(error: Exception) -> str:
    """What is wrong, for whoever typed the command: whether the database is away, or says no, or neither."""
    return (
        in_words(error)
        if isinstance(error, RecordsUnavailable | RecordsRefused)
        else str(error) or type(error).__name__
    )
