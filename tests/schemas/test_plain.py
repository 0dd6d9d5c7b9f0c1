"""What is taken straight is what marshmallow would have loaded."""

import marshmallow as ma
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.arrivals import SentSchema
from schemas.reports import ReportSchema

REPORT, SENT = ReportSchema(), SentSchema()
INSTANTS = st.sampled_from(
    [
        "2026-03-02T12:00:00+08:00",
        "2026-03-02T12:00:00Z",
        "2026-03-02T12:00:00",
        "2026-03-02",
        "0001-01-01T00:00:00+08:00",
        "yesterday",
        None,
        5,
    ]
)
CLOCKS = st.fixed_dictionaries(
    {}, optional={"device_at": INSTANTS, "elapsed_ms": st.none() | st.integers(-1, 10**13)}
)
POSITIONS = st.none() | st.fixed_dictionaries(
    {"lat": st.floats(-91, 91) | st.integers(0, 3), "lon": st.just(112.9)},
    optional={"crs": st.sampled_from(["wgs84", "elsewhere", None]), "fix_at": INSTANTS},
)
TEMPLATES = st.none() | st.fixed_dictionaries(
    {}, optional={"code": st.text(max_size=41), "version": st.integers(0, 2) | st.booleans()}
)
DOCUMENTS = st.fixed_dictionaries(
    {
        "outcome": st.sampled_from(["done", "other", "store_closed", "", 5, None, []]),
        "check_out": st.fixed_dictionaries(
            {"clock": CLOCKS}, optional={"position": POSITIONS, "typo": st.none()}
        ),
    },
    optional={
        "template": TEMPLATES,
        "answers": st.lists(st.fixed_dictionaries({"line": st.text(max_size=3)}), max_size=2),
        "products": st.lists(st.fixed_dictionaries({"sku_id": st.integers(0, 3)}), max_size=2),
        "photos": st.just([]) | st.just([{}]),
        "outcome_reason": st.text(max_size=3),
        "capture_token": st.text(max_size=2),
        "achieved": st.none()
        | st.lists(st.sampled_from(["order", "training_given", "sale", 5]), max_size=2),
        "typo": st.none(),
    },
)


def loaded_or_refused(load: object, document: object) -> object:
    """Return what loading gives, or the messages."""
    try:
        return load(document)
    except ma.ValidationError as error:
        return error.messages


@given(document=DOCUMENTS | st.none() | st.just([]))
def test_reports_load_or_are_refused_alike(document):
    framed = loaded_or_refused(lambda it: ma.Schema.load(REPORT, it), document)

    assert framed == loaded_or_refused(REPORT.load, document)


@pytest.mark.parametrize("time", ["2026-03-02T18:30:00+08:00", "now", "", None])
@pytest.mark.parametrize("elapsed", ["32040000", "-1", "1e3", "", None])
def test_headers_load_or_are_refused_alike(time, elapsed):
    sent = {"Device-Time": time, "Device-Elapsed-Ms": elapsed, "Host": "test"}
    sent = {name: text for name, text in sent.items() if text is not None}
    try:
        framed = ma.Schema.load(SENT, sent)
    except ma.ValidationError:
        with pytest.raises(ma.ValidationError):
            SENT.take_named(sent.get)
    else:
        assert framed == SENT.take_named(sent.get)
