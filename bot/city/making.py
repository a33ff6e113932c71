"""Makes the pieces of a city in a process of its own, so that the service beside it goes on answering.

Reads one line of JSON (the plan, the secret, the pieces) and writes each piece, pickled, after its length in eight
bytes. It ends when nobody reads any more: a service that is killed leaves nothing behind.
"""

from __future__ import annotations

import json
import pickle
import signal
import sys
from contextlib import suppress
from datetime import datetime

from bot.city.plan import Plan, pieces
from bot.city.rows import make
from bot.city.town import town
from storage.crypto import Keys

HEAD = 8


def main() -> None:
    """Make what is asked for."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the service; this ends with it
    asked = json.loads(sys.stdin.buffer.readline())
    keys = Keys(asked["secret"])
    plan = Plan(
        seed=asked["seed"], until=datetime.fromisoformat(asked["until"]), cases=asked["cases"], days=asked["days"]
    )
    every = list(pieces(plan, town(plan.seed).known.rules.calendar))
    with suppress(BrokenPipeError):
        for place in asked["pieces"]:
            made = pickle.dumps(make(plan, every[place], keys), protocol=pickle.HIGHEST_PROTOCOL)
            sys.stdout.buffer.write(len(made).to_bytes(HEAD, "big") + made)
            sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
