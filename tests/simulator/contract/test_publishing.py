"""Publications: vendors, mappings and merchants hold each other to what they give and need."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from simulator.cli import main
from simulator.contract.publishing.deciding import obstacles
from simulator.contract.publishing.publication import Publication, Side
from simulator.contract.publishing.sides import mapping_gives, mapping_needs, merchant_needs, vendor_gives
from simulator.vendors import vendors

SMILE = [vendors()["smile"]]
FLOW = {
    "triggers": [
        {
            "type": "metric",
            "id": "METRIC:Points Redeemed",
            "trigger_filter": {
                "condition_groups": [
                    {
                        "conditions": [
                            {
                                "type": "metric-property",
                                "metric_id": "METRIC:Points Redeemed",
                                "field": "points_spent",
                                "filter": {"type": "numeric", "operator": "greater-than", "value": 5},
                            }
                        ]
                    }
                ]
            },
        }
    ],
    "actions": [
        {
            "type": "send-email",
            "data": {"message": {"subject_line": "{{ event.reward_fulfillment.code }}", "template_id": "TPL:letter"}},
        }
    ],
}


@pytest.fixture
def flow(tmp_path: Path) -> Path:
    """A merchant's flow with a template beside it."""
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "letter.html").write_text("{{ event|lookup:'points_product_id' }} {{ person.event.x }}")
    file = tmp_path / "flow.json"
    file.write_text(json.dumps({"data": {"type": "flow", "attributes": {"name": "Spent", "definition": FLOW}}}))
    return file


@pytest.fixture
def parties(flow: Path) -> list[Publication]:
    """A vendor, a mapping and a merchant that fit together."""
    return [
        Publication("smile.io", "1", Side.VENDOR, gives=vendor_gives(SMILE)),
        Publication("mapping", "2", Side.MAPPING, gives=mapping_gives(SMILE), needs=mapping_needs(SMILE)),
        Publication("shop", "3", Side.MERCHANT, needs=merchant_needs([flow])),
    ]


def changed(party: Publication, **parts) -> Publication:
    return Publication(**{**party.__dict__, **parts})


def test_a_merchant_needs_what_its_conditions_and_messages_name(flow):
    assert {
        "Points Redeemed": {
            "points_spent": {"type": "number"},
            "reward_fulfillment.code": {},
            "points_product_id": {},
        }
    } == merchant_needs([flow])


def test_parties_that_fit_have_no_obstacles(parties):
    assert [] == list(obstacles(parties))


@pytest.mark.parametrize("vendor", sorted(vendors()))
def test_every_vendor_gives_what_our_mapping_needs(vendor):
    found = [vendors()[vendor]]
    parties = [
        Publication("vendor", "1", Side.VENDOR, gives=vendor_gives(found)),
        Publication("mapping", "1", Side.MAPPING, needs=mapping_needs(found)),
    ]

    assert [] == list(obstacles(parties))


def test_a_field_that_the_mapping_drops_stands_in_the_merchants_way(parties):
    vendor, mapping, shop = parties
    fields = {name: each for name, each in mapping.gives["Points Redeemed"].items() if name != "points_spent"}
    (found,) = obstacles([vendor, changed(mapping, gives={**mapping.gives, "Points Redeemed": fields}), shop])

    assert (
        "shop 3: needs 'points_spent' of 'Points Redeemed', which is not given (points_product_id?) by mapping 2"
        in found.line
    )


def test_another_type_stands_in_the_way(parties):
    vendor, mapping, shop = parties
    fields = {**mapping.gives["Points Redeemed"], "points_spent": {"type": "string"}}
    (found,) = obstacles([vendor, changed(mapping, gives={**mapping.gives, "Points Redeemed": fields}), shop])

    assert "as number, but it is string at mapping 2" in found.line


def test_a_metric_that_nobody_sends_stands_in_the_way(parties):
    vendor, mapping, shop = parties
    (found,) = obstacles([vendor, mapping, changed(shop, needs={"Points Redemed": {}})])

    assert "which mapping 2 does not give (Points Redeemed?)" in found.line


def test_a_vendor_that_sends_less_stands_in_the_mappings_way(parties):
    vendor, mapping, shop = parties
    fields = {name: each for name, each in vendor.gives["smile/Points Redeemed"].items() if name != "points_spent"}
    (found,) = obstacles([changed(vendor, gives={**vendor.gives, "smile/Points Redeemed": fields}), mapping, shop])

    assert "mapping 2: needs 'points_spent' of 'smile/Points Redeemed'" in found.line


def test_a_party_that_breaks_its_contract_stands_in_the_way(parties):
    vendor, mapping, shop = parties
    found = list(obstacles([vendor, changed(mapping, failures=("rounds up",)), shop]))

    assert ["breaks its own contract: rounds up"] == [each.message for each in found]


def test_what_nobody_could_tell_is_no_refusal(parties):
    (found,) = obstacles(parties[1:2])

    assert (True, "what it needs is not checked: no vendor is among these files") == (found.is_unknown, found.message)


def test_published_files_decide(tmp_path: Path, flow: Path):
    files = [tmp_path / f"{name}.json" for name in ("vendor", "mapping", "shop")]
    commands = [
        ["publish", files[0], "smile", "--side", "vendor", "--as", "smile.io", "--version", "1"],
        ["publish", files[1], "smile", "--as", "mapping", "--version", "2"],
        ["publish", files[2], "--side", "merchant", "--as", "shop", "--version", "3", "--flow", flow],
        ["can-i-deploy", *files],
    ]
    results = [CliRunner().invoke(main, ["contract", *map(str, words)]) for words in commands]

    assert [0, 0, 0, 0] == [result.exit_code for result in results], [result.output for result in results]
    assert "yes\n" == results[-1].output


@pytest.mark.parametrize("text", ["no json", "{}", '{"publication": 1}', '{"publication": 1, "side": "moon"}'])
def test_a_file_that_is_no_publication_is_refused(tmp_path: Path, text: str):
    file = tmp_path / "file.json"
    file.write_text(text)
    result = CliRunner().invoke(main, ["contract", "can-i-deploy", str(file)])

    assert (3, True) == (result.exit_code, f"{file}:1:1: this" in result.output)
