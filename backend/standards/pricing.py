"""Judging a price observation against its reference. Money is in fen.

A finding informs and is analysed. It punishes nobody: fixing resale prices is unlawful in China
(Anti-Monopoly Law, Art. 18).
"""

from dataclasses import dataclass

from backend.standards.codes import PriceFinding

_PPM = 1_000_000


@dataclass(frozen=True, slots=True)
class PriceVerdict:
    """What an observation shows; `reference_fen` is what it was judged against, if anything."""

    net_fen: int
    reference_fen: int | None
    findings: tuple[PriceFinding, ...]

    @property
    def complies(self) -> bool | None:
        """Tell whether no finding is a violation, or None when nothing could be judged."""
        if self.reference_fen is None:
            return None
        return all(finding.violation is None for finding in self.findings)


def judge(
    tag_fen: int,
    *,
    quoted_fen: int | None,
    discount_fen: int,
    gift_fen: int,
    reference_fen: int | None,
    is_floor: bool = False,
    allowed_gift_fen: int = 0,
    promo_price_fen: int | None = None,
    tolerance: float = 0.0,
) -> PriceVerdict:
    """Judge what a shopper is asked for and given, against the reference.

    A running promotional price replaces the reference. The net price is the tag less discounts
    and the gift value above the allowed amount. `tolerance` is a share of the reference, on both
    sides. Cuts and discounts are told apart by the lower of tag and quoted price: below the
    reference it is a direct cut; above it, with a discount that leads below, a disguised one.
    Nothing is too high above a reference that is a floor. Without a reference there are no
    findings.
    """
    lowest, highest = tag_fen, tag_fen
    if quoted_fen is not None:
        lowest, highest = min(tag_fen, quoted_fen), max(tag_fen, quoted_fen)
    excess_fen = max(gift_fen - allowed_gift_fen, 0)
    net_fen = tag_fen - discount_fen - excess_fen
    reference = reference_fen if promo_price_fen is None else promo_price_fen
    if reference is None:
        return PriceVerdict(net_fen, None, ())
    # Whole numbers: 0.95 times a price is not exact in floating point.
    slack = round(tolerance * _PPM)
    floor, ceiling = reference * (_PPM - slack), reference * (_PPM + slack)
    findings = []
    if lowest * _PPM < floor:
        findings.append(PriceFinding.DIRECT_PRICE_CUT)
    elif (lowest - discount_fen) * _PPM < floor:
        findings.append(PriceFinding.DISGUISED_DISCOUNT)
    if excess_fen:
        findings.append(PriceFinding.EXCESS_GIFT)
    if highest * _PPM > ceiling and (not is_floor or promo_price_fen is not None):
        findings.append(PriceFinding.OVERPRICING)
    return PriceVerdict(net_fen, reference, tuple(findings))
