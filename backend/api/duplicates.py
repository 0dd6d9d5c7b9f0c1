"""Routes for stores that may be the same, and for merging."""

from __future__ import annotations

from typing import Any

from flask.views import MethodView
from peewee import ModelSelect

from backend.api.blueprint import Blueprint, QueryPage, etag, expected_version
from backend.fieldwork import merges
from backend.network import duplicates, stores
from backend.network.archive_models import DuplicateVerdict
from backend.network.models import Dealer
from backend.platform import clock
from backend.platform.actors import Actor, Permission
from schemas.dealers import DealerSchema
from schemas.duplicates import (
    ClearPairSchema,
    DuplicateQuerySchema,
    DuplicateSchema,
    MergeDealerSchema,
    MergeStoreSchema,
    PairVerdictSchema,
    UnmergedDealerSchema,
    UnmergedStoreSchema,
)
from schemas.stores import StoreSchema

blp = Blueprint("duplicates", __name__, description="What was entered twice")


@blp.route("/duplicates")
class Duplicates(MethodView):
    """Pairs of stores."""

    @blp.guarded(Permission.NETWORK_WRITE)
    @blp.arguments(DuplicateQuerySchema, location="query")
    @blp.response(200, DuplicateSchema(many=True))
    @blp.paginate(QueryPage, page_size=50)
    def get(self, actor: Actor, filters: dict[str, Any]) -> ModelSelect[Any]:
        """List stores that may be the same, with the reasons

        A pair appears a moment after one of its stores changed.
        """
        return duplicates.list_pairs(actor, **filters)


@blp.route("/duplicates/<int:one_id>/<int:other_id>/verdict")
class DuplicateVerdictOfPair(MethodView):
    """What somebody said of a pair."""

    @blp.guarded(Permission.NETWORK_WRITE)
    @blp.arguments(ClearPairSchema)
    @blp.response(201, PairVerdictSchema)
    @blp.alt_response(200, schema=PairVerdictSchema, description="Said before", success=True)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(422, "UNPROCESSABLE_ENTITY")
    def put(
        self, actor: Actor, body: dict[str, Any], one_id: int, other_id: int
    ) -> tuple[DuplicateVerdict, int]:
        """Say that two stores are not one

        The pair is not listed any more until the name or the point of one of them changes.
        Saying it again is safe and answers 200; another note replaces the one before.
        """
        verdict, is_new = duplicates.clear(actor, one_id, other_id, **body, at=clock.now())
        return verdict, 201 if is_new else 200

    @blp.guarded(Permission.NETWORK_WRITE)
    @blp.response(204)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(422, "UNPROCESSABLE_ENTITY")
    def delete(self, actor: Actor, one_id: int, other_id: int) -> None:
        """Take back that two stores are not one"""
        duplicates.suspect(actor, one_id, other_id, at=clock.now())


@blp.route("/stores/<int:store_id>/merge")
class StoreMerge(MethodView):
    """The end of a store that was entered twice."""

    @blp.guarded(Permission.NETWORK_WRITE)
    @blp.versioned
    @blp.arguments(MergeStoreSchema)
    @blp.response(200, StoreSchema)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(409, "CONFLICT")
    @blp.alt_response(422, "UNPROCESSABLE_ENTITY")
    def post(
        self, actor: Actor, body: dict[str, Any], store_id: int
    ) -> tuple[dict[str, Any], int, dict[str, str]]:
        """Merge a store into another, which is answered

        What happened stays with the store it happened in. What is current goes to the one that
        stays: codes, contacts, what the archive lacks, open violations with their files, tasks,
        enrolments, fixtures, complaints, the rule of visits and planned visits. Where dealers or
        owners differ, say which holds.
        """
        at = clock.now()
        kept = merges.merge_store(actor, store_id, **body, version=expected_version(), at=at)
        shown = stores.show(actor, kept.id, day=clock.business_date(at))
        return shown, 200, etag(shown["version"])


@blp.route("/dealers/<int:dealer_id>/merge")
class DealerMerge(MethodView):
    """The end of a dealer that was entered twice."""

    @blp.guarded(Permission.NETWORK_WRITE)
    @blp.versioned
    @blp.arguments(MergeDealerSchema)
    @blp.response(200, DealerSchema)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(409, "CONFLICT")
    @blp.alt_response(422, "UNPROCESSABLE_ENTITY")
    def post(
        self, actor: Actor, body: dict[str, Any], dealer_id: int
    ) -> tuple[Dealer, int, dict[str, str]]:
        """Merge a dealer into another, which is answered

        The stores are the other's from today, and so are agreements in force, contacts, lent
        fixtures, open complaints and tasks; the past stays.
        """
        kept = merges.merge_dealer(
            actor, dealer_id, **body, version=expected_version(), at=clock.now()
        )
        return kept, 200, etag(kept.version)


@blp.route("/stores/<int:store_id>/unmerge")
class StoreUnmerge(MethodView):
    """The return of a store that was merged by mistake."""

    @blp.guarded(Permission.NETWORK_WRITE)
    @blp.versioned
    @blp.response(200, UnmergedStoreSchema)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(422, "UNPROCESSABLE_ENTITY")
    def post(self, actor: Actor, store_id: int) -> tuple[dict[str, Any], int, dict[str, str]]:
        """Undo the merge of a store, which stands again and is answered

        What went along comes back unless somebody changed it since; `left` names what stays.
        What happened meanwhile stays where it happened.
        """
        at = clock.now()
        store, left = merges.unmerge_store(actor, store_id, version=expected_version(), at=at)
        shown = stores.show(actor, store.id, day=clock.business_date(at))
        return {"store": shown, "left": left}, 200, etag(store.version)


@blp.route("/dealers/<int:dealer_id>/unmerge")
class DealerUnmerge(MethodView):
    """The return of a dealer that was merged by mistake."""

    @blp.guarded(Permission.NETWORK_WRITE)
    @blp.versioned
    @blp.response(200, UnmergedDealerSchema)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(422, "UNPROCESSABLE_ENTITY")
    def post(self, actor: Actor, dealer_id: int) -> tuple[dict[str, Any], int, dict[str, str]]:
        """Undo the merge of a dealer, which stands again and is answered

        Its stores are its own again from today. What went along comes back unless somebody
        changed it since; `left` names what stays.
        """
        dealer, left = merges.unmerge_dealer(
            actor, dealer_id, version=expected_version(), at=clock.now()
        )
        return {"dealer": dealer, "left": left}, 200, etag(dealer.version)
