"""Expectations: what must be true at the end; one function per kind, whose keyword arguments are the keys."""

from simulator.scenario.expectations import arrivals, invariants, state, traffic, ways, whole
from simulator.scenario.expectations.expectation import EXPECTATIONS, Expectation, Outcome, Shape, Subject

KINDS = (whole, arrivals, state, traffic, ways, invariants)
"""The modules that hold them."""

__all__ = ["EXPECTATIONS", "KINDS", "Expectation", "Outcome", "Shape", "Subject"]
