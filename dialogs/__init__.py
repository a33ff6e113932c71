"""Decides. Pure: no IO, no clock, no chance, no async. Values in, values out."""
