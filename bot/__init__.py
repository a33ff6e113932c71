"""Runs: settings, the world, turns, the outbox, timers, channels, the simulator and the command."""
