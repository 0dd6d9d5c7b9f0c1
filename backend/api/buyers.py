"""Routes for who buys how much, and how that is changing."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask.views import MethodView
from flask_smorest import Page

from backend.api.blueprint import Blueprint
from backend.api.windows import window_of
from backend.insight import buyers, windows
from backend.insight.buyers import Customer, Kind, ScoredBuyer
from backend.insight.windows import LONGEST_DAYS, BadWindowError, Window
from backend.platform import clock
from backend.platform.actors import Actor, Permission
from schemas.buyers import (
    BuyerScoreSchema,
    DecilesQuerySchema,
    DecileTableSchema,
    KeyCustomersQuerySchema,
    KeyCustomersSchema,
    KeyStoresQuerySchema,
    KeyStoresSchema,
    ScoresQuerySchema,
    StoreDecilesQuerySchema,
    StoreDecileTableSchema,
    StoreScoreSchema,
)

blp = Blueprint("buyers", __name__, description="Key customers, deciles and scores")
MEASURES = {"amount": buyers.STORES, "units": buyers.STORES_BY_UNITS}


@blp.route("/insight/key-customers")
class KeyCustomers(MethodView):
    """The ranking."""

    @blp.guarded(Permission.SALES_READ)
    @blp.arguments(KeyCustomersQuerySchema, location="query")
    @blp.response(200, KeyCustomersSchema)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(422, "UNPROCESSABLE_ENTITY")
    def get(self, actor: Actor, query: dict[str, Any]) -> dict[str, Any]:
        """Rank dealers by what they bought in a month or another window

        With their class (A, B, C), their rank in the window before and the trend of the six
        whole months up to its end. Dealers that bought nothing are not in the list.
        """
        return _ranking(actor, query, buyers.DEALERS)


@blp.route("/insight/deciles")
class Deciles(MethodView):
    """The table."""

    @blp.guarded(Permission.SALES_READ)
    @blp.arguments(DecilesQuerySchema, location="query")
    @blp.response(200, DecileTableSchema)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(422, "UNPROCESSABLE_ENTITY")
    def get(self, actor: Actor, query: dict[str, Any]) -> dict[str, Any]:
        """Cut dealers into ten groups by what they bought

        Fewer than ten dealers make no `money` table, and no sales no `purchase` table; `reason`
        says so.
        """
        return _table(actor, query, buyers.DEALERS)


@blp.route("/insight/rfv")
class Scores(MethodView):
    """The scores."""

    @blp.guarded(Permission.SALES_READ)
    @blp.arguments(ScoresQuerySchema, location="query")
    @blp.response(200, BuyerScoreSchema(many=True))
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(422, "UNPROCESSABLE_ENTITY")
    @blp.paginate(Page, page_size=50, max_page_size=500)
    def get(self, actor: Actor, query: dict[str, Any]) -> list[dict[str, Any]]:
        """Score dealers by how recently, how often and for how much they bought in a year

        From 1 to 5 against all others one sees, the best first; 0 where a dealer bought nothing.
        """
        return _scores(actor, query, buyers.DEALERS)


@blp.route("/insight/key-stores")
class KeyStores(MethodView):
    """The ranking of stores."""

    @blp.guarded(Permission.SALES_READ)
    @blp.arguments(KeyStoresQuerySchema, location="query")
    @blp.response(200, KeyStoresSchema)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(422, "UNPROCESSABLE_ENTITY")
    def get(self, actor: Actor, query: dict[str, Any]) -> dict[str, Any]:
        """Rank stores by what they bought, or sold to shoppers, in a month or another window

        As key customers are ranked. Stores that nothing was sold to, or that sold nothing, are
        not in the list.
        """
        found = _ranking(actor, query, MEASURES[query["measure"]])
        return found | {"measure": query["measure"]}


@blp.route("/insight/store-deciles")
class StoreDeciles(MethodView):
    """The table of stores."""

    @blp.guarded(Permission.SALES_READ)
    @blp.arguments(StoreDecilesQuerySchema, location="query")
    @blp.response(200, StoreDecileTableSchema)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(422, "UNPROCESSABLE_ENTITY")
    def get(self, actor: Actor, query: dict[str, Any]) -> dict[str, Any]:
        """Cut stores into ten groups by what they bought, or sold to shoppers

        As dealers are; the groups say how many stores they have, but not which.
        """
        found = _table(actor, query, MEASURES[query["measure"]])
        return found | {"measure": query["measure"]}


@blp.route("/insight/store-rfv")
class StoreScores(MethodView):
    """The scores of stores."""

    @blp.guarded(Permission.SALES_READ)
    @blp.arguments(ScoresQuerySchema, location="query")
    @blp.response(200, StoreScoreSchema(many=True))
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(422, "UNPROCESSABLE_ENTITY")
    @blp.paginate(Page, page_size=50, max_page_size=500)
    def get(self, actor: Actor, query: dict[str, Any]) -> list[dict[str, Any]]:
        """Score stores by how recently, how often and for how much they bought in a year

        As dealers are scored, against all stores one sees.
        """
        return _scores(actor, query, buyers.STORES)


def _ranking(actor: Actor, query: dict[str, Any], kind: Kind) -> dict[str, Any]:
    found = buyers.key_customers(
        actor,
        window=_of_month(query),
        top=query["top"],
        region_id=query.get("region_id"),
        kind=kind,
    )
    return {
        "window": found.window,
        "total": found.total,
        "ranked": found.ranked,
        "unpriced": found.unpriced,
        "items": [
            _named(one.customer)
            | {
                "rank": one.place.rank,
                "previous_rank": one.place.previous_rank,
                "value": one.place.value,
                "share": one.place.share,
                "cumulative_share": one.place.cumulative_share,
                "abc": one.place.abc,
                "trend": one.trend,
                "turned_falling": one.turned_falling,
                "last_year": one.last_year,
                "last_year_ratio": one.last_year_ratio,
            }
            for one in found.items
        ],
    }


def _table(actor: Actor, query: dict[str, Any], kind: Kind) -> dict[str, Any]:
    found = buyers.decile_table(
        actor,
        window_of(query),
        by_purchase=query["kind"] == "purchase",
        region_id=query.get("region_id"),
        kind=kind,
    )
    return {
        "window": found.window,
        "total": found.table.total,
        "unpriced": found.unpriced,
        "reason": found.table.reason,
        "groups": found.table.groups,
    }


def _scores(actor: Actor, query: dict[str, Any], kind: Kind) -> list[dict[str, Any]]:
    """Return what is shown of each, only those of a segment if one is asked for."""
    segment = query["segment"]
    found = buyers.scored(actor, to_on=_end(query), region_id=query.get("region_id"), kind=kind)
    return [
        _scored(one)
        for one in found
        if segment is None or (one.score and one.score.segment == segment)
    ]


def _scored(one: ScoredBuyer) -> dict[str, Any]:
    return _named(one.customer) | {
        "days_since": one.buyer.days_since,
        "order_days": one.buyer.order_days,
        "amount_fen": one.buyer.amount_fen,
        "rfv": one.score and one.score.label,
        "rfv_sum": one.score and one.score.sum,
        "segment": one.score and one.score.segment,
        "is_best": one.is_best,
    }


def _named(customer: Customer) -> dict[str, Any]:
    return {"id": customer.id, "code": customer.code, "name": customer.name}


def _of_month(query: dict[str, Any]) -> Window:
    """Return the window of a ranking: the last whole month if none is named."""
    month: date | None = query.get("month")
    days = [query[name] for name in ("window", "from_on", "to_on") if query[name] is not None]
    if month is None:
        return window_of(query if days else query | {"window": "month"})
    if days or not windows.FIRST_ON <= month < windows.LAST_ON:
        raise BadWindowError(longest_days=LONGEST_DAYS)
    whole = windows.month_of(month)
    return window_of({"window": None, "from_on": whole.from_on, "to_on": whole.to_on})


def _end(query: dict[str, Any]) -> date:
    """Return where a year ends: with the window named, before a day, or with today."""
    until: date | None = query["to_on"]
    if query["window"] is not None or query["from_on"] is not None:
        return window_of(query).to_on
    if until is None:
        return clock.business_date(clock.now()) + timedelta(days=1)
    if not windows.FIRST_ON < until <= windows.LAST_ON:
        raise BadWindowError(longest_days=LONGEST_DAYS)
    return until
