"""`hongyan demo`: the service and the platform in a box on one machine, with one clock and ready sign-ins."""

from __future__ import annotations

import json
import secrets
import shutil
import string
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from bot.app import background, listening, look_for_room, make_app, open_parts, until_stopped, watching
from bot.channels.wechat.menu import packaged as packaged_menu
from bot.city.growing import growing
from bot.city.showing import one_of_each
from bot.city.town import town
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What is shown: where it is kept, its name and units, and who signs in. A city grows while it is shown."""

    folder: Path
    name: str
    units: tuple[Unit, ...]
    people: Sequence[tuple[str, str, str]]
    city: int | None = None  # its seed


def small() -> Stage:
    """The small town that comes with the program."""
    return Stage(folder=FOLDER, name=rules.packaged().centre.name, units=rules.packaged_town(), people=PEOPLE)


def whole_city(seed: int) -> Stage:
    """A city of 2,401 stations."""
    here = town(seed)
    people = [(each.name, each.post, each.unit) for each in one_of_each(seed)]
    centre = here.known.rules.centre
    return Stage(folder=FOLDER / "city", name=centre.name, units=here.known.units.all, people=people, city=seed)


async def run(
    *, fresh: bool, host: str, port: int, sim_port: int, services_dir: Path | None = None, city: int | None = None
) -> None:
    """Run both until told to stop. What was said in the demo is kept between runs unless `fresh`.

    `city` is the seed of a whole city to show in place of the small town.
    """
    look_for_room(host, port, sim_port)  # a demo that runs already keeps its data
    stage = small() if city is None else whole_city(city)
    if fresh:
        _forget(stage)
    stage.folder.mkdir(parents=True, exist_ok=True)
    clock = SharedClock(stage.folder / "clock.json")
    kept = _secrets(stage)
    async with AsyncExitStack() as stack:
        box = await make_simulator(_box(stage, kept, host, port, sim_port), clock)
        sim = await stack.enter_async_context(listening(box, host, sim_port))
        settings = _settings(stage, kept, host, port, sim, services_dir)
        parts = await stack.enter_async_context(open_parts(settings, clock))
        signins = await _signins(stage, parts.database.staff)
        if stage.city is not None:
            await stack.enter_async_context(growing(stage.city, stage.folder, parts, kept["secret_key"]))
        await stack.enter_async_context(background(parts))
        await stack.enter_async_context(watching(parts))
        served = await stack.enter_async_context(listening(make_app(parts), host, port))
        await parts.channel.publish_menu(packaged_menu())
        _tell(stage, host, served, sim, signins)
        await until_stopped()


def _forget(stage: Stage) -> None:
    """Begin anew; the small town leaves the city alone, and the other way round."""
    for path in stage.folder.glob("*"):
        if path.is_file():
            path.unlink()
        elif path.name != "city":
            shutil.rmtree(path)


def _secrets(stage: Stage) -> dict[str, str]:
    """The demo's own secrets, made once and kept beside its data."""
    path = stage.folder / "secrets.json"
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


def _settings(  # noqa: PLR0917  what the demo was started with
    stage: Stage, kept: dict[str, str], host: str, port: int, sim_port: int, services_dir: Path | None
) -> Settings:
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
        database_url=f"sqlite+aiosqlite:///{stage.folder.as_posix()}/hongyan.db",
        redis_url=None,
        services_dir=services_dir,
        media_url=None,
        log="auto",
        wechat=wechat,
    )


def _box(stage: Stage, kept: dict[str, str], host: str, port: int, sim_port: int) -> SimSettings:
    return SimSettings(
        app_id=kept["app_id"],
        app_secret=kept["app_secret"],
        token=kept["token"],
        aes_key=kept["aes_key"],
        mode="safe",
        push_url=f"http://{host}:{port}/wechat/main",
        host=host,
        port=sim_port,
        name=stage.name,
        state=stage.folder / "phone.json",
        shared_clock=True,
        stations=_stations(stage.units),
        places=_places(stage.units),
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


async def _signins(stage: Stage, staff: StaffStore) -> list[dict[str, str]]:
    path = stage.folder / "people.json"
    if path.exists():
        made = list(json.loads(path.read_text(encoding="utf-8")))
    else:
        made = [await _signin(staff, *person) for person in stage.people]
        _write(path, made)
    _write(FOLDER / "signins.json", made)  # whichever of the two is shown
    return made


async def _signin(staff: StaffStore, name: str, post: str, unit: str) -> dict[str, str]:
    password = "-".join(secrets.token_hex(2) for _ in range(3))
    await staff.add(name, await Passwords().hash(password), post, unit)
    return {"name": name, "password": password, "post": post, "unit": unit}


def _tell(stage: Stage, host: str, port: int, sim_port: int, signins: list[dict[str, str]]) -> None:
    posts = rules.packaged().posts
    units = {unit.id: unit.full_name for unit in stage.units}
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
