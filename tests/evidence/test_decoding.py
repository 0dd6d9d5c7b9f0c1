"""Decoding in another process: a lost child costs one photo."""

import signal
from io import BytesIO

import orjson
import pytest

from backend.evidence import decoding, images
from backend.evidence.decoding import Decoder
from backend.evidence.images import TooManyPixelsError, UnreadableImageError
from tests import pictures
from tests.pictures import phone_jpeg

MAX_PIXELS = 1_000_000


@pytest.fixture
def decoder():
    decoder = Decoder()
    yield decoder
    decoder.stop()


@pytest.fixture
def photo(tmp_path):
    path = tmp_path / "photo"
    path.write_bytes(phone_jpeg(1, lat=28.2, lon=113.0))
    return path


@pytest.fixture
def text(tmp_path):
    path = tmp_path / "text"
    path.write_bytes(pictures.text_as_jpeg())
    return path


def test_says_what_decoding_in_this_process_says(decoder, photo):
    assert images.analyse(photo, max_pixels=MAX_PIXELS) == decoder.analyse(
        photo, max_pixels=MAX_PIXELS
    )


def test_goes_on_after_a_refusal_in_the_same_child(decoder, photo, text):
    decoder.analyse(photo, max_pixels=MAX_PIXELS)
    child = decoder._child

    with pytest.raises(UnreadableImageError):
        decoder.analyse(text, max_pixels=MAX_PIXELS)
    with pytest.raises(TooManyPixelsError):
        decoder.analyse(photo, max_pixels=1000)

    assert decoder.analyse(photo, max_pixels=MAX_PIXELS)
    assert child is decoder._child


def test_a_killed_child_is_replaced(decoder, photo):
    decoder.analyse(photo, max_pixels=MAX_PIXELS)
    decoder._child.send_signal(signal.SIGKILL)
    decoder._child.wait()

    assert decoder.analyse(photo, max_pixels=MAX_PIXELS)


def test_a_child_lost_while_decoding_refuses_the_photo(photo):
    decoder = Decoder(seconds=0)

    with pytest.raises(UnreadableImageError, match="too much time or memory"):
        decoder.analyse(photo, max_pixels=MAX_PIXELS)


def test_a_missing_file_is_our_fault(decoder, tmp_path):
    with pytest.raises(FileNotFoundError):
        decoder.analyse(tmp_path / "nothing", max_pixels=MAX_PIXELS)


def test_the_child_answers_a_line_and_the_copies(photo, text):
    answers = BytesIO()
    questions = b"".join(orjson.dumps([str(path), MAX_PIXELS]) + b"\n" for path in (text, photo))

    decoding.serve(BytesIO(questions), answers)

    refused, facts, copies = answers.getvalue().split(b"\n", 2)
    sizes = orjson.loads(facts)
    assert {"refused": "unreadable-photo"} == orjson.loads(refused)
    assert sizes["display"] + sizes["thumbnail"] == len(copies)
