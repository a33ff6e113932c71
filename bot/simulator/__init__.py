"""The WeChat platform in a box, with a phone to hold: no account, no internet, no secrets.

It pushes as the platform pushes, answers as its API answers, keeps its windows and quotas, and
shares no code with the channel that talks to it: what it signs must be checked by other hands.
"""

from bot.simulator.app import make_app, run
from bot.simulator.clock import Clock, WallClock
from bot.simulator.settings import SimSettings, Spot, Station

__all__ = ["Clock", "SimSettings", "Spot", "Station", "WallClock", "make_app", "run"]
