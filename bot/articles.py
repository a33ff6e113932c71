"""`hongyan articles import FILE`: a centre's own policy answers, checked line by line, kept with who and when."""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

from bot.auditing import at_terminal
from bot.opening import ARTICLE, bring_up
from bot.settings import StoreSettings, keys
from dialogs import knowledge
from storage.engines import open_database


async def bring_in(settings: StoreSettings, file: Path) -> int:
    """Import every article of a file, or none. An article of a known id replaces that one. Gives the exit code."""
    try:
        lines = await asyncio.to_thread(lambda: file.read_text(encoding="utf-8-sig").splitlines())
        found = knowledge.load(lines)
    except ValueError as wrong:
        said = "不是 UTF-8 编码的文件，请另存为 UTF-8。" if isinstance(wrong, UnicodeError) else str(wrong)
        print(f"{file} 有错，一条也没有导入：\n{said}", file=sys.stderr)
        return 1
    now = datetime.now(UTC)
    await bring_up(settings.database_url)
    rows = {str(json.loads(line)["id"]): line for line in lines if line.strip()}
    async with open_database(settings.database_url, keys(settings)) as database:
        for article in found:
            await database.overrides.keep(ARTICLE, article.id, rows[article.id], by=at_terminal(), now=now)
    print(f"导入了 {len(found)} 条。重新启动 hongyan serve 后生效。")
    return 0
