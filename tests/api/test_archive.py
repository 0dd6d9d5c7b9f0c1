"""The archive of dealers and stores over HTTP."""

from uuid import UUID, uuid4

import pytest
from playhouse.test_utils import assert_query_count

from backend import worker
from backend.network import archive_scores
from backend.network.archive_models import CompetitorNote, CustomerCard
from backend.network.words import Subject
from backend.platform.actors import Role
from backend.platform.models import LedgerEntry
from tests.api.test_agreements import sign
from tests.client import Client
from tests.factories import (
    OPENED,
    make_agreement,
    make_card,
    make_competitor_note,
    make_contact,
    make_custom_field,
    make_dealer,
    make_person,
    make_region,
    make_store,
    the_region,
)

PROBLEM = "urn:xundian:problem:"
LICENCE = "91350100M000100Y43"
SOMEBODY = UUID(int=9, version=4)
GCJ02 = {"lat": 28.192456, "lon": 112.982312, "crs": "gcj02"}
STORE_CARD = {
    "short_name": "五一店",
    "licence_name": "长沙五一通讯店",
    "licence_no": LICENCE,
    "customer_kind": "sales",
    "customer_type": "independent",
    "customer_source": "street_sweep",
    "product_field": ["handset"],
    "products_of_interest": ["YAOSHI X1"],
    "buying_mode": "regular",
    "buying_policy": "月初订货",
    "share_of_wallet_percent": 30,
    "position_grade": 4,
    "display_sections": 3,
    "display_area_m2": 6.5,
}
DEALER_CARD = {
    "grade": "A",
    "credit_grade": "B",
    "division_code": "430102001",
    "address": "解放西路 8 号",
    "staff_count": 12,
    "revenue_band": "up_to_5m",
    "bottleneck": "资金",
    "current_method": "电话订货",
}
DERIVED = [
    "first_deal_on",
    "last_deal_on",
    "deal_count",
    "deal_amount_fen",
    "value_grade",
    "satisfaction",
    "tier",
    "completeness",
    "is_stage_overridden",
]


@pytest.fixture
def manager(client: Client) -> Client:
    return client.as_(make_person(Role.MANAGER))


def amend(client: Client, of, version: int | None = 0, **changes):
    kind = type(of).__name__.lower()
    headers = {} if version is None else {"If-Match": f'"{version}"'}
    return client.patch(f"/v1/{kind}s/{of.id}/archive", json=changes, headers=headers)


def read(client: Client, of):
    return client.get(f"/v1/{type(of).__name__.lower()}s/{of.id}/archive")


def said(answer) -> tuple[int, str]:
    return answer.status_code, answer.json["type"].removeprefix(PROBLEM)


def lacks(answer) -> set[str]:
    return {field["code"] for field in answer["missing"]}


class TestCard:
    def test_nobody_wrote_is_empty(self, manager: Client):
        answer = read(manager, make_store())

        assert (200, '"0"') == (answer.status_code, answer.headers["ETag"])
        assert {None} == {answer.json[name] for name in STORE_CARD}
        assert ("potential", 0) == tuple(
            read(manager, make_store(status="prospect")).json[name]
            for name in ("lifecycle_stage", "version")
        )

    def test_takes_grades_of_a_dealer_from_the_office_only(self, client: Client, manager: Client):
        rep, dealer = make_person(), make_dealer()
        make_store(dealer, owner=rep)
        phone = client.as_(rep)

        refused = [amend(phone, dealer, **{name: "A"}) for name in ("grade", "credit_grade")]
        entered = amend(phone, dealer, staff_count=12)
        graded = amend(manager, dealer, version=1, grade="A")

        assert [(403, "forbidden")] * 2 == [said(answer) for answer in refused]
        assert (200, 200) == (entered.status_code, graded.status_code)
        assert (12, "A", None) == tuple(
            read(phone, dealer).json[name] for name in ("staff_count", "grade", "credit_grade")
        )

    def test_of_a_store_keeps_what_its_rep_enters(self, client: Client):
        rep = make_person()
        store = make_store(owner=rep)

        answer = amend(client.as_(rep), store, **STORE_CARD, phone="(0731)8888 1234转8")

        assert (200, '"1"') == (answer.status_code, answer.headers["ETag"])
        assert STORE_CARD == {name: answer.json[name] for name in STORE_CARD}
        assert ("+8673188881234", "(0731)8888 1234转8", rep.id) == (
            answer.json["phone_e164"],
            answer.json["phone"],
            answer.json["amended_by_id"],
        )
        entry = LedgerEntry.get()
        assert ("store.archived", str(store.id)) == (entry.verb, entry.object_id)
        assert LICENCE not in entry.facts

    def test_of_a_dealer_has_its_own_fields_and_a_point(self, manager: Client):
        dealer = make_dealer()

        answer = amend(manager, dealer, **DEALER_CARD, position=GCJ02)
        shown = manager.get(f"/v1/dealers/{dealer.id}/archive?crs=gcj02").json

        assert DEALER_CARD == {name: answer.json[name] for name in DEALER_CARD}
        assert (dealer.id, GCJ02) == (answer.json["dealer_id"], answer.json["raw"])
        assert "wgs84" == answer.json["point"]["crs"]
        assert GCJ02["lat"] == pytest.approx(shown["point"]["lat"], abs=1e-5)

    def test_keeps_what_is_left_out_and_empties_what_is_null(self, manager: Client):
        store = make_store()
        amend(manager, store, **STORE_CARD)

        answer = amend(manager, store, 1, short_name="", product_field=[], licence_no=None)

        emptied = {"short_name", "product_field", "licence_no"}
        assert emptied == {name for name in STORE_CARD if answer.json[name] is None}
        assert emptied <= lacks(answer.json)

    def test_takes_a_stage_over_the_derived_one_until_it_is_taken_back(self, manager: Client):
        store = make_store(status="prospect")

        over = amend(manager, store, lifecycle_stage="development").json
        back = amend(manager, store, 1, lifecycle_stage=None).json

        assert [("development", True), ("potential", False)] == [
            (each["lifecycle_stage"], each["is_stage_overridden"]) for each in (over, back)
        ]

    @pytest.mark.parametrize("name", DERIVED)
    def test_never_takes_what_is_derived(self, manager: Client, name):
        for owner in (make_store(), make_dealer()):
            assert (422, "invalid-fields") == said(amend(manager, owner, **{name: 1}))
        assert 0 == CustomerCard.select().count()

    @pytest.mark.parametrize(
        ("problem", "wrong"),
        [
            ("bad-phone", {"phone": "95555"}),
            ("bad-licence", {"licence_no": "91350100M000100Y44"}),
            ("unknown-field", {"custom": {"colour": "red"}}),
            ("invalid-fields", {"customer_kind": "friend"}),
            ("invalid-fields", {"share_of_wallet_percent": 101}),
            ("invalid-fields", {"position_grade": 6}),
            ("invalid-fields", {"grade": "A"}),
            ("invalid-fields", {"lifecycle_stage": "death"}),
        ],
    )
    def test_of_a_store_refuses(self, manager: Client, problem, wrong):
        assert (422, problem) == said(amend(manager, make_store(), **wrong))
        assert 0 == CustomerCard.select().count()

    @pytest.mark.parametrize(
        ("problem", "wrong"),
        [
            ("unknown-division", {"division_code": "999999"}),
            ("outside-service-area", {"position": {"lat": 1.0, "lon": 2.0, "crs": "wgs84"}}),
            ("invalid-fields", {"position_grade": 3}),
            ("invalid-fields", {"revenue_band": "much"}),
        ],
    )
    def test_of_a_dealer_refuses(self, manager: Client, problem, wrong):
        answer = amend(manager, make_dealer(), **wrong)

        assert (422, f"{PROBLEM}{problem}") == (answer.status_code, answer.json["type"])

    def test_refuses_a_stale_version(self, manager: Client):
        store = make_store()
        first = amend(manager, store, short_name="A")

        again = amend(manager, store, short_name="B")
        older = amend(manager, store, 7, short_name="B")

        assert 200 == first.status_code
        assert [(412, 1), (412, 1)] == [
            (answer.status_code, answer.json["version"]) for answer in (again, older)
        ]
        assert 428 == amend(manager, store, None, short_name="B").status_code

    def test_out_of_sight_looks_like_unknown(self, client: Client):
        hidden, rep = make_store(), client.as_(make_person())

        answers = [rep.get(f"/v1/stores/{number}/archive") for number in (hidden.id, 999)]

        assert 404 == answers[0].status_code
        assert answers[0].data == answers[1].data
        assert 404 == amend(rep, hidden, short_name="A").status_code


class TestCustomValues:
    def test_are_kept_by_code_and_emptied(self, manager: Client):
        store = make_store()
        make_custom_field(code="floor", kind="number")
        make_custom_field(code="wifi", kind="yes_no")
        make_custom_field("dealer", code="fleet")

        full = amend(manager, store, custom={"floor": 1.5, "wifi": False}).json["custom"]
        less = amend(manager, store, 1, custom={"floor": None}).json["custom"]

        assert {"floor": 1.5, "wifi": False} == full
        assert {"floor": None, "wifi": False} == less

    @pytest.mark.parametrize(
        ("kind", "good", "bad"),
        [
            ("text", "绿", ["", 1, "x" * 501, ["a"]]),
            ("number", 12, ["12", True, 1e13, [1]]),
            ("choice", "街边", ["楼上", 1, ["街边"]]),
            ("date", "2026-03-02", ["2026-3-2", "20260302", "morgen", 20260302]),
            ("yes_no", True, ["true", 1]),
        ],
    )
    def test_have_the_kind_of_their_field(self, manager: Client, kind, good, bad):
        store = make_store()
        make_custom_field(code="it", kind=kind, options=["街边", "商场"] * (kind == "choice"))

        wrong = [amend(manager, store, custom={"it": each}) for each in bad]
        right = amend(manager, store, custom={"it": good})

        assert {(422, "wrong-value")} == {said(answer) for answer in wrong}
        assert good == right.json["custom"]["it"]

    def test_of_a_required_field_count_and_stay(self, manager: Client):
        store = make_store()
        make_custom_field(code="floor", is_required=True)

        before = lacks(read(manager, store).json)
        filled = amend(manager, store, custom={"floor": "2"}).json
        emptied = amend(manager, store, 1, custom={"floor": None})

        assert "custom:floor" in before
        assert "custom:floor" not in lacks(filled)
        assert (422, "value-required") == said(emptied)


class TestCompleteness:
    def test_of_a_store_grows_to_one(self, manager: Client):
        store = make_store(owner=make_person(), address="黄兴中路 1 号")
        before = read(manager, store).json["completeness"]

        amend(manager, store, **STORE_CARD, phone="13812348000")
        make_competitor_note(store)
        nearly = read(manager, store).json
        make_contact(store, buying_role="decider")

        assert 0 < before < nearly["completeness"] < 1
        assert {"contact", "decider"} == lacks(nearly)
        assert (1, []) == tuple(read(manager, store).json[k] for k in ("completeness", "missing"))

    def test_of_a_dealer_does_too(self, manager: Client):
        dealer = make_dealer()
        shared = {name: STORE_CARD[name] for name in list(STORE_CARD)[:11]}
        amend(manager, dealer, **shared, **DEALER_CARD, phone="13812348000", position=GCJ02)
        make_competitor_note(dealer)
        make_contact(dealer, buying_role="decider")
        assert {"agreement"} == lacks(read(manager, dealer).json)

        make_agreement(dealer)

        assert 1 == read(manager, dealer).json["completeness"]

    def test_counts_only_what_applies(self, manager: Client):
        prospect, chain = make_store(status="prospect"), make_store(chain=None)
        make_card(chain, customer_type="chain")

        assert not {"position_grade", "chain"} & lacks(read(manager, prospect).json)
        assert {"position_grade", "chain"} <= lacks(read(manager, chain).json)

    def test_forgets_contacts_who_left(self, manager: Client):
        store = make_store()
        make_contact(store, buying_role="decider", left_on=OPENED)

        assert {"contact", "decider"} <= lacks(read(manager, store).json)


class TestFillMe:
    def test_lists_a_reps_own_stores_worst_first(self, client: Client):
        rep = make_person()
        bare, better = make_store(owner=rep), make_store(owner=rep)
        make_card(better, short_name="A", phone_e164="+8613812348000")
        make_store()
        make_store(owner=rep, status="closed", closed_on=OPENED)
        phone = client.as_(rep)
        make_custom_field(code="floor", is_required=True)
        archive_scores.measure_all(Subject.STORE)

        with assert_query_count(4):  # who asks, custom fields, how many, which
            answer = phone.get("/v1/archive/incomplete")

        assert [bare.id, better.id] == [each["id"] for each in answer.json]
        assert answer.json[0]["completeness"] < answer.json[1]["completeness"]
        assert {"custom:floor", "position_grade"} <= lacks(answer.json[1])
        assert {"field", "office"} == {field["by"] for field in answer.json[0]["missing"]}

    def test_pages_and_filters(self, manager: Client):
        region = make_region(the_region())
        rep = make_person()
        one = make_store(owner=rep)
        make_store(make_dealer(region=region), region=region)
        for subject in Subject:
            archive_scores.measure_all(subject)

        def ask(**filters):
            answer = manager.get("/v1/archive/incomplete", query_string=filters)
            return [each["name"] for each in answer.json]

        assert [one.name] == ask(owner_id=rep.id)
        assert 1 == len(ask(region_id=region.id)) == len(ask(page_size=1, page=2))
        assert {"Dealer"} == {name.split()[0] for name in ask(subject="dealer")}
        assert 1 == len(ask(subject="dealer", region_id=region.id))

    def test_leaves_the_complete_alone(self, manager: Client):
        store = make_store(owner=make_person(), address="黄兴中路 1 号")
        amend(manager, store, **STORE_CARD, phone="13812348000")
        make_competitor_note(store)
        make_contact(store, buying_role="decider")
        archive_scores.measure_all(Subject.STORE)

        assert [] == manager.get("/v1/archive/incomplete").json

    def test_follows_what_is_filled_and_what_is_emptied(self, manager: Client):
        store, dealer = make_store(owner=make_person()), make_dealer()
        contact = {"name": "陈建国", "job_role": "owner", "buying_role": "decider"}
        note = {"seen_on": "2026-03-02", "brand": "玄铁"}

        def lacking(subject: str, wanted: int) -> set[str]:
            worker.run_until_idle()
            rows = manager.get(f"/v1/archive/incomplete?subject={subject}").json
            return {
                field["code"] for row in rows if row["id"] == wanted for field in row["missing"]
            }

        amend(manager, store, short_name="五一店")
        first = lacking("store", store.id)
        manager.put(f"/v1/contacts/{SOMEBODY}", json=contact | {"store_id": store.id})
        manager.put(f"/v1/competitor-notes/{uuid4()}", json=note | {"store_id": store.id})
        second = lacking("store", store.id)
        manager.patch(
            f"/v1/contacts/{SOMEBODY}", json={"buying_role": "user"}, headers={"If-Match": '"1"'}
        )
        third = lacking("store", store.id)
        assert 204 == manager.delete(f"/v1/contacts/{SOMEBODY}").status_code
        amend(manager, dealer, short_name="恒信")
        without = lacking("dealer", dealer.id)
        assert 201 == sign(manager, dealer).status_code

        assert "short_name" not in first
        assert {"contact", "decider", "competitors"} == first - second
        assert {"decider"} == third - second
        assert {"contact"} == lacking("store", store.id) - third
        assert {"agreement"} == without - lacking("dealer", dealer.id)

    def test_follows_what_the_brand_asks_for(self, manager: Client):
        stores = [make_store() for _ in range(3)]
        worker.run_until_idle()
        field = {
            "subject": "store",
            "code": "floor",
            "label_zh": "楼层",
            "label_en": "Floor",
            "kind": "text",
            "is_required": True,
        }

        made = manager.post("/v1/custom-fields", json=field)
        worker.run_until_idle()
        rows = manager.get("/v1/archive/incomplete").json
        manager.patch(
            f"/v1/custom-fields/{made.json['id']}",
            json={"is_required": False},
            headers={"If-Match": '"1"'},
        )
        unmeasured = manager.get("/v1/archive/incomplete").json
        worker.run_until_idle()

        assert [store.id for store in stores] == [row["id"] for row in rows]
        assert all("custom:floor" in lacks(row) for row in rows)
        assert not any("custom:floor" in lacks(row) for row in unmeasured)
        assert [row["completeness"] for row in manager.get("/v1/archive/incomplete").json] > [
            row["completeness"] for row in rows
        ]

    def test_leaves_a_store_out_once_it_closed(self, manager: Client):
        store = make_store()
        archive_scores.measure_all(Subject.STORE)
        before = manager.get("/v1/archive/incomplete").json

        closed = manager.patch(
            f"/v1/stores/{store.id}", json={"status": "closed"}, headers={"If-Match": '"1"'}
        )

        assert (1, 200) == (len(before), closed.status_code)
        assert [] == manager.get("/v1/archive/incomplete").json


class TestCompetitors:
    def put(self, client: Client, note_id, **changes):
        body = {"seen_on": "2026-03-02", "brand": "玄铁", "spiff_level": 4, "share_percent": 40}
        return client.put(f"/v1/competitor-notes/{note_id}", json=body | changes)

    def test_are_noted_once(self, client: Client):
        rep = make_person()
        store, phone, note_id = make_store(owner=rep), client.as_(rep), uuid4()

        answers = [self.put(phone, note_id, store_id=store.id) for _ in range(2)]
        other = self.put(phone, note_id, store_id=store.id, brand="赤铜")

        assert [201, 200, 409] == [answer.status_code for answer in (*answers, other)]
        assert answers[0].json == answers[1].json
        assert ("玄铁", store.id, None) == tuple(
            answers[0].json[name] for name in ("brand", "store_id", "dealer_id")
        )
        assert 1 == CompetitorNote.select().count() == LedgerEntry.select().count()

    def test_are_about_a_dealer_or_a_store_in_sight(self, client: Client, manager: Client):
        store, dealer = make_store(), make_dealer()
        both = self.put(manager, uuid4(), store_id=store.id, dealer_id=dealer.id)

        assert (422, "invalid-fields") == said(both)
        assert (422, "invalid-fields") == said(self.put(manager, uuid4()))
        assert 201 == self.put(manager, uuid4(), dealer_id=dealer.id).status_code
        assert 404 == self.put(client.as_(make_person()), uuid4(), store_id=store.id).status_code

    def test_are_listed_in_scope_newest_first(self, client: Client, manager: Client):
        rep = make_person()
        store = make_store(owner=rep)
        old = make_competitor_note(store, seen_on=OPENED)
        new = make_competitor_note(store)
        other = make_competitor_note(make_dealer(), brand="赤铜")

        def ask(by: Client, **filters):
            answer = by.get("/v1/competitor-notes", query_string=filters)
            return [note["id"] for note in answer.json]

        assert [str(new.id), str(old.id)] == ask(client.as_(rep))
        assert (
            [str(other.id)] == ask(manager, brand="赤铜") == ask(manager, dealer_id=other.dealer_id)
        )
        with assert_query_count(3):
            assert 2 == len(ask(manager, store_id=store.id))
