"""Photos in pieces: what tus 1.0.0 asks of a server, and what becomes of the photo."""

from datetime import timedelta
from email.utils import parsedate_to_datetime
from io import BytesIO
from uuid import UUID, uuid4

import pytest

from backend import worker
from backend.config import Config
from backend.exchange import upload_expiry
from backend.exchange.models import Upload
from backend.fieldwork.photo_models import Photo
from backend.platform import blobs, clock, partial
from backend.platform.models import Job, LedgerEntry
from tests.factories import make_person
from tests.phone import Phone, announced
from tests.pictures import phone_jpeg
from tests.tus import PIECE, SPOKEN, Tus, beginning, checksum, encoded, going_on, metadata

PICTURE = phone_jpeg(7)
HALF = len(PICTURE) // 2
PROBLEM = "urn:xundian:problem:"
SOME = UUID("ba1f0d4a-0fb9-46cd-8a59-655535583227")


@pytest.fixture
def tus(client, rep):
    return Tus(client.as_(rep))


@pytest.fixture
def begun(tus) -> str:
    """The address of an upload of PICTURE of which nothing came yet."""
    return tus.begin(uuid4(), uuid4(), PICTURE).headers["Location"]


def verbs():
    """Return what the ledger says of uploads and photos, in order."""
    entries = LedgerEntry.select().order_by(LedgerEntry.at, LedgerEntry.id)
    return [entry.verb for entry in entries if entry.object in {"upload", "photo"}]


def offset_of(answer):
    """Return the status and the offset of an answer."""
    return answer.status_code, answer.headers.get("Upload-Offset")


def problem_of(answer):
    """Return the status and the code of a problem."""
    assert answer.mimetype == "application/problem+json"
    return answer.status_code, answer.json["type"].removeprefix(PROBLEM)


def grow_old(place, **ago):
    """Let an upload have been begun earlier."""
    mine = Upload.id == UUID(place.rpartition("/")[2])
    Upload.update(expires_at=clock.now() - timedelta(**ago)).where(mine).execute()


class TestDiscovery:
    @pytest.mark.parametrize("place", ["/v1/uploads", f"/v1/uploads/{SOME}"])
    def test_tells_anybody_what_the_server_can_do(self, client, config, place):
        answer = client.options(place)

        assert 204 == answer.status_code
        assert {
            "Tus-Resumable": "1.0.0",
            "Tus-Version": "1.0.0",
            "Tus-Extension": "creation,creation-with-upload,creation-defer-length,checksum,"
            "expiration,termination",
            "Tus-Checksum-Algorithm": "sha1,sha256",
            "Tus-Max-Size": str(config.max_photo_bytes),
        } == {name: value for name, value in answer.headers.items() if name.startswith("Tus-")}


class TestUploads:
    def test_become_the_photo_they_name(self, tus, phone, store):
        visit_id, photo_id = uuid4(), uuid4()
        phone.check_in(store, visit_id)
        phone.report(visit_id, photos=[announced(photo_id, PICTURE)])

        begun = tus.begin(visit_id, photo_id, PICTURE)
        place = begun.headers["Location"]
        empty = tus.look(place)
        half = tus.send(place, PICTURE[:HALF], 0)
        before = phone.receipt(visit_id)["status"]
        resumed = tus.look(place)
        whole = tus.send(place, PICTURE[HALF:], HALF)

        assert (201, "0") == offset_of(begun)
        assert (200, "0") == offset_of(empty)
        assert (204, str(HALF)) == offset_of(half)
        assert "reported" == before
        assert (200, str(HALF)) == offset_of(resumed)
        assert str(len(PICTURE)) == resumed.headers["Upload-Length"]
        assert metadata(visit_id, photo_id, PICTURE) == resumed.headers["Upload-Metadata"]
        assert (204, str(len(PICTURE))) == offset_of(whole)
        assert "received" == whole.headers["X-Photo-State"]
        assert "complete" == phone.receipt(visit_id)["status"]
        photo = Photo.get()
        assert ("image/jpeg", PICTURE) == (
            photo.media_type,
            blobs.path_of(photo.sha256).read_bytes(),
        )
        assert ["photo.received", "upload.completed", "upload.created"] == sorted(verbs())
        assert set() == partial.names()

    def test_say_what_tus_asks_in_every_answer(self, tus, begun):
        answers = [
            tus.look(begun),
            tus.send(begun, PICTURE[:9], 0),
            tus.send(begun, b"", 0),
            tus.look(f"/v1/uploads/{uuid4()}"),
        ]

        assert [200, 204, 409, 404] == [answer.status_code for answer in answers]
        for answer in answers:
            assert "1.0.0" == answer.headers["Tus-Resumable"]
            assert "no-store" == answer.headers["Cache-Control"]
        for answer in answers[:2]:
            expires = parsedate_to_datetime(answer.headers["Upload-Expires"])
            left = (expires - clock.now()) / timedelta(hours=1)
            assert left == pytest.approx(168, abs=0.1)

    def test_stay_complete_and_take_no_more(self, tus, begun):
        tus.send(begun, PICTURE, 0)
        size = len(PICTURE)

        asked, again = tus.look(begun), tus.send(begun, b"", size)
        earlier, more = tus.send(begun, PICTURE, 0), tus.send(begun, b"more", size)

        assert (200, str(size)) == offset_of(asked)
        assert "Upload-Expires" not in asked.headers
        assert (204, str(size)) == offset_of(again)
        assert (409, "wrong-offset") == problem_of(earlier)
        assert (413, "longer-than-announced") == problem_of(more)
        assert 1 == verbs().count("photo.received")

    def test_of_a_photo_that_is_held_are_replays(self, tus, phone):
        visit_id, photo_id = uuid4(), uuid4()
        phone.photo(visit_id, photo_id, PICTURE)

        place = tus.begin(visit_id, photo_id, PICTURE).headers["Location"]
        answer = tus.send(place, PICTURE, 0)

        assert (204, "unannounced") == (answer.status_code, answer.headers["X-Photo-State"])
        assert 1 == verbs().count("photo.received")

    def test_tell_when_the_photo_is_quarantined(self, tus, phone, store):
        visit_id = uuid4()
        phone.check_in(store, visit_id)
        phone.report(visit_id)

        place = tus.begin(visit_id, uuid4(), PICTURE).headers["Location"]

        assert "quarantined" == tus.send(place, PICTURE, 0).headers["X-Photo-State"]

    def test_may_bring_their_first_piece_along(self, tus):
        headers = beginning(uuid4(), uuid4(), PICTURE)
        answers = [
            tus.client.post("/v1/uploads", data=piece, headers=headers, content_type=PIECE)
            for piece in (PICTURE[:HALF], PICTURE)
        ]

        assert [(201, str(HALF)), (201, str(len(PICTURE)))] == [offset_of(a) for a in answers]
        assert ["unannounced"] == [
            a.headers["X-Photo-State"] for a in answers if "X-Photo-State" in a.headers
        ]

    def test_are_where_they_say_even_if_their_first_piece_is_refused(self, tus):
        headers = beginning(uuid4(), uuid4(), PICTURE) | checksum(b"another")
        answer = tus.client.post("/v1/uploads", data=PICTURE, headers=headers, content_type=PIECE)

        assert (460, "checksum-mismatch") == problem_of(answer)
        assert (200, "0") == offset_of(tus.look(answer.headers["Location"]))

    def test_may_put_off_their_length(self, tus):
        deferred = SPOKEN | {
            "Upload-Defer-Length": "1",
            "Upload-Metadata": metadata(uuid4(), uuid4(), PICTURE),
        }
        place = tus.client.post("/v1/uploads", headers=deferred).headers["Location"]

        tus.send(place, PICTURE[:HALF], 0)
        asked = tus.look(place)
        size = str(len(PICTURE))
        short = tus.send(place, b"", HALF, **{"Upload-Length": str(HALF - 1)})
        last = tus.send(place, PICTURE[HALF:], HALF, **{"Upload-Length": size})

        assert (200, str(HALF)) == offset_of(asked)
        assert "1" == asked.headers["Upload-Defer-Length"]
        assert "Upload-Length" not in asked.headers
        assert (400, "wrong-length") == problem_of(short)
        assert (204, size) == offset_of(last)

    def test_of_nothing_are_complete_at_once(self, tus):
        answer = tus.begin(uuid4(), uuid4(), b"")

        assert (201, "0") == offset_of(answer)
        assert "unannounced" == answer.headers["X-Photo-State"]
        assert 0 == Photo.get().size_bytes

    def test_go_on_when_the_methods_are_overridden(self, tus, begun):
        def override(method, **request):
            headers = SPOKEN | {"X-HTTP-Method-Override": method} | request.pop("headers", {})
            return tus.client.post(begun, headers=headers, **request)

        sent = override("PATCH", data=PICTURE[:HALF], headers=going_on(0))
        asked = override("HEAD")
        gone = override("delete")

        assert (204, str(HALF)) == offset_of(sent)
        assert (200, str(HALF)) == offset_of(asked)
        assert "Content-Length" not in asked.headers
        assert 204 == gone.status_code
        assert 404 == override("HEAD").status_code
        assert 405 == override("PUT").status_code

    def test_are_nobody_elses_to_see(self, client, tus, begun):
        tus.send(begun, PICTURE[:HALF], 0)
        for role in ("rep", "supervisor", "admin"):
            other = Tus(client.as_(make_person(role)))
            answers = [other.look(begun), other.send(begun, b"x", HALF), other.end(begun)]
            unknown = other.send(f"/v1/uploads/{uuid4()}", b"x", 0)

            assert [404] * 3 == [answer.status_code for answer in answers]
            assert unknown.data == answers[1].data

        assert (200, str(HALF)) == offset_of(tus.look(begun))


class TestChecksums:
    @pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
    def test_let_in_what_they_fit(self, tus, begun, algorithm):
        first, rest = PICTURE[:HALF], PICTURE[HALF:]

        half = tus.send(begun, first, 0, **checksum(first, algorithm))
        whole = tus.send(begun, rest, HALF, **checksum(rest, algorithm))

        assert [(204, str(HALF)), (204, str(len(PICTURE)))] == [offset_of(half), offset_of(whole)]
        assert PICTURE == blobs.path_of(Photo.get().sha256).read_bytes()

    def test_keep_out_what_they_do_not(self, tus, begun):
        tus.send(begun, PICTURE[:9], 0)

        answer = tus.send(begun, PICTURE[9:], 9, **checksum(PICTURE))

        assert (460, "checksum-mismatch") == problem_of(answer)
        assert "now" == answer.json["retry"]
        assert (200, "9") == offset_of(tus.look(begun))

    @pytest.mark.parametrize(
        "header", ["md5 1B2M2Y8AsgTpgAmY7PhCfg==", "sha1", "sha1 ", "SHA1 AA==", "sha1 !!", ""]
    )
    def test_that_cannot_be_read_are_refused(self, tus, begun, header):
        answer = tus.send(begun, PICTURE, 0, **{"Upload-Checksum": header})

        assert answer.status_code in {400, 460}
        assert (200, "0") == offset_of(tus.look(begun))

    def test_do_not_let_in_more_than_was_announced(self, tus, begun):
        too_much = PICTURE + b"!"

        answer = tus.send(begun, too_much, 0, **checksum(too_much))

        assert (413, "longer-than-announced") == problem_of(answer)


class TestRefusals:
    @pytest.mark.parametrize("offset", [0, HALF - 1, HALF + 1, 10**14])
    def test_of_a_wrong_offset_change_nothing(self, tus, begun, offset):
        tus.send(begun, PICTURE[:HALF], 0)

        answer = tus.send(begun, b"x", offset)

        assert (409, "wrong-offset") == problem_of(answer)
        assert HALF == answer.json["offset"]
        assert (200, str(HALF)) == offset_of(tus.look(begun))

    @pytest.mark.parametrize("offset", ["", "-1", "+1", "1.5", "0x1", "١", "9" * 30, "1e3"])
    def test_of_an_offset_that_is_no_number(self, tus, begun, offset):
        headers = SPOKEN | {"Content-Type": PIECE, "Upload-Offset": offset.encode().decode("latin")}
        answer = tus.client.patch(begun, data=b"x", headers=headers)

        assert (400, "tus-header") == problem_of(answer)

    @pytest.mark.parametrize("spoken", [{}, {"Tus-Resumable": "0.2.2"}])
    def test_of_another_version_name_the_one_that_is_spoken(self, tus, begun, spoken):
        before = Upload.select().count()
        first, next_one = beginning(uuid4(), uuid4(), b""), going_on(0)
        del first["Tus-Resumable"], next_one["Tus-Resumable"]
        answers = [
            tus.client.post("/v1/uploads", headers=first | spoken),
            tus.client.patch(begun, data=b"x", headers=next_one | spoken),
            tus.client.delete(begun, headers=spoken),
            tus.client.head(begun, headers=spoken),
        ]

        assert [412] * 4 == [answer.status_code for answer in answers]
        assert {"1.0.0"} == {answer.headers["Tus-Version"] for answer in answers}
        assert (412, "tus-version") == problem_of(answers[0])
        assert before == Upload.select().count()

    @pytest.mark.parametrize("kind", ["image/jpeg", "application/octet-stream", ""])
    def test_of_a_piece_that_does_not_say_it_is_one(self, tus, begun, kind):
        sent = tus.client.patch(begun, data=b"x", headers=going_on(0) | {"Content-Type": kind})
        begun_with = tus.client.post(
            "/v1/uploads",
            data=b"x",
            headers=beginning(uuid4(), uuid4(), PICTURE),
            content_type=kind,
        )

        assert [(415, "not-a-piece")] * 2 == [problem_of(sent), problem_of(begun_with)]
        assert 1 == Upload.select().count()

    def test_of_a_piece_longer_than_announced_keep_nothing_of_it(self, tus, begun):
        tus.send(begun, PICTURE[:HALF], 0)

        answer = tus.send(begun, PICTURE, HALF)

        assert (413, "longer-than-announced") == problem_of(answer)
        assert (200, str(HALF)) == offset_of(tus.look(begun))

    def test_of_what_is_larger_than_any_photo_may_be(self, tus, config):
        deferred = SPOKEN | {"Upload-Metadata": metadata(uuid4(), uuid4())}
        most = config.max_photo_bytes

        announced = tus.client.post(
            "/v1/uploads", headers=deferred | {"Upload-Length": str(most + 1)}
        )
        place = tus.client.post(
            "/v1/uploads", headers=deferred | {"Upload-Defer-Length": "1"}
        ).headers["Location"]
        later = tus.send(place, b"", 0, **{"Upload-Length": str(most + 1)})

        assert [(413, "too-large")] * 2 == [problem_of(announced), problem_of(later)]
        assert most == announced.json["limit_bytes"]

    @pytest.mark.parametrize("said", [{}, checksum(PICTURE)])
    def test_of_a_piece_that_breaks_off_keep_what_came_unless_it_is_to_be_checked(
        self, tus, begun, said
    ):
        answer = tus.client.patch(
            begun,
            input_stream=BytesIO(PICTURE[:HALF]),
            headers=going_on(0) | said,
            environ_overrides={"CONTENT_LENGTH": str(len(PICTURE))},
        )

        assert (400, "body-corrupt") == problem_of(answer)
        assert [len(PICTURE), HALF] == [
            answer.json[key] for key in ("announced_bytes", "received_bytes")
        ]
        assert (200, "0" if said else str(HALF)) == offset_of(tus.look(begun))

    @pytest.mark.parametrize("said", [{}, checksum(PICTURE)])
    def test_of_a_piece_without_a_length_come_when_it_is_too_long(self, tus, begun, said):
        tus.send(begun, PICTURE[:9], 0)
        answer = tus.client.patch(
            begun,
            input_stream=BytesIO(PICTURE),
            headers=going_on(9) | said,
            environ_overrides={"wsgi.input_terminated": True},
        )

        assert (413, "longer-than-announced") == problem_of(answer)
        assert len(PICTURE) - 9 == answer.json["limit_bytes"]
        assert (200, "9") == offset_of(tus.look(begun))

    def test_of_a_length_that_changes(self, tus, begun):
        answer = tus.send(begun, PICTURE, 0, **{"Upload-Length": str(len(PICTURE) + 1)})
        same = tus.send(begun, PICTURE, 0, **{"Upload-Length": str(len(PICTURE))})

        assert (400, "wrong-length") == problem_of(answer)
        assert 204 == same.status_code

    @pytest.mark.parametrize(
        "lengths",
        [
            {},
            {"Upload-Length": "-1"},
            {"Upload-Length": "many"},
            {"Upload-Defer-Length": "0"},
            {"Upload-Defer-Length": "1", "Upload-Length": "5"},
        ],
    )
    def test_of_a_length_that_is_none(self, tus, lengths):
        headers = SPOKEN | {"Upload-Metadata": metadata(uuid4(), uuid4())} | lengths

        assert (400, "tus-header") == problem_of(tus.client.post("/v1/uploads", headers=headers))
        assert 0 == Upload.select().count()

    @pytest.mark.parametrize(
        ("said", "status"),
        [
            ("", 400),
            (",", 400),
            ("filetype", 415),
            (f"filetype {encoded('image/jpeg')}", 400),
            (f"filetype {encoded('image/svg+xml')}", 415),
            ("visit !!!", 400),
            ("visit é", 400),
            (metadata(SOME, SOME) + ",visit", 400),
            (metadata("../../etc/passwd", SOME), 400),
            (metadata(SOME, "..%2f..%2fx"), 400),
            (metadata(SOME, SOME, sha256="../../x"), 400),
            (metadata(SOME, SOME, filetype="../image/jpeg"), 415),
            (metadata(f"{SOME}/..", SOME), 400),
            (metadata(f"{SOME}\0", SOME), 400),
        ],
    )
    def test_of_metadata_that_name_no_photo(self, tus, said, status):
        headers = SPOKEN | {"Upload-Length": "9", "Upload-Metadata": said}

        answer = tus.client.post("/v1/uploads", headers=headers)

        assert status == answer.status_code, answer.json
        assert 0 == Upload.select().count()

    def test_are_not_made_for_names_that_only_the_client_needs(self, tus):
        said = metadata(uuid4(), uuid4(), PICTURE, filename="../../../../etc/passwd") + ",secret"
        headers = beginning(uuid4(), uuid4(), PICTURE) | {"Upload-Metadata": said}
        place = tus.client.post("/v1/uploads", headers=headers).headers["Location"]

        tus.send(place, PICTURE, 0)

        assert said == tus.look(place).headers["Upload-Metadata"]
        kept = [path for path in blobs.root().rglob("*") if path.is_file()]
        assert [blobs.path_of(Photo.get().sha256)] == kept


class TestWholes:
    def test_that_are_not_as_declared_are_refused_and_kept(self, tus, phone, store):
        visit_id, photo_id = uuid4(), uuid4()
        phone.check_in(store, visit_id)
        phone.report(visit_id, photos=[announced(photo_id, PICTURE)])
        other = phone_jpeg(8)
        place = tus.begin(visit_id, photo_id, other).headers["Location"]

        answer = tus.send(place, other, 0)
        asked = tus.look(place)
        again = tus.send(place, b"", len(other))

        assert (422, "upload-refused") == problem_of(answer) == problem_of(again)
        assert ("hash-mismatch", "never") == (answer.json["reason"], answer.json["retry"])
        assert (422, None) == offset_of(asked)
        assert "reported" == phone.receipt(visit_id)["status"]
        assert 1 == len(partial.names())

    def test_that_do_not_hash_as_their_metadata_say_are_refused(self, tus, begun):
        damaged = bytes(len(PICTURE))

        assert (422, "upload-refused") == problem_of(tus.send(begun, damaged, 0))
        assert 0 == Photo.select().count()

    def test_under_an_id_that_means_something_else_are_refused(self, tus, phone):
        visit_id, photo_id = uuid4(), uuid4()
        phone.photo(visit_id, photo_id, phone_jpeg(8))
        place = tus.begin(visit_id, photo_id, PICTURE).headers["Location"]

        answer = tus.send(place, PICTURE, 0)

        assert (422, "id-taken") == (answer.status_code, answer.json["reason"])
        assert "已用于其他内容" in answer.json["why_zh"]


class TestQuota:
    @pytest.fixture
    def config(self, config: Config) -> Config:
        """Two photos a day."""
        return Config(
            database_url=config.database_url, upload_dir=config.upload_dir, max_photos_a_day=2
        )

    def test_holds_for_photos_of_a_person_whichever_way_they_come(self, client, tus, phone):
        visit_id, photo_id = uuid4(), uuid4()
        places = [tus.begin(visit_id, uuid4(), PICTURE).headers["Location"] for _ in range(2)]
        phone.photo(visit_id, photo_id, PICTURE)
        first = tus.send(places[0], PICTURE, 0)

        late = tus.send(places[1], PICTURE, 0)
        begun = tus.begin(visit_id, uuid4(), PICTURE)
        put = phone.photo(visit_id, uuid4(), PICTURE)
        replayed = phone.photo(visit_id, photo_id, PICTURE)
        other = Phone(client.as_(make_person())).photo(uuid4(), uuid4(), PICTURE)

        assert 204 == first.status_code
        assert [(429, "photo-quota")] * 3 == [problem_of(a) for a in (late, begun, put)]
        assert 0 < int(late.headers["Retry-After"]) <= 86_400
        assert (200, 201) == (replayed.status_code, other.status_code)
        assert (429, None) == offset_of(tus.look(places[1]))  # its bytes are kept for tomorrow


class TestUnfinished:
    @pytest.fixture
    def config(self, config: Config) -> Config:
        """Two at a time."""
        return Config(
            database_url=config.database_url, upload_dir=config.upload_dir, max_open_uploads=2
        )

    def test_uploads_of_a_person_are_so_many_at_most(self, client, tus):
        places = [tus.begin(uuid4(), uuid4(), PICTURE).headers["Location"] for _ in range(2)]
        other = Tus(client.as_(make_person())).begin(uuid4(), uuid4(), PICTURE)

        refused = tus.begin(uuid4(), uuid4(), PICTURE)
        tus.send(places[0], PICTURE, 0)
        after_one_was_finished = tus.begin(uuid4(), uuid4(), PICTURE)
        again = tus.begin(uuid4(), uuid4(), PICTURE)
        tus.end(places[1])
        after_one_was_ended = tus.begin(uuid4(), uuid4(), PICTURE)

        assert [(429, "too-many-uploads")] * 2 == [problem_of(a) for a in (refused, again)]
        assert 167 * 3600 < int(refused.headers["Retry-After"]) <= 168 * 3600
        taken = (other, after_one_was_finished, after_one_was_ended)
        assert [201] * 3 == [answer.status_code for answer in taken]

    def test_uploads_that_expired_are_not_counted(self, tus):
        for _ in range(2):
            grow_old(tus.begin(uuid4(), uuid4(), PICTURE).headers["Location"], hours=1)

        assert 201 == tus.begin(uuid4(), uuid4(), PICTURE).status_code


class TestEnds:
    def test_of_a_terminated_upload_leave_nothing(self, tus, begun):
        tus.send(begun, PICTURE[:HALF], 0)

        ended = tus.end(begun)

        assert (204, b"") == (ended.status_code, ended.data)
        assert [404, 404, 404] == [
            answer.status_code
            for answer in (tus.look(begun), tus.send(begun, b"x", HALF), tus.end(begun))
        ]
        assert set() == partial.names()
        assert ["upload.created", "upload.terminated"] == verbs()

    def test_of_a_complete_upload_leave_the_photo(self, tus, begun):
        tus.send(begun, PICTURE, 0)

        assert 204 == tus.end(begun).status_code
        assert PICTURE == blobs.path_of(Photo.get().sha256).read_bytes()
        assert 404 == tus.look(begun).status_code

    def test_of_an_expired_upload_are_told_before_and_after_it_is_removed(self, tus, begun):
        tus.send(begun, PICTURE[:HALF], 0)
        grow_old(begun, seconds=1)

        before = tus.send(begun, PICTURE[HALF:], HALF)
        removed = upload_expiry.expire(at=clock.now())
        after = tus.send(begun, PICTURE[HALF:], HALF)

        assert [(410, "upload-expired")] * 2 == [problem_of(before), problem_of(after)]
        assert (410, None) == offset_of(tus.look(begun))
        assert 1 == removed
        assert 0 == upload_expiry.expire(at=clock.now())
        assert set() == partial.names()
        assert ["upload.created", "upload.expired"] == verbs()

    def test_of_uploads_are_forgotten_in_time(self, tus):
        places = [tus.begin(uuid4(), uuid4(), PICTURE).headers["Location"] for _ in range(3)]
        tus.send(places[0], PICTURE, 0)
        tus.send(places[1], PICTURE[:HALF], 0)
        for place in places[:2]:
            grow_old(place, days=31)
        upload_expiry.expire(at=clock.now())

        assert 2 == upload_expiry.forget(at=clock.now())
        assert [404, 404, 200] == [tus.look(place).status_code for place in places]

    @pytest.mark.usefixtures("begun")
    def test_are_owed_to_the_worker(self):
        worker.run_until_idle()
        (owed,) = Job.select().where(Job.kind == "expire-uploads")

        hours = (owed.run_at - clock.now()) / timedelta(hours=1)
        assert 168 < hours < 169.1

    def test_leave_no_file_that_a_killed_process_left(self, tus, begun):
        tus.send(begun, PICTURE[:HALF], 0)
        (partial.folder() / uuid4().hex).write_bytes(b"of an upload that is over")

        assert 1 == upload_expiry.sweep()
        assert (200, str(HALF)) == offset_of(tus.look(begun))
