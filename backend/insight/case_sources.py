"""What cases, complaints, cards and archives give."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from backend.insight.asked import Asked, Source, of_customers, whose
from backend.insight.dialect import local_day, seconds
from backend.insight.statements import Sql, a_day, beginning, during, joined, sql, within
from backend.insight.visit_sources import active
from backend.insight.windows import Span
from backend.platform.settings import settings

REPEATED_WITHIN = timedelta(days=60)
STILL_ANSWERED = timedelta(days=90)  # before the window: what is older counts no more
PUSHED_FROM = 4  # of 5
MYSTERY_WEIGHT = 2  # nobody there knew who asked


def _push(asked: Asked) -> Sql:
    levels = [f"{name}_push" for name in ("dealer", "store", "counter", "clerk")]
    weight = f"(CASE WHEN a.is_mystery_shop THEN {MYSTERY_WEIGHT} ELSE 1 END)"
    assessed = sql(
        "(SELECT a.dealer_id, a.store_id, a.person_id, a.assessed_at, a.assessed_on, a.id, "
        "{weight} * ({pushing}) AS pushing, {weight} * ({answered}) AS answered "
        "FROM push_assessment a "
        "WHERE {days} AND {believed})",
        weight=weight,
        pushing=" + ".join(
            f"CASE WHEN a.{level} >= {PUSHED_FROM} THEN 1 ELSE 0 END" for level in levels
        ),
        answered=" + ".join(f"CASE WHEN a.{level} IS NULL THEN 0 ELSE 1 END" for level in levels),
        days=within("a.assessed_on", asked.window),
        believed=_believed("a"),
    )
    order = "f.assessed_at DESC, f.id"
    columns = "id, assessed_on, person_id, pushing, answered"
    return asked.latest(assessed, "f.answered > 0", columns, order)


def _believed(alias: str) -> str:
    """Return the condition for what no visit says that was broken off or is not believed."""
    return (
        f"NOT EXISTS (SELECT 1 FROM visit v WHERE v.id = {alias}.visit_id "
        "AND (v.status = 'cancelled' OR v.quarantine_reason IS NOT NULL))"
    )


def first_seen(asked: Asked) -> Sql:
    """Return the condition for violations that were first seen in the window."""
    return sql(
        "{days} AND f.retracted_at IS NULL AND f.dealer_id IS NOT NULL",
        days=within("f.opened_on", asked.window),
    )


def inspected(asked: Asked) -> Sql:
    """Return the looks at fixtures in the window that could have found something wrong.

    With the dealer of that day; of a fixture that neither is there nor should be nothing is wrong.
    """
    day = local_day("i.inspected_at")
    return sql(
        "(SELECT d.dealer_id, i.store_id, i.person_id, i.id, {day} AS day "
        "FROM fixture_inspection i JOIN store_dealer d ON {whose} "
        "WHERE {days} AND (i.is_expected OR i.is_present) AND {believed})",
        day=day,
        whose=whose("i", day),
        days=during("i.inspected_at", asked.window),
        believed=_believed("i"),
    )


def closed(asked: Asked) -> tuple[Sql, str]:
    """Return the condition for violations that ended of late, and whether one was seen again."""
    closed_in = Span(asked.window.to_on - REPEATED_WITHIN, asked.window.to_on)
    limit = int(REPEATED_WITHIN.total_seconds())
    again = (
        "EXISTS (SELECT 1 FROM violation o WHERE o.store_id = f.store_id AND o.kind = f.kind "
        "AND o.retracted_at IS NULL AND o.opened_at > f.resolved_at "
        f"AND {seconds('f.resolved_at', 'o.opened_at')} <= {limit})"
    )
    where = sql("{ended} AND f.retracted_at IS NULL", ended=during("f.resolved_at", closed_in))
    return where, f"CASE WHEN {again} THEN 1 ELSE 0 END"


def _repeats(asked: Asked) -> Sql:
    where, again = closed(asked)
    return asked.grouped("violation", where, f"COUNT(*) AS closed, SUM({again}) AS repeats")


def _complaints(where: Sql) -> Sql:
    """Return complaints `c` as if they were violations, with the dealer of their first day."""
    columns = (
        "c.id, c.received_at AS opened_at, c.closed_at AS resolved_at, c.waited_s, "
        "c.recorded_by_id, c.category"
    )
    return of_customers("complaint", "received_on", columns, where)


def ended(asked: Asked, of_violations: str = "", of_complaints: str = "") -> Sql:
    """Return the violations and complaints that ended in the window, and the seconds they `took`.

    Before these the columns of either that are asked for, with a comma behind each. What a
    complaint waited for the customer is taken off unless the setting says otherwise.
    """
    took, forwards = seconds("f.opened_at", "f.resolved_at"), "f.resolved_at >= f.opened_at"
    violations = sql(
        "{days} AND f.retracted_at IS NULL AND {forwards}",
        days=during("f.resolved_at", asked.window),
        forwards=forwards,
    )
    waited = "f.waited_s" if settings().resolve_time_without_waiting else "0"
    complaints = _complaints(during("c.closed_at", asked.window))
    return sql(
        "{violations} UNION ALL {complaints}",
        violations=asked.listed("violation", violations, f"{of_violations}{took} AS took"),
        complaints=asked.listed(complaints, forwards, f"{of_complaints}{took} - {waited}"),
    )


def _resolved(asked: Asked) -> Sql:
    return sql(
        "SELECT k, store_id, COUNT(*) AS cases, SUM(took) / 3600.0 AS hours "
        "FROM ({cases}) AS ended GROUP BY k, store_id",
        cases=ended(asked),
    )


def still_open(asked: Asked) -> Sql:
    """Return when those violations and complaints began that were open as the window ended.

    Those that are still open, and those that ended since: SQLite reads all for both in one.
    """
    until = beginning(asked.window.to_on)
    found = []
    for ending in ("IS NULL", sql(">= {until}", until=until)):
        violations = sql(
            "f.resolved_at {ending} AND f.opened_at < {until} AND f.retracted_at IS NULL",
            ending=ending,
            until=until,
        )
        complaints = sql(
            "c.closed_at {ending} AND c.received_at < {until}", ending=ending, until=until
        )
        found.append(asked.listed("violation", violations, "f.opened_at"))
        found.append(asked.listed(_complaints(complaints), "1 = 1", "f.opened_at"))
    return joined(found, " UNION ALL ")


def acted_upon(asked: Asked) -> tuple[Sql, Sql, str]:
    """Return cases with their first action, the condition for the window, and the seconds."""
    since = asked.window.from_on - STILL_ANSWERED
    acted = "(SELECT MIN(e.at) FROM complaint_entry e WHERE e.complaint_id = c.id) AS acted_at"
    complaint = f"'complaint' AS kind, c.id, c.received_at AS opened_at, {acted}"
    cases = sql(
        "(SELECT t.dealer_id, t.store_id, 'task' AS kind, t.id, t.made_at AS opened_at, "
        "t.acted_at FROM task t WHERE t.due_on >= {since} "
        "UNION ALL SELECT * FROM {complaints} AS both_kinds)",
        since=a_day(since),
        complaints=of_customers(
            "complaint",
            "received_on",
            complaint,
            within("c.received_on", Span(since, asked.window.to_on)),
        ),
    )
    where = sql("{acted} AND f.acted_at >= f.opened_at", acted=during("f.acted_at", asked.window))
    return cases, where, seconds("f.opened_at", "f.acted_at")


def _answered(asked: Asked) -> Sql:
    cases, where, took = acted_upon(asked)
    return asked.grouped(cases, where, f"COUNT(*) AS cases, SUM({took}) / 3600.0 AS hours")


def cards(asked: Asked) -> Sql:
    """Return the cards given in the window, with the dealer of that day."""
    columns = "c.id, c.given_on, c.recorded_by_id, c.score"
    return of_customers("feedback_card", "given_on", columns, within("c.given_on", asked.window))


def _cards(asked: Asked) -> Sql:
    return asked.grouped(cards(asked), "1 = 1", "AVG(f.score) AS score, COUNT(*) AS cards")


def _archive(asked: Asked) -> Sql:
    return sql(
        "SELECT a.k, a.store_id, c.filled, c.required "
        "FROM ({stores}) a JOIN store_completeness c ON c.store_id = a.store_id",
        stores=active(asked),
    )


CASE_SOURCES: Mapping[str, Source] = {
    "repeats": _repeats,
    "resolved": _resolved,
    "answered": _answered,
    "cards": _cards,
    "archive": _archive,
    "push": _push,
}
