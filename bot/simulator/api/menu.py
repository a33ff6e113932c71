"""Publishing the menu."""

from __future__ import annotations

from bot.simulator.api.call import Call
from bot.simulator.errors import Refused
from bot.simulator.menus import check


async def create(call: Call) -> dict[str, object]:
    """Publish."""
    check(call.body)
    call.box.kept.menu = {"button": call.body.fields["button"]}
    call.box.tell("board")
    return {}


async def get(call: Call) -> dict[str, object]:
    """Show what is published."""
    if call.box.kept.menu is None:
        raise Refused(46003)
    return {"menu": call.box.kept.menu}


async def delete(call: Call) -> dict[str, object]:
    """Take it back."""
    call.box.kept.menu = None
    call.box.tell("board")
    return {}
