from datetime import datetime
from io import BytesIO

from PIL import Image

from backend.demo.cast import BEIJING
from backend.demo.pictures import phone_jpeg, watermarked
from backend.evidence.fingerprints import dhash, distance
from backend.evidence.images import analyse
from tests.pictures import NEAR

TAKEN_AT = datetime(2026, 3, 2, 12, tzinfo=BEIJING)


def picture(seed):
    return phone_jpeg(seed, taken_at=TAKEN_AT, lat=28.1951, lon=112.9769)


def fingerprint(jpeg):
    return dhash(Image.open(BytesIO(jpeg)))


def test_a_picture_says_when_where_and_by_what_it_was_taken(tmp_path):
    place = tmp_path / "photo.jpg"
    place.write_bytes(picture(1))

    found = analyse(place, max_pixels=10**6)

    assert (TAKEN_AT, "YAOSHI X1") == (found.taken_at, found.device_model)
    assert (28.1951, 112.9769) == (round(found.lat, 5), round(found.lon, 5))


def test_two_scenes_are_two_pictures():
    assert distance(fingerprint(picture(1)), fingerprint(picture(2))) > NEAR


def test_a_caption_does_not_make_another_picture_of_it():
    copy = watermarked(picture(3))

    assert copy != picture(3)
    assert distance(fingerprint(copy), fingerprint(picture(3))) <= NEAR
