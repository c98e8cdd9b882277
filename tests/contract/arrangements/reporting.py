"""Reports, which are worked out of events."""

from __future__ import annotations

from tests.calling import resource
from tests.contract.arranging import Arrangement, Scene

LAST = {"key": "last_30_days"}


def of_messages(type: str, **attributes):
    """A report on campaigns or flows, which counts a conversion."""
    return lambda scene: resource(
        type, statistics=["opens"], timeframe=LAST, conversion_metric_id=scene.one("metric"), **attributes
    )


def of(type: str, statistic: str, **attributes):
    """A report on something that somebody has made before."""

    def body(scene: Scene):
        scene.one(type.partition("-")[0])
        return resource(type, statistics=[statistic], timeframe=LAST, **attributes)

    return body


ARRANGEMENTS = {
    "query_campaign_values": Arrangement(of_messages("campaign-values-report")),
    "query_flow_values": Arrangement(of_messages("flow-values-report")),
    "query_flow_series": Arrangement(of_messages("flow-series-report", interval="daily")),
    "query_form_values": Arrangement(of("form-values-report", "viewed_form")),
    "query_form_series": Arrangement(of("form-series-report", "viewed_form", interval="daily")),
    "query_segment_values": Arrangement(of("segment-values-report", "total_members")),
    "query_segment_series": Arrangement(of("segment-series-report", "total_members", interval="daily")),
}
