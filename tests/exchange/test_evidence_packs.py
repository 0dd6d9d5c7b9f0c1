"""Evidence packs: complete, verifiable, and the same bytes for the same content."""

import hashlib
from datetime import timedelta
from io import BytesIO
from uuid import uuid4
from zipfile import ZIP_STORED, ZipFile

import orjson
import pytest

from backend.evidence import photos
from backend.evidence.models import PhotoReading
from backend.exchange import evidence_packs, manifest_check
from backend.fieldwork.models import Visit
from backend.fieldwork.photo_models import Photo
from backend.network.models import Dealer, Store
from backend.platform import blobs, clock, ledger
from backend.platform.actors import Role
from backend.platform.models import LedgerEntry
from backend.standards.codes import LEGAL_NOTICE
from tests.client import Client
from tests.factories import (
    NOON,
    actor_of,
    make_person,
    make_photo,
    make_region,
    make_sku,
    make_store,
    make_visit,
    the_region,
)
from tests.fieldwork.price_cases import cut_seen
from tests.phone import Phone, announced
from tests.pictures import phone_jpeg


@pytest.fixture
def case(app):  # noqa: ARG001  # needs the database
    """A price violation that two visits saw."""
    store, sku = make_store(), make_sku()
    cut_seen(store, sku)
    return cut_seen(store, sku, at=NOON + timedelta(days=1))


@pytest.fixture
def proof(case):
    """A price tag that was photographed on the later visit, and read."""
    photo = make_photo(case[1], phone_jpeg(1), subject="price_tag")
    photos.analyse(photo.visit_id, photo.id, at=NOON)
    return photo


@pytest.fixture
def manager(client: Client) -> Client:
    return client.as_(make_person(Role.MANAGER))


@pytest.fixture
def auditor(client: Client) -> Client:
    return client.as_(make_person(Role.AUDITOR))


def download(client: Client, case_id):
    return client.get(f"/v1/price-cases/{case_id}/evidence.zip", buffered=True)


def unpacked(answer) -> dict[str, bytes]:
    """Return the files of a pack by name."""
    with ZipFile(BytesIO(answer.data)) as pack:
        assert pack.testzip() is None
        assert {ZIP_STORED} == {entry.compress_type for entry in pack.infolist()}
        return {name: pack.read(name) for name in pack.namelist()}


def path_of(photo, kind="jpg") -> str:
    """Return where a photo is in a pack."""
    store = Store.get_by_id(Visit.get_by_id(photo.visit_id).store_id)
    dealer = Dealer.get_by_id(Visit.get_by_id(photo.visit_id).dealer_id)
    words = [name.replace(" ", "-") for name in (dealer.name, store.name)]
    words += [f"{photo.captured_at:%Y%m%d}", photo.subject.replace("_", "-"), photo.id.hex[:8]]
    return f"photos/{'_'.join(words)}.{kind}"


def documents(answer) -> list[dict]:
    """Return the manifest, the case and the ledger extract of a pack."""
    files = unpacked(answer)
    return [orjson.loads(files[f"{name}.json"]) for name in ("manifest", "case", "ledger")]


def test_says_its_length_and_hash_before_it_comes(manager, case, proof):
    answer = download(manager, case[0].id)

    assert (200, "application/zip") == (answer.status_code, answer.mimetype)
    assert len(answer.data) == answer.content_length
    assert hashlib.sha256(answer.data).hexdigest() == answer.headers["X-Content-SHA256"]
    assert f"price-case-{case[0].id}.zip" in answer.headers["Content-Disposition"]
    assert proof.sha256 not in answer.headers["Repr-Digest"]


def test_names_every_file_with_its_hash(manager, case, proof):
    files = unpacked(download(manager, case[0].id))

    manifest = orjson.loads(files.pop("manifest.json"))

    assert {name: hashlib.sha256(content).hexdigest() for name, content in files.items()} == {
        file["path"]: file["sha256"] for file in manifest["files"]
    }
    assert [len(content) for content in files.values()] == [
        file["size_bytes"] for file in manifest["files"]
    ]
    assert ["case.json", "ledger.json", "photos.csv", path_of(proof)] == list(files)


def test_holds_originals_for_those_who_may_see_them_and_copies_for_others(
    manager, auditor, case, proof
):
    (original, original_bytes), (display, display_bytes) = (
        (manifest := documents(answer)[0], unpacked(answer)[manifest["files"][-1]["path"]])
        for answer in (download(auditor, case[0].id), download(manager, case[0].id))
    )

    assert ("original", "original") == (
        original["photos_as"],
        original["files"][-1]["variant"],
    )
    assert blobs.path_of(proof.sha256).read_bytes() == original_bytes
    assert ("display", "display", proof.sha256) == (
        display["photos_as"],
        display["files"][-1]["variant"],
        display["files"][-1]["original_sha256"],
    )
    assert original_bytes != display_bytes
    assert b"YAOSHI" not in display_bytes


def test_tells_the_case_as_it_is_shown(manager, case, proof):
    shown = manager.get(f"/v1/price-cases/{case[0].id}").json

    _, told, _ = documents(download(manager, case[0].id))

    assert (shown["id"], shown["repeats"], LEGAL_NOTICE) == (
        told["id"],
        told["repeats"],
        told["legal_notice"],
    )
    assert [189_900, 189_900] == [seen["net_fen"] for seen in told["observations"]]
    assert [str(proof.id)] == [each["photo_id"] for each in told["proofs"]]


def test_carries_a_ledger_that_anybody_can_check(manager, case, proof):
    manifest, _, extract = documents(download(manager, case[0].id))

    entries = extract["entries"]
    assert {"violation.opened", "violation.sighted", "photo.analysed"} <= {
        entry["verb"] for entry in entries
    }
    for entry in entries:
        chained = [
            entry[name]
            for name in ("id", "at", "device_at", "actor_id", "verb", "object_id", "facts")
        ]
        stored = LedgerEntry.get(LedgerEntry.seq == entry["seq"])
        assert ledger.link(entry["previous_hash"], stored) == entry["hash"]
        canonical = orjson.dumps(chained).decode()
        text = f"{entry['previous_hash']}\n{canonical}"
        assert hashlib.sha256(text.encode()).hexdigest() == entry["hash"]
    head = {name: entries[-1][name] for name in ("seq", "hash")}
    assert head == extract["head"] == manifest["ledger_head"]
    assert str(proof.id) in {entry["object_id"] for entry in entries}


def test_leaves_other_cases_out_of_the_ledger(manager, case):
    other, visit = cut_seen(make_store(), make_sku())

    _, _, extract = documents(download(manager, case[0].id))

    told = {entry["object_id"] for entry in extract["entries"]}
    assert str(case[0].id) in told
    assert not {str(other.id), str(visit.id)} & told


def test_is_the_same_file_while_nothing_changes(manager, case, proof):  # noqa: ARG001
    first = download(manager, case[0].id)
    cut_seen(make_store(), make_sku())
    second = download(manager, case[0].id)
    manager.post(
        f"/v1/price-cases/{case[0].id}/reply-request", json={}, headers={"If-Match": '"0"'}
    )
    third = download(manager, case[0].id)

    assert first.data == second.data
    assert first.data != third.data


def test_is_the_same_file_tomorrow(case):
    actor, at = actor_of(make_person(Role.MANAGER)), clock.now()

    packs = [
        evidence_packs.make(actor, case[0].id, at=at + timedelta(days=days)) for days in (0, 9)
    ]

    with packs[0].file, packs[1].file:
        assert packs[0].sha256 == packs[1].sha256


def test_is_on_record_and_names_the_head_after_it(manager, case):
    answer = download(manager, case[0].id)

    entry = LedgerEntry.get(LedgerEntry.verb == "evidence_pack.made")
    assert str(case[0].id) == entry.object_id
    assert answer.headers["X-Content-SHA256"] in entry.facts
    assert f"{entry.seq}:{entry.hash}" == answer.headers["X-Ledger-Head"]


def test_includes_the_photo_of_the_reply(auditor, manager, case):
    letter = make_photo(make_visit(Store.get()), phone_jpeg(2))
    manager.put(
        f"/v1/price-cases/{case[0].id}/reply",
        json={
            "replied_on": "2026-03-05",
            "text": "见函",
            "photo": {"visit_id": str(letter.visit_id), "photo_id": str(letter.id)},
        },
        headers={"If-Match": '"0"'},
    )

    answer = download(auditor, case[0].id)

    assert phone_jpeg(2) == unpacked(answer)[path_of(letter)]
    assert "price_case.replied" in {entry["verb"] for entry in documents(answer)[2]["entries"]}


@pytest.mark.parametrize(
    ("why", "reader"),
    [
        ("not_read_yet", "manager"),
        ("wrong-hash", "auditor"),
        ("missing", "auditor"),
        ("changed", "auditor"),
    ],
)
def test_says_which_photos_are_left_out_and_why(request, case, why, reader):
    photo = make_photo(case[1], phone_jpeg(3), subject="price_tag")
    place = blobs.path_of(photo.sha256)
    if why == "missing":
        place.unlink()
    elif why == "changed":
        place.write_bytes(b"something else")
    elif why == "wrong-hash":
        photo.quarantine_reason = why
        type(photo).update(quarantine_reason=why).execute()

    answer = download(request.getfixturevalue(reader), case[0].id)

    manifest, _, _ = documents(answer)
    assert [(str(photo.id), why)] == [
        (each["photo_id"], each["left_out"]) for each in manifest["left_out"]
    ]
    assert {"manifest.json", "case.json", "ledger.json", "photos.csv"} == set(unpacked(answer))


def test_keeps_the_kind_of_an_original(auditor, case):
    photo = make_photo(case[1], b"png", subject="price_tag", media_type="image/png")

    assert path_of(photo, "png") in unpacked(download(auditor, case[0].id))


def test_puts_on_record_who_was_given_which_original(auditor, manager, case, proof):
    download(manager, case[0].id)
    download(auditor, case[0].id)

    (entry,) = LedgerEntry.select().where(LedgerEntry.verb == "photo.opened")
    assert (str(proof.id), {"visit": str(proof.visit_id), "by": "pack"}) == (
        entry.object_id,
        orjson.loads(entry.facts),
    )


@pytest.mark.parametrize("reader", ["auditor", "manager"])
def test_can_be_checked_without_the_server(request, case, tmp_path, capsys, reader):
    phone = Phone(request.getfixturevalue("client").as_(make_person(Role.SUPERVISOR)))
    photo_id, visit_id, content = uuid4(), uuid4(), phone_jpeg(7)
    phone.check_in(Store.get(), visit_id)
    phone.report(visit_id, photos=[announced(photo_id, content)])
    phone.photo(visit_id, photo_id, content)
    photos.analyse(visit_id, photo_id, at=NOON)
    office = request.getfixturevalue("manager")
    replied = office.put(
        f"/v1/price-cases/{case[0].id}/reply",
        json={
            "replied_on": "2026-03-05",
            "text": "见函",
            "photo": {"visit_id": str(visit_id), "photo_id": str(photo_id)},
        },
        headers={"If-Match": '"0"'},
    )
    assert 200 == replied.status_code, replied.json

    pack = download(request.getfixturevalue(reader), case[0].id)
    ZipFile(BytesIO(pack.data)).extractall(tmp_path)

    assert 0 == manifest_check.main([str(tmp_path / "photos.csv"), str(tmp_path / "photos")])
    assert "1 ok\n" == capsys.readouterr().out


@pytest.mark.usefixtures("proof")
def test_leaves_out_what_was_erased(auditor, manager, case):
    Photo.update(original_erased_at=NOON).execute()
    PhotoReading.update(display_sha256=None).execute()

    answers = [download(reader, case[0].id) for reader in (auditor, manager)]

    assert [["erased"], ["erased"]] == [
        [each["left_out"] for each in documents(answer)[0]["left_out"]] for answer in answers
    ]


def test_of_a_case_out_of_sight_is_not_found_and_leaves_no_trace(client, case):
    elsewhere = client.as_(make_person(Role.MANAGER, region=make_region(the_region())))

    answers = [download(elsewhere, case[0].id), download(elsewhere, uuid4())]

    assert [404, 404] == [answer.status_code for answer in answers]
    assert 0 == LedgerEntry.select().where(LedgerEntry.object == "evidence_pack").count()


def test_of_a_case_that_the_ledger_does_not_know_ends_nowhere(manager, case):
    LedgerEntry.delete().execute()

    _, _, extract = documents(download(manager, case[0].id))

    assert {"head": {"seq": 0, "hash": ledger.GENESIS}, "entries": []} == extract
