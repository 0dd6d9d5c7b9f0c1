"""Agreements with dealers: which products, where, until when, for what targets and rebates."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from peewee import ModelSelect

from backend.network import codes, dealers, divisions
from backend.network.archive_models import Agreement
from backend.network.words import PaymentMode
from backend.platform import ledger
from backend.platform.actors import Actor
from backend.platform.database import take_turns, transaction
from backend.platform.errors import ConflictError, NotFoundError, RuleError, StaleError


class AgreementOverlapError(ConflictError):
    """One dealer has one agreement per product, place and day."""

    code = "agreement-overlap"
    title = "Overlaps another agreement"
    title_zh = "与现有协议重叠"
    detail = "Agreement {other} covers some of the same products and territory on the same days."
    detail_zh = "协议 {other} 在相同日期已覆盖部分相同的商品和区域。"


class AgreementTermsError(RuleError):
    """The terms of the agreement contradict each other."""

    code = "agreement-terms"
    title = "The terms contradict each other"
    title_zh = "协议条款自相矛盾"
    detail = "{why}"
    detail_zh = "协议条款自相矛盾：{why}"


def list_agreements(
    actor: Actor, *, dealer_id: int | None = None, on: date | None = None
) -> ModelSelect[Agreement]:
    """Return the agreements the actor may see, the latest first; `on` those in force on a day."""
    agreements = Agreement.select().where(Agreement.visible_to(actor))
    if dealer_id is not None:
        agreements = agreements.where(Agreement.dealer == dealer_id)
    if on is not None:
        agreements = agreements.where(Agreement.on(on))
    return agreements.order_by(Agreement.valid_from.desc(), Agreement.id)


def open_ones(dealer_id: int, day: date) -> list[Agreement]:
    """Return the agreements of a dealer that hold on a day or will."""
    agreements = Agreement.select().where(Agreement.dealer == dealer_id)
    return list(agreements.where(Agreement.valid_to.is_null() | (Agreement.valid_to > day)))


def get(actor: Actor, agreement_id: int) -> Agreement:
    """Return one agreement the actor may see. Raises NotFoundError."""
    agreement = Agreement.get_or_none(Agreement.visible_to(actor), Agreement.id == agreement_id)
    if agreement is None:
        raise NotFoundError(what="agreement")
    return agreement


def sign(actor: Actor, *, dealer_id: int, code: str, at: datetime, **terms: Any) -> Agreement:
    """Record an agreement.

    Raises NotFoundError, CodeTakenError, UnknownDivisionError, AgreementTermsError or
    AgreementOverlapError.
    """
    with transaction():
        dealer = dealers.get(actor, dealer_id)
        take_turns(f"agreements of dealer {dealer_id}")
        columns = _checked(terms)
        _refuse_overlap(dealer_id, columns)
        with codes.unique(code):
            agreement = Agreement.create(dealer=dealer_id, code=code, version=1, **columns)
        ledger.append(
            actor,
            "agreement.signed",
            agreement.id,
            at=at,
            region=dealer.region_id,
            dealer=dealer_id,
        )
    return agreement


def amend(
    actor: Actor, agreement_id: int, *, version: int, at: datetime, **changes: Any
) -> Agreement:
    """Change one version of an agreement; ending it is to give it a last day and a reason.

    `valid_to` is the first day on which it no longer holds. Raises StaleError and whatever
    `sign` raises.
    """
    with transaction():
        agreement = get(actor, agreement_id)
        take_turns(f"agreements of dealer {agreement.dealer_id}")
        columns = _checked({**_terms_of(agreement), **changes})
        _refuse_overlap(agreement.dealer_id, columns, but=agreement_id)
        changed = (
            Agreement.update(**columns, version=version + 1)
            .where(Agreement.id == agreement_id, Agreement.version == version)
            .execute()
        )
        if not changed:
            raise StaleError(version=agreement.version)
        ledger.append(
            actor,
            "agreement.ended" if changes.get("end_reason") else "agreement.amended",
            agreement_id,
            at=at,
            region=dealers.get(actor, agreement.dealer_id).region_id,
            dealer=agreement.dealer_id,
            fields=sorted(changes),
        )
    return get(actor, agreement_id)


def _terms_of(agreement: Agreement) -> dict[str, Any]:
    fixed = {"id", "dealer", "code", "version"}
    return {name: value for name, value in agreement.__data__.items() if name not in fixed}


def _checked(terms: dict[str, Any]) -> dict[str, Any]:
    starts, ends = terms["valid_from"], terms.get("valid_to")
    if ends is not None and ends < starts:
        raise AgreementTermsError(why="It ends before it starts.")
    if terms.get("end_reason") and ends is None:
        raise AgreementTermsError(why="It has a reason to end but no day.")
    if (terms["payment_mode"] == PaymentMode.CREDIT) != (terms.get("credit_days") is not None):
        raise AgreementTermsError(why="Payment within a term, and only that, has credit_days.")
    if (terms["payment_mode"] == PaymentMode.MONTHLY) != (terms.get("payment_day") is not None):
        raise AgreementTermsError(why="Payment once a month, and only that, has a payment_day.")
    if len({line["product"] for line in terms["products"]}) < len(terms["products"]):
        raise AgreementTermsError(why="A product is named twice.")
    return terms | {
        "territory": sorted({divisions.canonical(code) for code in terms["territory"]}),
        "targets": _targets(terms["targets"], starts, ends),
    }


def _targets(targets: list[dict[str, Any]], starts: date, ends: date | None) -> list[Any]:
    """Return the targets by day, as stored. They lie within the validity and never overlap."""
    spans = [
        target | {key: date.fromisoformat(str(target[key])) for key in ("from_on", "to_on")}
        for target in targets
    ]
    spans.sort(key=lambda span: span["from_on"])
    last = starts
    for span in spans:
        if not (last <= span["from_on"] < span["to_on"]) or (ends and span["to_on"] > ends):
            raise AgreementTermsError(why="Targets overlap, or leave the validity.")
        last = span["to_on"]
    return [span | {key: span[key].isoformat() for key in ("from_on", "to_on")} for span in spans]


def refuse_clash(old_id: int, new_id: int, day: date) -> None:
    """Require that what one dealer agreed from a day on can be another's beside their own.

    Raises AgreementOverlapError.
    """
    take_turns(f"agreements of dealer {new_id}")
    for agreement in open_ones(old_id, day):
        _refuse_overlap(new_id, _terms_of(agreement))


def _refuse_overlap(dealer_id: int, terms: dict[str, Any], *, but: int | None = None) -> None:
    others = Agreement.select().where(
        Agreement.dealer == dealer_id,
        Agreement.id != (but or 0),
        Agreement.valid_to.is_null() | (Agreement.valid_to > terms["valid_from"]),
    )
    if (ends := terms.get("valid_to")) is not None:
        others = others.where(Agreement.valid_from < ends)
    for other in others:
        if _share_products(other.products, terms["products"]) and _share_places(
            other.territory, terms["territory"]
        ):
            raise AgreementOverlapError(other=other.code)


def _share_products(ours: list[dict[str, Any]], theirs: list[dict[str, Any]]) -> bool:
    named = {line["product"] for line in ours} & {line["product"] for line in theirs}
    return not ours or not theirs or bool(named)


def _share_places(ours: list[str], theirs: list[str]) -> bool:
    return (
        not ours
        or not theirs
        or any(divisions.is_within(a, b) or divisions.is_within(b, a) for a in ours for b in theirs)
    )
