"""FRONTDESK_MODEL → provider and model, and what they need: checked at start, before anything heavy is loaded."""

import importlib.util
from dataclasses import dataclass, field
from urllib.parse import urlsplit

BUILTIN = "builtin"
BUILTIN_ADVICE = "or leave FRONTDESK_MODEL empty for the built-in model"


class ModelSettingError(ValueError):
    """The model that the settings ask for cannot be had; the message says what to do about it, and holds no key."""


class UnknownModelError(ModelSettingError):
    """FRONTDESK_MODEL names a model that this installation cannot make."""


class MissingExtraError(ModelSettingError):
    """The provider's library is not installed."""


class MissingKeyError(ModelSettingError):
    """The provider wants a key and there is none."""


@dataclass(frozen=True)
class ModelWish:
    """What the settings say of the model. base_url: an address of one's own; empty for the provider's."""

    name: str = ""
    base_url: str = ""
    key: str = field(default="", repr=False)

    @property
    def is_builtin(self) -> bool:
        """Whether no hosted model is wanted."""
        return self.name.strip() in {"", BUILTIN}

    @property
    def shown(self) -> str:
        """The model's name, as receipts keep it."""
        return BUILTIN if self.is_builtin else self.name.strip()


@dataclass(frozen=True)
class Provider:
    """A kind of provider. caches_prefix: it is told which part of a request stays the same."""

    name: str
    package: str
    needs_key: bool = True
    caches_prefix: bool = False


PROVIDERS = {
    "anthropic": Provider("anthropic", "langchain_anthropic", caches_prefix=True),
    "openai": Provider("openai", "langchain_openai"),
    "ollama": Provider("ollama", "langchain_ollama", needs_key=False),
}


def check_wish(wish: ModelWish) -> None:
    """Raise the ModelSettingError that keeps the wish from coming true, if one does. Takes no time."""
    if wish.is_builtin:
        return
    provider, _ = provider_of(wish)
    if importlib.util.find_spec(provider.package) is None:
        library = provider.package.replace("_", "-")
        raise MissingExtraError(
            f"FRONTDESK_MODEL={wish.name} needs {library}, which is not installed. "
            f"Run `make hosted` (or `pip install 'frontdesk[{provider.name}]'`), {BUILTIN_ADVICE}."
        )
    if needs_key(wish) and not wish.key:
        raise MissingKeyError(
            f"FRONTDESK_MODEL={wish.name} needs a key: set FRONTDESK_MODEL_API_KEY, {BUILTIN_ADVICE}."
        )


def needs_key(wish: ModelWish) -> bool:
    """Whether the model cannot be asked without a key; an address of one's own may want none."""
    if wish.is_builtin or wish.base_url:
        return False
    kind = wish.name.strip().partition(":")[0]
    return kind in PROVIDERS and PROVIDERS[kind].needs_key


def provider_of(wish: ModelWish) -> tuple[Provider, str]:
    """The provider and its own name for the model; a bare name at an address of one's own is OpenAI-compatible."""
    address = urlsplit(wish.base_url)
    if wish.base_url and (address.scheme not in {"http", "https"} or not address.hostname):
        raise UnknownModelError("FRONTDESK_MODEL_BASE_URL is not an address, such as http://127.0.0.1:8080/v1.")
    kind, colon, model = wish.name.strip().partition(":")
    if kind in PROVIDERS and model:
        return PROVIDERS[kind], model
    if wish.base_url and (not colon or kind not in PROVIDERS):
        return PROVIDERS["openai"], wish.name.strip()
    known = ", ".join(f"{name}:NAME" for name in PROVIDERS)
    raise UnknownModelError(
        f"FRONTDESK_MODEL={wish.name!r} is not known. Write {known}, or any name together with "
        f"FRONTDESK_MODEL_BASE_URL for an OpenAI-compatible address, {BUILTIN_ADVICE}."
    )
