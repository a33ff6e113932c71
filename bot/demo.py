"""`hongyan demo`: the service and the platform in a box on one machine, with one clock and ready sign-ins."""

from __future__ import annotations

import json
import secrets
import shutil
import string
from contextlib import AsyncExitStack
from pathlib import Path

from pydantic import SecretStr

from bot.app import background, listening, look_for_room, make_app, open_parts, until_stopped, watching
from bot.channels.wechat.menu import packaged as packaged_menu
from bot.settings import Settings, SimulatorSettings, Wechat
from bot.sign_in import Passwords
from bot.simulator import SimSettings, Spot, Station, WallClock
from bot.simulator import make_app as make_simulator
from bot.world import SharedClock
from dialogs import rules
from dialogs.units import Unit
from storage.staff import StaffStore

FOLDER = Path("var/demo")
# One person for each kind of post; the names are the demo's.
PEOPLE = (
    ("林信息", "intake", "kunshan"),
    ("王对接", "coordinator", "kunshan"),
    ("陈督办", "supervisor", "kunshan"),
    ("李新城", "coordinator", "yushan-xincheng"),
    ("刘站长", "head", "yushan-xincheng"),
    ("赵管理", "admin", "kunshan"),
    ("钱安全", "security", "kunshan"),
    ("孙审计", "audit", "kunshan"),
)


async def run(*, fresh: bool, host: str, port: int, sim_port: int, services_dir: Path | None = None) -> None:
    """Run both until told to stop. What was said in the demo is kept between runs unless `fresh`."""
    look_for_room(host, port, sim_port)  # a demo that runs already keeps its data
    if fresh:
        shutil.rmtree(FOLDER, ignore_errors=True)
    _folder()
    clock = SharedClock(FOLDER / "clock.json")
    kept = _secrets()
    async with AsyncExitStack() as stack:
        box = await make_simulator(_box(kept, host, port, sim_port), clock)
        sim = await stack.enter_async_context(listening(box, host, sim_port))
        settings = _settings(kept, host, port, sim, services_dir)
        parts = await stack.enter_async_context(open_parts(settings, clock))
        await stack.enter_async_context(background(parts))
        await stack.enter_async_context(watching(parts))
        signins = await _signins(parts.database.staff)
        served = await stack.enter_async_context(listening(make_app(parts), host, port))
        await parts.channel.publish_menu(packaged_menu())
        _tell(host, served, sim, signins)
        await until_stopped()


def _folder() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)


def _secrets() -> dict[str, str]:
    """The demo's own secrets, made once and kept beside its data."""
    path = FOLDER / "secrets.json"
    if path.exists():
        return dict(json.loads(path.read_text(encoding="utf-8")))
    letters = string.ascii_letters + string.digits
    made = {
        "secret_key": secrets.token_urlsafe(36),
        "app_id": "wx" + secrets.token_hex(8),
        "app_secret": secrets.token_hex(16),
        "token": secrets.token_hex(12),
        "aes_key": "".join(secrets.choice(letters) for _ in range(43)),
    }
    _write(path, made)
    return made


def _write(path: Path, value: object) -> None:
    """Write JSON whole, for the owner's eyes only."""
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(value, ensure_ascii=False, indent=1), encoding="utf-8")
    fresh.chmod(0o600)
    fresh.replace(path)


def _settings(kept: dict[str, str], host: str, port: int, sim_port: int, services_dir: Path | None) -> Settings:
    """The service's settings in the demo; of a real set-up only its services reach in."""
    wechat = Wechat(
        app_id=kept["app_id"],
        app_secret=SecretStr(kept["app_secret"]),
        token=SecretStr(kept["token"]),
        aes_key=SecretStr(kept["aes_key"]),
        mode="safe",
        api_base=f"http://{host}:{sim_port}",
    )
    return Settings.model_construct(
        host=host,
        port=port,
        secret_key=SecretStr(kept["secret_key"]),
        database_url=f"sqlite+aiosqlite:///{FOLDER.as_posix()}/hongyan.db",
        redis_url=None,
        services_dir=services_dir,
        media_url=None,
        log="auto",
        wechat=wechat,
    )


def _box(kept: dict[str, str], host: str, port: int, sim_port: int) -> SimSettings:
    return SimSettings(
        app_id=kept["app_id"],
        app_secret=kept["app_secret"],
        token=kept["token"],
        aes_key=kept["aes_key"],
        mode="safe",
        push_url=f"http://{host}:{port}/wechat/main",
        host=host,
        port=sim_port,
        name=rules.packaged().centre.name,
        state=FOLDER / "phone.json",
        shared_clock=True,
        stations=_stations(rules.packaged_town()),
        places=_places(rules.packaged_town()),
    )


def _stations(units: tuple[Unit, ...]) -> tuple[Station, ...]:
    return tuple(
        Station(scene=unit.scenes[0], name=f"{unit.full_name}党群服务中心")
        for unit in units
        if unit.scenes and unit.level in {"community", "town", "city"}
    )


def _places(units: tuple[Unit, ...]) -> tuple[Spot, ...]:
    return tuple(
        Spot(label=(unit.aliases[0] if unit.aliases else unit.name), lat=unit.latitude, lon=unit.longitude)
        for unit in units
        if unit.level == "community" and unit.latitude is not None and unit.longitude is not None
    )


async def _signins(staff: StaffStore) -> list[dict[str, str]]:
    path = FOLDER / "signins.json"
    if path.exists():
        return list(json.loads(path.read_text(encoding="utf-8")))
    made = []
    passwords = Passwords()
    for name, post, unit in PEOPLE:
        password = "-".join(secrets.token_hex(2) for _ in range(3))
        await staff.add(name, await passwords.hash(password), post, unit)
        made.append({"name": name, "password": password, "post": post, "unit": unit})
    _write(path, made)
    return made


def _tell(host: str, port: int, sim_port: int, signins: list[dict[str, str]]) -> None:
    posts = rules.packaged().posts
    units = {unit.id: unit.full_name for unit in rules.packaged_town()}
    lines = [
        "",
        f"  手机（模拟器）  http://{host}:{sim_port}/",
        f"  工作台          http://{host}:{port}/desk/",
        "",
        "  工作台登录：",
        *(
            f"    {each['name']}  {each['password']}  （{posts[each['post']].title}，{units[each['unit']]}）"
            for each in signins
        ),
        "",
        "  停止按 Ctrl+C。从头开始：--fresh。",
        "",
    ]
    print("\n".join(lines), flush=True)


async def run_simulator(settings: SimulatorSettings) -> None:
    """Run the platform in a box alone, with its own clock, for a service that runs elsewhere."""
    told = settings.wechat.account()
    sim = SimSettings(
        app_id=told.app_id,
        app_secret=told.app_secret,
        token=told.token,
        aes_key=told.aes_key,
        mode=told.mode,
        push_url=settings.sim_push_url,
        host=settings.host,
        port=settings.sim_port,
        name=rules.packaged().centre.name,
        stations=_stations(rules.packaged_town()),
        places=_places(rules.packaged_town()),
    )
    box = await make_simulator(sim, WallClock())
    async with listening(box, settings.host, settings.sim_port) as port:
        print(f"手机（模拟器）在 http://{settings.host}:{port}/", flush=True)
        await until_stopped()
