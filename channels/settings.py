"""Settings, read once from the environment or a .env file: the only reader of environment variables."""

from pathlib import Path

from platformdirs import user_data_path
from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict


class BadSettingsError(Exception):
    """A setting has a value that cannot be used; the message says which and why."""


class Settings(BaseSettings):
    """What an installation may set. Every field has a value that works with no key and no network."""

    model_config = SettingsConfigDict(env_prefix="FRONTDESK_", env_file=".env", extra="ignore")

    database_url: str = Field(default="", description="SQLAlchemy URL; empty: SQLite in the data folder")
    data: Path = Field(
        default_factory=lambda: user_data_path("frontdesk", appauthor=False),
        description="folder for the database, files and index",
    )
    files: Path | None = Field(default=None, description="folder of stored files; empty: `files` in the data folder")
    chroma_url: str = Field(default="", description="a Chroma server; empty: an index in the data folder")
    host: str = Field(default="127.0.0.1", description="address to listen on")
    port: int = Field(default=8000, ge=0, le=65535, description="port to listen on")
    public_url: str = Field(default="", description="address that links carry; empty: the address listened on")
    secret_key: SecretStr = Field(
        default=SecretStr(""),
        description="key of receipts and sandbox events; empty: made once, kept in the data folder",
    )
    model: str = Field(default="", description="the chat model; empty: the built-in one")

    @property
    def database(self) -> str:
        """The database's URL."""
        return self.database_url or f"sqlite:///{self.data / 'frontdesk.db'}"

    @property
    def file_folder(self) -> Path:
        """Where stored files lie."""
        return self.files or self.data / "files"

    @property
    def address(self) -> str:
        """The address that links carry, without a slash at its end."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")


def read_settings() -> Settings:
    """The settings of this process; BadSettingsError names each that is wrong."""
    try:
        return Settings()
    except ValidationError as wrong:
        lines = [
            f"FRONTDESK_{'_'.join(str(part) for part in error['loc']).upper()}: {error['msg']}"
            for error in wrong.errors(include_input=False)
        ]
        raise BadSettingsError("\n".join(lines)) from None
