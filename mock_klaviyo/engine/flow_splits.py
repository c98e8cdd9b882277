"""Flow splits: which way a run takes, judged at the moment at which it arrives."""

from __future__ import annotations

from mock_klaviyo.engine.flow_steps import Onward, Step, Way, flow_action
from mock_klaviyo.engine.flow_verdicts import judged
from mock_klaviyo.json import Json


@flow_action("conditional-split")
def conditional_split(step: Step) -> Way:
    """By what a profile is and did."""
    return either(step, step.data.get("profile_filter"))


@flow_action("trigger-split")
def trigger_split(step: Step) -> Way:
    """By what began the run."""
    return either(step, step.data.get("trigger_filter"))


@flow_action("action-output-split")
def action_output_split(step: Step) -> Way:
    """By what an action before gave."""
    return either(step, step.data.get("action_output_filter"))


def either(step: Step, definition: Json | None) -> Way:
    """The way of those who satisfy a definition, or that of all others."""
    found = judged(step.subject, definition)
    step.note("branch", branch=found.is_true, verdicts=found.verdicts)
    return step.way("next_if_true" if found.is_true else "next_if_false")


@flow_action("multi-branch-split")
def multi_branch_split(step: Step) -> Way:
    """The first branch whose definition the profile satisfies, else the one for everyone else."""
    verdicts: list[Json] = []
    for branch in sorted(step.data.get("branches") or [], key=order):
        found = judged(step.subject, branch.get("branch_filter"))
        verdicts += [each | {"branch_id": branch["branch_id"]} for each in found.verdicts]
        if branch.get("is_else") or (found.is_true and branch.get("branch_filter")):
            step.note("branch", branch=branch["branch_id"], name=branch.get("name"), verdicts=verdicts)
            return Onward((branch.get("links") or {}).get("next"))
    step.note("branch", branch=None, verdicts=verdicts)
    return Onward(None)


def order(branch: Json) -> tuple[bool, int]:
    """Where a branch stands: everyone else comes last."""
    return bool(branch.get("is_else")), branch.get("order") or 0
