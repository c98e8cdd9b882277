"""Scenarios: who takes part, what happens when, and what must be true at the end; written in YAML."""
