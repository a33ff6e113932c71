"""Doors: parse, call one thing, render."""
