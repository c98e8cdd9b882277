import pytest

from simulator.contract.reading import event_contracts
from simulator.document import DocumentError, document


def events_of(text: str):
    return event_contracts(document("contract.yaml", text))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("events: {a: {metric: A, propertys: {}}}", r"contract.yaml:1:25: propertys is unknown here"),
        ("events: {a: {}}", r"contract.yaml:1:13: an event has either a metric or the reason"),
        ("events: {a: {metric: A, value: sure}}", r"contract.yaml:1:32: 'sure' is no provenance"),
        ("events: {a: {metric: A, properties: {required: [x]}}}", r"x is required but has no rule"),
        ("events: {a: {metric: A, profile: {email: text}}}", r"a rule is a table"),
    ],
)
def test_what_is_no_contract_is_refused_with_its_place(text, message):
    with pytest.raises(DocumentError, match=message):
        events_of(text)


def test_the_provenance_of_an_event_is_that_of_its_rules():
    found = events_of("events: {a: {metric: A, provenance: assumed, profile: {email: {type: string}}}}")["a"]

    assert "assumed" == found.profile["email"].provenance
