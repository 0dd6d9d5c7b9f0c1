"""Decoding in another process: a lost child costs one photo."""

import fcntl
import signal
import termios
from array import array
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from time import monotonic

import orjson
import pytest
from PIL import Image

from backend.evidence import decoding, images
from backend.evidence.decoding import Decoder
from backend.evidence.frames import TooManyPixelsError, UnreadableImageError
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


def unread_bytes(pipe) -> int:
    """Return how much was written to a pipe and not read yet."""
    size = array("i", [0])
    fcntl.ioctl(pipe, termios.FIONREAD, size)
    return size[0]


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


def test_a_child_ended_from_outside_while_decoding_costs_no_photo(decoder, photo):
    decoder.analyse(photo, max_pixels=MAX_PIXELS)
    child = decoder._child
    child.send_signal(signal.SIGSTOP)

    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(decoder.analyse, photo, max_pixels=MAX_PIXELS)
        give_up_at = monotonic() + decoder.seconds / 2
        while not unread_bytes(child.stdin) and monotonic() < give_up_at:
            pass
        child.kill()

    assert images.analyse(photo, max_pixels=MAX_PIXELS) == reading.result()


def test_a_look_says_the_same_without_copies(decoder, photo):
    whole, look = (
        decoder.analyse(photo, max_pixels=MAX_PIXELS),
        decoder.look(photo, max_pixels=MAX_PIXELS),
    )

    assert (b"", b"") == (look.display, look.thumbnail)
    assert replace(whole, display=b"", thumbnail=b"") == look


def test_a_look_for_which_there_is_no_time_says_nothing(decoder, photo):
    hurried, busy = Decoder(seconds=0), Decoder(seconds=0)

    with busy._lock:
        assert busy.look(photo, max_pixels=MAX_PIXELS) is None
    with decoder._waiting:  # somebody else
        assert decoder.look(photo, max_pixels=MAX_PIXELS) is None
    assert hurried.look(photo, max_pixels=MAX_PIXELS) is None
    hurried.stop()


@pytest.mark.thorough
def test_the_child_refuses_what_takes_more_memory_than_it_may_have(decoder, tmp_path):
    """A JPEG in several scans that does not say so in its header is kept whole by the decoder."""
    path = tmp_path / "photo"
    image = Image.new("RGB", (6_800, 6_800))
    image.save(path, "JPEG", progressive=True, subsampling=0)
    hidden = path.read_bytes().replace(b"\xff\xc2", b"\xff\xc1", 1)
    path.write_bytes(hidden)

    with pytest.raises((UnreadableImageError, TooManyPixelsError)):
        decoder.analyse(path, max_pixels=50_000_000)

    assert peak_bytes(decoder) < 200_000_000


@pytest.mark.thorough
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "HEIF"])
def test_twelve_megapixels_stay_within_the_memory_promised(decoder, tmp_path, kind):
    path = tmp_path / "photo"
    Image.linear_gradient("L").resize((4_000, 3_000)).convert("RGB").save(path, kind)

    assert (4_000, 3_000) == size_of(decoder.analyse(path, max_pixels=50_000_000))
    assert peak_bytes(decoder) < 200_000_000


def size_of(photo) -> tuple[int, int]:
    return photo.width, photo.height


def peak_bytes(decoder: Decoder) -> int:
    """Return the most memory the child ever held, or nothing if it is gone."""
    status = Path(f"/proc/{decoder._child.pid}/status") if decoder._child else Path("gone")
    if not status.exists():
        return 0
    (line,) = [each for each in status.read_text().splitlines() if each.startswith("VmHWM")]
    return int(line.split()[1]) * 1024


def test_a_missing_file_is_our_fault(decoder, tmp_path):
    with pytest.raises(FileNotFoundError):
        decoder.analyse(tmp_path / "nothing", max_pixels=MAX_PIXELS)


def test_the_child_answers_a_line_and_the_copies(photo, text):
    answers = BytesIO()
    questions = b"".join(
        orjson.dumps([str(path), MAX_PIXELS, True]) + b"\n" for path in (text, photo)
    )

    decoding.serve(BytesIO(questions), answers)

    refused, facts, copies = answers.getvalue().split(b"\n", 2)
    sizes = orjson.loads(facts)
    assert {"refused": "unreadable-photo"} == orjson.loads(refused)
    assert sizes["display"] + sizes["thumbnail"] == len(copies)
