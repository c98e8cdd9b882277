"""Flows, their actions and messages, as resources; nobody runs them here."""

from __future__ import annotations

from copy import deepcopy

import pytest

from mock_klaviyo.resources.reference import RESOURCES
from mock_klaviyo.store.rows import Row
from tests.calling import references, resource
from tests.mock_klaviyo.engine.definitions import is_gold, segment

DEFINITION = "/data/attributes/definition"
WHOLE = {"additional-fields[flow]": "definition"}
BIRTHDAY = {
    "type": "date",
    "date_field_type": "profile-property",
    "date_profile_property": "Birthday",
    "timedelta_value_before_date": 1,
    "trigger_time": "09:00:00",
}
PRICE_DROP = {"type": "price-drop", "trigger_filter": None, "price_drop_amount_value": 5, "audience": ["viewed"]}
LOW_INVENTORY = {"type": "low-inventory", "product_level": "product", "trigger_filter": None, "inventory_count": 5}
LOW_INVENTORY |= {"audience": ["viewed"]}


def groups(*conditions):
    return {"condition_groups": [{"conditions": [*conditions]}]}


def email(id, then=None, **message):
    data = {"message": {"from_email": "shop@example.org", "subject_line": "Hello", **message}}
    return {"temporary_id": id, "type": "send-email", "links": {"next": then}, "data": data}


def text(id, then=None, **message):
    data = {"message": {"body": "Hello", **message}, "status": "live"}
    return {"temporary_id": id, "type": "send-sms", "links": {"next": then}, "data": data}


def wait(id, then=None, **delay):
    return {"temporary_id": id, "type": "time-delay", "links": {"next": then}, "data": {"value": 2, **delay}}


def split(id, yes=None, no=None):
    links = {"next_if_true": yes, "next_if_false": no}
    return {
        "temporary_id": id,
        "type": "conditional-split",
        "links": links,
        "data": {"profile_filter": groups(is_gold())},
    }


def branches(id, *following):
    found = [
        {"branch_id": f"b{number}", "is_else": number == len(following) - 1, "links": {"next": then}}
        for number, then in enumerate(following)
    ]
    return {"temporary_id": id, "type": "multi-branch-split", "data": {"name": "By tier", "branches": found}}


def trial(id, then=None):
    data = {
        "main_action": email("main", None, name="A"),
        "current_experiment": {"name": "Subjects", "variations": [email("a", name="A"), email("b", name="B")]},
    }
    return {"temporary_id": id, "type": "ab-test", "links": {"next": then}, "data": data}


def flow(*actions, trigger=None, entry="", name="Welcome", **definition):
    first = actions[0]["temporary_id"] if actions and entry == "" else entry or None
    trigger = trigger or {"type": "metric", "id": "ZZZZZZ"}
    whole = {"triggers": [trigger], "actions": [*actions], "entry_action_id": first, **definition}
    return resource("flow", name=name, definition=whole)


def make_flow(client, *actions, **given):
    return client.create("/api/flows", flow(*actions, **given))


def definition_of(client, id):
    return client.get(f"/api/flows/{id}", **WHOLE)["data"]["attributes"]["definition"]


def types(client, id):
    """The actions of a flow by their types."""
    return {each["type"]: each for each in definition_of(client, id)["actions"]}


def ways(definition):
    """Which type of action leads to which, by the links of a definition."""
    names = {each["id"]: each["type"] for each in definition["actions"]} | {None: None}
    return {
        each["type"]: [names[id] for id in each["links"].values()] for each in definition["actions"] if each["links"]
    }


def make_template(client, klaviyo, id="TPL001"):
    """A template, whoever may answer templates."""
    if "template" not in RESOURCES:
        pytest.skip("no templates are declared")
    document = {"name": "Letter", "editor_type": "CODE", "html": "<p>Hello</p>", "text": "", "amp": None}
    with klaviyo.store.transaction():
        klaviyo.store.insert(
            Row("template", id, document | {"created": klaviyo.world.second, "updated": klaviyo.world.second})
        )
    return id


# flows


def test_a_flow_lives(client, klaviyo):
    made = client.post("/api/flows", flow(email("e")), **WHOLE)["data"]
    id = made["id"]
    klaviyo.move_clock(klaviyo.clock.now.replace(day=2))
    live = client.patch(f"/api/flows/{id}", resource("flow", id, status="live"))["data"]["attributes"]
    found = client.ids("/api/flows", filter='equals(status,"live"),starts-with(name,"Wel"),equals(archived,false)')
    client.delete(f"/api/flows/{id}")

    assert {
        "name": "Welcome",
        "status": "draft",
        "archived": False,
        "created": "2026-01-01T00:00:00+00:00",
        "updated": "2026-01-01T00:00:00+00:00",
        "trigger_type": "Metric",
    }.items() <= made["attributes"].items()
    assert ("live", "2026-01-02T00:00:00+00:00", None) == (live["status"], live["updated"], live.get("definition"))
    assert [id] == found
    assert 404 == client.error("GET", f"/api/flows/{id}")[0]


def test_a_definition_is_shown_to_those_who_ask_only(client):
    id = make_flow(client, email("e"))
    shown = [
        client.get(f"/api/flows/{id}")["data"],
        client.get("/api/flows")["data"][0],
        client.get(f"/api/flows/{id}", **WHOLE)["data"],
        client.get(f"/api/flows/{id}", **{"fields[flow]": "definition"})["data"],
    ]

    assert [False, False, True, True] == ["definition" in each["attributes"] for each in shown]
    assert ["definition"] == [*shown[3]["attributes"]]


@pytest.mark.parametrize(("asked", "is_shown"), [({}, True), (WHOLE, True), ({"fields[flow]": "name"}, False)])
def test_who_creates_a_flow_sees_its_definition(client, asked, is_shown):
    made = client.post("/api/flows", flow(email("e")), **asked)["data"]["attributes"]

    assert is_shown == ("definition" in made)


def test_the_template_of_a_flow_message_cannot_be_deleted(client, klaviyo):
    id = make_flow(client, email("e", template_id=make_template(client, klaviyo)))
    message = definition_of(client, id)["actions"][0]["data"]["message"]
    status, error = client.error("DELETE", f"/api/templates/{message['template_id']}")
    said = f"Cannot delete template {message['template_id']} while it is attached to\nFlowMessage {message['id']}"
    client.delete(f"/api/flows/{id}")

    assert (409, "conflict", said, "/data") == (status, error["code"], error["detail"], error["source"]["pointer"])
    assert 404 == client.error("GET", f"/api/templates/{message['template_id']}")[0]


def test_temporary_ids_become_real_ones(client):
    id = make_flow(
        client,
        wait("w", "s"),
        split("s", "e", "t"),
        email("e", "m"),
        text("t", "m"),
        branches("m", None, "l"),
        trial("l"),
    )
    definition = definition_of(client, id)

    assert {
        "time-delay": ["conditional-split"],
        "conditional-split": ["send-email", "send-sms"],
        "send-email": ["multi-branch-split"],
        "send-sms": ["multi-branch-split"],
        "ab-test": [None],
    } == ways(definition)
    assert [None, "ab-test"] == [
        each["links"]["next"] and "ab-test" for each in types(client, id)["multi-branch-split"]["data"]["branches"]
    ]
    assert types(client, id)["time-delay"]["id"] == definition["entry_action_id"]
    assert "temporary_id" not in str(definition)


def test_what_is_not_said_has_its_default(client):
    id = make_flow(client, text("t"), wait("w"))
    found = types(client, id)
    message = found["send-sms"]["data"]["message"]

    assert {
        "smart_sending_enabled": True,
        "sms_quiet_hours_enabled": True,
        "transactional": False,
    }.items() <= message.items()
    assert {"unit": "days", "timezone": "profile", "delay_until_time": None}.items() <= found["time-delay"][
        "data"
    ].items()


@pytest.mark.parametrize(
    ("trigger", "type", "reentry"),
    [
        ({"type": "list", "id": "L"}, "Added to List", 1),
        ({"type": "segment", "id": "S"}, "Added to List", 1),
        ({"type": "metric", "id": "M"}, "Metric", 0),
        ({"type": "metric", "id": None}, "Unconfigured", 0),
        (BIRTHDAY, "Date Based", 0),
        (PRICE_DROP, "Price Drop", 0),
        (LOW_INVENTORY, "Low Inventory", 0),
    ],
)  # fmt: skip
def test_a_flow_tells_what_starts_it_and_whether_one_may_come_back(client, trigger, type, reentry):
    id = make_flow(client, trigger=trigger)

    assert [id] == client.ids("/api/flows", filter=f'equals(trigger_type,"{type}")')
    assert {"duration": reentry, "unit": "alltime"} == definition_of(client, id)["reentry_criteria"]


def test_a_given_reentry_stays(client):
    criteria = {"duration": 3, "unit": "week"}

    assert criteria == definition_of(client, make_flow(client, reentry_criteria=criteria))["reentry_criteria"]


def test_lists_segments_and_metrics_lead_to_the_flows_that_they_start(client):
    client.track("Ordered", "ana@example.org")
    starters = {
        "lists": client.create("/api/lists", resource("list", name="VIPs")),
        "segments": client.create("/api/segments", segment(is_gold())),
        "metrics": client.ids("/api/metrics")[0],
    }
    flows = {each: make_flow(client, trigger={"type": each[:-1], "id": id}) for each, id in starters.items()}

    assert flows == {each: client.ids(f"/api/{each}/{id}/flow-triggers")[0] for each, id in starters.items()}
    assert flows == {
        each: client.ids(f"/api/{each}/{id}/relationships/flow-triggers")[0] for each, id in starters.items()
    }
    assert [flows["lists"]] == [
        each["id"] for each in client.get(f"/api/lists/{starters['lists']}", include="flow-triggers")["included"]
    ]


def test_a_flow_loses_its_trigger_with_the_list(client):
    group = client.create("/api/lists", resource("list", name="VIPs"))
    id = make_flow(client, trigger={"type": "list", "id": group})
    client.delete(f"/api/lists/{group}")

    assert "Unconfigured" == client.get(f"/api/flows/{id}")["data"]["attributes"]["trigger_type"]
    assert [{"type": "list", "id": None}] == definition_of(client, id)["triggers"]


def test_flows_are_sorted_and_come_in_pages(client):
    ids = [make_flow(client, name=name) for name in ("c", "a", "b")]
    first = client.get("/api/flows", sort="name", **{"page[size]": "2"})
    second = client.get("/api/flows", sort="name", **{"page[size]": "2", "page[cursor]": first["links"]["next"]})

    assert [ids[1], ids[2], ids[0]] == [each["id"] for each in [*first["data"], *second["data"]]]


def test_tags_lead_to_flows_and_back(client):
    id, tag = make_flow(client, email("e")), client.create("/api/tags", resource("tag", name="Loyal"))
    client.post(f"/api/tags/{tag}/relationships/flows", references("flow", id))
    included = client.get(f"/api/flows/{id}", include="tags,flow-actions")["included"]

    assert [tag] == client.ids(f"/api/flows/{id}/tags") == client.ids(f"/api/flows/{id}/relationships/tags")
    assert [id] == client.ids(f"/api/tags/{tag}/relationships/flows")
    assert ["tag", "flow-action"] == [each["type"] for each in included]


def test_a_status_goes_to_every_action(client):
    id = make_flow(client, email("e", "w"), wait("w", "l"), trial("l"))
    client.patch(f"/api/flows/{id}", resource("flow", id, status="manual"))
    found = types(client, id)
    variations = found["ab-test"]["data"]["current_experiment"]["variations"]

    assert ["manual"] * 4 == [each["data"]["status"] for each in [found["send-email"], found["ab-test"], *variations]]
    assert 3 == len(client.ids(f"/api/flows/{id}/flow-actions", filter='equals(status,"manual")'))


def test_an_unknown_status_is_refused(client):
    id = make_flow(client)
    status, error = client.error("PATCH", f"/api/flows/{id}", resource("flow", id, status="paused"))

    assert (400, "/data/attributes/status") == (status, error["source"]["pointer"])


@pytest.mark.parametrize("links", [None, {}, [1], "e", 5, {"next": ["e"]}, {"next": {"id": 1}}])
def test_the_links_of_a_split_with_many_branches_may_be_anything(client, links):
    split = branches("s", "e", None) | {"links": links}

    assert 201 == client.call("POST", "/api/flows", flow(split, email("e"))).status


def test_what_a_flow_names_and_is_not_there_is_told_in_a_hint(client):
    made = client.call("POST", "/api/flows", flow(email("e", template_id="TTTTTT")))

    assert 201 == made.status
    assert "no template with id TTTTTT" in made.headers["X-Mock-Hint"]
    assert "no metric with id ZZZZZZ" in made.headers["X-Mock-Hint"]


def changed(body, value, *path):
    body = deepcopy(body)
    place = body["data"]["attributes"]["definition"]
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return body


TRIAL = ("actions", 0, "data", "current_experiment")
VARIATION = (*TRIAL, "variations", 1)
MISPLACED = groups({"type": "metric-property"})
MESSAGE = ("actions", 0, "data", "message")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (changed(flow(), [], "triggers"), "triggers"),
        (changed(flow(), [{"type": "list", "id": "A"}, {"type": "list", "id": "B"}], "triggers"), "triggers"),
        (flow(trigger={"type": "weather"}), "triggers/0/type"),
        (flow(email("e"), entry="x"), "entry_action_id"),
        (flow(email("e", "x")), "actions/0/links/next"),
        (flow(split("s", "e", "x"), email("e")), "actions/0/links/next_if_false"),
        (flow(branches("m", "x", None)), "actions/0/data/branches/0/links/next"),
        (flow(email("e", "w"), wait("w", "e")), "actions"),
        (flow(email("e"), email("e")), "actions/1/temporary_id"),
        (changed(flow(email("e")), None, "actions", 0, "temporary_id"), "actions/0/temporary_id"),
        (changed(flow(email("e")), "123", "actions", 0, "id"), "actions/0/id"),
        (changed(flow(email("e")), "123", *MESSAGE, "id"), "actions/0/data/message/id"),
        (changed(flow(trial("l")), "123", *TRIAL, "id"), "actions/0/data/current_experiment/id"),
        (changed(flow(trial("l")), "1", *VARIATION, "id"), f"{'/'.join(map(str, VARIATION))}/id"),
        (changed(flow(trial("l")), "live", *TRIAL[:3], "experiment_status"), "actions/0/data/experiment_status"),
        (flow(wait("w", unit="hours", delay_until_time="10:00:00")), "actions/0/data/delay_until_time"),
        (flow(wait("w", value=-1)), "actions/0/data/value"),
        (flow(wait("w", value=10**12)), "actions/0/data/value"),
        (flow(wait("w", unit="minutes", secondary_value=10**12)), "actions/0/data/secondary_value"),
        (flow(wait("w") | {"type": "countdown-delay", "data": {"value": 10**9}}), "actions/0/data/value"),
        (flow(trigger=BIRTHDAY | {"timedelta_value_before_date": -3}), "triggers/0/timedelta_value_before_date"),
        (flow(trigger=BIRTHDAY | {"timedelta_value_before_date": 6000}), "triggers/0/timedelta_value_before_date"),
        (flow(trigger=PRICE_DROP | {"timeframe_days": 10**9}), "triggers/0/timeframe_days"),
        (flow(reentry_criteria={"duration": 10**12, "unit": "hour"}), "reentry_criteria/duration"),
        (flow(branches("m", *[None] * 21)), "actions/0/data/branches"),
        (flow(email("e", colour="red")), "actions/0/data/message/colour"),
        (flow(wait("w", unit="years")), "actions/0/data/unit"),
        (flow({"temporary_id": "x", "type": "dance"}), "actions/0/type"),
        (flow(profile_filter=MISPLACED), "profile_filter/condition_groups/0/conditions/0/type"),
    ],
)  # fmt: skip
def test_a_wrong_definition_is_refused_and_its_place_named(client, body, pointer):
    status, error = client.error("POST", "/api/flows", body)

    assert (400, f"{DEFINITION}/{pointer}") == (status, error["source"]["pointer"])
    assert [] == client.ids("/api/flows")


def test_a_flow_may_have_very_many_actions(client):
    """Each has an id of its own, and the way through them is looked at once."""
    many = [wait(f"w{number}", f"w{number + 1}") for number in range(3000)]
    id = make_flow(client, *many, wait("w3000"))

    assert 3001 == len({each["id"] for each in definition_of(client, id)["actions"]})


def test_the_texts_of_an_update_have_a_limit(client):
    operation = {
        "operator": "create",
        "property_type": "string",
        "property_key": "Note",
        "property_value": "x" * 60_000,
    }
    update = {"temporary_id": "u", "type": "update-profile", "data": {"profile_operations": [operation, operation]}}
    status, error = client.error("POST", "/api/flows", flow(update))

    assert (400, f"{DEFINITION}/actions/0/data/profile_operations") == (status, error["source"]["pointer"])


# actions


def test_actions_of_a_flow_can_be_listed_filtered_and_sorted(client):
    id = make_flow(client, email("e", "w"), wait("w", "t"), text("t"))
    path = f"/api/flows/{id}/flow-actions"
    first, second, third = client.ids(path)

    assert [first, third] == client.ids(path, filter='any(action_type,["send-email","send-sms"])')
    assert [third] == client.ids(path, filter='equals(status,"live")')
    assert [first, third, second] == client.ids(f"/api/flows/{id}/relationships/flow-actions", sort="action_type")
    assert [first] == client.ids(path, filter=f'any(id,["{first}"])', **{"page[size]": "1"})


def test_an_action_leads_to_its_flow_and_messages(client):
    id = make_flow(client, email("e"))
    (action,) = client.ids(f"/api/flows/{id}/flow-actions")
    shown = client.get(f"/api/flow-actions/{action}", include="flow,flow-messages")
    (message,) = client.ids(f"/api/flow-actions/{action}/flow-messages")

    assert [("flow", id), ("flow-message", message)] == [(each["type"], each["id"]) for each in shown["included"]]
    assert id == client.get(f"/api/flow-actions/{action}/flow")["data"]["id"]
    assert id == client.get(f"/api/flow-actions/{action}/relationships/flow")["data"]["id"]
    assert [message] == client.ids(f"/api/flow-actions/{action}/relationships/flow-messages")
    assert {"created", "updated", "definition"} == set(shown["data"]["attributes"])


def revise(client, action, **changes):
    definition = client.get(f"/api/flow-actions/{action}")["data"]["attributes"]["definition"]
    body = resource("flow-action", action, definition=definition | changes)
    return body, client.call("PATCH", f"/api/flow-actions/{action}", body)


def test_an_action_can_be_changed(client, klaviyo):
    id = make_flow(client, email("e", "w"), wait("w"))
    action, _ = client.ids(f"/api/flows/{id}/flow-actions")
    before = client.get(f"/api/flow-actions/{action}")["data"]["attributes"]["definition"]
    klaviyo.move_clock(klaviyo.clock.now.replace(day=2))
    message = before["data"]["message"] | {"subject_line": "News"}
    _, response = revise(client, action, links={"next": None}, data={"message": message})
    after = client.get(f"/api/flow-actions/{action}")["data"]["attributes"]

    assert 200 == response.status
    assert ("News", None) == (
        after["definition"]["data"]["message"]["subject_line"],
        after["definition"]["links"]["next"],
    )
    assert before["data"]["message"]["id"] == after["definition"]["data"]["message"]["id"]
    assert (
        "2026-01-02T00:00:00+00:00"
        == after["updated"]
        == client.get(f"/api/flows/{id}")["data"]["attributes"]["updated"]
    )


def test_a_changed_action_keeps_its_status_unless_it_says_another(client):
    id = make_flow(client, text("t"))
    (action,) = client.ids(f"/api/flows/{id}/flow-actions")
    message = types(client, id)["send-sms"]["data"]["message"]
    revise(client, action, data={"message": message})
    kept = types(client, id)["send-sms"]["data"]["status"]
    revise(client, action, data={"message": message, "status": "manual"})

    assert ["live", "manual"] == [kept, types(client, id)["send-sms"]["data"]["status"]]


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"type": "time-delay", "data": {"value": 1}}, "type"),
        ({"id": "99"}, "id"),
        ({"temporary_id": "e"}, "temporary_id"),
        ({"links": {"next": "nowhere"}}, "links/next"),
        ({"data": {"message": {"id": "OTHER1"}}}, "data/message/id"),
        ({"data": {"status": "asleep"}}, "data/status"),
    ],
)
def test_a_wrong_change_of_an_action_is_refused(client, changes, pointer):
    id = make_flow(client, email("e"))
    before = definition_of(client, id)
    _, response = revise(client, before["entry_action_id"], **changes)

    assert (400, f"{DEFINITION}/{pointer}") == (response.status, response.document["errors"][0]["source"]["pointer"])
    assert before == definition_of(client, id)


def test_an_action_cannot_be_made_to_lead_back(client):
    id = make_flow(client, email("e", "w"), wait("w"))
    action, delay = client.ids(f"/api/flows/{id}/flow-actions")
    _, response = revise(client, delay, links={"next": action})

    assert (400, f"{DEFINITION}/links") == (response.status, response.document["errors"][0]["source"]["pointer"])


def test_the_way_leads_past_a_deleted_action(client):
    id = make_flow(client, email("e", "w"), wait("w", "t"), text("t"))
    client.delete(f"/api/flow-actions/{types(client, id)['time-delay']['id']}")
    middle = ways(definition_of(client, id))
    client.delete(f"/api/flow-actions/{types(client, id)['send-email']['id']}")
    rest = definition_of(client, id)

    assert {"send-email": ["send-sms"], "send-sms": [None]} == middle
    assert ["send-sms"] == [each["type"] for each in rest["actions"]]
    assert rest["actions"][0]["id"] == rest["entry_action_id"]


def test_a_deleted_split_leaves_its_true_branch(client):
    id = make_flow(client, split("s", "e", "t"), email("e"), text("t"))
    client.delete(f"/api/flow-actions/{types(client, id)['conditional-split']['id']}")

    assert ["send-email"] == [each["type"] for each in definition_of(client, id)["actions"]]


def test_a_deleted_flow_takes_its_actions_and_messages_along(client):
    id = make_flow(client, email("e"))
    (action,) = client.ids(f"/api/flows/{id}/flow-actions")
    (message,) = client.ids(f"/api/flow-actions/{action}/flow-messages")
    client.delete(f"/api/flows/{id}")

    assert [404, 404] == [
        client.error("GET", path)[0] for path in (f"/api/flow-actions/{action}", f"/api/flow-messages/{message}")
    ]


# messages


def test_messages_tell_their_channel_and_content(client):
    hook = {"temporary_id": "h", "type": "send-webhook", "data": {"message": {"url": "https://example.org/hook"}}}
    alert = {
        "from_email": "a@example.org",
        "from_label": "Shop",
        "to_emails": ["b@example.org"],
        "subject_line": "Look",
    }
    notice = {"temporary_id": "i", "type": "send-internal-alert", "data": {"message": alert}}
    push = {"temporary_id": "p", "type": "send-mobile-push", "data": {"message": {"body": "Hi"}}}
    chat = {"temporary_id": "c", "type": "send-whatsapp", "data": {"message": {}}}
    id = make_flow(client, email("e", subject_line="Welcome"), text("t"), hook, notice, push, chat)
    found = [
        client.get(f"/api/flow-actions/{action}/flow-messages")["data"][0]["attributes"]
        for action in client.ids(f"/api/flows/{id}/flow-actions")
    ]

    assert ["email", "sms", "webhook", "internal_alert", "mobile_push"] == [each["channel"] for each in found[:5]]
    assert "Welcome" == found[0]["definition"]["subject_line"]


def test_a_test_of_variations_has_a_message_for_each(client):
    id = make_flow(client, trial("l"))
    (action,) = client.ids(f"/api/flows/{id}/flow-actions")
    path = f"/api/flow-actions/{action}/flow-messages"

    assert 3 == len(client.ids(path))
    assert 1 == len(client.ids(path, filter='equals(name,"B")', sort="-name"))


def test_a_message_leads_to_its_action(client):
    id = make_flow(client, email("e"))
    (action,) = client.ids(f"/api/flows/{id}/flow-actions")
    (message,) = client.ids(f"/api/flow-actions/{action}/flow-messages")
    shown = client.get(f"/api/flow-messages/{message}", include="flow-action,template")

    assert [action] == [each["id"] for each in shown["included"]]
    assert action == client.get(f"/api/flow-messages/{message}/flow-action")["data"]["id"]
    assert action == client.get(f"/api/flow-messages/{message}/relationships/flow-action")["data"]["id"]


def test_a_message_without_a_template_leads_to_none(client):
    id = make_flow(client, text("t"))
    (message,) = client.ids(f"/api/flow-actions/{definition_of(client, id)['entry_action_id']}/flow-messages")
    paths = (f"/api/flow-messages/{message}/template", f"/api/flow-messages/{message}/relationships/template")

    assert [404, 404] == [client.error("GET", path)[0] for path in paths]


def test_a_message_has_its_own_copy_of_a_template(client, klaviyo):
    template = make_template(client, klaviyo)
    id = make_flow(client, email("e", template_id=template))
    (message,) = client.ids(f"/api/flow-actions/{definition_of(client, id)['entry_action_id']}/flow-messages")
    copy = client.get(f"/api/flow-messages/{message}/template")["data"]
    named = client.get(f"/api/flow-messages/{message}/relationships/template")["data"]["id"]

    assert copy["id"] != template
    assert (copy["id"], "<p>Hello</p>") == (named, copy["attributes"]["html"])
    assert copy["id"] == definition_of(client, id)["actions"][0]["data"]["message"]["template_id"]


def test_another_template_replaces_the_copy_and_the_same_one_does_not(client, klaviyo):
    first, second = make_template(client, klaviyo), make_template(client, klaviyo, "TPL002")
    id = make_flow(client, email("e", template_id=first))
    action = definition_of(client, id)["actions"][0]
    revise(client, action["id"])
    kept = definition_of(client, id)["actions"][0]["data"]["message"]["template_id"]
    revise(client, action["id"], data={"message": action["data"]["message"] | {"template_id": second}})
    replaced = definition_of(client, id)["actions"][0]["data"]["message"]["template_id"]

    assert action["data"]["message"]["template_id"] == kept
    assert klaviyo.store.row("template", kept) is None
    assert klaviyo.store.row("template", replaced).document["name"] == f"Clone of {second}"
