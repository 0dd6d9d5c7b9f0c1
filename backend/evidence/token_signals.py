"""What capture tokens say of the photos of visits: missing, late, or another's."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from backend.evidence import capture_tokens
from backend.evidence.capture_tokens import Token
from backend.evidence.detectors import Hit
from backend.evidence.handed_in import HandedIn
from backend.evidence.signal_models import CaptureTokenUse
from backend.evidence.signals import Signal

SPARE = timedelta(minutes=5)  # a clock corrected by its skew is still off by the network


def of_visits(found: Iterable[HandedIn], *, at: datetime) -> dict[UUID, dict[Signal, Hit]]:
    """Return the hits of the tokens of visits with photos, binding tokens fetched ahead."""
    with_photos = [one for one in found if one.photos]
    tokens = {one.visit.id: _token_of(one) for one in with_photos}
    wanted = {
        token.nonce: (one.visit.id, [photo["id"] for photo in one.photos])
        for one in reversed(with_photos)  # of two visits with one token the first has it
        if (token := tokens[one.visit.id]) and token.visit_id is None and _is_own(one, token)
    }
    uses = capture_tokens.used_by(wanted, at=at)
    return {
        one.visit.id: dict([hit])
        for one in with_photos
        if (hit := _weigh(one, tokens[one.visit.id], uses)) is not None
    }


def _token_of(one: HandedIn) -> Token | None:
    text = one.document.get("capture_token")
    return capture_tokens.read(text) if text else None


def _weigh(
    one: HandedIn, token: Token | None, uses: dict[UUID, CaptureTokenUse]
) -> tuple[Signal, Hit] | None:
    count = len(one.photos)
    if token is None and one.document.get("capture_token") is None:
        return Signal.TOKEN_MISSING, Hit(count, {"why": "none"})
    if token is None or not _is_own(one, token):
        return Signal.TOKEN_MISUSED, Hit(count, {"why": "another_owner" if token else "forged"})
    use = uses.get(token.nonce)
    if (use.visit_id if use else token.visit_id) != one.visit.id:
        visits = [str(use.visit_id)] if use else []
        return Signal.TOKEN_MISUSED, Hit(count, {"why": "another_visit", "visits": visits})
    return _weigh_own(one, token, use)


def _weigh_own(
    one: HandedIn, token: Token, use: CaptureTokenUse | None
) -> tuple[Signal, Hit] | None:
    """Weigh a token of this very visit: does it cover all photos, and was it there before them?"""
    bound = {str(photo["id"]) for photo in one.photos} if use is None else set(use.photo_ids)
    unbound = sum(str(photo["id"]) not in bound for photo in one.photos)
    taken = [_taken_at(one, photo["captured_at"]) for photo in one.photos if photo["captured_at"]]
    expired = sum(moment > token.expires_at + SPARE for moment in taken)
    before = sum(moment < token.issued_at - SPARE for moment in taken)
    if unbound or expired:
        why = "other_photos" if unbound else "expired"
        return Signal.TOKEN_MISSING, Hit(unbound or expired, {"why": why})
    if use or before:
        why = "fetched_ahead" if use else "issued_afterwards"
        return Signal.TOKEN_LATE, Hit(before or len(one.photos), {"why": why})
    return None


def _is_own(one: HandedIn, token: Token) -> bool:
    return token.person_id == one.visit.person_id and token.device_id == one.visit.device_id


def _taken_at(one: HandedIn, captured_at: datetime) -> datetime:
    """Return when a photo was taken in the server's time, as far as the clock's error is known."""
    return captured_at - timedelta(seconds=one.visit.skew_s or 0)
