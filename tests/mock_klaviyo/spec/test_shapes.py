from __future__ import annotations

import pytest

from mock_klaviyo.spec.recorded import recording, revisions
from mock_klaviyo.spec.shapes import RelationshipShape, Shape, primary_types, shapes


def test_a_shape_names_attributes_and_relationships(small):
    found = shapes(small.operations["get_lists"])

    assert ["list", "tag"] == list(found)
    assert ("title", "secret", "profile_count") == found["list"].attributes
    assert (RelationshipShape("tags", True, True, "tag"),) == found["list"].relationships
    expected = Shape(
        type="tag",
        attributes=("name", "archived", "place"),
        relationships=(RelationshipShape("tag-group", True, False, "tag-group"),),
        where=("included",),
    )
    assert expected == found["tag"]


def test_a_type_in_data_and_in_included_is_one_shape(small):
    assert ("data", "included") == shapes(small.operations["get_lists"])["list"].where


def test_a_relationship_without_data_has_no_type(small):
    (tags,) = shapes(small.operations["create_list"])["list"].relationships

    assert RelationshipShape("tags", has_data=False) == tags


def test_attribute_schemas_are_at_hand(small):
    found = shapes(small.operations["get_lists"])["tag"].attribute_schemas

    assert {"type": ["boolean", "null"]} == found["archived"]


def test_an_empty_answer_has_no_shape(small):
    assert {} == shapes(small.operations["merge_profiles"])
    assert () == primary_types(small.operations["merge_profiles"])


@pytest.mark.parametrize("revision", revisions())
def test_every_answer_with_a_body_has_exactly_one_primary_type(revision):
    for operation in recording(revision).operations.values():
        has_body = any(schema is not None for schema in operation.responses.values())
        assert has_body == len(primary_types(operation)), operation.id


def test_profiles_show_what_klaviyo_shows(newest):
    profile = shapes(newest.operations["get_profile"])["profile"]

    assert ("email", "phone_number", "external_id") == profile.attributes[:3]
    assert ("subscriptions", "predictive_analytics") == profile.attributes[-2:]
    assert ["lists", "segments", "push-tokens", "conversations"] == [each.name for each in profile.relationships]


def test_an_imported_profile_shows_more_than_is_published(newest):
    profile = shapes(newest.operations["create_or_update_profile"])["profile"]

    assert {"anonymous_id", "whatsapp_bsuid"} < set(profile.attributes)
    assert "conversation" == profile.relationships[-1].name
