"""Coupons and their codes."""

from __future__ import annotations

from tests.calling import reference, resource
from tests.contract.arranging import Arrangement, Scene


def code(scene: Scene):
    """A code of the coupon."""
    related = {"coupon": reference("coupon", scene.one("coupon"))}
    return resource("coupon-code", None, related, unique_code=scene.name, expires_at="2027-01-01T00:00:00Z")


ARRANGEMENTS = {
    "create_coupon": Arrangement(
        lambda scene: resource("coupon", external_id=f"{scene.name}_10", description="10% off")
    ),
    "update_coupon": Arrangement(lambda scene: resource("coupon", scene.one("coupon"), description="Ten off")),
    "get_coupon_codes": Arrangement(query=lambda scene: {"filter": f'equals(coupon.id,"{scene.one("coupon")}")'}),
    "create_coupon_code": Arrangement(code),
    "update_coupon_code": Arrangement(lambda scene: resource("coupon-code", scene.one("coupon-code"), status="USED")),
    "bulk_create_coupon_codes": Arrangement(
        lambda scene: resource(
            "coupon-code-bulk-create-job", None, None, **{"coupon-codes": {"data": [code(scene)["data"]]}}
        )
    ),
    "get_coupon_codes_for_coupon": Arrangement(after=("create_coupon_code",)),
    "get_coupon_code_ids_for_coupon": Arrangement(after=("create_coupon_code",)),
}
