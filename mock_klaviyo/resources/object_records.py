"""Object records: what became of a data source's records; and the ingestion logs, which tell what did not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from mock_klaviyo.errors import error
from mock_klaviyo.json import Json
from mock_klaviyo.jsonapi.filters import Comparison
from mock_klaviyo.resources import job_life
from mock_klaviyo.resources.call import Call, Reply
from mock_klaviyo.resources.custom_objects import BETWEEN, DELETED_RECORD, OBJECT_RECORD, OBJECT_TYPE, SOURCE_RECORD
from mock_klaviyo.resources.generic import list_related, list_related_ids, require
from mock_klaviyo.resources.presenter import single
from mock_klaviyo.resources.registry import operation
from mock_klaviyo.store.rows import Row

MOST_DELETED = 500
LOGS_KEPT = timedelta(days=14)


@operation("get_object_record")
def get_object_record(call: Call) -> Reply:
    """One object record, by its type's id and its own."""
    require_type(call, call.id.partition(BETWEEN)[0])
    return single(call, require(call, OBJECT_RECORD.type, call.id))


@operation("get_records_for_object_type")
def get_records_for_object_type(call: Call) -> Reply:
    """A page of the records of an object type."""
    require_type(call, call.id)
    return list_related(call)


@operation("get_record_ids_for_object_type")
def get_record_ids_for_object_type(call: Call) -> Reply:
    """A page of the ids of an object type's records."""
    require_type(call, call.id)
    return list_related_ids(call)


@operation("get_ingestion_logs_for_object_type")
def get_ingestion_logs_for_object_type(call: Call) -> Reply:
    """A page of the latest failures, newest first."""
    require_type(call, call.id)
    return list_related(of_late(call))


@operation("get_ingestion_log_ids_for_object_type")
def get_ingestion_log_ids_for_object_type(call: Call) -> Reply:
    """A page of the ids of the latest failures, newest first."""
    require_type(call, call.id)
    return list_related_ids(of_late(call))


def of_late(call: Call) -> Call:
    """The call, asking only for logs that are kept still."""
    kept = Comparison("greater-or-equal", "timestamp", call.world.now - LOGS_KEPT)
    return replace(call, query=replace(call.query, filters=(*call.query.filters, kept)))


def require_type(call: Call, id: str) -> None:
    """Refuse the call when there is no object type of an id."""
    if call.world.store.row(OBJECT_TYPE.type, id) is None:
        raise error("unknown_type_of_records", id=id)


@operation("bulk_delete_object_records")
def bulk_delete_object_records(call: Call) -> Reply:
    """Many object records less; those that are not there do no harm."""
    named = call.data["relationships"]["object-records"].get("data") or []
    if len(named) > MOST_DELETED:
        reason = f"At most {MOST_DELETED} records may be deleted in one request, {len(named)} were given."
        raise error("invalid", reason=reason, pointer="/data/relationships/object-records/data")
    for each in named:
        require_type(call, each["id"].partition(BETWEEN)[0])
    job_life.start_unseen(call)
    return Reply(202)


@job_life.work("bulk_delete_object_records")
def delete_records(call: Call, _job: None) -> Json:
    """Delete the records that a job names."""
    named = call.data["relationships"]["object-records"].get("data") or []
    for row in call.world.store.rows(OBJECT_RECORD.type, id=[each["id"] for each in named]):
        forget(call, row)
    return {}


def forget(call: Call, row: Row) -> None:
    """Delete a record, so that what its source took in until now does not bring it back."""
    store = call.world.store
    store.delete(row)
    store.delete_where(DELETED_RECORD.type, id=row.id)
    store.insert(Row(DELETED_RECORD.type, row.id, {"upto": store.last_number(SOURCE_RECORD.type)}))
