"""The flows that we ship: made for our vendors' metrics, and nothing in them is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mock_klaviyo.flow_files.bundle import bundle_of
from mock_klaviyo.flow_files.folder import document
from mock_klaviyo.flow_files.lint import findings
from mock_klaviyo.flow_files.loading import UNRESOLVED, Loader
from mock_klaviyo.klaviyo import Klaviyo
from simulator.contract.contract import load
from simulator.contract.schemas import schemas
from simulator.vendors import vendors

FLOWS = sorted((Path(__file__).parents[2] / "scenarios" / "flows").glob("*.json"))


def test_there_are_eight():
    assert 8 == len(FLOWS)


@pytest.mark.parametrize("file", FLOWS, ids=lambda file: file.stem)
def test_a_shipped_flow_fits_the_vendors_contract(file: Path) -> None:
    klaviyo = Klaviyo()
    klaviyo.contracts.put(schemas(load(vendor.folder / "contract.yaml") for vendor in vendors().values()))

    assert [] == list(findings(klaviyo, bundle_of(document(file))))


@pytest.mark.parametrize("file", FLOWS, ids=lambda file: file.stem)
def test_a_shipped_flow_brings_all_that_it_names(file: Path) -> None:
    (loaded,) = Loader.load_all(Klaviyo(), bundle_of(document(file)))
    vendor_metrics = {
        event.metric for each in vendors().values() for event in load(each.folder / "contract.yaml").events.values()
    }
    named = {one.name for one in loaded.resolutions if one.type == "metric"}

    assert "live" == loaded.status
    assert [] == [one for one in loaded.resolutions if one.outcome == UNRESOLVED]
    assert named <= vendor_metrics


def test_every_template_is_used():
    used = {
        word for file in FLOWS for word in json.dumps(document(file)["flows"]).split('"') if word.startswith("TPL:")
    }

    assert used == {f"TPL:{file.stem}" for file in (FLOWS[0].parent / "templates").glob("*.html")}
