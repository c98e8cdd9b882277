"""How flows, their runs, what was loaded and what is wrong read on a terminal."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

WHY = ("reason", "problem")
"""What a step tells of why it did nothing: in Klaviyo's words, and where in a text the mistake is."""


def flow_lines(flows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """A line for each flow: its id, status, name, and the numbers of its runs."""
    width = max((len(each["name"] or "") for each in flows), default=0)
    for each in flows:
        numbers = ", ".join(f"{count:>3} {status}" for status, count in each["runs"].items())
        yield f"{each['id']}  {each['status']:6}  {each['name'] or '':{width}}  {numbers}"


def run_texts(runs: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Runs, each below who it is of."""
    for run in runs:
        profile = run["profile"] or {}
        yield profile.get("email") or profile.get("phone_number") or profile.get("id") or "somebody who is gone"
        yield from run_lines(run)


def loaded_lines(loaded: Mapping[str, Any]) -> Iterator[str]:
    """A flow that was made, and a line for each different id in it."""
    yield f"{loaded['name']}: flow {loaded['id']}, {loaded['status']}"
    yield from dict.fromkeys(map(resolution_line, loaded["resolutions"]))


def resolution_line(one: Mapping[str, Any]) -> str:
    """What became of an id."""
    name = one["name"] or ""
    return f"  {one['outcome']:11}{one['type']:10}{name:32}{one['id']:12} → {one['local_id'] or one['pointer']}"


def finding_line(found: Mapping[str, Any]) -> str:
    """A finding in one line."""
    remedy = f" — {found['remedy']}" if found["remedy"] else ""
    return f"{found['severity']:8}{found['rule']:30}{found['flow']} {found['pointer']}: {found['message']}{remedy}"


def walk_lines(found: Mapping[str, Any]) -> Iterator[str]:
    """The runs of a walk, step by step, and the messages."""
    yield f"{found['flow']} for {found['profile']['email'] or found['profile']['id']}"
    for run in found["runs"]:
        yield from run_lines(run)
    for message in found["messages"]:
        text = message.get("subject") or message.get("body") or ""
        skipped = f"   skipped: {message['skipped']}" if message["skipped"] else ""
        yield f"  {message['at']}  {message['channel']:10} {text}{skipped}"
    if not found["runs"]:
        yield "  nothing started the flow"


def run_lines(run: Mapping[str, Any]) -> Iterator[str]:
    """A run: its entry, each step, and how it ended."""
    yield f"  {run['entered_at']}  {'refused: ' + run['exit'] if run['status'] == 'refused' else 'begins'}"
    yield from (f"      {line}" for line in verdict_lines(run["entry"]))
    for step in run["path"]:
        reason = f" ({': '.join(told)})" if (told := [step[name] for name in WHY if step.get(name)]) else ""
        yield f"  {step['at']}  {step['action_type']:20} {outcome(step)}{reason}"
        yield from (f"      {line}" for line in verdict_lines(step.get("verdicts") or ()))
    if run["status"] == "done":
        yield f"  {run['exited_at']}  ends: {run['exit']}"
    if run["status"] == "waiting":
        yield f"  {run['due'] or 'until something happens'}  goes on"


def outcome(step: Mapping[str, Any]) -> str:
    """What happened at a step; of a split, which way it went.

    >>> outcome({"outcome": "branch", "branch": False})
    'no'
    """
    if step["outcome"] != "branch":
        return str(step["outcome"])
    branch = step.get("branch")
    return ("yes" if branch else "no") if isinstance(branch, bool) else str(step.get("name") or branch)


def verdict_lines(verdicts: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Conditions with what they saw."""
    for each in verdicts:
        told = {name: value for name, value in each["condition"].items() if name != "type" and value is not None}
        mark = "✓" if each["is_true"] else "✗"
        asked = json.dumps(told, ensure_ascii=False)
        yield f"{mark} {each['condition']['type']} saw {json.dumps(each['saw'], ensure_ascii=False)}: {asked}"
