"""What a browser calls itself, in words that people know."""

from flask_babel import gettext

from lxsaas.core.messages import N_

# The more particular first: WeChat and Edge call themselves Chrome too, and Chrome Safari.
_SYSTEMS = (
    ("HarmonyOS", "HarmonyOS"), ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"),
    ("Windows", "Windows"), ("Mac OS X", "Mac"), ("CrOS", "ChromeOS"), ("Linux", "Linux"),
)  # fmt: skip
_BROWSERS = (
    ("MicroMessenger", N_("WeChat")), ("DingTalk", N_("DingTalk")), ("Edg", "Edge"), ("Firefox", "Firefox"),
    ("MQQBrowser", N_("QQ browser")), ("UCBrowser", N_("UC browser")),
    ("HuaweiBrowser", N_("Huawei browser")), ("MiuiBrowser", N_("Xiaomi browser")), ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)  # fmt: skip


def device_name(user_agent: str) -> str:
    """'Android · WeChat' from a User-Agent header; 'Unknown browser' where it names nothing known."""
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), "")
    return " · ".join(gettext(one) for one in (system, browser) if one) or gettext("Unknown browser")
