"""Settings, read once from the environment or a .env file: the only reader of environment variables."""

import re
from decimal import Decimal
from pathlib import Path
from typing import Literal

from platformdirs import user_data_path
from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator, model_validator
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
    smtp_url: SecretStr = Field(
        default=SecretStr(""),
        description="mail server, `smtp://USER:PASSWORD@HOST:587`; empty: files in `mailbox` in the data folder",
    )
    mail_from: str = Field(default="", description="address that letters come from; empty: the mail server's user")
    hold_hours: int = Field(
        default=8,
        ge=0,
        description="hours without a word of the person who took a conversation, until the assistant answers again;"
        " 0: never",
    )
    dispatch: Literal["local", "procrastinate"] = Field(
        default="local",
        description="`local`: whoever serves answers; `procrastinate`: any number of `frontdesk worker` answer, over"
        " PostgreSQL",
    )
    twilio_confirms_stop: bool = Field(
        default=True,
        description="Twilio answers STOP and START itself, as it does unless its opt-out handling was turned off;"
        " then we do not",
    )
    sender_hourly: int = Field(
        default=60,
        ge=0,
        description="messages of one sender answered in an hour; 0: all. More are only stored",
    )
    business_hourly: int = Field(
        default=2000, ge=0, description="messages to one business answered in an hour; 0: all. More are only stored"
    )
    business_daily_tokens: int = Field(default=20_000_000, ge=0, description="tokens of one business in 24 hours")
    business_daily_cost: Decimal = Field(
        default=Decimal(50), ge=0, description="US dollars of one business in 24 hours, by FRONTDESK_MODEL_PRICE"
    )
    twilio_account_sid: str = Field(default="", description="the account's SID at Twilio, AC…; empty: no texts")
    twilio_auth_token: SecretStr = Field(default=SecretStr(""), description="the account's auth token")
    twilio_from: str = Field(
        default="", description="the number that texts come from, such as +12125550140, or a messaging service, MG…"
    )
    twilio_api_base: str = Field(
        default="https://api.twilio.com", description="where Twilio's API is reached: a proxy, or a test peer"
    )
    telegram_token: SecretStr = Field(
        default=SecretStr(""), description="the bot's token, as @BotFather gives it; empty: no Telegram"
    )
    telegram_secret: SecretStr = Field(
        default=SecretStr(""),
        description="what Telegram sends with each update: 16 to 256 letters, digits, `_` and `-`; empty: made from"
        " the installation's key",
    )
    telegram_api_base: str = Field(
        default="https://api.telegram.org",
        description="where the Bot API is reached: a server of your own, a proxy, or a test peer",
    )
    telegram_mode: Literal["polling", "webhook"] = Field(
        default="polling",
        description="how updates come in: `polling` fetches them, on a laptop too; `webhook` needs an https address",
    )
    model: str = Field(
        default="",
        description="the chat model: `anthropic:NAME`, `openai:NAME`, `ollama:NAME`; empty: the built-in one",
    )
    model_base_url: str = Field(default="", description="an OpenAI-compatible address, or a provider's own elsewhere")
    model_api_key: SecretStr = Field(default=SecretStr(""), description="the provider's key")
    model_privacy: Literal["standard", "strict"] = Field(
        default="standard",
        description="`strict`: names, phones, e-mails, addresses and amounts are hidden from the provider",
    )
    model_seconds: float = Field(default=20, gt=0, le=300, description="for a turn; then the built-in model answers")
    model_silence: float = Field(
        default=10, gt=0, le=300, description="seconds without a word before it is asked again"
    )
    model_calls: int = Field(default=6, ge=1, le=20, description="questions to the model in a turn")
    model_tool_calls: int = Field(default=8, ge=1, le=50, description="tool calls in a turn")
    model_tokens: int = Field(default=60_000, ge=1, description="tokens in a turn")
    model_daily_tokens: int = Field(default=1_000_000, ge=0, description="tokens of one person in 24 hours")
    model_price: str = Field(
        default="",
        description="US dollars for a million tokens read/written/read from its cache, such as `3/15/0.3`",
    )
    model_cost: Decimal = Field(default=Decimal("0.25"), ge=0, description="US dollars in a turn, by that price")
    model_daily_cost: Decimal = Field(default=Decimal(2), ge=0, description="US dollars of one person in 24 hours")

    @field_validator("model_price")
    @classmethod
    def _is_price(cls, said: str) -> str:
        if said and not re.fullmatch(r"\d+(\.\d+)?/\d+(\.\d+)?(/\d+(\.\d+)?)?", said):
            raise ValueError("write it as read/written or read/written/cached, such as 3/15/0.3")
        return said

    @field_validator("dispatch")
    @classmethod
    def _fits_database(cls, said: str, others: ValidationInfo) -> str:
        if said == "procrastinate" and not others.data.get("database_url", "").startswith("postgresql"):
            raise ValueError("procrastinate needs PostgreSQL; set FRONTDESK_DATABASE_URL")
        return said

    @field_validator("twilio_account_sid")
    @classmethod
    def _is_account(cls, said: str) -> str:
        if said and not re.fullmatch(r"AC[0-9a-fA-F]{32}", said):
            raise ValueError("write AC and 32 digits, as Twilio's console shows it")
        return said

    @field_validator("twilio_from")
    @classmethod
    def _is_sender(cls, said: str) -> str:
        if said and not re.fullmatch(r"\+[1-9]\d{6,14}|MG[0-9a-fA-F]{32}", said):
            raise ValueError("write the number with + and its country code, such as +12125550140, or MG and 32 digits")
        return said

    @field_validator("telegram_token")
    @classmethod
    def _is_bot(cls, said: SecretStr) -> SecretStr:
        if said.get_secret_value() and not re.fullmatch(r"\d{3,20}:[A-Za-z0-9_-]{20,}", said.get_secret_value()):
            raise ValueError("write the whole token as @BotFather gives it, such as 123456789:AAE…")
        return said

    @field_validator("telegram_secret")
    @classmethod
    def _is_secret(cls, said: SecretStr) -> SecretStr:
        if said.get_secret_value() and not re.fullmatch(r"[A-Za-z0-9_-]{16,256}", said.get_secret_value()):
            raise ValueError("write 16 to 256 letters, digits, _ and -, or leave it empty")
        return said

    @field_validator("telegram_api_base")
    @classmethod
    def _is_address(cls, said: str) -> str:
        if not re.fullmatch(r"https?://[^\s/]+(/\S*)?", said):
            raise ValueError("write an address that begins with https:// or http://")
        return said

    @model_validator(mode="after")
    def _twilio_is_whole(self) -> "Settings":
        given = (self.twilio_account_sid, self.twilio_auth_token.get_secret_value(), self.twilio_from)
        if any(given) and not all(given):
            names = "FRONTDESK_TWILIO_ACCOUNT_SID, FRONTDESK_TWILIO_AUTH_TOKEN and FRONTDESK_TWILIO_FROM"
            raise ValueError(f"set all of {names}, or none")
        return self

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
