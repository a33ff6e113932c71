"""Adding a member of staff from the command line: what may be wrong is said in words, all at once."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from bot.opening import bring_up
from bot.people import name_wrong, password_wrong
from bot.settings import StoreSettings, keys
from bot.sign_in import Passwords
from dialogs import rules
from storage.engines import open_database


class WrongStaff(Exception):  # noqa: N818  it is told to a person
    """Somebody cannot be added; the message has one line for each reason."""


async def add(settings: StoreSettings, *, name: str, post: str, unit: str, password: str) -> None:
    """Add a person with one post in one unit. Raises WrongStaff with every reason why not."""
    await bring_up(settings.database_url)
    async with open_database(settings.database_url, keys(settings)) as database:
        # Before its first start a service has no units of its own: it will begin with the packaged ones.
        units = {each.id for each in await database.units.all() or rules.packaged_town() if not each.closed}
        taken = await database.staff.by_name(name) is not None
        if reasons := list(_reasons(name, post, unit, password, units, taken=taken)):
            raise WrongStaff("\n".join(reasons))
        await database.staff.add(name, await Passwords().hash(password), post, unit)


def _reasons(name: str, post: str, unit: str, password: str, units: set[str], *, taken: bool) -> Iterator[str]:
    yield from name_wrong(name)
    if taken:
        yield f"已经有人用 {name} 这个登录名。"
    posts = {key: known.title for key, known in rules.packaged().posts.items() if known.desk}
    if post not in posts:
        yield f"没有 {post} 这个岗位，可以是：{'、'.join(f'{key} {title}' for key, title in posts.items())}。"
    if unit not in units:
        near = get_close_matches(unit, units, n=3)
        yield f"没有 {unit} 这个单位。" + (f"相近的有：{'、'.join(near)}。" if near else "")
    yield from password_wrong(password)
