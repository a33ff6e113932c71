"""Reads service files from where they lie, for the service and for `hongyan services`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib import resources
from pathlib import Path

from dialogs.catalogue import Catalogue, CatalogueError, Service, Source, Step, load
from dialogs.reading import Mistake
from dialogs.rules import packaged


def files(folder: Path | None = None) -> Iterator[tuple[str, str]]:
    """Give (name, text) of the packaged services and of a centre's own; a centre's file replaces one of its name."""
    found: dict[str, tuple[str, str]] = {}
    ours = resources.files("dialogs.services")
    for entry in sorted(ours.iterdir(), key=lambda each: each.name):
        if entry.name.endswith(".yaml"):
            found[entry.name] = (entry.name, entry.read_text(encoding="utf-8"))
    if folder is not None:
        for path in sorted(folder.glob("*.yaml")):
            found[path.name] = (str(path), _text(path))
    return iter(found.values())


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeError as wrong:
        raise CatalogueError([Mistake(str(path), 1, "不是 UTF-8 编码的文件，请另存为 UTF-8")]) from wrong


def read(folder: Path | None = None, older: Iterable[Source] = ()) -> Catalogue:
    """Load every service, or raise CatalogueError with all mistakes. A missing folder is a mistake too."""
    if folder is not None and not folder.is_dir():
        raise FileNotFoundError(f"HONGYAN_SERVICES_DIR 指的文件夹不存在：{folder}")
    return load(files(folder), older, packaged())


def check(folder: Path | None = None) -> list[str]:
    """Name every mistake by file and line; an empty list is good news."""
    try:
        read(folder)
    except CatalogueError as wrong:
        return [str(mistake) for mistake in wrong.mistakes]
    except FileNotFoundError as wrong:
        return [str(wrong)]
    return []


def show(name: str, folder: Path | None = None) -> str | None:
    """Draw a service's flow as text, or None where there is no such service."""
    service = read(folder).current.get(name)
    return "\n".join(_draw(service)) if service else None


def _draw(service: Service) -> Iterator[str]:
    yield f"{service.title}  （{service.service} 第 {service.version} 版）"
    if service.words:
        yield f"  说法：{'、'.join(service.words)}"
    if service.consent:
        yield f"  ┌ 征得同意：{service.consent}"
    for step in service.steps:
        yield from _draw_step(step)
    if service.steps and service.readback:
        yield "  ├ 读回核对，回复数字修改，「确认」提交"
    if service.opens:
        limit = f"，{service.opens.promise}" if service.opens.promise else "，时限按类别的等级"
        yield f"  └ 开件 {service.opens.case} → {service.opens.unit}（{service.opens.post}{limit}）"
    if service.reminds:
        yield f"    每 {service.reminds.every} 提醒一次：{service.reminds.say}"


def _draw_step(step: Step) -> Iterator[str]:
    only = "，".join(
        [
            *(f"{key}={value} 才问" for key, value in step.when.items()),
            *([_SKIPPED[step.unless]] if step.unless else []),
        ]
    )
    yield f"  ├ {step.key}（{step.kind}）{step.ask}" + (f"  ［{only}］" if only else "")
    for key, label in step.options.items():
        yield f"  │   · {label}（{key}）"


_SKIPPED = {
    "scanned": "扫过码就不问",
    "since_said": "说过时间就不问",
    "phone_known": "有电话就不问",
    "name_known": "有姓名就不问",
}
