"""Brings a database up: its schema, its units, every version of every service, the articles."""

from __future__ import annotations

import asyncio
from pathlib import Path

from bot import snapshots
from bot.snapshots import Shelf
from dialogs import knowledge, rules
from dialogs.catalogue import Source
from dialogs.knowledge import Article
from storage.engines import Database
from storage.migrate import migrate, state
from storage.services import StoredService

ARTICLE = "article"  # the kind of override that holds one article of the centre's own


class NotMigrated(ValueError):  # noqa: N818  it is told to a person
    """The database has an older schema. Back it up, then run `hongyan migrate`."""


async def bring_up(url: str) -> None:
    """Make the tables of an empty database, and bring SQLite up to date; an older PostgreSQL is not touched.

    Raises NotMigrated. On the office PC nobody knows the word migration; in a city several
    processes start at once and an administrator chooses the moment.
    """
    found = await asyncio.to_thread(state, url)
    if found == "older" and not url.startswith("sqlite"):
        raise NotMigrated(f"数据库的表是旧版本：先备份，再运行 hongyan migrate。（{NotMigrated.__doc__}）")
    if found != "current":
        await asyncio.to_thread(migrate, url)


async def stock(database: Database, services_dir: Path | None) -> Shelf:
    """Load the material, and store what must outlive this program: units once, every service version.

    Raises CatalogueError or RulesError with every mistake named by file and line.
    """
    older = [Source(row.name, row.version, row.hash, row.text) for row in await database.services.all()]
    shelf = Shelf(snapshots.packaged(services_dir, older))
    for source in shelf().services.sources:
        row = StoredService(name=source.name, version=source.version, hash=source.digest, text=source.text)
        await database.services.keep(row)
    units = await database.units.all()
    if not units:
        await database.units.replace(list(rules.packaged_town()))
    else:
        shelf.put_units(units)
    room = shelf().rules.room
    starters = [(each.title, each.words) for each in room.starters]
    await database.replies.stock(shelf().units.root.id, starters, room.starters_until)
    articles = await _articles(database)
    if articles:
        shelf.put_articles(articles)
    return shelf


async def _articles(database: Database) -> tuple[Article, ...]:
    """The packaged articles with a centre's own in their place; () where the centre has none."""
    changed = {row.name: row.body for row in await database.overrides.all(ARTICLE) if row.body}
    if not changed:
        return ()
    own = {article.id: article for article in knowledge.load(changed.values())}
    packaged = {article.id: article for article in knowledge.packaged()}
    return tuple({**packaged, **own}.values())
