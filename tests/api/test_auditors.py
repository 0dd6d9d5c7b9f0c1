"""How auditors agree and work, over HTTP."""

from datetime import UTC, datetime, timedelta

import pytest
from playhouse.test_utils import assert_query_count

from backend.evidence import verdicts
from backend.evidence.audit_models import PhotoVerdict
from backend.evidence.audits import claim as claim_at
from backend.network.models import Person
from backend.platform import clock
from backend.platform.actors import Role
from tests.api.desk import arbitrate, read, undo
from tests.client import Client
from tests.evidence.queue import make_queue
from tests.factories import (
    NOON,
    actor_of,
    make_audit_plan,
    make_person,
    make_region,
    make_store,
    the_region,
)


@pytest.fixture
def manager(client: Client) -> Client:
    return client.as_(make_person(Role.MANAGER))


@pytest.fixture
def people(client: Client) -> list[Person]:  # noqa: ARG001  # needs the database
    return [make_person(Role.AUDITOR, name=name) for name in ("王芳", "赵敏", "钱伟")]


@pytest.fixture
def auditors(client: Client, people: list[Person]) -> list[Client]:
    return [client.as_(person) for person in people]


def agreement(client: Client, query: str = "") -> dict:
    answer = client.get(f"/v1/audits/agreement?{query}")
    assert 200 == answer.status_code, answer.json
    return answer.json


def throughput(client: Client, query: str = "") -> list[dict]:
    answer = client.get(f"/v1/audits/throughput?{query}")
    assert 200 == answer.status_code, answer.json
    return answer.json


class TestAgreement:
    def test_is_told_in_all_by_reason_and_by_pair(self, manager, auditors, people):
        make_audit_plan(second_share=1.0)
        one, other, _ = auditors
        photos = make_queue(4)
        said = [
            ("approved", "approved"),
            ("approved", "rejected"),
            ("rejected", "rejected"),
            ("approved", "approved"),
        ]
        for number, (photo, words) in enumerate(zip(photos, said, strict=True)):
            # Who reads first makes no difference to a pair.
            readers = (one, other) if number % 2 else (other, one)
            words = words if number % 2 else words[::-1]  # noqa: PLW2901
            for reader, word in zip(readers, words, strict=True):
                read(reader, photo, word)

        report = agreement(manager)

        # Observed 3/4, chance 3/4 * 2/4 + 1/4 * 2/4 = 1/2.
        expected = {"photos": 4, "agreed": 3, "rate": 0.75, "kappa": 0.5, "null_reason": None}
        assert expected == report["overall"]
        (pair,) = report["pairs"]
        assert [person.id for person in people[:2]] == [each["id"] for each in pair["auditors"]]
        assert expected == pair["overall"]
        assert [
            {"one": "approved", "other": "approved", "photos": 2},
            {"one": "approved", "other": "rejected", "photos": 1},
            {"one": "rejected", "other": "rejected", "photos": 1},
        ] == pair["said"]
        assert [{"reason": "blurred", "overall": expected}] == pair["reasons"] == report["reasons"]

    def test_says_why_there_is_no_kappa(self, manager, auditors):
        nothing = agreement(manager)
        make_audit_plan(second_share=1.0)
        (photo,) = make_queue(1)
        for auditor in auditors[:2]:
            read(auditor, photo)

        same = agreement(manager)

        assert ("nothing_read_twice", []) == (
            nothing["overall"]["null_reason"],
            nothing["pairs"],
        )
        assert (1.0, None, "no_variation", []) == (
            same["overall"]["rate"],
            same["overall"]["kappa"],
            same["overall"]["null_reason"],
            same["reasons"],
        )

    def test_counts_what_stands_and_not_what_an_arbiter_said(self, manager, auditors):
        make_audit_plan(second_share=1.0)
        undone, disputed = make_queue(2)
        for photo in (undone, disputed):
            read(auditors[0], photo)
            read(auditors[1], photo, "rejected")
        undo(auditors[1], undone)
        arbitrate(manager, disputed)

        assert (1, 0) == tuple(agreement(manager)["overall"][name] for name in ("photos", "agreed"))

    def test_is_about_days_and_regions(self, client, manager, auditors):
        below = make_region(the_region())
        make_audit_plan(second_share=1.0)
        (photo,) = make_queue(1, make_store(region=below))
        for auditor in auditors[:2]:
            read(auditor, photo)
        elsewhere = client.as_(make_person(Role.MANAGER, region=make_region()))
        today = clock.business_date(datetime.now(UTC))
        earlier = f"from={today - timedelta(days=2)}&to={today - timedelta(days=1)}"

        asked = [
            agreement(manager, f"region_id={below.id}"),
            agreement(manager, "region_id=99999"),
            agreement(manager, earlier),
            agreement(elsewhere),
        ]

        assert [1, 0, 0, 0] == [report["overall"]["photos"] for report in asked]
        assert str(today - timedelta(days=2)) == asked[2]["from"]
        assert 422 == manager.get("/v1/audits/agreement?from=2026-03-02").status_code

    def test_takes_a_steady_number_of_queries(self, manager, auditors):
        make_audit_plan(second_share=1.0)
        for photo, pair in zip(make_queue(3), [(0, 1), (1, 2), (2, 0)], strict=True):
            for number in pair:
                read(auditors[number], photo)

        with assert_query_count(3):  # who asks, the readings, the names
            assert 3 == len(agreement(manager)["pairs"])


class TestThroughput:
    def test_tells_what_each_did_on_each_day(self, manager, people):
        actors = [actor_of(person) for person in people]
        photos = make_queue(6)
        seconds = iter([10, 20, 60, 90, 5])
        words = iter(["approved", "rejected", "unsure", "approved", "approved"])
        for photo in photos[:5]:
            _judge(actors[0], photo, next(words), at=NOON, after_s=next(seconds))
        verdicts.withdraw(
            actors[0], photos[4].visit_id, photos[4].id, at=NOON + timedelta(minutes=2)
        )
        _judge(actors[1], photos[5], "rejected", at=NOON + timedelta(days=1), after_s=7)

        rows = throughput(manager, "from=2026-03-01&to=2026-03-10")

        assert [
            {
                "day": "2026-03-03",
                "auditor_id": people[1].id,
                "auditor_name": "赵敏",
                "judged": 1,
                "rejected": 1,
                "rejected_share": 1.0,
                "unsure": 0,
                "undone": 0,
                "median_s": 7.0,
            },
            {
                "day": "2026-03-02",
                "auditor_id": people[0].id,
                "auditor_name": "王芳",
                "judged": 4,
                "rejected": 1,
                "rejected_share": 0.25,
                "unsure": 1,
                "undone": 1,
                "median_s": 40.0,
            },
        ] == rows

    def test_has_no_share_and_no_median_where_all_was_taken_back(self, manager, auditors):
        (photo,) = make_queue(1)
        read(auditors[0], photo)
        undo(auditors[0], photo)

        (row,) = throughput(manager)

        assert (0, 1, None, None) == tuple(
            row[name] for name in ("judged", "undone", "rejected_share", "median_s")
        )

    def test_has_no_median_where_no_claim_is_known(self, manager, auditors):
        (photo,) = make_queue(1)
        read(auditors[0], photo)
        PhotoVerdict.update(seconds=None).execute()

        (row,) = throughput(manager)

        assert (1, None) == (row["judged"], row["median_s"])

    def test_is_not_about_arbiters(self, manager, auditors):
        (photo,) = make_queue(1)
        read(auditors[0], photo, "unsure")
        arbitrate(manager, photo)

        assert [(1, 1)] == [(row["judged"], row["unsure"]) for row in throughput(manager)]

    def test_is_about_regions_and_pages_with_a_steady_number_of_queries(
        self, client, manager, auditors
    ):
        below = make_region(the_region())
        (photo, *others) = *make_queue(1, make_store(region=below)), *make_queue(2)
        for auditor, each in zip(auditors, [photo, *others], strict=True):
            read(auditor, each)
        elsewhere = client.as_(make_person(Role.MANAGER, region=make_region()))

        assert 1 == len(throughput(manager, f"region_id={below.id}"))
        assert [] == throughput(elsewhere)
        assert 1 == len(throughput(manager, "page_size=2&page=2"))
        with assert_query_count(3):  # who asks, how many, the page
            assert 3 == len(throughput(manager))


def _judge(actor, photo, verdict, *, at, after_s):
    claim_at(actor, limit=50, at=at)
    verdicts.judge(
        actor,
        photo.visit_id,
        photo.id,
        verdict=verdict,
        reasons=["dark"] if verdict == "rejected" else [],
        note="",
        version=1,
        at=at + timedelta(seconds=after_s),
    )
