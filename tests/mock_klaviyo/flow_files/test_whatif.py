"""What if: one profile walks through a flow, and nothing changes."""

from __future__ import annotations

import pytest

from mock_klaviyo.cli.flow_texts import walk_lines
from tests.calling import resource
from tests.mock_klaviyo.engine.definitions import is_gold
from tests.mock_klaviyo.engine.flows.story import Story
from tests.mock_klaviyo.engine.flows.test_dates import birthday
from tests.mock_klaviyo.resources.test_flows import email, flow, groups, split, text, wait
from tests.receiver import receiver

GOLD = {"email": "zoe@shop.org", "properties": {"Tier": "Gold"}}


def preview(story: Story, id: str, **question):
    return story.control.post(f"/__mock/flows/{id}/preview", json=question)


def walked(story: Story, id: str, **question):
    response = preview(story, id, **question)
    assert 200 == response.status_code, response.json
    return response.json


def subjects(found):
    return [(each["at"][:16], each["subject"]) for each in found["messages"]]


def test_an_event_that_never_happened_is_followed_to_the_end(story):
    id = story.flow(wait("w", "e"), email("e", subject_line="{{ event.drink }}"), status="draft")
    found = walked(story, id, event={"properties": {"drink": "tea"}}, at="2026-07-01T09:00:00Z")

    assert [("2026-07-03T09:00", "tea")] == subjects(found)
    assert ["waiting", "sent"] == [step["outcome"] for step in found["runs"][0]["path"]]


def test_nothing_is_changed(story):
    id = story.flow(email("e"))
    before = story.klaviyo.store.copy()
    walked(story, id, profile="new@shop.org")

    assert list(before.iterdump()) == list(story.klaviyo.store.copy().iterdump())
    assert [] == story.sent()


def test_no_webhook_is_called(story):
    with receiver() as found:
        hook = {"temporary_id": "h", "type": "send-webhook", "links": {"next": "w"}}
        hook["data"] = {"message": {"url": found.url, "body": "{}"}}
        id = story.flow(hook, wait("w", "e"), email("e"), status="draft")
        (run,) = walked(story, id)["runs"]

    assert (["called", "waiting", "sent"], []) == ([step["outcome"] for step in run["path"]], found.calls)


def test_a_profile_of_the_account_is_looked_at_as_it_is(story):
    story.person("ana", first_name="Ana")
    id = story.flow(email("e", subject_line="Hi {{ first_name }}"))
    found = walked(story, id, profile="ana@shop.org")

    assert [("2026-03-02T12:00", "Hi Ana")] == subjects(found)


def test_a_refusal_is_told_with_what_the_conditions_saw(story):
    id = story.flow(email("e"), profile_filter=groups(is_gold()))
    (run,) = walked(story, id, profile={"email": "zoe@shop.org"})["runs"]

    assert ("refused", "Fails Flow Filters", [False]) == (
        run["status"],
        run["exit"],
        [each["is_true"] for each in run["entry"]],
    )


@pytest.mark.parametrize("mistake", ["{% if %}", "{{ a|nonsense }}", "{{ event.__class__ }}", "{% include 'x' %}"])
def test_a_template_error_is_told_with_its_line_and_column(story, mistake):
    id = story.flow(email("e", subject_line=f"Hi\n  {mistake}"))
    found = walked(story, id)

    (step,), (message,) = found["runs"][0]["path"], found["messages"]
    assert ("Email Syntax Error", message["problem"]) == (step["reason"], step["problem"])
    assert "(subject, line 2, column 3)" in step["problem"]
    assert f"(Email Syntax Error: {step['problem']})" in "\n".join(walk_lines(found))


def test_consent_decides_over_a_text_message(story):
    id = story.flow(text("s"))
    somebody = {"email": "zoe@shop.org", "phone_number": "+14155550132"}

    assert ["Missing SMS Consent"] == [each["skipped"] for each in walked(story, id, profile=somebody)["messages"]]
    assert [None] == [each["skipped"] for each in walked(story, id, profile=somebody, consent=["sms"])["messages"]]


def test_joining_a_list_is_tried(story):
    id = story.flow(email("e"), trigger={"type": "list", "id": story.list()})

    assert [("2026-03-02T12:00", "Hello")] == subjects(walked(story, id))


def test_becoming_a_member_of_a_segment_is_tried(story):
    segment = story.client.create("/api/segments", resource("segment", name="Gold", definition=groups(is_gold())))
    id = story.flow(email("e"), trigger={"type": "segment", "id": segment})

    assert ["Hello"] == [subject for _, subject in subjects(walked(story, id, profile=GOLD))]


def test_a_date_is_waited_for(story):
    id = story.flow(email("e", subject_line="Soon"), trigger=birthday())
    found = walked(story, id, profile={"email": "zoe@shop.org", "properties": {"Birthday": "1990-05-20"}})

    assert [("2026-05-13T13:00", "Soon")] == subjects(found)


def test_a_split_tells_its_way(story):
    id = story.flow(split("s", "y", "n"), email("y", subject_line="Gold"), email("n", subject_line="Other"))

    assert ["Gold"] == [subject for _, subject in subjects(walked(story, id, profile=GOLD))]


def test_the_first_flow_of_a_file_is_tried(story):
    file = flow(email("e"), trigger={"type": "metric", "id": "METRIC:Brand New"})
    response = story.control.post("/__mock/flows/preview", json={"file": file})

    assert [("2026-03-02T12:00", "Hello")] == subjects(response.json)
    assert not story.klaviyo.store.is_any("flow")


@pytest.mark.parametrize(
    ("question", "word"),
    [
        ({"profile": "nobody"}, "there is no profile 'nobody'"),
        ({"profile": 5}, "profile must be"),
        ({"event": "x"}, "event must be"),
        ({"consent": "email"}, "consent must be"),
        ({"at": "soon"}, "at must be"),
        ({"profile": {"email": "no address"}}, "Klaviyo refuses it"),
        ({"event": {"value": "much"}}, "Klaviyo refuses it"),
        ({"prfile": {}}, "profile?"),
    ],
)
def test_a_question_without_sense_is_refused(story, question, word):
    id = story.flow(email("e"))
    response = preview(story, id, **question)

    assert (400, True) == (response.status_code, word in response.json["error"]), response.json


def test_an_unknown_flow_is_refused(story):
    assert "there is no flow 'nope'" in preview(story, "nope").json["error"]
