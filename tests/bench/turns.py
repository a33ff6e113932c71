"""Durable turns a second, beside a bare aiohttp handler that returns a constant, in the same run.

    python -m tests.bench.turns [--requests N] [--rounds N] [--postgres URL]

Only the ratios of one run mean anything: the same handler is three times as fast on a quiet
machine as on a busy one. Servers run pinned to one processor and the generator to the other, where
there are two; each round measures bare, plain and safe one after the other.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.shared import shared

ROOT = Path(__file__).resolve().parents[2]
TOKEN, APP_ID, AES_KEY = "testtoken123", "wx1234567890abcdef", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
# A member who reports a broken lamp: one full form of the busiest service, and a question.
SCRIPT = ["你好", "小区路灯坏了三天了没有人管", "1", "新城花园三号楼", "没有", "1", "进度", "党费一个月交多少"]

BARE = """
import sys
from aiohttp import web
import uvloop
REPLY = {reply!r}
async def push(request):
    await request.read()
    return web.Response(body=REPLY, content_type="application/xml")
app = web.Application()
app.router.add_post("/wechat/main", push)
app.router.add_get("/readyz", push)
web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), print=None, access_log=None, loop=uvloop.new_event_loop())
"""
CONSTANT = (
    b"<xml><ToUserName><![CDATA[o]]></ToUserName><FromUserName><![CDATA[g]]></FromUserName>"
    b"<CreateTime>1</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[success]]></Content></xml>"
)


@dataclass(frozen=True, slots=True)
class Round:
    """What one run of the generator measured."""

    rps: float
    p50: float
    p99: float
    cpu: float


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def pin(pid: int, processor: int) -> None:
    if hasattr(os, "sched_setaffinity") and len(os.sched_getaffinity(0)) > 1:
        os.sched_setaffinity(pid, {sorted(os.sched_getaffinity(0))[processor]})


@contextmanager
def server(command: list[str], port: int, environment: dict[str, str], folder: str) -> Iterator[int]:
    started = time.perf_counter()
    child = subprocess.Popen(
        command, env={**os.environ, **environment}, cwd=folder, stdout=subprocess.DEVNULL, stderr=sys.stderr
    )
    pin(child.pid, 0)
    try:
        _wait(port, child)
        if environment:
            print(f"  start-up {time.perf_counter() - started:.2f} s, {_memory(child.pid):.0f} MB", flush=True)
        yield child.pid
    finally:
        child.send_signal(signal.SIGTERM)
        child.wait(20)


def _wait(port: int, child: subprocess.Popen[bytes]) -> None:
    for _ in range(400):
        if child.poll() is not None:
            raise SystemExit("the server did not start")
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2).read()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise SystemExit("the server is not ready")


def _memory(pid: int) -> float:
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except OSError:
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def generate(port: int, mode: str, *, requests: int, seed: int, pid: int, script: str) -> Round:
    command = [
        sys.executable, str(shared("bench/wechat_load.py")), "load", "--url", f"http://127.0.0.1:{port}/wechat/main",
        "--mode", mode, "--requests", str(requests), "--users", str(max(200, requests // 8)), "--conc", "32",
        "--seed", str(seed), "--script", script, "--server-pid", str(pid),
    ]  # fmt: skip
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    pin(child.pid, 1)
    output, trouble = child.communicate()
    if child.returncode:
        raise SystemExit(f"the generator met errors: {output[-800:]}{trouble[-800:]}")
    found = json.loads(output.splitlines()[-1])
    return Round(found["rps"], found["lat_ms"]["p50"], found["lat_ms"]["p99"], found["server_cpu_us_per_req"])


def settings(mode: str, port: int, database: str) -> dict[str, str]:
    return {
        "HONGYAN_DATABASE_URL": database,
        "HONGYAN_PORT": str(port),
        "HONGYAN_SECRET_KEY": "bench-" * 8,
        "HONGYAN_WECHAT_APP_ID": APP_ID,
        "HONGYAN_WECHAT_APP_SECRET": "bench",
        "HONGYAN_WECHAT_TOKEN": TOKEN,
        "HONGYAN_WECHAT_AES_KEY": AES_KEY,
        "HONGYAN_WECHAT_MODE": mode,
        "HONGYAN_WECHAT_API_BASE": "http://127.0.0.1:9",
        "HONGYAN_LOG": "json",
        "PYTHONPATH": str(ROOT),
    }


def measure(mode: str, requests: int, seed: int, database: str | None, script: str) -> Round:
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        url = database or f"sqlite+aiosqlite:///{folder}/bench.db"
        with server([sys.executable, "-m", "bot", "serve"], port, settings(mode, port, url), folder) as pid:
            generate(port, mode, requests=requests // 10, seed=seed + 500, pid=pid, script=script)
            return generate(port, mode, requests=requests, seed=seed, pid=pid, script=script)


def bare(requests: int, seed: int, script: str) -> Round:
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bare.py"
        path.write_text(BARE.format(reply=CONSTANT))
        with server([sys.executable, str(path), str(port)], port, {}, folder) as pid:
            generate(port, "plain", requests=requests // 10, seed=seed + 500, pid=pid, script=script)
            return generate(port, "plain", requests=requests, seed=seed, pid=pid, script=script)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--requests", type=int, default=12000)
    asked.add_argument("--rounds", type=int, default=3)
    asked.add_argument("--postgres", help="measure PostgreSQL at this address too (an empty database)")
    told = asked.parse_args()
    found: dict[str, list[Round]] = {}
    with tempfile.TemporaryDirectory() as folder:
        script = str(Path(folder) / "script.json")
        Path(script).write_text(json.dumps(SCRIPT, ensure_ascii=False), encoding="utf-8")
        for turn in range(told.rounds):
            runs = {"bare": bare(told.requests * 3, turn, script)}
            runs["plain"] = measure("plain", told.requests, turn, None, script)
            runs["safe"] = measure("safe", told.requests, turn, None, script)
            if told.postgres:
                runs["plain, PostgreSQL"] = measure("plain", told.requests, turn + 100, told.postgres, script)
            for name, run in runs.items():
                found.setdefault(name, []).append(run)
                print(f"{name:18} {run.rps:8.0f}/s  p50 {run.p50:7.2f} ms  p99 {run.p99:7.2f} ms  {run.cpu:6.0f} µs CPU"
                      f"  ratio {run.rps / runs['bare'].rps:.3f}", flush=True)  # fmt: skip
    print("\nmedian ratios to the bare handler of the same round:")
    for name, rounds in found.items():
        ratios = [each.rps / beside.rps for each, beside in zip(rounds, found["bare"], strict=True)]
        print(f"  {name:18} {statistics.median(ratios):.3f}")


if __name__ == "__main__":
    main()
