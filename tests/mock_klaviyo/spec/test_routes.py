from __future__ import annotations

import pytest

from mock_klaviyo.spec.routes import Routes

ROUTES = Routes(
    [
        ("get_lists", "GET", "/api/lists"),
        ("create_list", "POST", "/api/lists"),
        ("get_list", "GET", "/api/lists/{id}"),
        ("get_newest_list", "GET", "/api/lists/newest"),
        ("delete_newest_list", "DELETE", "/api/lists/newest"),
        ("get_tags", "GET", "/api/lists/{id}/tags"),
        ("get_tag_ids", "GET", "/api/lists/{list_id}/relationships/tags"),
        ("get_job", "GET", "/api/jobs/{job_id}"),
    ]
)

FOUND = {
    "/api/lists": ("get_lists", {}),
    "/api/lists/": ("get_lists", {}),
    "/api/lists/a": ("get_list", {"id": "a"}),
    "/api/lists/newest/": ("get_newest_list", {}),
    "/api/lists/newest/tags": ("get_tags", {"id": "newest"}),
    "/api/lists/a%20b/tags/": ("get_tags", {"id": "a b"}),
    "/api/lists/a%2Fb": ("get_list", {"id": "a/b"}),
    "/api/lists/x:::y/relationships/tags": ("get_tag_ids", {"list_id": "x:::y"}),
    "/api/jobs/1": ("get_job", {"job_id": "1"}),
    "/api/%6Cists": ("get_lists", {}),
}

NOT_FOUND = [
    "",
    "/",
    "/api",
    "/api//lists",
    "/api/lists//",
    "/api/lists//tags",
    "/api/lists/a/b",
    "/api/tags",
    "/lists",
]


@pytest.mark.parametrize("path", FOUND)
def test_a_path_finds_its_operation(path):
    assert FOUND[path] == ROUTES.route("GET", path)


@pytest.mark.parametrize("path", NOT_FOUND)
def test_other_paths_find_nothing(path):
    assert ROUTES.route("GET", path) is None
    assert () == ROUTES.methods(path)


def test_a_path_knows_its_methods():
    assert ("GET", "POST") == ROUTES.methods("/api/lists/")
    assert ("GET", "DELETE") == ROUTES.methods("/api/lists/newest")
    assert ROUTES.route("PUT", "/api/lists") is None
