"""What older revisions had and the newest has not is put over, and nothing of it is forgotten."""

from __future__ import annotations

import re

import pytest

from mock_klaviyo.errors import ApiError
from mock_klaviyo.spec.differences import DIFFERENCES
from mock_klaviyo.spec.recorded import recording
from mock_klaviyo.spec.validation import decider
from mock_klaviyo.wire.translation import translation
from tests.mock_klaviyo.revisions.asking import OLDER
from tests.mock_klaviyo.revisions.comparison import lost_from_answers, lost_from_bodies, sample

MESSAGE = r"(channel|label|content|render_options)(\..+)?"
STRATEGY = r"send_strategy\.options_(static|sto|throttled)(\..+)?"
ACTION = "action_type|status|settings|(tracking|send|badge|render)_options"

BODIES = {
    r".+\.anonymous_id": "anonymous_id left the profiles",
    rf"create_campaign: data\.attributes\.campaign-messages\.data\.attributes\.{MESSAGE}": "campaign messages hold",
    rf"update_campaign_message: data\.attributes\.{MESSAGE}": "campaign messages hold",
    rf"(create|update)_campaign: data\.attributes\.{STRATEGY}": "send strategies have",
    r"create_client_subscription: data\.attributes\.profile\.data\.meta(\..+)?": "meta moved",
}
"""Members of bodies that are gone → the difference that puts them over."""

ANSWERS = {
    rf"\w+: (data|included)\.attributes\.{MESSAGE}": "campaign messages hold|flow messages and flow actions",
    rf"\w+: (data|included)\.attributes\.{STRATEGY}": "send strategies have",
    rf"\w+: (data|included)\.attributes\.({ACTION}|name)(\..+)?": "flow messages and flow actions",
}
"""Members of answers that are gone → the difference that puts them back."""

EXPLANATIONS = sorted({each for found in (*BODIES.values(), *ANSWERS.values()) for each in found.split("|")})

WITHOUT_DIFFERENCE = (
    r"\w+: links\.(first|last)",  # published, and never seen live
    r"get_form: (data\.relationships|included)(\..+)?",  # forms still have versions
    r"get_form: data\.attributes\.(created_at|updated_at)",
    r"(update|delete)_tag_group: .+",  # still there, though not shown
)
"""Members of answers that are gone and can be shown as they are."""


def unexplained(lost, explained):
    patterns = [re.compile(each) for each in explained]
    return sorted(name for name in lost if not any(each.fullmatch(name) for each in patterns))


@pytest.mark.parametrize("revision", OLDER)
def test_every_member_that_left_bodies_is_put_over(revision):
    assert [] == unexplained(lost_from_bodies(revision), BODIES)


@pytest.mark.parametrize("revision", OLDER)
def test_every_member_that_left_answers_is_put_back(revision):
    assert [] == unexplained(lost_from_answers(revision), [*ANSWERS, *WITHOUT_DIFFERENCE])


@pytest.mark.parametrize("beginning", EXPLANATIONS)
def test_each_explanation_is_a_difference(beginning):
    assert 1 == sum(each.what.startswith(beginning) for each in DIFFERENCES)


def test_differences_are_in_order_and_not_older_than_the_recordings():
    dates = [each.since for each in DIFFERENCES]

    assert sorted(dates) == dates
    assert min(dates) > OLDER[0]


TOO_LOOSE = {
    "create_campaign": ("/data/attributes/send_strategy/method", "/definition/channel"),
    "update_campaign": ("/data/attributes/send_strategy/method",),
    "assign_template_to_campaign_message": ("/relationships",),
    "create_catalog_variant": ("/relationships",),
    "bulk_create_catalog_variants": ("/relationships",),
    "create_back_in_stock_subscription": ("/relationships",),
    "create_coupon_code": ("/relationships",),
    "bulk_create_coupon_codes": ("/relationships",),
    "merge_profiles": ("/relationships",),
    "create_webhook": ("/relationships",),
    "create_client_subscription": ("/relationships",),
    "create_client_back_in_stock_subscription": ("/relationships",),
    "create_flow": ("/data/main_action", "/actions/0/data"),
    "update_flow_action": ("/data/main_action", "/definition/data"),
}
"""Operations → ends of pointers to what an older definition allowed and Klaviyo cannot have taken."""


def refusals(revision, operation, **options):
    """The pointers at which the newest revision refuses a body that an older one allows."""
    body = sample(operation.request, operation.request, **options)
    assert decider(operation).is_valid(body)
    try:
        translation(revision, operation).body(body)
    except ApiError as refusal:
        return [problem.pointer for problem in refusal.problems]
    return []


@pytest.mark.parametrize("revision", OLDER)
@pytest.mark.parametrize("is_full", [True, False], ids=["all members", "needed members"])
def test_upgraded_bodies_satisfy_the_newest_schema(revision, is_full):
    taking = [each for each in recording(revision).operations.values() if each.request is not None]
    for operation in taking:
        newest = translation(revision, operation).asked.id
        for branch in range(5):
            found = refusals(revision, operation, branch=branch, is_full=is_full)
            assert [] == [each for each in found if not each.endswith(TOO_LOOSE.get(newest, ()))], newest
