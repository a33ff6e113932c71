"""The command `hongyan`. Each command reads its settings and calls one function.

Exit 0 fine, 1 found something wrong, 2 wrong use. Everything heavy is imported by the command that
needs it, so that `--help` is there at once; `--help`, `services`, `cases` and `eval` need no settings.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, NoReturn, TypeVar

import typer

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop

    from bot.settings import Settings, Sources

_S = TypeVar("_S", bound="Sources")

WRONG, MISUSED = 1, 2


def _group(help_text: str) -> typer.Typer:
    # Plain help: no markup to parse, nothing to load, and it reads well in a Windows console too.
    return typer.Typer(
        help=help_text,
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )


app = _group(
    "鸿雁：党群服务中心公众号的服务台。设置写在环境变量 HONGYAN_* 里，或写在 HONGYAN_CONFIG 指定的 TOML 文件里。"
)
staff = _group("工作人员账号。")
menu = _group("公众号的自定义菜单。")
services = _group("服务：一个文件是一项服务。")
articles = _group("政策问答。")
cases = _group("办件。")
units = _group("单位：市、区县、街道镇、社区村、网格楼栋。")
audit = _group("审计日志：谁、什么时候、办了什么。")
evaluate = _group("评测：读一份题目，写一份答卷。不需要设置。")
app.add_typer(staff, name="staff")
app.add_typer(menu, name="menu")
app.add_typer(services, name="services")
app.add_typer(articles, name="articles")
app.add_typer(cases, name="cases")
app.add_typer(units, name="units")
app.add_typer(audit, name="audit")
app.add_typer(evaluate, name="eval")

_POSTS = (
    "intake 信息传递员、coordinator 对接协调员、supervisor 服务督办员、head 站长、grid 网格员、volunteer 志愿者、"
    "admin 系统管理员、security 安全管理员、audit 审计管理员"
)

File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="文件")]
Out = Annotated[Path, typer.Option("--out", dir_okay=False, help="写到哪个文件")]


def main() -> None:
    """Run the command line; a wrong set-up is told by the settings' names."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a console that lacks a character shows `?`, and goes on
    # pydantic would look through every installed package for plugins of its own; there are none.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    app(prog_name="hongyan")


@app.command(help="启动服务：接收公众号消息、工作台、后台工作。")
def serve(
    web_only: Annotated[bool, typer.Option("--web-only", help="只接消息，不做后台工作（仅 PostgreSQL）")] = False,
    processes: Annotated[int, typer.Option("--processes", min=1, help="开几个进程（多于 1 仅 PostgreSQL）")] = 1,
    shared_port: Annotated[bool, typer.Option("--shared-port", hidden=True)] = False,
) -> None:
    """Serve the platform's pushes and the desk, and do the background work."""
    if (web_only or processes > 1) and _sqlite():
        _misused("SQLite 只能由一个进程写，后台工作也由它做；--web-only 和 --processes 需要 PostgreSQL。")
    gc.disable()  # what a start loads stays; the application turns the collector on when it stands
    try:
        settings = _settings()
        from bot.app import serve as run

        _run(run(settings, web_only=web_only, processes=processes, shared=shared_port))
    finally:
        gc.enable()


@app.command(help="只做后台工作：发送、定时、取图（仅 PostgreSQL）。")
def work() -> None:
    """Do background work only."""
    if _sqlite():
        _misused("SQLite 只能由一个进程写：hongyan serve 已经在做后台工作，不需要另外启动 work。")
    settings = _settings()
    from bot.app import work as run

    _run(run(settings))


@app.command(help="在本机演示：服务和手机模拟器一起启动，不需要公众号。")
def demo(  # noqa: PLR0917  the command's options
    fresh: Annotated[bool, typer.Option("--fresh", help="清空演示数据，从头开始")] = False,
    host: Annotated[str, typer.Option("--host", help="监听地址")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="服务的端口")] = 8080,
    sim_port: Annotated[int, typer.Option("--sim-port", min=0, max=65535, help="手机模拟器的端口")] = 8081,
    city: Annotated[
        bool, typer.Option("--city", help="演示一座城市的一季：2,401 个站点、4,683 名工作人员、57,000 件，在后台生成")
    ] = False,
    seed: Annotated[int, typer.Option("--seed", help="哪一座城市：同一个数，同一座城市")] = 1,
) -> None:
    """Run the service and the simulator together on this machine."""
    _quiet()
    from bot.app import demo as run

    shown = seed if city else None
    _run(run(fresh=fresh, host=host, port=port, sim_port=sim_port, services_dir=_services_dir(), city=shown))


@app.command(help="只启动手机模拟器（装在盒子里的公众平台）。")
def simulator() -> None:
    """Run the platform in a box."""
    from bot.settings import SimulatorSettings

    settings = _load(SimulatorSettings)
    _quiet()
    from bot.app import simulator as run

    _run(run(settings))


@app.command(help="在终端里扮演一位来办事的人。")
def talk() -> None:
    """Be a member, in the terminal."""
    _quiet()
    from bot.talk import run

    _run(run(_services_dir()))


@app.command(help="建好或升级数据库的表。")
def migrate() -> None:
    """Bring the database to the newest schema."""
    from bot.settings import DatabaseSettings
    from storage.engines import Taken
    from storage.migrate import migrate as upgrade

    url = _load(DatabaseSettings).database_url
    try:
        with _refusals_told():
            upgrade(url)
    except Taken as taken:
        _wrong(str(taken))
    typer.echo("数据库已是最新。")


@app.command(help="检查安装和设置，逐项说明哪里不对、怎么办。")
def doctor() -> None:
    """Say what is wrong with a set-up, in words."""
    _quiet("CRITICAL")  # the doctor itself says what the parts would complain about
    from bot.doctor import examine

    _run(examine(typer.echo))


@staff.command("add", help="添加一位工作人员。")
def staff_add(
    name: Annotated[str, typer.Argument(help="登录名")],
    post: Annotated[
        str,
        typer.Option("--post", help=f"岗位：{_POSTS}"),
    ],
    unit: Annotated[str, typer.Option("--unit", help="所在单位的代号，例如 yushan-xincheng")],
    password_stdin: Annotated[bool, typer.Option("--password-stdin", help="从标准输入读一行作密码")] = False,
) -> None:
    """Add a member of staff."""
    from bot.settings import StoreSettings

    settings = _load(StoreSettings)
    from bot.staff import WrongStaff, add
    from storage.engines import Taken

    try:
        _run(add(settings, name=name, post=post, unit=unit, password=_password(password_stdin)))
    except (WrongStaff, Taken) as wrong:
        _wrong(str(wrong))
    typer.echo(f"已添加 {name}。请本人在 /desk/login 登录。")


@menu.command("push", help="把服务的菜单发布到公众号。")
def menu_push() -> None:
    """Publish the menu."""
    settings = _settings()
    from bot.app import push_menu

    _run(push_menu(settings))


@services.command("check", help="检查服务文件，把每处错误按文件和行号说清。")
def services_check(
    folder: Annotated[
        Path | None,
        typer.Argument(exists=True, file_okay=False, help="中心自己的服务文件夹；不写就用 HONGYAN_SERVICES_DIR"),
    ] = None,
) -> None:
    """Name every mistake in the service files."""
    from bot.catalogue import check

    mistakes = check(folder or _services_dir())
    for mistake in mistakes:
        typer.echo(mistake)
    if mistakes:
        raise typer.Exit(WRONG)
    typer.echo("服务文件没有错误。")


@services.command("show", help="画出一项服务的流程。")
def services_show(name: Annotated[str, typer.Argument(help="服务的代号，例如 check_in")]) -> None:
    """Draw a service's flow."""
    from bot.catalogue import show

    try:
        drawn = show(name, _services_dir())
    except (ValueError, OSError) as wrong:
        _wrong(str(wrong))
    if drawn is None:
        _wrong(f"没有叫 {name} 的服务。")
    typer.echo(drawn)


@articles.command("import", help="导入政策问答（JSON Lines，一行一条）。")
def articles_import(file: File) -> None:
    """Import policy answers."""
    from bot.settings import StoreSettings

    settings = _load(StoreSettings)
    from bot.articles import bring_in
    from storage.engines import Taken

    try:
        _run(bring_in(settings, file))
    except Taken as taken:
        _wrong(str(taken))


@cases.command("draw", help="画出一件事从受理到归档可以怎么走（Mermaid）。")
def cases_draw() -> None:
    """Draw the transition table."""
    from dialogs.desk.drawing import drawn

    typer.echo(drawn())


@units.command("import", help="从表格（CSV、XLSX）导入全部单位；有错就一个也不导入，逐行说明。")
def units_import(
    file: File,
    check: Annotated[bool, typer.Option("--check", help="只检查，说明会改什么，不导入")] = False,
) -> None:
    """Make the organisation what a spreadsheet says."""
    from bot.settings import StoreSettings

    settings = _load(StoreSettings)
    from bot.units import bring_in
    from storage.engines import Taken

    try:
        _run(bring_in(settings, file, check=check))
    except Taken as taken:
        _wrong(f"{taken}\n服务在运行时，请在工作台的「单位」页导入。")


@units.command("export", help="把全部单位写成表格，按文件名 .csv 或 .xlsx。")
def units_export(file: Annotated[Path, typer.Argument(dir_okay=False, writable=True, help="文件")]) -> None:
    """Write the organisation into a spreadsheet."""
    from bot.settings import StoreSettings

    settings = _load(StoreSettings)
    from bot.units import hand_out

    _run(hand_out(settings, file))


@units.command("codes", help="写出各站点的二维码，一站一页 A4。")
def units_codes(out: Annotated[Path, typer.Option("--out", file_okay=False, help="写到哪个文件夹")]) -> None:
    """Draw the stations' codes to print."""
    from bot.settings import Settings, StoreSettings, WrongSettings, load

    settings = _load(StoreSettings)
    try:
        wechat = load(Settings)
    except WrongSettings:  # without an account the codes are for trying things out
        wechat = None
    _quiet()
    from bot.units import print_codes

    _run(print_codes(settings, wechat, out))


@audit.command("verify", help="核对审计日志有没有被改动；第一处不对的地方会说清楚。")
def audit_verify(
    since: Annotated[
        datetime | None,
        typer.Option("--since", formats=["%Y-%m-%d"], help="只核对这一天起的（例 2026-11-01）"),
    ] = None,
    anchor: Annotated[str, typer.Option("--anchor", help="服务日志里 audit.anchor 那一行的 anchor，一并核对")] = "",
) -> None:
    """Check the audit log against its chain."""
    from bot.audit_check import is_anchor, verify
    from bot.settings import StoreSettings

    if anchor and not is_anchor(anchor):
        _misused("--anchor 要照抄服务日志里 audit.anchor 那一行的 anchor，样子是 1234:ab12…。")
    settings = _load(StoreSettings)
    _quiet()
    _run(verify(settings, since=since.date() if since else None, anchor=anchor))


@evaluate.command("understand", help="评测听话：每行一句话，写出听成了什么。")
def eval_understand(file: File, out: Out) -> None:
    """Read what people typed and write what it was taken for."""
    from bot.evaluate import BadRowsError, understand

    try:
        written = understand(file, out)
    except BadRowsError as wrong:
        _wrong(str(wrong))
    typer.echo(f"写了 {written} 行：{out}")


@evaluate.command("answers", help="评测答问：每个问题写出答了哪一条、排在前面的十条。")
def eval_answers(
    articles: Annotated[Path, typer.Option("--articles", exists=True, dir_okay=False, help="问答")],
    queries: Annotated[Path, typer.Option("--queries", exists=True, dir_okay=False, help="要答的问题")],
    out: Out,
    out_of_scope: Annotated[
        Path | None, typer.Option("--out-of-scope", exists=True, dir_okay=False, help="不该答的问题")
    ] = None,
) -> None:
    """Ask every question and write what was answered."""
    from bot.evaluate import BadRowsError, answers

    try:
        written = answers(articles, queries, out_of_scope, out)
    except BadRowsError as wrong:
        _wrong(str(wrong))
    typer.echo(f"写了 {written} 行：{out}")


def _settings() -> Settings:
    from bot.logs import set_up
    from bot.settings import Settings

    settings = _load(Settings)
    set_up(settings.log)
    return settings


def _quiet(level: Literal["WARNING", "CRITICAL"] = "WARNING") -> None:
    """Let only what needs somebody's attention interrupt what is on the screen."""
    import logging

    from bot.logs import set_up

    set_up("auto", level=logging.getLevelNamesMapping()[level])


def _load(kind: type[_S]) -> _S:
    from bot.settings import WrongSettings, load

    try:
        return load(kind)
    except WrongSettings as wrong:
        _wrong(str(wrong))


def _sqlite() -> bool:
    from bot.settings import DatabaseSettings

    return _load(DatabaseSettings).sqlite


def _services_dir() -> Path | None:
    from bot.settings import ServicesSettings

    return _load(ServicesSettings).services_dir


def _password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    return str(typer.prompt("密码", hide_input=True, confirmation_prompt="再输一遍"))


def _wrong(words: str) -> NoReturn:
    typer.echo(words, err=True)
    raise typer.Exit(WRONG)


def _misused(words: str) -> NoReturn:
    typer.echo(words, err=True)
    raise typer.Exit(MISUSED)


def _run(work: Coroutine[Any, Any, int | None] | int | None) -> None:
    """Finish the command with what it found: a coroutine is run first; None and 0 are fine."""
    with _refusals_told():
        found = _loop(work) if isinstance(work, Coroutine) else work
    if found:
        raise typer.Exit(found)


@contextmanager
def _refusals_told() -> Iterator[None]:
    """Tell what the database refused by its kind alone: its own words quote the address."""
    try:
        yield
    except Exception as error:  # a driver's own kinds may not be named here; what is none of theirs goes on
        from storage.addresses import refusal

        kind = refusal(error)
        if kind is None:
            raise
        _wrong(
            f"数据库不让用（{kind}）：检查 HONGYAN_DATABASE_URL 的主机、端口、库名、用户、密码和选项，数据库是否启动；"
            "设置没有错，就先运行 hongyan migrate，再看数据库自己的日志。"
        )


def _loop(work: Coroutine[Any, Any, int | None]) -> int | None:
    import asyncio

    with asyncio.Runner(loop_factory=_new_loop) as runner:
        return runner.run(work)


def _new_loop() -> AbstractEventLoop:
    import asyncio

    if sys.platform == "win32":
        return asyncio.SelectorEventLoop()  # psycopg cannot use the proactor
    try:
        import uvloop
    except ImportError:  # faster where there is one, needed nowhere
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()
