"""Where the bot of a business is opened: the address to which a start link's token is appended."""

from dataclasses import dataclass

from channels.sealing import SealBrokenError
from channels.telegram.desk import TelegramDesk


@dataclass(frozen=True)
class StartAddresses:
    """Called with a business's id. Telegram is asked once for the name of a bot that is not known by it yet."""

    desk: TelegramDesk

    async def __call__(self, business_id: int) -> str | None:
        """As "https://t.me/harbor_bot?start="; None where the business has no bot, or its name cannot be learnt now."""
        try:
            bots = await self.desk.bots.listed()
        except SealBrokenError:
            return None
        account = next((each for each in bots if each.business_id == business_id), None)
        if account is None:
            return None
        if account.link:
            return f"{account.link}?start="
        name = await self.desk.username_of(account)
        return f"https://t.me/{name}?start=" if name else None
