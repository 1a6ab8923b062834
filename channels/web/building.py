"""Websites from the settings: those that are stored, and the demo's where only this machine reaches us."""

from billing.access import Door
from channels.sealing import Sealing
from channels.secret import secret_of
from channels.settings import Settings
from channels.web.loopback import is_loopback
from channels.web.sites import DemoWebsites, Sites


def build_sites(settings: Settings, door: Door) -> Sites:
    """Where the businesses' chats stand."""
    secret = secret_of(settings)
    demo = DemoWebsites(secret, settings.port) if is_loopback(settings.host) else None
    return Sites(door, Sealing(secret), demo)
