"""Settings → how a hosted model is asked: which one, how far it may go, and what its provider may see."""

from decimal import Decimal
from typing import TYPE_CHECKING

from bot.providers import ModelWish, check_wish, needs_key, provider_of
from channels.settings import Settings

if TYPE_CHECKING:
    from bot.agent import Agents
    from bot.hosted import Hosting

MICROS = 1_000_000  # micro-dollars in a dollar


def wish_of(settings: Settings) -> ModelWish:
    """The model that the settings ask for."""
    return ModelWish(settings.model, settings.model_base_url, settings.model_api_key.get_secret_value())


def check_model(settings: Settings) -> None:
    """Raise the ModelSettingError that keeps the settings' model from answering. Takes no time."""
    check_wish(wish_of(settings))


def wants_key(settings: Settings) -> bool:
    """Whether the settings' model cannot be asked without a key."""
    return needs_key(wish_of(settings))


def build_agents(settings: Settings) -> "Agents":
    """The agents of the settings' model."""
    from bot.agent import Agents
    from bot.models import make_model

    wish = wish_of(settings)
    return Agents(make_model(wish, settings.model_seconds), wish.shown, hosting_of(settings))


def hosting_of(settings: Settings) -> "Hosting":
    """How the settings' model is asked."""
    from bot.hosted import Hosting
    from bot.spending import Limits, Price

    wish = wish_of(settings)
    limits = Limits(
        seconds=settings.model_seconds,
        silence=settings.model_silence,
        model_calls=settings.model_calls,
        tool_calls=settings.model_tool_calls,
        tokens=settings.model_tokens,
        cost=int(settings.model_cost * MICROS),
        daily_tokens=settings.model_daily_tokens,
        daily_cost=int(settings.model_daily_cost * MICROS),
        business_tokens=settings.business_daily_tokens,
        business_cost=int(settings.business_daily_cost * MICROS),
    )
    read, written, *cached = [Decimal(part) for part in (settings.model_price or "0/0").split("/")]
    return Hosting(
        limits=limits,
        price=Price(read, written, cached[0] if cached else read),
        is_strict=settings.model_privacy == "strict",
        caches_prefix=not wish.is_builtin and provider_of(wish)[0].caches_prefix,
    )
