"""Every error Klaviyo answers, and how an error document is written.

There are two families. Framework errors have neither `links` nor `meta`; validation errors have both, empty.
Texts marked `unsure` are ours: nobody has recorded Klaviyo's (see docs/fidelity.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from mock_klaviyo.json import Json

INVALID = ("invalid", "Invalid input.")
NOT_FOUND = ("not_found", "Not found.")
TAG_SERVICE = ("tag_service_error", "Tag Service Error")
FORBIDDEN = ("permission_denied", "You do not have permission to perform this action.")


@dataclass(frozen=True)
class Problem:
    """One member of an error document; `pointer` is into the body, `parameter` names a query argument."""

    status: int
    code: str
    title: str
    detail: str
    pointer: str | None = None
    parameter: str | None = None
    is_framework: bool = False
    links: Json = field(default_factory=dict)
    meta: Json = field(default_factory=dict)
    name: str = ""
    """Our name for it, when it is one of the table."""

    def document(self, request_id: str) -> Json:
        """The member as it is sent; its id is the request's."""
        source = {"parameter": self.parameter} if self.parameter else {"pointer": self.pointer or "/data/"}
        member: Json = {
            "id": request_id,
            "status": self.status,
            "code": self.code,
            "title": self.title,
            "detail": self.detail,
            "source": source,
        }
        if not self.is_framework:
            member |= {"links": self.links, "meta": self.meta}
        return member


class ApiError(Exception):
    """A refusal: what is wrong, one problem or several, and headers and a hint to send along."""

    def __init__(self, *problems: Problem, headers: Mapping[str, str] | None = None, hint: str | None = None) -> None:
        super().__init__("; ".join(problem.detail for problem in problems))
        self.problems = problems
        self.headers = dict(headers or {})
        self.hint = hint

    @property
    def status(self) -> int:
        """The HTTP status: the first problem's."""
        return self.problems[0].status

    def document(self, request_id: str) -> Json:
        """The error document."""
        return {"errors": [problem.document(request_id) for problem in self.problems]}


def framework(status: int, code: str, title: str, detail: str, pointer: str = "/data/") -> Problem:
    """A problem of the first family: no links, no meta."""
    return Problem(status, code, title, detail, pointer=pointer, is_framework=True)


ERRORS: Mapping[str, Problem] = {
    # requests that never reach an operation
    "not_authenticated": framework(
        401,
        "not_authenticated",
        "Authentication credentials were not provided.",
        "Missing or invalid private key.",
    ),
    "invalid_company_id": framework(400, *INVALID, "Invalid company_id."),  # unsure
    "missing_scopes": framework(403, *FORBIDDEN, "Your API key is missing required scopes: {scopes}"),
    "unknown_path": framework(404, *NOT_FOUND, "The requested resource was not found."),  # unsure
    "method_not_allowed": framework(
        405, "method_not_allowed", "Method not allowed.", 'Method "{method}" not allowed.'
    ),  # unsure
    "unsupported_media_type": framework(
        415,
        "unsupported_media_type",
        "Unsupported media type.",
        'Unsupported media type "{media_type}" in request.',
    ),  # unsure
    "payload_too_large": framework(
        413, "payload_too_large", "Payload too large.", "{what} may not be larger than {limit}."
    ),  # unsure
    "null_character": Problem(400, *INVALID, "Null characters are not allowed.", pointer="{pointer}"),  # unsure
    "malformed_json": framework(400, *INVALID, "The request body is not valid JSON: {reason}", "/data"),  # unsure
    "throttled": Problem(
        429,
        "throttled",
        "Request was throttled.",
        "Request was throttled. Expected available in {wait}.",
        pointer="/data",
        links={"type": "https://developers.klaviyo.com/en/docs/rate_limits_and_error_handling#rate-limits"},
    ),
    "future_revision": framework(404, *NOT_FOUND, "Unable to specify a future revision date"),
    "missing_revision": framework(400, *INVALID, "A revision header is required."),  # unsure
    "malformed_revision": framework(400, *INVALID, "'{revision}' is not a valid revision."),  # unsure
    "revision_before_operation": framework(
        404,
        *NOT_FOUND,
        "Revision {revision} is before the earliest available, use a date after {earliest}",
    ),
    "no_revision_for_method": framework(404, *NOT_FOUND, "No valid revisions found for method"),
    "retired_revision": framework(410, "gone", "Gone.", "Revision {revision} was retired on {retired}."),  # unsure
    "retired_endpoint": framework(
        410, "gone", "Gone.", "This endpoint was retired on 2024-06-30. Use {replacement} instead."
    ),  # unsure
    "not_implemented": framework(
        501, "not_implemented", "Not implemented.", "mock-klaviyo does not answer {operation} yet."
    ),
    "server_error": framework(500, "error", "Internal server error.", "A server error occurred."),  # unsure
    "bad_gateway": framework(502, "bad_gateway", "Bad gateway.", "Bad gateway."),  # unsure
    "service_unavailable": framework(
        503, "service_unavailable", "Service unavailable.", "Service temporarily unavailable, try again later."
    ),  # unsure
    "gateway_timeout": framework(504, "gateway_timeout", "Gateway timeout.", "Gateway timeout."),  # unsure
    # query arguments
    "operator_not_allowed": Problem(
        400,
        *INVALID,
        "'{operator}' is not an allowed filter operator for {field}.  Allowed operators are {allowed}",
        parameter="filter",
    ),
    "filter_field_not_allowed": Problem(
        400,
        *INVALID,
        "'{field}' is not an allowed filter field.  Allowed fields are {allowed}",
        parameter="filter",
    ),  # unsure
    "invalid_filter": Problem(400, *INVALID, "Invalid filter provided: {reason}", parameter="filter"),
    "filter_required": Problem(400, *INVALID, "A filter is required.", parameter="filter"),  # unsure
    "invalid_include": Problem(
        400,
        *INVALID,
        "'{include}' is not an allowed include parameter for this resource.",
        parameter="include",
    ),
    "invalid_field": Problem(
        400, *INVALID, "'{field}' is not a valid field for the resource '{type}'.", parameter="{parameter}"
    ),  # unsure
    "invalid_sort": Problem(
        400, *INVALID, "'{sort}' is not an allowed sort parameter for this resource.", parameter="sort"
    ),  # unsure
    "invalid_page_size": Problem(
        400, *INVALID, "Page size must be an integer from {minimum} to {maximum}.", parameter="page[size]"
    ),  # unsure
    "invalid_cursor": framework(400, *INVALID, "Invalid cursor provided."),
    "invalid_parameter": Problem(400, *INVALID, "{reason}", parameter="{parameter}"),  # unsure
    "unknown_parameter": Problem(
        400, *INVALID, "'{parameter}' is not a valid query parameter for this endpoint.", parameter="{parameter}"
    ),  # unsure
    # bodies
    "invalid": Problem(400, *INVALID, "{reason}", pointer="{pointer}"),
    "unknown_attribute": Problem(
        400, *INVALID, "'{field}' is not a valid field for the resource '{type}'.", pointer="{pointer}"
    ),
    "missing_attribute": Problem(
        400, *INVALID, "'{field}' is a required field for the resource '{type}'.", pointer="{pointer}"
    ),
    "invalid_email": Problem(400, *INVALID, "Invalid email address", pointer="{pointer}"),
    "invalid_phone_number": Problem(
        400,
        *INVALID,
        "Invalid phone number format (Example of a valid format: +12345678901)",
        pointer="{pointer}",
    ),
    "no_identifier": Problem(
        400,
        *INVALID,
        "One of id, email, phone_number, external_id, anonymous_id or _kx is required.",
        pointer="{pointer}",
    ),  # unsure
    "channel_without_identifier": Problem(
        400,
        *INVALID,
        "'{identifier}' must not be empty when the {channel} channel is included in 'subscriptions'.",
        pointer="{pointer}",
    ),
    "list_not_found": Problem(400, *INVALID, "List not found with id {id}.", pointer="{pointer}/id"),
    # state
    "unknown_resource": framework(404, *NOT_FOUND, "{type} with id {id} does not exist."),
    "nothing_related": framework(404, *NOT_FOUND, "The {type} with id {id} has no {what}."),  # unsure
    "unknown_account": framework(404, *NOT_FOUND, "Account with id {id} not found."),
    "unknown_list": framework(404, *NOT_FOUND, "A list with id `{id}` does not exist."),
    "invalid_event_id": Problem(400, *INVALID, "Invalid Event ID: '{id}'", pointer="/data/id"),
    "invalid_related_ids": framework(400, *INVALID, "Invalid {type} IDs: {ids}"),
    "mismatched_id": Problem(
        400, *INVALID, "The id in the body must be the id in the path, {id}.", pointer="/data/id"
    ),  # unsure
    "deletion_unknown_profile": framework(
        404,
        *NOT_FOUND,
        'No profile with {identifier} "{value}" found.  The profile may have already been deleted.',
    ),
    "related_not_found": Problem(400, *INVALID, "{type} not found with id {id}.", pointer="{pointer}"),
    "duplicate_resource": Problem(
        409, "duplicate", "Conflict.", "{type} with id {id} already exists.", pointer="/data/attributes"
    ),  # unsure
    "unknown_coupon": framework(404, *NOT_FOUND, "A coupon with the given identifier '{id}' does not exist."),
    "unknown_coupon_code": framework(404, *NOT_FOUND, "A coupon code with given identifier '{id}' does not exist."),
    "unknown_coupon_code_job": framework(404, *NOT_FOUND, "{type} with the id '{id}' does not exist."),
    "invalid_coupon_id": Problem(
        400, *INVALID, "'{id}' is not a valid coupon id, which must match ^[0-9_A-z]+$.", pointer="/data/id"
    ),  # unsure
    "assigned_coupon_code": Problem(
        400, *INVALID, "Coupon code '{id}' is assigned to a profile and cannot be deleted.", pointer="/data/id"
    ),  # unsure
    "unknown_catalog_item": framework(404, *NOT_FOUND, "An item with the id `{id}` does not exist."),
    "unknown_catalog_category": framework(404, *NOT_FOUND, "No category with the ID `{id}` exists."),
    "already_in_category": Problem(
        409, "duplicate", "Conflict.", "A relationship of {owner} and {id} already exists.", pointer="{pointer}"
    ),  # unsure
    "variant_not_found": Problem(
        404,
        "variant_not_found",
        "The variant in your relationship payload does not exist",
        "The variant in your relationship payload does not exist",
        pointer="/data/relationships/variant/data/id",
    ),
    "unknown_custom_metric": framework(404, *NOT_FOUND, "Custom metric with id `{id}` does not exist."),
    "unknown_mapped_metric": Problem(
        400, *INVALID, "'{id}' is not a valid choice for 'id'.", pointer="/data/attributes/id"
    ),
    "unknown_tag_group": framework(404, *TAG_SERVICE, "Tag Group with id {id} not found"),
    "tag_name_taken": framework(409, *TAG_SERVICE, "{type} with name '{title}' already exists"),
    "too_many_tags": framework(400, *TAG_SERVICE, "{reason}"),  # unsure
    "default_tag_group": framework(400, *TAG_SERVICE, "The default tag group cannot be deleted"),  # unsure
    "exclusive_tag_group": framework(
        400, *TAG_SERVICE, "The {type} {id} already has a tag of the exclusive Tag Group '{title}'"
    ),  # unsure
    "duplicate_profile": Problem(
        409,
        "duplicate_profile",
        "Conflict.",
        "A profile already exists with one of these identifiers.",
        pointer="/data/attributes",
    ),
    # campaigns
    "unknown_campaign": framework(404, *NOT_FOUND, "{type} with id '{id}' does not exist."),
    "no_estimation": framework(404, *NOT_FOUND, "No results or results were out of date. Schedule a new estimation."),
    "image_not_supported": Problem(
        400, *INVALID, "Image relationships are only supported for push and SMS messages", pointer="{pointer}"
    ),
    # templates, images, webhooks
    "template_error": Problem(
        400, *INVALID, "The template's {part} cannot be rendered: line {line}, column {column}: {reason}", "/data/id"
    ),  # unsure
    "attached_template": Problem(
        409,
        "conflict",
        "Conflict.",
        "Cannot delete template {id} while it is attached to\nFlowMessage {message}",
        "/data",
    ),
    "too_many_templates": Problem(
        400, *INVALID, "An account can have at most {limit} templates made through the API.", "/data"
    ),  # unsure
    "image_unreachable": Problem(400, *INVALID, "The image could not be imported from the URL.", "{pointer}"),  # unsure
    "plan_required": framework(403, *FORBIDDEN, "You must have Advanced KDP enabled to use this endpoint."),
    # custom objects
    "unknown_data_source": framework(404, *NOT_FOUND, "Data source with ID {id} not found."),
    "unknown_object_type": framework(404, *NOT_FOUND, "object-type with id `{id}` does not exist."),
    "unknown_object_schema": framework(404, *NOT_FOUND, "object-schema with id `{id}` does not exist."),
    "unknown_source_mapping": framework(404, *NOT_FOUND, "source-mapping with id `{id}` does not exist."),
    "unknown_type_of_schema": framework(404, *NOT_FOUND, "object-type with id `{id}` does not exist"),
    "unknown_type_of_records": framework(404, *NOT_FOUND, "Object type `{id}` not found"),
    "unknown_object_record": framework(404, *NOT_FOUND, "Object record `{id}` not found"),  # unsure
    "unknown_object_relationship": framework(404, *NOT_FOUND, "relationship with id `{id}` does not exist."),  # unsure
    "unknown_profile_schema": framework(
        404, *NOT_FOUND, "profile-object-schema with id `{id}` does not exist."
    ),  # unsure
    "no_such_schema": framework(404, *NOT_FOUND, "object-type with id `{id}` has no {schema}."),  # unsure
    "schema_not_draft": Problem(
        400, *INVALID, "Only a draft object schema can be changed, this one is {status}.", pointer="/data"
    ),  # unsure
    "draft_schema_exists": Problem(
        409, "duplicate", "Conflict.", "The object type already has a draft schema, {id}.", pointer="/data"
    ),  # unsure
    "duplicate_title": Problem(
        409,
        "duplicate",
        "Conflict.",
        "A {type} with the title '{title}' already exists in the namespace '{namespace}'.",
        pointer="/data/attributes/title",
    ),  # unsure
    "duplicate_relationship": Problem(
        409, "duplicate", "Conflict.", "A relationship '{title}' to {id} already exists.", pointer="{pointer}"
    ),  # unsure
}
"""Every error by our name for it; braces are filled in by `problem`."""


def problem(name: str, *, meta: Json | None = None, **values: Any) -> Problem:
    """The named problem with its braces filled in.

    >>> problem("unknown_list", id="X").detail
    'A list with id `X` does not exist.'
    """
    kind = ERRORS[name]
    return replace(
        kind,
        name=name,
        detail=kind.detail.format_map(values),
        pointer=kind.pointer and kind.pointer.format_map(values),
        parameter=kind.parameter and kind.parameter.format_map(values),
        meta=meta or kind.meta,
    )


def error(name: str, *, headers: Mapping[str, str] | None = None, hint: str | None = None, **values: Any) -> ApiError:
    """The named error, ready to raise."""
    return ApiError(problem(name, **values), headers=headers, hint=hint)


def raise_all(problems: Iterable[Problem]) -> None:
    """Raise one error that holds all problems; do nothing when there are none."""
    found = tuple(problems)
    if found:
        raise ApiError(*found)
