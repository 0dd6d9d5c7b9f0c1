"""Dealers' claims over HTTP: from submission to settlement, against proof."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import uuid4

import pytest
from playhouse.test_utils import assert_query_count

from backend.fieldwork.photo_models import Photo
from backend.fieldwork.promotion_models import Claim, ClaimLine, ClaimProof
from backend.platform import clock
from backend.platform.actors import Role
from backend.platform.models import LedgerEntry
from backend.standards.models import Promotion, PromotionBudget
from tests.client import Client
from tests.factories import (
    make_dealer,
    make_person,
    make_promotion,
    make_promotion_result,
    make_region,
    make_store,
    make_visit,
    the_region,
)

PROBLEM = "urn:xundian:problem:"


def ago(days: int) -> date:
    """Return a day counted back from today."""
    return clock.business_date(clock.now()) - timedelta(days=days)


def visit_to(store, days_ago: int = 2, **fields):
    return make_visit(store, at=datetime.combine(ago(days_ago), time(4), UTC), **fields)


def photo_of(visit, **fields) -> dict:
    """Store a photo that is held, and return it as a proof."""
    defaults = {
        "visit_id": visit.id,
        "id": uuid4(),
        "person": visit.person_id,
        "is_declared": True,
        "sha256": "0" * 64,
    }
    photo = Photo.create(**defaults | fields)
    return {"visit_id": str(visit.id), "photo_id": str(photo.id)}


def result(store, days_ago: int = 2) -> dict:
    """Return a store-day as a proof."""
    return {"store_id": store.id, "day": str(ago(days_ago))}


def line(kind: str = "sales_spiff", amount_fen: int = 600, quantity: int = 6, **fields) -> dict:
    return {"kind": kind, "amount_fen": amount_fen, "quantity": quantity} | fields


@pytest.fixture
def dealer(client: Client):  # noqa: ARG001  # needs the database
    return make_dealer()


@pytest.fixture
def store(dealer):
    return make_store(dealer)


@pytest.fixture
def promotion(store) -> Promotion:
    kinds = ["purchase_rebate", "sales_spiff", "pos_display", "training", "advertising_gift"]
    made = make_promotion(
        stores=[store], dealer_kinds=kinds, starts_on=ago(9), ends_on=ago(1), consumer_kinds=[]
    )
    PromotionBudget.create(promotion=made, kind="purchase_rebate", rate_bp=250)
    PromotionBudget.create(promotion=made, kind="sales_spiff", rate_fen=100, budget_fen=5_000)
    PromotionBudget.create(promotion=made, kind="pos_display", budget_fen=900)
    return made


@pytest.fixture
def clerk(client: Client) -> Client:
    return client.as_(make_person(Role.SUPERVISOR))


@pytest.fixture
def manager(client: Client) -> Client:
    return client.as_(make_person(Role.MANAGER))


def submit(client: Client, promotion, dealer, *lines: dict, claim_id=None, **changes):
    body = {"promotion_id": promotion.id, "dealer_id": dealer.id, "lines": list(lines)}
    return client.put(f"/v1/claims/{claim_id or uuid4()}", json=body | changes)


def act(client: Client, claim: dict, step: str, version: int | None = None, **body):
    return client.post(
        f"/v1/claims/{claim['id']}/{step}",
        json=body or None,
        headers={"If-Match": f'"{version or claim["version"]}"'},
    )


def decide(client: Client, claim: dict, *accepted: int, note: str = "", version: int | None = None):
    lines = [{"number": n, "accepted_fen": fen} for n, fen in enumerate(accepted, start=1)]
    return act(client, claim, "decision", version, lines=lines, note=note)


class TestSubmitting:
    def test_keeps_the_lines_with_their_proofs(self, clerk, promotion, dealer, store):
        proof = photo_of(visit_to(store))
        lines = [
            line(results=[result(store)], photos=[proof]),
            line("purchase_rebate", 250, 1, sell_in_fen=10_000),
        ]

        answer = submit(clerk, promotion, dealer, *lines, note="三月")

        shown = answer.json
        assert (201, '"1"', "submitted", 850) == (
            answer.status_code,
            answer.headers["ETag"],
            shown["state"],
            shown["claimed_fen"],
        )
        assert (lines[0]["results"], lines[0]["photos"]) == (
            shown["lines"][0]["results"],
            shown["lines"][0]["photos"],
        )
        assert ["per_unit", "percent_of_sell_in"] == [each["cost_basis"] for each in shown["lines"]]
        assert shown == clerk.get(answer.request.path).json
        assert ["claim.submitted"] == [entry.verb for entry in LedgerEntry.select()]

    def test_proves_only_with_what_the_claimant_may_see(
        self, client, clerk, promotion, dealer, store
    ):
        rep = make_person()
        own, phone = make_store(dealer, owner=rep), client.as_(rep)
        visit = visit_to(own, person=rep)
        later = {"visit_id": str(uuid4()), "photo_id": str(uuid4())}
        theirs = photo_of(visit_to(store, person=make_person()))

        answers = [
            submit(phone, promotion, dealer, line(results=[result(own)], photos=[later])),
            submit(phone, promotion, dealer, line(photos=[photo_of(visit)])),
            submit(phone, promotion, dealer, line(results=[result(own), result(store)])),
            submit(phone, promotion, dealer, line(photos=[theirs])),
            submit(clerk, promotion, dealer, line(results=[result(store)], photos=[theirs])),
        ]

        assert [201, 201, 404, 422, 201] == [answer.status_code for answer in answers]
        assert f"{PROBLEM}evidence-elsewhere" == answers[3].json["type"]

    def test_is_safe_to_repeat_and_refuses_another_use_of_the_id(
        self, clerk, manager, promotion, dealer
    ):
        claim_id = uuid4()

        answers = [
            submit(clerk, promotion, dealer, line(), claim_id=claim_id),
            submit(clerk, promotion, dealer, line(), claim_id=claim_id),
            submit(clerk, promotion, dealer, line(amount_fen=7), claim_id=claim_id),
            submit(manager, promotion, dealer, line(), claim_id=claim_id),
        ]

        assert [201, 200, 409, 409] == [answer.status_code for answer in answers]
        assert (1, 1) == (Claim.select().count(), LedgerEntry.select().count())

    @pytest.mark.parametrize(
        ("problem", "lines"),
        [
            ("claim-kind", [line("fixture_loan")]),
            ("sell-in-needed", [line("purchase_rebate")]),
            ("invalid-fields", [line("bribe")]),
            ("invalid-fields", [line(), line()]),
            ("invalid-fields", [line(amount_fen=0)]),
            ("invalid-fields", []),
        ],
    )
    def test_refuses(self, clerk, promotion, dealer, problem, lines):
        answer = submit(clerk, promotion, dealer, *lines)

        assert (422, PROBLEM + problem) == (answer.status_code, answer.json["type"])
        assert (0, 0) == (Claim.select().count(), ClaimLine.select().count())

    def test_waits_until_the_promotion_has_begun(self, clerk, dealer):
        coming = make_promotion(dealer_kinds=["sales_spiff"], starts_on=ago(-1))

        answer = submit(clerk, coming, dealer, line())

        assert (422, f"{PROBLEM}claim-too-early") == (answer.status_code, answer.json["type"])

    def test_is_for_dealers_in_sight(self, client: Client, promotion, dealer):
        here = make_region(the_region())
        other = client.as_(make_person(Role.SUPERVISOR, region=here))

        answers = [
            submit(other, promotion, dealer, line()),
            submit(other, Promotion(id=999), dealer, line()),
        ]

        assert [404, 404] == [answer.status_code for answer in answers]


class TestProof:
    def weighed(self, client: Client, promotion, dealer, **fields) -> tuple:
        [only] = submit(client, promotion, dealer, line(**fields)).json["lines"]
        return only["proven_quantity"], only["maximum_fen"], only["flags"]

    def test_of_units_are_the_results_of_the_dealers_stores(self, clerk, promotion, dealer, store):
        make_promotion_result(visit_to(store), promotion, units=4)
        elsewhere = make_store()
        make_promotion_result(visit_to(elsewhere), promotion, units=50)
        proofs = [result(store), result(store), result(elsewhere), result(store, 3)]

        assert (4, 400, ["exceeds_proof"]) == self.weighed(clerk, promotion, dealer, results=proofs)

    def test_count_while_the_store_was_the_dealers(self, clerk, promotion, dealer, store):
        make_promotion_result(visit_to(store), promotion, units=4)
        link = store.storedealer_set.get()
        link.delete_instance()
        type(link).create(store=store, dealer=dealer, from_on=link.from_on, to_on=ago(2))

        assert (0, 0, ["exceeds_proof"]) == self.weighed(
            clerk, promotion, dealer, results=[result(store)]
        )

    def test_of_gifts_are_the_gifts_of_the_results(self, clerk, promotion, dealer, store):
        make_promotion_result(visit_to(store), promotion, units=4, gifts=6)

        assert (6, None, []) == self.weighed(
            clerk, promotion, dealer, kind="advertising_gift", results=[result(store)]
        )

    def test_of_stores_and_sessions_are_photos_and_executed_days(
        self, clerk, promotion, dealer, store
    ):
        second = make_store(dealer)
        make_promotion_result(visit_to(store), promotion)
        make_promotion_result(visit_to(second, 3), promotion, is_executed=False)
        photos = [photo_of(visit_to(store)), photo_of(visit_to(store, 3))]
        proofs = {"photos": photos, "results": [result(store), result(second, 3)], "quantity": 2}

        assert (1, 900, ["exceeds_proof"]) == self.weighed(
            clerk, promotion, dealer, kind="pos_display", **proofs
        )
        assert (2, None, []) == self.weighed(clerk, promotion, dealer, kind="training", **proofs)

    @pytest.mark.parametrize(
        "wrong",
        [
            {"photo": {"sha256": None}},
            {"photo": {"quarantine_reason": "not-an-image"}},
            {"visit": {"quarantine_reason": "unknown-store"}},
            {"visit": {"dealer_id": None}},
            {"days_ago": 10},
            {"days_ago": 0},
        ],
    )
    def test_is_no_photo_that_is_not_believed_or_not_of_it(
        self, clerk, promotion, dealer, store, wrong
    ):
        visit = visit_to(store, wrong.get("days_ago", 2), **wrong.get("visit", {}))
        photo = photo_of(visit, **wrong.get("photo", {}))

        assert (0, 0) == self.weighed(
            clerk, promotion, dealer, kind="pos_display", photos=[photo], quantity=1
        )[:2]

    def test_of_a_share_of_the_sell_in_is_not_to_be_had_here(self, clerk, promotion, dealer):
        rebate = {"kind": "purchase_rebate", "sell_in_fen": 10_000, "quantity": 1}

        assert (None, 250, ["no_proof", "exceeds_rate"]) == self.weighed(
            clerk, promotion, dealer, **rebate
        )

    def test_counts_once(self, clerk, promotion, dealer, store):
        make_promotion_result(visit_to(store), promotion, units=6)
        first = submit(clerk, promotion, dealer, line(results=[result(store)])).json

        assert [] == first["lines"][0]["flags"]
        assert (0, 0, ["exceeds_proof", "proof_used_before"]) == self.weighed(
            clerk, promotion, dealer, results=[result(store)]
        )
        assert first == clerk.get(f"/v1/claims/{first['id']}").json

    def test_is_free_again_after_a_rejection(self, clerk, manager, promotion, dealer, store):
        make_promotion_result(visit_to(store), promotion, units=6)
        first = submit(clerk, promotion, dealer, line(results=[result(store)])).json
        decide(manager, first, 0)

        assert (6, 600, []) == self.weighed(clerk, promotion, dealer, results=[result(store)])

    def test_leaves_no_more_than_the_budget(self, clerk, manager, promotion, dealer, store):
        make_promotion_result(visit_to(store, 3), promotion, units=48)
        make_promotion_result(visit_to(store), promotion, units=6)
        first = submit(
            clerk,
            promotion,
            dealer,
            line(amount_fen=4_800, quantity=48, results=[result(store, 3)]),
        ).json
        decide(manager, first, 4_800)

        assert (6, 200, ["exceeds_budget"]) == self.weighed(
            clerk, promotion, dealer, results=[result(store)]
        )


class TestDeciding:
    @pytest.fixture
    def claim(self, clerk, promotion, dealer, store) -> dict:
        """A claim with a line that is proven and one that is not."""
        make_promotion_result(visit_to(store), promotion, units=6)
        lines = [line(results=[result(store)]), line("pos_display", 400, 1)]
        return submit(clerk, promotion, dealer, *lines).json

    def test_goes_from_review_to_settlement(self, client: Client, claim):
        boss = make_person(Role.MANAGER)
        manager = client.as_(boss)

        reviewed = act(manager, claim, "review")
        decided = decide(manager, claim, 600, 0, note="无陈列照片", version=2)
        settled = act(manager, claim, "settlement", 3, settlement="红字发票 0317")

        assert ["under_review", "partly_accepted", "settled"] == [
            answer.json["state"] for answer in (reviewed, decided, settled)
        ]
        assert [boss.id] * 3 == [
            settled.json[name] for name in ("reviewed_by_id", "decided_by_id", "settled_by_id")
        ]
        assert (600, "无陈列照片", "红字发票 0317", 4) == tuple(
            settled.json[n] for n in ("accepted_fen", "decision_note", "settlement", "version")
        )
        assert [600, 0] == [each["accepted_fen"] for each in settled.json["lines"]]
        assert [
            "claim.submitted",
            "claim.taken_under_review",
            "claim.decided",
            "claim.settled",
        ] == [entry.verb for entry in LedgerEntry.select().order_by(LedgerEntry.at)]

    def test_freezes_what_the_lines_were_worth(self, manager, claim, store, promotion):
        assert (True, 600) == (claim["is_flagged"], claim["maximum_fen"])
        decided = decide(manager, claim, 600, 0).json

        make_promotion_result(visit_to(store), promotion, units=6)
        PromotionBudget.update(rate_fen=1).execute()

        later = manager.get(f"/v1/claims/{claim['id']}").json
        assert [(6, 600, []), (0, 0, ["no_proof", "exceeds_proof"])] == [
            (each["proven_quantity"], each["maximum_fen"], each["flags"]) for each in later["lines"]
        ]
        assert decided == later

    @pytest.mark.parametrize(
        ("accepted", "state"),
        [((600, 400), "accepted"), ((600, 1), "partly_accepted"), ((0, 0), "rejected")],
    )
    def test_names_the_state_after_what_is_granted(self, manager, claim, accepted, state):
        assert state == decide(manager, claim, *accepted, note="凭纸质证据").json["state"]

    @pytest.mark.parametrize(
        ("accepted", "problem"),
        [
            ((600,), "wrong-decision"),
            ((600, 400, 1), "wrong-decision"),
            ((601, 0), "wrong-decision"),
            ((600, 1), "note-needed"),
        ],
    )
    def test_refuses(self, manager, claim, accepted, problem):
        answer = decide(manager, claim, *accepted)

        assert (422, PROBLEM + problem) == (answer.status_code, answer.json["type"])
        assert "submitted" == Claim.get().state

    def test_refuses_a_line_twice(self, manager, claim):
        lines = [{"number": 1, "accepted_fen": 1}] * 2

        assert 422 == act(manager, claim, "decision", lines=lines).status_code

    def test_is_for_somebody_else(self, manager, promotion, dealer):
        mine = submit(manager, promotion, dealer, line()).json

        answer = decide(manager, mine, 0)

        assert (422, f"{PROBLEM}own-claim") == (answer.status_code, answer.json["type"])

    def test_takes_one_step_after_another(self, manager, claim):
        answers = [
            act(manager, claim, "settlement", settlement="x"),
            decide(manager, claim, 0, 0),
            act(manager, claim, "review", 2),
            decide(manager, claim, 0, 0, version=2),
            act(manager, claim, "settlement", 2, settlement="x"),
        ]

        assert [409, 200, 409, 409, 409] == [answer.status_code for answer in answers]
        assert f"{PROBLEM}claim-state" == answers[0].json["type"]

    @pytest.mark.parametrize("step", ["review", "decision", "settlement"])
    def test_needs_the_version_that_was_read(self, manager, claim, step):
        bodies = {
            "review": {},
            "decision": {"lines": [{"number": n, "accepted_fen": 0} for n in (1, 2)]},
            "settlement": {"settlement": "x"},
        }
        if step == "settlement":
            decide(manager, claim, 600, 0)

        stale = act(manager, claim, step, 9, **bodies[step])
        blind = manager.post(f"/v1/claims/{claim['id']}/{step}", json=bodies[step] or None)

        assert [412, 428] == [stale.status_code, blind.status_code]


class TestReading:
    def test_filters_and_pages_with_few_queries(self, clerk, promotion, dealer):
        other = make_dealer()
        first = submit(clerk, promotion, dealer, line()).json["id"]
        second = submit(clerk, promotion, other, line()).json["id"]

        def ask(query=""):
            return [each["id"] for each in clerk.get(f"/v1/claims{query}").json]

        with assert_query_count(3):  # who asks, how many, which
            assert [second, first] == ask()
        assert [first] == ask(f"?dealer_id={dealer.id}")
        assert [second, first] == ask(f"?promotion_id={promotion.id}&state=submitted")
        assert [] == ask("?state=settled")

    def test_of_one_takes_few_queries(self, clerk, promotion, dealer, store):
        make_promotion_result(visit_to(store), promotion, units=4)
        proofs = {
            "results": [result(store, day) for day in range(1, 9)],
            "photos": [photo_of(visit_to(store)) for _ in range(3)],
        }
        path = submit(clerk, promotion, dealer, line(**proofs), line("training", **proofs))

        with assert_query_count(13):
            clerk.get(path.request.path)
        assert 22 == ClaimProof.select().count()

    def test_answers_unknown_and_hidden_alike(self, client: Client, clerk, promotion, dealer):
        claim = submit(clerk, promotion, dealer, line()).json
        rep = client.as_(make_person())

        hidden, unknown = rep.get(f"/v1/claims/{claim['id']}"), rep.get(f"/v1/claims/{uuid4()}")

        assert (404, hidden.data) == (unknown.status_code, unknown.data)
        assert [] == rep.get("/v1/claims").json
