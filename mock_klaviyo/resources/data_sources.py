"""Data sources: where records of an external system land."""

from __future__ import annotations

from typing import Any

from mock_klaviyo import json
from mock_klaviyo.errors import error, problem, raise_all
from mock_klaviyo.json import Json
from mock_klaviyo.resources import job_life
from mock_klaviyo.resources.call import Call, Reply
from mock_klaviyo.resources.custom_objects import DATA_SOURCE, NAMESPACE, SOURCE_RECORD
from mock_klaviyo.resources.generic import require
from mock_klaviyo.resources.ingestion import ingest
from mock_klaviyo.resources.presenter import single
from mock_klaviyo.resources.registry import operation
from mock_klaviyo.resources.selectors import members
from mock_klaviyo.store.rows import Row

LONGEST_TITLE = 255
MOST_RECORDS = 500
DEEPEST = 100
"""Ours: what is nested much deeper cannot be kept."""

LARGEST_RECORD = 512 * 1024
LARGEST_REQUEST = 4 * 1024 * 1024
RECORDS = "/data/attributes/data-source-records/data"
RECORD = "/data/attributes/data-source-record/data"


@operation("create_data_source")
def create_data_source(call: Call) -> Reply:
    """A new data source; its title is unique within its namespace."""
    sent = call.attributes
    document: Json = {
        "title": sent["title"],
        "visibility": sent.get("visibility") or "private",
        "description": sent.get("description") or "",
        "namespace": sent.get("namespace") or NAMESPACE,
    }
    check_title(call, DATA_SOURCE.type, document)
    row = Row(DATA_SOURCE.type, DATA_SOURCE.make_id(call.world), document)
    call.world.store.insert(row)
    return single(call, row, 201)


def check_title(call: Call, type: str, document: Json) -> None:
    """Refuse a title of the wrong length, or one that another of the type has in the same namespace."""
    title, namespace = document["title"], document["namespace"]
    if not 1 <= len(title) <= LONGEST_TITLE:
        reason = f"The title must be between 1 and {LONGEST_TITLE} characters long."
        raise error("invalid", reason=reason, pointer="/data/attributes/title")
    if call.world.store.is_any(type, title=title, namespace=namespace):
        raise error("duplicate_title", type=type.replace("-", " "), title=title, namespace=namespace)


@operation("delete_data_source")
def delete_data_source(call: Call) -> Reply:
    """A data source less, with what it took in; object records that were made of it stay."""
    row = require(call, DATA_SOURCE.type, call.id)
    call.world.store.delete_where(SOURCE_RECORD.type, data_source_id=row.id)
    call.world.store.delete(row)
    return Reply(204)


@operation("create_data_source_record")
def create_data_source_record(call: Call) -> Reply:
    """Take in a record; whether it fits is found out later and told in the ingestion logs."""
    check_sizes(records_of(call), RECORD)
    return taken_in(call)


@operation("bulk_create_data_source_records")
def bulk_create_data_source_records(call: Call) -> Reply:
    """Take in many records."""
    sent = (call.attributes.get("data-source-records") or {}).get("data") or []
    if len(sent) > MOST_RECORDS:
        reason = f"At most {MOST_RECORDS} records may be sent in one request, {len(sent)} were given."
        raise error("invalid", reason=reason, pointer=RECORDS)
    check_sizes(records_of(call), RECORDS, is_many=True)
    return taken_in(call)


def records_of(call: Call) -> list[Json]:
    """The records that a body holds: one, or many."""
    sent = call.attributes
    many = sent["data-source-record"] if "data-source-record" in sent else sent.get("data-source-records") or {}
    found = many.get("data") or []
    return [each["attributes"]["record"] for each in (found if isinstance(found, list) else [found])]


def check_sizes(records: list[Json], pointer: str, *, is_many: bool = False) -> None:
    """Refuse records that are too large, one by one or together."""
    places = [f"{pointer}/{index}" if is_many else pointer for index in range(len(records))]
    reason = f"A record may not be nested deeper than {DEEPEST} levels."
    raise_all(
        problem("invalid", reason=reason, pointer=place)
        for place, record in zip(places, records, strict=True)
        if is_deeper(record, DEEPEST)
    )
    sizes = [len(json.written(record)) for record in records]
    reason = f"A record may not be larger than {LARGEST_RECORD // 1024} KB."
    raise_all(
        problem("invalid", reason=reason, pointer=place)
        for place, size in zip(places, sizes, strict=True)
        if size > LARGEST_RECORD
    )
    if sum(sizes) > LARGEST_REQUEST:
        reason = f"The records may not be larger than {LARGEST_REQUEST // 1024**2} MB together."
        raise error("invalid", reason=reason, pointer=pointer)


def is_deeper(value: Any, levels: int) -> bool:
    """Whether a value has more levels of lists and objects than these."""
    if not isinstance(value, dict | list):
        return False
    return levels == 0 or any(is_deeper(member, levels - 1) for _, member in members(value))


def taken_in(call: Call) -> Reply:
    """Accept records for a data source."""
    required_source(call)
    job_life.start_unseen(call)
    return Reply(204)


@job_life.work("create_data_source_record")
@job_life.work("bulk_create_data_source_records")
def take_in(call: Call, _job: None) -> Json:
    """Keep records and make object records of them."""
    source, records, world = required_source(call), records_of(call), call.world
    rows = [
        Row(SOURCE_RECORD.type, SOURCE_RECORD.make_id(world), {"data_source_id": source.id, "record": record})
        for record in records
    ]
    world.store.insert(*rows)
    ingest(world, source.id, records)
    return {}


def required_source(call: Call) -> Row:
    """The data source that a body names; refuses the call when it names none or an unknown one."""
    named = ((call.data.get("relationships") or {}).get("data-source") or {}).get("data")
    if not named:
        place = "/data/relationships/data-source"
        raise error("missing_attribute", field="data-source", type=call.data["type"], pointer=place)
    return require(call, DATA_SOURCE.type, named["id"])
