"""Store points from the field: proposed with a photo, decided by the office, judged again."""

from uuid import uuid4

import pytest
from playhouse.test_utils import assert_query_count

from backend import worker
from backend.evidence.places import judge_places
from backend.fieldwork.case_models import PointCorrection
from backend.network.models import Store
from backend.platform.actors import Role
from backend.platform.models import LedgerEntry
from backend.standards.service import JudgedFor
from tests.client import Client
from tests.factories import (
    NOON,
    make_person,
    make_photo,
    make_region,
    make_store,
    make_visit,
    the_region,
)
from tests.pictures import phone_jpeg

PROBLEM = "urn:xundian:problem:"
NORTH_400_M = 28.1987


@pytest.fixture
def store(app):  # noqa: ARG001  # needs the database
    return make_store(owner=make_person())


@pytest.fixture
def photo(store):
    """A photo of the store, taken 400 m north of where the store is said to be."""
    return make_photo(make_visit(store, store.owner, lat=NORTH_400_M), phone_jpeg())


@pytest.fixture
def rep(client: Client, store) -> Client:
    return client.as_(store.owner)


@pytest.fixture
def manager(client: Client, store) -> Client:  # noqa: ARG001  # after the store's people
    return client.as_(make_person(Role.MANAGER))


def propose(client: Client, photo, store, correction_id=None, **changes):
    body = {
        "store_id": store.id,
        "position": {"lat": NORTH_400_M, "lon": 112.9769, "crs": "wgs84"},
        "accuracy_m": 12,
        "proof_visit_id": str(photo.visit_id),
        "proof_photo_id": str(photo.id),
    }
    url = f"/v1/point-corrections/{correction_id or uuid4()}"
    return client.put(url, json=body | changes)


def decide(client: Client, correction_id, word, version=1, **body):
    return client.post(
        f"/v1/point-corrections/{correction_id}/{word}",
        json=body,
        headers={"If-Match": f'"{version}"'},
    )


class TestProposing:
    def test_keeps_the_point_as_sent_and_how_far_the_store_would_move(self, rep, photo, store):
        gcj = {"lat": 28.195285, "lon": 112.982493, "crs": "gcj02"}

        answer = propose(rep, photo, store, position=gcj, note="门店搬到对面")

        assert 201 == answer.status_code
        assert answer.json == rep.get(f"/v1/point-corrections/{answer.json['id']}").json
        assert {
            "state": "proposed",
            "raw_lat": 28.195285,
            "raw_crs": "gcj02",
            "from_lat": 28.1951,
            "note": "门店搬到对面",
            "proposed_by_id": store.owner_id,
        }.items() <= answer.json.items()
        assert pytest.approx(NORTH_400_M, abs=1e-4) == answer.json["lat"]
        assert pytest.approx(399, abs=15) == answer.json["moved_m"]
        assert 28.1951 == Store.get_by_id(store.id).lat
        assert ["point_correction.proposed"] == [entry.verb for entry in LedgerEntry.select()]

    def test_of_a_store_without_a_point_moves_it_from_nowhere(self, client, manager):
        rep = make_person()
        store = make_store(owner=rep, lat=None, lon=None)
        photo = make_photo(make_visit(store, rep), phone_jpeg())

        answer = propose(client.as_(rep), photo, store)

        assert (None, None) == (answer.json["moved_m"], answer.json["from_lat"])
        assert 200 == decide(manager, answer.json["id"], "approval").status_code
        assert NORTH_400_M == Store.get_by_id(store.id).lat

    def test_happens_once_however_often_it_is_sent(self, client, rep, photo, store):
        correction_id = uuid4()

        answers = [propose(rep, photo, store, correction_id) for _ in range(2)]
        other = propose(rep, photo, store, correction_id, note="another")
        supervisor = client.as_(make_person(Role.SUPERVISOR))
        stranger = propose(supervisor, photo, store, correction_id)

        assert [201, 200] == [answer.status_code for answer in answers]
        assert (409, 409) == (other.status_code, stranger.status_code)

    def test_needs_a_photo_of_that_store(self, rep, store):
        elsewhere = make_photo(make_visit(), phone_jpeg())
        doubtful = make_photo(make_visit(store), phone_jpeg(), quarantine_reason="unreadable-photo")

        for photo in (elsewhere, doubtful):
            answer = propose(rep, photo, store)
            assert (422, f"{PROBLEM}proof-needed") == (answer.status_code, answer.json["type"])

    @pytest.mark.parametrize(
        ("problem", "wrong"),
        [
            ("point-inaccurate", {"accuracy_m": 201}),
            ("invalid-fields", {"accuracy_m": -1}),
            ("outside-service-area", {"position": {"lat": 60, "lon": 112.9, "crs": "wgs84"}}),
            ("invalid-fields", {"position": {"lat": 28.1, "lon": 112.9}}),
            ("invalid-fields", {"position": {"lat": 28.1, "lon": 112.9, "crs": "mars"}}),
        ],
    )
    def test_refuses(self, rep, photo, store, problem, wrong):
        answer = propose(rep, photo, store, **wrong)

        assert (422, PROBLEM + problem) == (answer.status_code, answer.json["type"])
        assert 0 == PointCorrection.select().count()

    def test_is_for_ones_own_stores(self, client, photo, store):
        assert 404 == propose(client.as_(make_person()), photo, store).status_code


class TestDeciding:
    @pytest.fixture
    def proposed(self, rep, photo, store) -> str:
        return propose(rep, photo, store).json["id"]

    def test_approval_moves_the_store_and_has_its_visits_judged_again(
        self, manager, proposed, photo, store
    ):
        judge_places([photo.visit_id], at=NOON, why=JudgedFor.CHECKED_IN)

        answer = decide(manager, proposed, "approval", note="与照片一致")
        worker.run_until_idle()

        assert (200, "approved", 2, "与照片一致") == (
            answer.status_code,
            *(answer.json[name] for name in ("state", "version", "decision_note")),
        )
        moved = Store.get_by_id(store.id)
        assert (NORTH_400_M, "wgs84", 2) == (moved.lat, moved.raw_crs, moved.version)
        places = manager.get(f"/v1/visits/{photo.visit_id}/places").json
        assert [("inside", 2), ("outside", 1)] == [
            (place["outcome"], place["store_version"]) for place in places
        ]
        verbs = {entry.verb for entry in LedgerEntry.select()}
        assert {"point_correction.approved", "store.amended", "visit.located"} <= verbs

    def test_rejection_leaves_the_store_where_it_is(self, manager, proposed, store):
        silent = decide(manager, proposed, "rejection")
        answer = decide(manager, proposed, "rejection", reason="照片不清")

        assert 422 == silent.status_code
        assert ("rejected", "照片不清") == (answer.json["state"], answer.json["decision_note"])
        assert (28.1951, 1) == (Store.get_by_id(store.id).lat, Store.get_by_id(store.id).version)

    @pytest.mark.parametrize("word", ["approval", "rejection"])
    def test_happens_once_on_the_version_that_was_read(self, manager, proposed, word):
        body = {"reason": "照片不清"} if word == "rejection" else {}
        url = f"/v1/point-corrections/{proposed}/{word}"

        missing = manager.post(url, json=body)
        stale = decide(manager, proposed, word, version=9, **body)
        first = decide(manager, proposed, word, **body)
        again = decide(manager, proposed, word, version=2, **body)

        assert [428, 412, 200, 422] == [
            answer.status_code for answer in (missing, stale, first, again)
        ]
        assert f"{PROBLEM}already-decided" == again.json["type"]

    def test_is_not_for_whoever_proposed(self, client, photo, store):
        supervisor = client.as_(make_person(Role.SUPERVISOR))
        own = propose(supervisor, photo, store).json["id"]

        answers = [
            decide(supervisor, own, "approval"),
            decide(supervisor, own, "rejection", reason="doubt"),
        ]

        for answer in answers:
            assert (422, f"{PROBLEM}own-proposal") == (answer.status_code, answer.json["type"])

    def test_refuses_to_move_a_store_that_was_moved_meanwhile(
        self, rep, manager, proposed, photo, store
    ):
        second = propose(rep, photo, store).json["id"]
        decide(manager, proposed, "approval")

        late = decide(manager, second, "approval")
        rejected = decide(manager, second, "rejection", reason="已更正")

        assert (409, f"{PROBLEM}point-changed") == (late.status_code, late.json["type"])
        assert 200 == rejected.status_code

    def test_is_the_offices(self, rep, proposed):
        assert 403 == decide(rep, proposed, "approval").status_code


class TestList:
    def test_filters_and_hides(self, client, rep, manager, photo, store):
        first = propose(rep, photo, store).json["id"]
        other_store = make_store()
        other_photo = make_photo(make_visit(other_store), phone_jpeg())
        supervisor = client.as_(make_person(Role.SUPERVISOR))
        second = propose(supervisor, other_photo, other_store).json["id"]
        decide(manager, first, "rejection", reason="照片不清")

        def ask(query="", who=manager):
            return [each["id"] for each in who.get(f"/v1/point-corrections?{query}").json]

        with assert_query_count(3):  # who asks, how many, which
            assert [second, first] == ask()
        assert [first] == ask(f"store_id={store.id}")
        assert [second] == ask("state=proposed")
        assert ([], [second]) == (ask("mine=true"), ask("mine=true", supervisor))
        assert [first] == ask(who=rep)
        elsewhere = client.as_(make_person(Role.MANAGER, region=make_region(the_region())))
        assert [] == ask(who=elsewhere)
        assert 404 == elsewhere.get(f"/v1/point-corrections/{first}").status_code
