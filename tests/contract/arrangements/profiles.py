"""Profiles, their consent, push tokens, and the jobs about many of them."""

from __future__ import annotations

from tests.calling import channels, consent, no_channels, reference, resource, withdrawal
from tests.contract.arranging import Arrangement, Scene, identified


def person(scene: Scene):
    """The profile, which is there, as bodies hold it."""
    scene.one("profile")
    return resource("profile", email=scene.email)


def new_person(scene: Scene):
    """The profile before it is there."""
    return resource("profile", email=scene.email, first_name="Anna", properties={"Tier": "Gold"})


def token(scene: Scene):
    """A phone of the profile's."""
    return resource("push-token", token=f"token of {scene.name}", platform="ios", vendor="apns", profile=person(scene))


def job(type: str):
    """The body of a job about the profile."""
    return lambda scene: resource(type, profiles={"data": [person(scene)["data"]]})


def import_job(scene: Scene):
    """A job that takes in a profile, and another that has no address, into a list."""
    broken = {"type": "profile", "attributes": {"email": scene.email, "phone_number": "1"}}
    related = {"lists": [reference("list", scene.one("list"))]}
    return resource("profile-bulk-import-job", None, related, profiles={"data": [person(scene)["data"], broken]})


def merge(scene: Scene):
    """Somebody's second profile is merged into the first."""
    others = [reference("profile", scene.other("profile"))]
    return identified("profile-merge", scene.one("profile"), profiles=others)


def made_token(scene: Scene) -> str:
    """The token that was sent."""
    scene.do("create_push_token")
    return scene.one_of("/api/push-tokens")


ARRANGEMENTS = {
    "create_profile": Arrangement(new_person),
    "update_profile": Arrangement(lambda scene: resource("profile", scene.one("profile"), first_name="Anne")),
    "create_or_update_profile": Arrangement(person),
    "merge_profiles": Arrangement(merge),
    "bulk_import_profiles": Arrangement(import_job),
    "bulk_suppress_profiles": Arrangement(job("profile-suppression-bulk-create-job")),
    "bulk_unsuppress_profiles": Arrangement(job("profile-suppression-bulk-delete-job")),
    "bulk_subscribe_profiles": Arrangement(
        lambda scene: consent({"email": scene.email, "subscriptions": channels()}, list_id=scene.one("list"))
    ),
    "bulk_unsubscribe_profiles": Arrangement(
        lambda scene: withdrawal({"email": scene.email, "subscriptions": no_channels()}, list_id=scene.one("list"))
    ),
    "create_push_token": Arrangement(token),
    "get_push_tokens_for_profile": Arrangement(after=("create_push_token",)),
    "get_push_token_ids_for_profile": Arrangement(after=("create_push_token",)),
    "get_lists_for_profile": Arrangement(after=("add_profiles_to_list",)),
    "get_list_ids_for_profile": Arrangement(after=("add_profiles_to_list",)),
    "get_segments_for_profile": Arrangement(after=("create_segment",)),
    "get_segment_ids_for_profile": Arrangement(after=("create_segment",)),
    "get_conversation_for_profile": Arrangement(after=("create_conversation_message",)),
    "get_conversation_id_for_profile": Arrangement(after=("create_conversation_message",)),
    "get_conversations_for_profile": Arrangement(after=("create_conversation_message",)),
    "get_conversation_ids_for_profile": Arrangement(after=("create_conversation_message",)),
}
MAKERS = {"push-token": made_token}
