"""A model that cannot be had is told at start, with what to do about it and without the key."""

import pytest
from langchain_core.language_models import BaseChatModel

from bot.builtin.chat_model import BuiltinChatModel
from bot.hosted import close_model
from bot.models import make_model
from bot.providers import (
    PROVIDERS,
    MissingExtraError,
    MissingKeyError,
    ModelSettingError,
    ModelWish,
    Provider,
    UnknownModelError,
    check_wish,
    provider_of,
)
from channels.hosting import check_model, hosting_of, wants_key
from channels.settings import Settings
from channels.wiring import build_frontdesk
from tests.conftest import Run

KEY = "sk-very-secret"


def test_no_name_is_the_builtin_model() -> None:
    for name in ("", "builtin"):
        check_wish(ModelWish(name))
        assert isinstance(make_model(ModelWish(name)), BuiltinChatModel)


@pytest.mark.parametrize("name", ["gpt", "google:gemini", "openai:", ":x"])
def test_unknown_name_is_told(name: str) -> None:
    with pytest.raises(UnknownModelError, match="anthropic:NAME, openai:NAME, ollama:NAME"):
        check_wish(ModelWish(name, key=KEY))


def test_missing_key_is_told() -> None:
    with pytest.raises(MissingKeyError, match="FRONTDESK_MODEL_API_KEY"):
        check_wish(ModelWish("anthropic:some"))
    check_wish(ModelWish("ollama:some"))
    check_wish(ModelWish("openai:some", base_url="http://127.0.0.1:1/v1"))


def test_missing_library_is_told_with_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PROVIDERS, "openai", Provider("openai", "langchain_that_is_not_there"))
    with pytest.raises(MissingExtraError, match="make hosted"):
        check_wish(ModelWish("openai:some", key=KEY))


def test_bare_name_at_an_address_is_openai_compatible() -> None:
    wish = ModelWish("qwen2.5:7b", base_url="http://127.0.0.1:8080/v1")
    assert provider_of(wish) == (PROVIDERS["openai"], "qwen2.5:7b")
    with pytest.raises(UnknownModelError, match="is not an address"):
        check_wish(ModelWish("some", base_url="127.0.0.1:8080"))


def test_key_is_in_no_error_and_no_repr() -> None:
    wish = ModelWish("nobody:some", key=KEY)
    with pytest.raises(ModelSettingError) as told:
        check_wish(wish)
    assert KEY not in f"{told.value} {wish!r}"


@pytest.mark.parametrize("name", ["openai:some", "ollama:some"])
def test_each_provider_is_made_without_retries_of_its_own(run: Run, name: str) -> None:
    async def work() -> BaseChatModel:
        made = make_model(ModelWish(name, "http://127.0.0.1:9/v1", KEY), 5.0)
        await close_model(made)
        return made

    made = run(work())
    assert getattr(made, "max_retries", 0) == 0
    assert KEY not in repr(made)


def test_settings_say_how_far_a_model_may_go() -> None:
    settings = Settings(
        model="anthropic:some", model_privacy="strict", model_price="3/15/0.3", model_seconds=7, model_daily_tokens=9
    )
    hosting = hosting_of(settings)
    assert (hosting.limits.seconds, hosting.limits.daily_tokens, hosting.limits.cost) == (7, 9, 250_000)
    assert (str(hosting.price.read), str(hosting.price.written), str(hosting.price.cached)) == ("3", "15", "0.3")
    assert hosting.is_strict
    assert hosting.caches_prefix
    assert wants_key(settings)


def test_frontdesk_with_an_impossible_model_does_not_start() -> None:
    with pytest.raises(MissingKeyError):
        check_model(Settings(model="openai:some"))
    with pytest.raises(MissingKeyError):
        build_frontdesk(Settings(model="openai:some"))
