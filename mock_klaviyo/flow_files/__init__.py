"""Flows as files: loaded from wherever they come, checked for mistakes, and tried on somebody who does not exist."""
