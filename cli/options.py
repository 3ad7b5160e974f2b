"""What commands that work on the records have in common."""

from embedded.postgres import EmbeddedPostgres
from settings import Settings


def database_url(settings: Settings) -> str:
    """The database of the settings, or the embedded one of `make run` in the data directory."""
    return settings.database_url or EmbeddedPostgres(settings.data_dir).url
