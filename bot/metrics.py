"""What the service counts about itself, as `/metrics` shows it. One object, made once and handed around.

Nothing is registered at import time, so that tests and processes have their own counts. Labels are
kinds, ways and outcomes: never members, cases or words.
"""

from __future__ import annotations

from functools import cache

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

# Seconds. The platform gives up after 5; we hand over at 4.0 and refuse at 4.5.
_TURN = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 4.5, 5.0)
_SENDING = (0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

CONTENT_TYPE = CONTENT_TYPE_LATEST


class Metrics:
    """All counts of one process. The attributes are the prometheus objects themselves."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        into = self.registry
        self.pushes = Counter("hongyan_pushes", "Pushes accepted, by kind of event.", ["kind"], registry=into)
        # Remembers the children: every push is counted, and finding one by its label costs more than counting.
        self.accepted = cache(self.pushes.labels)
        self.bad_pushes = Counter("hongyan_bad_pushes", "Pushes refused, by reason.", ["kind"], registry=into)
        self.drift = Gauge("hongyan_push_clock_drift_seconds", "Signed time of the last push less ours.", registry=into)
        self.turns = Counter("hongyan_turns", "Turns committed, by the way their words went.", ["way"], registry=into)
        self.turn_seconds = Histogram(
            "hongyan_turn_seconds", "From the push read to its answer.", buckets=_TURN, registry=into
        )
        self.refused = Counter("hongyan_turns_refused", "Pushes answered 503: not committed in time.", registry=into)
        self.cases = Counter("hongyan_cases_opened", "Cases opened, by grade.", ["grade"], registry=into)
        self.outbox = Counter(
            "hongyan_outbox_attempts", "Attempts to send, by way and outcome.", ["way", "outcome"], registry=into
        )
        self.sending_seconds = Histogram(
            "hongyan_outbox_seconds", "How long the platform took to answer.", buckets=_SENDING, registry=into
        )
        self.deliveries = Gauge("hongyan_deliveries", "Deliveries in the outbox, by status.", ["status"], registry=into)
        self.stopped = Gauge("hongyan_route_stopped", "1 where sending is stopped.", ["way"], registry=into)
        self.timers = Counter("hongyan_timers", "Timers fired, by outcome.", ["outcome"], registry=into)
        self.clocks = Counter("hongyan_clocks", "Clocks of cases fired, by what fired.", ["act"], registry=into)
        self.media = Counter("hongyan_media", "Photos and recordings fetched, by outcome.", ["outcome"], registry=into)
        self.audit_linked = Counter("hongyan_audit_linked", "Records linked into the audit chain.", registry=into)
        self.audit_waiting = Gauge("hongyan_audit_waiting", "Audit records that wait for their link.", registry=into)
        self.audit_lag = Gauge("hongyan_audit_lag_seconds", "Age of the oldest of them.", registry=into)
        self.audit_broken = Gauge("hongyan_audit_broken", "1 where the audit chain was found broken.", registry=into)
        self.crashes = Counter(
            "hongyan_loop_crashes", "Attempts of a background loop that raised.", ["loop"], registry=into
        )

    def text(self) -> bytes:
        """Return everything in the exposition format that `CONTENT_TYPE` names."""
        return generate_latest(self.registry)
