"""Stores over HTTP."""

from datetime import date

import pytest
from playhouse.test_utils import assert_query_count

from backend.network.models import Store, StoreDealer
from backend.network.positions import CONVERTER
from backend.platform.actors import Role
from backend.platform.models import LedgerEntry
from tests.client import Client
from tests.factories import make_dealer, make_person, make_region, make_store, the_region

PROBLEM = "urn:xundian:problem:"
GCJ02 = {"lat": 28.192456, "lon": 112.982312, "crs": "gcj02"}


@pytest.fixture
def manager(client: Client) -> Client:
    return client.as_(make_person(Role.MANAGER))


def add(client: Client, **changes):
    body = {
        "code": "43-01-001-0001",
        "name": "五一广场店",
        "region_id": the_region().id,
        "division_code": "430102001",
        "grade": "A",
        "opened_on": "2025-01-01",
    }
    return client.post("/v1/stores", json=body | changes)


def amend(client: Client, store: Store, version: int | None = 1, **changes):
    headers = {} if version is None else {"If-Match": f'"{version}"'}
    return client.patch(f"/v1/stores/{store.id}", json=changes, headers=headers)


def said(answer) -> tuple[int, str]:
    return answer.status_code, answer.json["type"].removeprefix(PROBLEM)


class TestList:
    def test_shows_a_rep_the_assigned_stores_only(self, client: Client):
        person = make_person()
        mine = make_store(owner=person)
        make_store(dealer=make_dealer())
        rep = client.as_(person)

        with assert_query_count(3):  # who asks, how many, which
            answer = rep.get("/v1/stores")

        assert [mine.id] == [store["id"] for store in answer.json]

    def test_costs_the_same_for_many(self, manager: Client):
        dealer = make_dealer()
        codes = sorted(make_store(dealer).code for _ in range(5))

        with assert_query_count(3):
            answer = manager.get("/v1/stores?page_size=3&page=1")

        assert codes[:3] == [store["code"] for store in answer.json]

    def test_shows_what_a_phone_needs(self, manager: Client):
        dealer = make_dealer()
        store = make_store(dealer, chain="大中")

        assert {
            "id": store.id,
            "code": store.code,
            "name": store.name,
            "region_id": dealer.region_id,
            "dealer_id": dealer.id,
            "division_code": "430102001",
            "division_name": "湖南省长沙市芙蓉区文艺路街道",
            "tier": "city",
            "is_tier_overridden": False,
            "grade": "B",
            "chain": "大中",
            "address": "",
            "point": {"lat": 28.1951, "lon": 112.9769, "crs": "wgs84"},
            "raw": {"lat": 28.1951, "lon": 112.9769, "crs": "wgs84"},
            "crs_impl": CONVERTER,
            "fence_radius_m": None,
            "owner_id": None,
            "status": "active",
            "opened_on": "2025-01-01",
            "closed_on": None,
            "merged_into_id": None,
            "version": 1,
        } == manager.get("/v1/stores").json[0]

    def test_filters(self, manager: Client):
        rep, region = make_person(), make_region(the_region())
        dealer = make_dealer()
        plain = make_store(dealer, name="普通店").id
        other = make_store(
            make_dealer(region=make_region(region)),
            name="特别店",
            tier="town",
            grade="D",
            status="at_risk",
            owner=rep,
        )

        def ask(**filters):
            answer = manager.get("/v1/stores", query_string=filters)
            return [store["id"] for store in answer.json]

        assert [plain] == ask(dealer_id=dealer.id)
        for filters in (
            {"region_id": region.id},
            {"tier": "town"},
            {"grade": "D"},
            {"status": "at_risk"},
            {"owner_id": rep.id},
            {"q": "特别"},
            {"q": other.code},
            {"code": other.code},
        ):
            assert [other.id] == ask(**filters), filters
        assert [] == ask(code="43")

    def test_has_no_dealer_before_the_first_link(self, manager: Client):
        make_store()
        StoreDealer.update(from_on=date(2999, 1, 1)).execute()

        assert manager.get("/v1/stores").json[0]["dealer_id"] is None

    def test_shows_a_store_whose_division_was_abolished(self, manager: Client):
        make_store(division_code="430199001")

        assert "" == manager.get("/v1/stores").json[0]["division_name"]

    @pytest.mark.parametrize("crs", ["gcj02", "bd09"])
    def test_shows_points_in_the_datum_asked_for(self, manager: Client, crs):
        store = make_store()
        blank = make_store(lat=None, lon=None, raw_lat=None, raw_lon=None, raw_crs=None)

        listed = manager.get(f"/v1/stores?crs={crs}").json
        single = manager.get(f"/v1/stores/{store.id}?crs={crs}").json

        points = {each["id"]: each["point"] for each in listed}
        assert crs == points[store.id]["crs"]
        assert store.lon + 0.004 < points[store.id]["lon"]
        assert points[store.id] == single["point"]
        assert "wgs84" == single["raw"]["crs"]
        assert points[blank.id] is None


class TestAdding:
    def test_derives_the_tier_and_keeps_both_points(self, manager: Client):
        dealer, rep = make_dealer(), make_person()

        answer = add(manager, dealer_id=dealer.id, owner_id=rep.id, position=GCJ02)

        assert (201, '"1"') == (answer.status_code, answer.headers["ETag"])
        assert ("city", False) == (answer.json["tier"], answer.json["is_tier_overridden"])
        assert GCJ02 == answer.json["raw"]
        assert "wgs84" == answer.json["point"]["crs"]
        assert GCJ02["lon"] > answer.json["point"]["lon"] + 0.004
        assert (dealer.id, rep.id) == (answer.json["dealer_id"], answer.json["owner_id"])
        assert "2025-01-01" == str(StoreDealer.get().from_on)
        assert ["store.created"] == [entry.verb for entry in LedgerEntry.select()]

    def test_takes_a_tier_as_said(self, manager: Client):
        answer = add(manager, tier="county", division_code="4301")

        assert ("county", True) == (answer.json["tier"], answer.json["is_tier_overridden"])
        assert "430100" == answer.json["division_code"]
        assert answer.json["dealer_id"] is None

    @pytest.mark.parametrize(
        ("problem", "wrong"),
        [
            ("bad-code", {"code": "43-01-001"}),
            ("bad-code", {"code": "43-01-001-1"}),
            ("unknown-division", {"division_code": "990000001"}),
            ("unknown-division", {"division_code": "99", "tier": "city"}),
            ("not-a-township", {"division_code": "430102"}),
            ("outside-service-area", {"position": {"lat": 51.5, "lon": 0.1, "crs": "wgs84"}}),
            ("invalid-fields", {"position": {"lat": 28.2, "lon": 112.9}}),
            ("invalid-fields", {"grade": "E"}),
            ("invalid-fields", {"status": "closed"}),
            ("invalid-fields", {"fence_radius_m": 0}),
            ("invalid-fields", {"lat": 28.2}),
        ],
    )
    def test_refuses(self, manager: Client, problem, wrong):
        answer = add(manager, **wrong)

        assert (422, problem) == said(answer)
        assert 0 == Store.select().count()

    @pytest.mark.parametrize(
        ("field", "what"),
        [("region_id", "region"), ("dealer_id", "dealer"), ("owner_id", "person")],
    )
    def test_refuses_references_out_of_sight(self, manager: Client, field, what):
        answer = add(manager, **{field: 999})

        assert (404, what) == (answer.status_code, answer.json["what"])

    @pytest.mark.parametrize(
        "fields", [{"role": Role.SUPERVISOR}, {"role": Role.REP, "is_active": False}]
    )
    def test_refuses_an_owner_who_is_no_rep(self, manager: Client, fields):
        owner = make_person(**fields)

        assert (422, "owner-not-rep") == said(add(manager, owner_id=owner.id))

    def test_refuses_a_code_that_was_ever_issued(self, manager: Client):
        store = make_store(code="43-01-001-0001")
        amend(manager, store, code="43-01-001-0002")

        for code in ("43-01-001-0001", "43-01-001-0002"):
            assert (409, "code-taken") == said(add(manager, code=code))

    def test_is_not_for_reps(self, client: Client):
        assert 403 == add(client.as_(make_person())).status_code


class TestOneStore:
    def test_out_of_sight_looks_like_unknown(self, client: Client):
        store = make_store()
        rep = client.as_(make_person())

        answers = [rep.get(f"/v1/stores/{number}") for number in (store.id, 999)]

        assert 404 == answers[0].status_code
        assert answers[0].data == answers[1].data

    def test_is_shown_with_its_version(self, client: Client):
        rep = make_person()
        store = make_store(owner=rep, version=4)

        answer = client.as_(rep).get(f"/v1/stores/{store.id}")

        assert (200, '"4"') == (answer.status_code, answer.headers["ETag"])


class TestAmending:
    def test_overrides_the_tier_and_returns_to_the_derived_one(self, manager: Client):
        store = make_store()

        county = amend(manager, store, tier="county").json
        moved = amend(manager, store, version=2, division_code="430181104").json
        derived = amend(manager, store, version=3, tier=None).json

        assert [("county", True), ("county", True), ("town", False)] == [
            (each["tier"], each["is_tier_overridden"]) for each in (county, moved, derived)
        ]

    def test_a_derived_tier_follows_the_division(self, manager: Client):
        answer = amend(manager, make_store(), division_code="430181001")

        assert ("county", "湖南省长沙市浏阳市淮川街道") == (
            answer.json["tier"],
            answer.json["division_name"],
        )

    def test_moves_the_point(self, manager: Client):
        store = make_store()

        moved = amend(manager, store, position=GCJ02)
        unknown = amend(manager, store, version=2, position=None)

        assert (GCJ02, CONVERTER) == (moved.json["raw"], moved.json["crs_impl"])
        assert [None] * 3 == [unknown.json[key] for key in ("raw", "point", "crs_impl")]

    def test_changes_the_rest(self, manager: Client):
        store, rep, region = make_store(), make_person(), make_region(the_region())
        changes = {
            "name": "新店",
            "grade": "A",
            "chain": None,
            "address": "解放路",
            "fence_radius_m": 80,
            "owner_id": rep.id,
            "region_id": region.id,
            "status": "at_risk",
        }

        answer = amend(manager, store, **changes)

        assert '"2"' == answer.headers["ETag"]
        assert changes == {key: answer.json[key] for key in changes}
        assert "store.amended" == LedgerEntry.get().verb

    def test_closes_and_opens_again(self, manager: Client):
        store = make_store()

        closed = amend(manager, store, status="closed", closed_on="2026-02-01").json
        same = amend(manager, store, version=2, status="closed").json
        opened = amend(manager, store, version=3, status="active").json
        today = amend(manager, store, version=4, status="closed").json

        assert ["2026-02-01", "2026-02-01", None] == [
            each["closed_on"] for each in (closed, same, opened)
        ]
        assert today["closed_on"] > "2026-02-01"

    @pytest.mark.parametrize(
        ("problem", "changes"),
        [
            ("not-closed", {"closed_on": "2026-02-01"}),
            ("not-closed", {"closed_on": "2026-02-01", "status": "at_risk"}),
            ("closed-too-early", {"closed_on": "2024-02-01", "status": "closed"}),
            ("bad-code", {"code": "43"}),
        ],
    )
    def test_refuses(self, manager: Client, problem, changes):
        store = make_store()

        assert (422, problem) == said(amend(manager, store, **changes))
        assert 1 == Store.get_by_id(store.id).version

    def test_refuses_a_stale_version(self, manager: Client):
        store = make_store()
        amend(manager, store, grade="A")

        answer = amend(manager, store, grade="C")

        assert (412, "stale") == said(answer)
        assert 2 == answer.json["version"]

    def test_needs_a_version_and_permission(self, client: Client, manager: Client):
        rep = make_person()
        store = make_store(owner=rep)

        assert 428 == amend(manager, store, version=None, grade="A").status_code
        assert 403 == amend(client.as_(rep), store, grade="A").status_code
        assert 404 == amend(manager, Store(id=999), grade="A").status_code


class TestDealers:
    def give(self, client: Client, store: Store, day: str, dealer_id: int, **more):
        body = {"dealer_id": dealer_id} | more
        return client.put(f"/v1/stores/{store.id}/dealers/{day}", json=body)

    def test_a_change_ends_the_link_before(self, manager: Client):
        old, new = make_dealer(), make_dealer()
        store = make_store(old)

        answer = self.give(manager, store, "2026-02-01", new.id)
        with assert_query_count(4):  # who asks, may they, how many, which
            history = manager.get(f"/v1/stores/{store.id}/dealers").json

        assert 201 == answer.status_code
        assert [
            {
                "store_id": store.id,
                "dealer_id": old.id,
                "from_on": "2025-01-01",
                "to_on": "2026-02-01",
            },
            {
                "store_id": store.id,
                "dealer_id": new.id,
                "from_on": "2026-02-01",
                "to_on": None,
            },
        ] == history
        shown = manager.get(f"/v1/stores/{store.id}")
        assert (new.id, '"2"') == (shown.json["dealer_id"], shown.headers["ETag"])
        assert ["store.moved"] == [entry.verb for entry in LedgerEntry.select()]

    def test_saying_it_again_changes_nothing(self, manager: Client):
        store, new = make_store(), make_dealer()
        first = self.give(manager, store, "2026-02-01", new.id, code="43-01-999-0001")

        again = self.give(manager, store, "2026-02-01", new.id, code="43-01-999-0001")

        assert [201, 200] == [first.status_code, again.status_code]
        assert first.json == again.json
        assert 2 == Store.get_by_id(store.id).version
        assert 1 == LedgerEntry.select().where(LedgerEntry.verb == "store.moved").count()

    def test_a_new_code_keeps_the_former_one(self, manager: Client):
        store = make_store(code="43-01-001-0001")

        self.give(manager, store, "2026-02-01", make_dealer().id, code="43-01-002-0001")

        for code in ("43-01-001-0001", "43-01-002-0001"):
            found = manager.get(f"/v1/stores?code={code}").json
            assert ["43-01-002-0001"] == [each["code"] for each in found]

    def test_a_future_change_counts_from_its_day(self, manager: Client):
        old, new = make_dealer(), make_dealer()
        store = make_store(old)

        self.give(manager, store, "2999-01-01", new.id)

        assert old.id == manager.get(f"/v1/stores/{store.id}").json["dealer_id"]
        assert [] == manager.get(f"/v1/stores?dealer_id={new.id}").json

    @pytest.mark.parametrize(
        ("problem", "day"),
        [
            ((422, "before-opening"), "2024-12-31"),
            ((409, "dealer-overlap"), "2025-01-01"),
            ((409, "dealer-overlap"), "2025-06-01"),
            ((404, "no-such-route"), "2026-02-30"),
            ((404, "no-such-route"), "soon"),
        ],
    )
    def test_refuses_a_day_that_contradicts(self, manager: Client, problem, day):
        store = make_store()
        self.give(manager, store, "2025-06-01", make_dealer().id)

        assert problem == said(self.give(manager, store, day, make_dealer().id))
        assert 2 == StoreDealer.select().count()

    def test_refuses_the_dealer_it_has(self, manager: Client):
        dealer = make_dealer()

        answer = self.give(manager, make_store(dealer), "2026-02-01", dealer.id)

        assert (409, "dealer-overlap") == said(answer)
        assert (dealer.id, "2025-01-01") == (answer.json["dealer_id"], answer.json["since"])

    def test_refuses_a_dealer_that_closed(self, manager: Client):
        store, gone = make_store(), make_dealer(closed_on=date(2026, 2, 1))

        assert (422, "dealer-closed") == said(self.give(manager, store, "2026-02-01", gone.id))
        assert 201 == self.give(manager, store, "2026-01-31", gone.id).status_code

    def test_refuses_a_bad_code_and_leaves_the_link(self, manager: Client):
        store, new = make_store(), make_dealer()

        answers = [
            self.give(manager, store, "2026-02-01", new.id, code=code)
            for code in ("43-01", make_store().code)
        ]

        assert [(422, "bad-code"), (409, "code-taken")] == [said(each) for each in answers]
        assert StoreDealer.get(StoreDealer.store == store).to_on is None

    def test_gives_a_store_that_had_none(self, manager: Client):
        store = make_store()
        StoreDealer.delete().execute()

        assert 201 == self.give(manager, store, "2025-01-01", make_dealer().id).status_code

    def test_out_of_sight_is_unknown(self, client: Client, manager: Client):
        store = make_store()
        rep = client.as_(make_person())

        assert 404 == rep.get(f"/v1/stores/{store.id}/dealers").status_code
        assert 404 == self.give(manager, store, "2026-02-01", 999).status_code
        assert 403 == self.give(rep, store, "2026-02-01", make_dealer().id).status_code
