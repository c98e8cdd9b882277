"""Bodies against recorded schemas: jsonschema-rs decides, and only when it says no, jsonschema explains."""

from __future__ import annotations

from functools import cache
from typing import Any

import jsonschema_rs
from jsonschema import Draft202012Validator, FormatChecker

from mock_klaviyo.errors import Problem, problem
from mock_klaviyo.json import Json
from mock_klaviyo.spec.explanation import explanation, pointer
from mock_klaviyo.spec.formats import FORMATS
from mock_klaviyo.spec.operation import Operation
from mock_klaviyo.spec.recorded import Recording


def problems(operation: Operation, body: Any) -> list[Problem]:
    """Everything that is wrong with a request body; nothing when the operation takes it."""
    if decider(operation).is_valid(body):
        return []
    try:
        return explanation(explainer(operation), body)
    except RecursionError:  # jsonschema writes values out, and Python does so to about 1000 levels
        return [problem("invalid", reason="The request body is nested too deeply.", pointer="/data")]


def response_problems(recording: Recording, operation: Operation, status: int, document: Any) -> list[str]:
    """What is wrong with an answer, one line each; errors are held against the recorded error document."""
    if status >= 400:
        return faults(error_decider(recording), document)
    if status not in operation.responses:
        return [f"{operation.id} does not answer {status}"]
    if operation.responses[status] is None:
        return [] if document is None else [f"{operation.id} answers {status} without a body"]
    return faults(answer_decider(operation, status), document)


def faults(decider: jsonschema_rs.Draft202012Validator, document: Any) -> list[str]:
    """What a validator finds, one line each."""
    return [f"{pointer(error.instance_path)}: {error.message}" for error in decider.iter_errors(document)]


def compiled(schema: Json | None) -> jsonschema_rs.Draft202012Validator:
    """The fast validator of a schema, with our checks of formats; without a schema everything is right."""
    return jsonschema_rs.Draft202012Validator(schema or {}, formats=dict(FORMATS), validate_formats=True)


@cache
def decider(operation: Operation) -> jsonschema_rs.Draft202012Validator:
    """The fast validator of an operation's request."""
    return compiled(operation.request)


@cache
def answer_decider(operation: Operation, status: int) -> jsonschema_rs.Draft202012Validator:
    """The fast validator of one of an operation's answers."""
    return compiled(operation.responses[status])


@cache
def error_decider(recording: Recording) -> jsonschema_rs.Draft202012Validator:
    """The fast validator of a revision's error documents."""
    return compiled(recording.error)


@cache
def explainer(operation: Operation) -> Draft202012Validator:
    """The slow validator of an operation's request, which tells what is wrong."""
    return Draft202012Validator(operation.request or {}, format_checker=format_checker())


@cache
def format_checker() -> FormatChecker:
    """Our checks of formats, and no others."""
    checker = FormatChecker(formats=())
    for name, is_right in FORMATS.items():
        checker.checks(name)(is_right)
    return checker
