"""Mappings of the tea house, good and bad, as users may write them."""

from types import SimpleNamespace


def request(payload):
    return {"method": "POST", "path": "/api/events", "body": {"cups": payload["cups"]}}


def one(vendor, event, headers, payload):
    return request(payload)


def in_order(a, b, c, d):
    return [request(d), {"method": "post", "path": f"https://a.klaviyo.com/api/{a}/{b}"}]


def by_name(*, payload, customer, klaviyo=None):
    yield request(payload)
    yield SimpleNamespace(method="POST", path="/api/profile-import", body={"email": customer["email"]})


async def later(payload, **_):
    return request(payload)


def nothing(payload):
    print("a word that must not disturb the report")


def raises(payload):
    return payload["no such key"]


def raises_on_the_way(payload):
    yield request(payload)
    raise RuntimeError("half way")


def exits():
    raise SystemExit(3)


def text():
    return "hello"


def wrong_method(payload):
    return [{**request(payload), "method": "FETCH"}]


def wrong_path():
    return {"method": "GET", "path": None}


def wrong_body():
    return {"method": "GET", "path": "/api/events", "body": "{}"}


def wrong_item(payload):
    return [request(payload), 5]


def refuses_forged(headers):
    raise PermissionError(headers.get("webhook-signature"))


def asks_for_more(payload, weather):
    return None


def import_all(event, payload):
    if event == "first sync":
        body = {"profiles": payload["customers"]}
        return {"method": "POST", "path": "/api/profile-bulk-import-jobs", "body": body}
    return None


not_a_function = 5
