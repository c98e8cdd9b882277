"""The pages of the console: what people read there, and that nothing on them can act."""

from __future__ import annotations

import re
from html import unescape

import pytest

from mock_klaviyo.control.console.drawing import Drawing
from tests.calling import resource
from tests.mock_klaviyo.engine.definitions import is_gold
from tests.mock_klaviyo.engine.flows.story import DAY, Story
from tests.mock_klaviyo.resources.test_flows import email, groups, split, text, wait

HOSTILE = """<script>alert(1)</script>"'&{{ 7 * 7 }}"""
VOID = {"meta", "input", "br", "base"}


@pytest.fixture
def story():
    told = Story()
    yield told
    told.klaviyo.close()


def page(story, path="", status=200, **query):
    """The HTML of a page."""
    answer = story.control.get(f"/__mock/{path}", query_string=query)

    assert (status, "text/html") == (answer.status_code, answer.mimetype), answer.text
    return answer.text


def seen(html):
    """What a reader sees of a page, each space one."""
    return " ".join(unescape(re.sub(r"<style>.*?</style>|<[^>]*>", " ", html, flags=re.DOTALL)).split())


def messages(story):
    return [row.id for row in story.klaviyo.rows("outbox-message", 0, 10)]


@pytest.fixture
def shop(story):
    """Ana is written to at once and waits; Bob is Silver and refused; both happened to people with names."""
    story.person("ana", first_name="Ana", properties={"Tier": "Gold"})
    story.subscribe("email", email="ana@shop.org")
    story.person("bob", first_name="Bob", properties={"Tier": "Silver"})
    html = '<a href="https://shop.example.org/">{{ first_name }}</a>'
    template = story.client.create("/api/templates", resource("template", name="T", editor_type="CODE", html=html))
    flow_id = story.flow(
        email("e", "w", name="Hello", template_id=template, subject_line="Hi {{ first_name }}{{ person.Nickname }}"),
        wait("w", "s"),
        split("s", "t", "m"),
        text("t", "m", name="Text"),
        email("m", name="Last"),
        profile_filter=groups(is_gold()),
        name="Welcome",
    )
    story.happens(name="ana")
    story.happens(name="bob")
    return flow_id


def test_the_start_page_tells_the_time_the_flows_what_is_due_and_what_was_sent(story, shop):
    told = seen(page(story))

    assert "Mon 2 Mar 2026, 12:00 UTC" in told
    assert "1 message 0 segments" in told
    assert "Welcome Metric live 1 0 1" in told
    assert "Wed 4 Mar 2026, 12:00 flow step Welcome ana@shop.org" in told
    assert "email ana@shop.org Hi Ana 1 empty Welcome" in told


def test_an_empty_account_has_pages_too(story):
    assert "mock-klaviyo demo" in page(story)
    assert "none" in seen(page(story, "console/messages"))


def test_a_flow_is_drawn_with_how_many_came_through_each_action(story, shop):
    story.wait(2 * DAY)
    told = seen(page(story, f"console/flows/{shop}"))

    assert "Metric Joined │ send-email Hello 1 sent │ time-delay 2 days │ conditional-split 1 yes" in told
    assert "│ yes │ send-sms Text 1 skipped: Missing Phone Number no │ send-email Last 1 sent" in told
    assert "bob@shop.org refused" in told
    assert "send-sms skipped: Missing Phone Number" in told


def test_who_waits_at_an_action_is_counted_there(story, shop):
    assert "time-delay 2 days 1 waiting here now" in seen(page(story, f"console/flows/{shop}"))


@pytest.mark.parametrize("name", ["ana@shop.org", "id"])
def test_a_profile_shows_where_it_waits_and_what_every_condition_saw(story, shop, name):
    id = story.klaviyo.store.first("profile", email="ana@shop.org").id
    told = seen(page(story, f"console/profiles/{id if name == 'id' else name}"))

    assert "Waits Wed 4 Mar 2026, 12:00 Welcome" in told
    assert '✓ profile-property saw "Gold"' in told
    assert "send-email sent" in told
    assert "time-delay waiting until Wed 4 Mar 2026, 12:00" in told


def test_one_looks_for_a_profile_by_any_identifier(story, shop):
    found = story.control.get("/__mock/console/profiles", query_string={"who": "ana@shop.org"})

    assert (302, "/__mock/console/profiles/ana%40shop.org") == (found.status_code, found.location)
    assert "no profile nobody" in seen(page(story, "console/profiles", 404, who="nobody"))


def test_a_message_shows_what_its_reader_sees_and_looking_at_it_opens_nothing(story, shop):
    (id,) = messages(story)
    before = story.klaviyo.number_of("event")
    told = page(story, f"console/messages/{id}")

    assert "Empty variable" in told
    assert 'srcdoc="&lt;base' in told
    assert before == story.klaviyo.number_of("event")


def test_a_skipped_message_says_why(story, shop):
    story.wait(2 * DAY)
    _, skipped, _ = messages(story)

    assert "Not sent: Missing Phone Number" in seen(page(story, f"console/messages/{skipped}"))
    assert "skipped: Missing Phone Number" in seen(page(story, "console/messages", channel="sms"))
    assert "Hi Ana" not in seen(page(story, "console/messages", skipped="true"))


@pytest.mark.parametrize("path", ["console/flows/x", "console/profiles/x", "console/messages/x", "console/flows/%00"])
def test_what_is_not_there_is_a_page_that_says_so(story, path):
    assert "Not found" in seen(page(story, path, 404))


def test_nothing_that_somebody_is_called_becomes_part_of_a_page(story):
    story.person("ana", first_name=HOSTILE, last_name=HOSTILE, properties={HOSTILE: HOSTILE, "Tier": HOSTILE})
    story.subscribe("email", email="ana@shop.org")
    flow_id = story.flow(
        email("e", "w", name=HOSTILE, subject_line="{{ first_name|safe }}"),
        wait("w", "l"),
        email("l"),
        trigger={"type": "metric", "id": story.metric(HOSTILE)},
        profile_filter=groups({**is_gold(), "filter": {"type": "string", "operator": "not-equals", "value": HOSTILE}}),
        name=HOSTILE,
    )
    other = story.flow(email("e", "w", subject_line=HOSTILE), wait("w", "l"), email("l"), name=HOSTILE)
    story.happens(HOSTILE, properties={HOSTILE: HOSTILE})
    story.happens()
    id = story.klaviyo.store.first("profile", email="ana@shop.org").id
    paths = ["", f"console/flows/{flow_id}", f"console/flows/{other}", f"console/profiles/{id}", "console/profiles"]
    paths += ["console/messages", *(f"console/messages/{each}" for each in messages(story))]
    shown = [page(story, path) for path in paths]
    shown.append(page(story, "console/profiles", 404, who=HOSTILE))
    shown.append(page(story, "console/messages", to=HOSTILE))

    assert len(messages(story)) == 1
    assert [] == [path for path, html in zip(paths, shown, strict=False) if "<script" in html]
    assert all("&lt;script&gt;alert(1)&lt;/script&gt;" in html for html in shown)
    assert not any("49" in seen(html) for html in shown)  # no template is rendered twice


def test_pages_allow_no_scripts_and_are_never_kept(story):
    headers = story.control.get("/__mock/").headers

    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "script-src" not in headers["Content-Security-Policy"]
    assert "no-store" == headers["Cache-Control"]


@pytest.mark.parametrize(
    ("query", "time"), [({"by": "3d"}, "Thu 5 Mar 2026, 12:00"), ({}, "Wed 4 Mar 2026, 12:00")], ids=["by", "next"]
)
def test_the_buttons_move_the_clock(story, shop, query, time):
    moved = story.control.post("/__mock/console/clock", query_string=query)

    assert (303, "/__mock/") == (moved.status_code, moved.location)
    assert time in seen(page(story))


@pytest.mark.parametrize("by", ["soon", "-1d", "999999999d"])
def test_a_button_that_says_nonsense_moves_nothing(story, by):
    refused = story.control.post("/__mock/console/clock", query_string={"by": by})

    assert 400 == refused.status_code
    assert "Mon 2 Mar 2026, 12:00 UTC, frozen clock" in seen(page(story))


def test_where_nothing_is_due_the_clock_stays(story):
    assert 303 == story.control.post("/__mock/console/clock").status_code
    assert "Mon 2 Mar 2026, 12:00" in seen(page(story))


def test_pages_of_a_world_lead_to_pages_of_that_world(story):
    made = story.control.post("/__mock/worlds", json={"name": "other", "clock": "2027-01-01T00:00:00Z"}).json
    html = page(story, company_id=made["public_key"])

    assert "Fri 1 Jan 2027" in html
    assert [] == [each for each in re.findall(r'(?:href|action)="(/[^"]*)"', html) if "company_id=" not in each]


def test_older_profiles_are_on_further_pages(story):
    for number in range(52):
        story.client.create("/api/profiles", {"data": {"type": "profile", "attributes": {"email": f"p{number}@b.org"}}})
    first = page(story, "console/profiles")
    older = page(story, "console/profiles", before=re.search(r'console/profiles\?before=([0-9]+)"', first)[1])

    assert (50, 2) == (first.count("@b.org"), older.count("@b.org"))
    assert "first@shop.org" in older


def test_a_locked_server_asks_browsers_for_the_token():
    locked = Story(lock="t0ken")
    refused = locked.control.get("/__mock/")

    assert (401, True) == (refused.status_code, refused.headers["WWW-Authenticate"].startswith("Basic"))
    assert 200 == locked.control.get("/__mock/", auth=("", "t0ken")).status_code
    locked.klaviyo.close()


def actions(**ways):
    """Actions by id: `a="b"` leads on, `a=("b", None)` is a split whose second way ends."""
    return {
        id: {"id": id, "type": "x", "links": {"next_if_true": to[0], "next_if_false": to[1]}}
        if isinstance(to, tuple)
        else {"id": id, "type": "x", "links": {"next": to}}
        for id, to in ways.items()
    }


def drawn(boxes):
    """A drawing in short: ids, branches in lists, what is drawn already with an arrow."""
    found = []
    for box in boxes:
        found.append(f"→{box.action['id']}" if box.is_again else box.action["id"])
        found += [[branch.name, *drawn(branch.boxes)] for branch in box.branches]
    return found


@pytest.mark.parametrize(
    ("ways", "expected"),
    [
        ({"a": "b", "b": None}, ["a", "b"]),
        ({"a": ("b", "c"), "b": "d", "c": "d", "d": None}, ["a", ["yes", "b"], ["no", "c"], "d"]),
        ({"a": ("b", "c"), "b": None, "c": None}, ["a", ["yes", "b"], ["no", "c"]]),
        ({"a": (None, "b"), "b": None}, ["a", ["yes"], ["no"], "b"]),
        (
            {"a": ("b", "c"), "b": ("d", "e"), "c": "e", "d": None, "e": None},
            ["a", ["yes", "b", ["yes", "d"], ["no"]], ["no", "c"], "e"],
        ),
        (
            {"a": ("b", "c"), "b": ("d", "e"), "c": ("d", "e"), "d": None, "e": None},
            ["a", ["yes", "b", ["yes", "d"], ["no", "e"]], ["no", "c", ["yes", "→d"], ["no", "→e"]]],
        ),
        ({"a": "b", "b": "a"}, ["a", "b", "→a"]),
        ({"a": "gone"}, ["a"]),
    ],
)
def test_branches_are_drawn_side_by_side_until_they_meet(ways, expected):
    assert expected == drawn(Drawing(actions(**ways)).line("a"))
