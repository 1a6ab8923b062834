"""FRONTDESK_MODEL → a chat model, with no retries and no patience of its own: both are the turn's."""

from typing import Any

from langchain_core.language_models import BaseChatModel

from bot.builtin.chat_model import BuiltinChatModel
from bot.providers import ModelWish, Provider, UnknownModelError, check_wish, provider_of

NO_KEY = "none"  # what is sent where an address of one's own wants no key


def make_model(wish: ModelWish, seconds: float = 30.0) -> BaseChatModel:
    """The model that is wished for. seconds: the longest that one request may take.

    Raises ModelSettingError; it never holds the key.
    """
    if wish.is_builtin:
        return BuiltinChatModel()
    check_wish(wish)
    provider, name = provider_of(wish)
    from langchain.chat_models import init_chat_model

    try:
        made: BaseChatModel = init_chat_model(name, model_provider=provider.name, **_settings(provider, wish, seconds))
    except Exception as wrong:  # noqa: BLE001 - whatever a library raises on a setting is told in our own words
        # Not its words: a library may repeat the key in them.
        raise UnknownModelError(f"FRONTDESK_MODEL={wish.name} cannot be set up ({type(wrong).__name__}).") from None
    if provider.name == "ollama" and wish.key:
        # Not in its settings: they are part of how the model prints itself.
        made._async_client._client.headers["Authorization"] = f"Bearer {wish.key}"  # type: ignore[attr-defined]  # noqa: SLF001 - the library offers no other place
    return made


def _settings(provider: Provider, wish: ModelWish, seconds: float) -> dict[str, Any]:
    given: dict[str, Any] = {"base_url": wish.base_url} if wish.base_url else {}
    if provider.name == "ollama":
        return given | {"async_client_kwargs": {"timeout": seconds}}
    given |= {"api_key": wish.key or NO_KEY, "max_retries": 0, "timeout": seconds, "stream_usage": True}
    if provider.name == "openai":
        import httpx2

        given["http_async_client"] = httpx2.AsyncClient(timeout=seconds)
        if wish.base_url:  # what is compatible with OpenAI has chat completions, and often nothing newer
            given["use_responses_api"] = False
    return given
