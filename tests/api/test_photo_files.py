"""Photos over HTTP: what is known of them, and their files."""

from collections.abc import Iterator
from contextlib import chdir
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from uuid import uuid4

import pytest
from PIL import Image
from playhouse.test_utils import assert_query_count

from backend.evidence import links, photos
from backend.fieldwork.models import Visit
from backend.fieldwork.photo_models import Photo
from backend.network.models import Person, Session
from backend.network.sessions import actor_for
from backend.platform.actors import Role
from tests import pictures
from tests.client import Client
from tests.factories import (
    NOON,
    make_person,
    make_photo,
    make_region,
    make_store,
    make_visit,
)
from tests.pictures import phone_jpeg

HOUR = timedelta(hours=1)


def handed_in(content: bytes, *, visit=None, at=NOON, is_read=True) -> Photo:
    visit = visit or make_visit(at=at)
    photo = make_photo(visit, content)
    if is_read:
        photos.analyse(visit.id, photo.id, at=at)
    return photo


def address(photo: Photo, tail: str = "reading") -> str:
    return f"/v1/visits/{photo.visit_id}/photos/{photo.id}/{tail}"


def download(client: Client, path: str, **kwargs):
    return client.get(path, buffered=True, **kwargs)  # which also closes the file


@pytest.fixture
def auditor(client: Client) -> Client:
    return client.as_(make_person(Role.AUDITOR))


@pytest.fixture
def manager(client: Client) -> Client:
    return client.as_(make_person(Role.MANAGER))


class TestReading:
    def test_says_what_the_photo_claims(self, auditor):
        photo = handed_in(phone_jpeg(1, taken_at=NOON, lat=28.1951, lon=112.9769))

        answer = auditor.get(address(photo))

        assert 200 == answer.status_code
        assert {
            "unreadable_reason": None,
            "width": 640,
            "height": 480,
            "taken_at": "2026-03-02T04:00:00+00:00",
            "lat": pytest.approx(28.1951),
            "lon": pytest.approx(112.9769),
            "device_model": "YAOSHI X1",
        } == answer.json["reading"]
        assert (photo.sha256, photo.size_bytes, True, []) == tuple(
            answer.json[name] for name in ("sha256", "size_bytes", "is_read", "matches")
        )
        assert ("pending", 1) == tuple(answer.json["audit"][name] for name in ("status", "version"))
        assert {"display", "thumbnail", "original"} == set(answer.json["links"])

    def test_shows_the_earlier_photo_beside_its_repeat(self, auditor):
        first = handed_in(phone_jpeg(1))
        second = handed_in(phone_jpeg(1), at=NOON + HOUR)

        with assert_query_count(3):  # who asks, the photo, its matches
            (match,) = auditor.get(address(second)).json["matches"]
        thumbnail = download(auditor.application.test_client(), match["links"]["thumbnail"])

        assert ("exact", 0, str(first.visit_id), str(first.id), "2026-03-02") == tuple(
            match[name] for name in ("kind", "distance", "visit_id", "photo_id", "business_on")
        )
        assert 200 == thumbnail.status_code

    def test_tells_of_an_earlier_photo_elsewhere_no_more_than_that_it_exists(self, client):
        home, away = make_region(), make_region()
        handed_in(phone_jpeg(1), visit=make_visit(make_store(region=away)))
        photo = handed_in(phone_jpeg(1), visit=make_visit(make_store(region=home), at=NOON + HOUR))
        auditor = client.as_(make_person(Role.AUDITOR, region=home))

        (match,) = auditor.get(address(photo)).json["matches"]

        assert {"kind", "received_at", "status", "version"} == {
            name for name, value in match.items() if value
        }

    def test_of_a_photo_nobody_looked_at_yet(self, manager):
        photo = handed_in(phone_jpeg(1), is_read=False)

        answer = manager.get(address(photo)).json

        assert (False, None, None, {}) == tuple(
            answer[name] for name in ("is_read", "reading", "audit", "links")
        )

    def test_of_a_photo_that_cannot_be_read(self, auditor):
        photo = handed_in(pictures.text_as_jpeg())

        answer = auditor.get(address(photo)).json

        assert "unreadable-photo" == answer["quarantine_reason"]
        assert "unreadable-photo" == answer["reading"]["unreadable_reason"]
        assert ["original"] == list(answer["links"])

    @pytest.mark.parametrize("tail", ["reading", "files/display", "files/original"])
    def test_out_of_scope_is_the_same_as_unknown(self, client, tail):
        photo = handed_in(phone_jpeg(1))
        unknown = Photo(visit_id=photo.visit_id, id=uuid4())
        strangers = [
            client.as_(make_person(Role.REP)),
            client.as_(make_person(Role.AUDITOR, region=make_region())),
        ]
        admin = client.as_(make_person(Role.ADMIN))

        expected = admin.get(address(unknown, tail))

        assert 404 == expected.status_code
        assert {expected.data} == {each.get(address(photo, tail)).data for each in strangers}

    def test_a_rep_sees_their_own(self, client):
        person = make_person()
        photo = handed_in(phone_jpeg(1), visit=make_visit(person=person))

        assert {"display", "thumbnail"} == set(client.as_(person).get(address(photo)).json["links"])


class TestAdvice:
    def flagged(self, answer) -> list[str]:
        assert 200 == answer.status_code, answer.json
        return [one["code"] for one in answer.json["advice"]]

    @pytest.mark.parametrize("is_read", [True, False])
    def test_is_given_at_once_and_stays_the_same(self, client, is_read):
        person = make_person()
        photo = handed_in(
            phone_jpeg(1, (300, 200), quality=20), visit=make_visit(person=person), is_read=is_read
        )

        answer = client.as_(person).get(address(photo, "advice"))

        assert ["tiny", "recompressed"] == self.flagged(answer)
        assert (True, None, 7) == (
            answer.json["is_looked_at"],
            answer.json["unreadable_reason"],
            len(answer.json["quality"]),
        )
        assert {
            "code": "tiny",
            "value": 200.0,
            "threshold": 480.0,
            "is_flagged": True,
            "zh": "尺寸太小，看不清细节",
            "en": "Tiny: too small to see details",
        } == answer.json["advice"][0]

    @pytest.mark.parametrize("is_read", [True, False])
    def test_says_that_a_photo_cannot_be_read(self, manager, is_read):
        photo = handed_in(pictures.text_as_jpeg(), is_read=is_read)

        answer = manager.get(address(photo, "advice"))

        assert (True, "unreadable-photo", []) == (
            answer.json["is_looked_at"],
            answer.json["unreadable_reason"],
            answer.json["quality"],
        )

    def test_may_be_asked_before_the_check_in_came(self, client):
        person = make_person()
        photo = handed_in(phone_jpeg(1), visit=make_visit(person=person), is_read=False)
        Visit.delete().execute()

        assert [] == self.flagged(client.as_(person).get(address(photo, "advice")))
        assert 404 == client.as_(make_person()).get(address(photo, "advice")).status_code

    def test_a_photo_that_is_only_announced_is_not_found(self, manager):
        photo = handed_in(phone_jpeg(1), is_read=False)
        Photo.update(sha256=None).execute()

        assert 404 == manager.get(address(photo, "advice")).status_code

    def test_auditors_see_it_with_the_reading(self, auditor):
        photo = handed_in(phone_jpeg(1, (300, 200)))

        shown = auditor.get(address(photo)).json["quality"]

        assert ["tiny"] == [one["code"] for one in shown if one["is_flagged"]]


class TestFiles:
    @pytest.mark.parametrize("variant", ["display", "thumbnail"])
    def test_copies_are_safe_to_show(self, manager, variant):
        photo = handed_in(phone_jpeg(1, lat=28.2, lon=113.0))

        answer = download(manager, address(photo, f"files/{variant}"))

        assert (200, "image/jpeg") == (answer.status_code, answer.mimetype)
        assert "nosniff" == answer.headers["X-Content-Type-Options"]
        assert "sandbox; default-src 'none'" == answer.headers["Content-Security-Policy"]
        assert "private, max-age=600" == answer.headers["Cache-Control"]
        with Image.open(BytesIO(answer.data)) as image:
            assert {} == dict(image.getexif())

    def test_is_not_sent_again_to_who_has_it(self, manager):
        photo = handed_in(phone_jpeg(1))
        tag = download(manager, address(photo, "files/display")).headers["ETag"]

        answer = download(manager, address(photo, "files/display"), headers={"If-None-Match": tag})

        assert (304, b"") == (answer.status_code, answer.data)

    def test_the_original_is_for_auditors(self, auditor, manager):
        content = phone_jpeg(1, lat=28.2, lon=113.0)
        photo = handed_in(content)

        answer, refused = (
            download(who, address(photo, "files/original")) for who in (auditor, manager)
        )

        assert (200, content, "image/jpeg") == (answer.status_code, answer.data, answer.mimetype)
        assert f'"{photo.sha256}"' == answer.headers["ETag"]
        assert 403 == refused.status_code

    def test_bytes_that_are_no_picture_are_not_called_one(self, auditor):
        photo = handed_in(pictures.text_as_jpeg())

        answer = download(auditor, address(photo, "files/original"))

        assert (200, "application/octet-stream") == (answer.status_code, answer.mimetype)

    @pytest.mark.parametrize("variant", ["display", "raw", "sha256"])
    def test_what_is_not_there_is_not_found(self, auditor, variant):
        photo = handed_in(phone_jpeg(1), is_read=False)

        assert 404 == auditor.get(address(photo, f"files/{variant}")).status_code


class TestFilesInAFolderNamedFromHere:
    @pytest.fixture
    def upload_dir(self, upload_dir) -> Iterator[str]:
        folder = Path(upload_dir)
        with chdir(folder.parent):
            yield folder.name

    def test_are_sent_from_there(self, manager):
        photo = handed_in(phone_jpeg(1))

        assert 200 == download(manager, address(photo, "files/display")).status_code


class TestLinks:
    @pytest.fixture
    def person(self, app) -> Person:  # noqa: ARG002  # it needs the database
        return make_person(Role.AUDITOR)

    @pytest.fixture
    def link(self, client, person) -> str:
        photo = handed_in(phone_jpeg(1))
        return client.as_(person).get(address(photo)).json["links"]["original"]

    def test_opens_without_a_header(self, client, link):
        answer = download(client, link)

        assert (200, phone_jpeg(1)) == (answer.status_code, answer.data)
        assert "nosniff" == answer.headers["X-Content-Type-Options"]

    def test_a_forged_link_opens_nothing(self, client, link):
        for forged in (link[:-1], link + "x", "/v1/photo-links/anything"):
            answer = download(client, forged)
            assert 404 == answer.status_code
            assert "urn:xundian:problem:not-found" == answer.json["type"]

    def test_a_link_lapses(self, client, person):
        photo = handed_in(phone_jpeg(1))
        auditor = client.as_(person)
        token = auditor.environ_base["HTTP_AUTHORIZATION"].removeprefix("Bearer ")
        now = datetime.now(UTC)
        actor = actor_for(token, at=now)

        def opened(minutes: int) -> int:
            at = now - timedelta(minutes=minutes)
            signed = links.sign(actor, photo.visit_id, photo.id, "display", at=at)
            return download(client, f"/v1/photo-links/{signed}").status_code

        assert [200, 404] == [opened(9), opened(11)]

    def test_a_link_ends_with_its_session(self, client, link):
        Session.update(revoked_at=NOON).execute()

        assert 404 == download(client, link).status_code

    def test_a_link_ends_with_its_owner(self, client, link):
        Person.update(is_active=False).execute()

        assert 404 == download(client, link).status_code

    def test_scope_and_role_are_asked_again(self, client, person, link):
        Person.update(role="manager").where(Person.id == person.id).execute()
        as_manager = download(client, link).status_code
        Person.update(role="auditor", region=make_region()).where(Person.id == person.id).execute()

        assert (403, 404) == (as_manager, download(client, link).status_code)

    def test_is_documented_as_open(self, client):
        document = client.get("/v1/openapi.json").json

        assert [] == document["paths"]["/v1/photo-links/{token}"]["get"]["security"]
