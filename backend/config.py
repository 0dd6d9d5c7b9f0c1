"""Settings: every knob, its type, its default and what it does, in one place."""

import os
import re
from dataclasses import dataclass, field, fields
from datetime import date
from pathlib import Path
from typing import Any, Self

PREFIX = "XUNDIAN_"
INSECURE_SECRET = "change-me"  # noqa: S105  # a name for the default that production refuses
_SPAN = r"(?:(?:[01]\d|2[0-3]):[0-5]\d-(?:(?:[01]\d|2[0-3]):[0-5]\d|24:00)|-)"
WORK_HOURS = re.compile(f"{_SPAN}(?:(?:,{_SPAN}){{6}})?")


class ConfigError(ValueError):
    """A setting is missing or cannot be read; raised at start, never in a request."""


def setting(default: Any, what: str) -> Any:
    """Declare a setting with its default and the sentence that documents it."""
    return field(default=default, metadata={"what": what})


@dataclass(frozen=True, kw_only=True)
class Config:
    """What an operator may set. The environment uses `XUNDIAN_` plus the upper-case name."""

    environment: str = setting(
        "development",
        "`production` refuses to start with a default secret and marks cookies secure",
    )
    secret_key: str = setting(INSECURE_SECRET, "signs photo links; keep it in a file or a vault")
    database_url: str = setting(
        "sqlite:///instance/xundian.db", "`sqlite:///path` or `postgresql://user@host:port/name`"
    )
    upload_dir: str = setting("uploads", "folder of the photos, named by SHA-256")
    max_photo_bytes: int = setting(25_000_000, "a larger photo is answered with 413")
    max_photos_a_day: int = setting(
        20_000, "photos taken in from one person in a day; further ones are answered with 429"
    )
    upload_hours: int = setting(168, "hours within which a resumable upload must be finished")
    max_open_uploads: int = setting(
        300,
        "resumable uploads that a person may have begun and not finished; a further one is answered"
        " with 429",
    )
    max_pixels: int = setting(
        50_000_000,
        "a photo with more pixels, or too many for the memory of its kind, is quarantined",
    )
    max_json_bytes: int = setting(4_000_000, "a larger JSON body is answered with 413")
    session_days: int = setting(90, "days until a session must sign in again")
    business_zone: str = setting("Asia/Shanghai", "time zone that decides which day a visit is on")
    max_skew_s: int = setting(300, "seconds a device clock may be off before it is flagged")
    max_offline_days: int = setting(
        30, "days back for which a device's own time is believed when it says nothing else"
    )
    best_dealer_fen: int = setting(
        50_000_000, "what one of the best dealers buys in a year at least, in fen"
    )
    best_store_fen: int = setting(
        10_000_000, "what one of the best stores buys in a year at least, in fen"
    )
    fence_city_m: int = setting(150, "base radius of the fence round a city store, metres")
    fence_county_m: int = setting(200, "base radius of the fence round a county store, metres")
    fence_town_m: int = setting(300, "base radius of the fence round a town store, metres")
    usable_accuracy_m: int = setting(200, "a less accurate position is judged `uncertain`, metres")
    stale_fix_s: int = setting(60, "an older position at check-in is flagged `stale_fix`, seconds")
    fence_policy_city: str = setting(
        "allow",
        "what follows a check-in out of fence at a city store: `allow` and flag, `demand_photo` of"
        " the storefront, also where the place is uncertain, or `refuse`: it waits in quarantine",
    )
    fence_policy_county: str = setting("allow", "the same at a county store")
    fence_policy_town: str = setting("allow", "the same at a town store")
    point_approval_m: int = setting(
        300, "a suggested store point further away needs somebody else's approval, metres"
    )
    code_widths: str = setting("2-2-3-4", "digits of each level of dealer and store codes")
    code_check_digit: bool = setting(
        False, "codes of dealers and stores end in a check digit (Luhn), as `43-01-001-7`"
    )
    development_days: int = setting(180, "days since opening that a customer is in development")
    growth_days: int = setting(720, "days since opening after which a customer is mature")
    contact_personal_notes: bool = setting(
        False, "keep birthdays and interests of contacts, which takes a purpose they were told of"
    )
    met_days: int = setting(90, "days for which having met a contact counts as being in touch")
    duplicate_radius_m: int = setting(100, "stores this near may be the same store, metres")
    duplicate_name_share: float = setting(
        0.75, "share of two names that must agree for near stores to be called the same"
    )
    county_c_mode: str = setting(
        "lenient", "county letter C: `lenient` counter or wall, `strict` counter always"
    )
    partial_credit: bool = setting(
        True, "part of a required quantity earns part of the signage score"
    )
    price_tolerance: float = setting(0.0, "share by which a price may differ from its reference")
    plan_capacity_city: int = setting(9, "visits to city stores that fill a rep's day")
    plan_capacity_county: int = setting(8, "visits to county stores that fill a rep's day")
    plan_capacity_town: int = setting(6, "visits to town stores that fill a rep's day")
    plan_on_holiday: str = setting(
        "half",
        "share of a day planned in golden weeks: `none`, `half` or `full`; never from the eve of"
        " Spring Festival to its third day",
    )
    plan_late_days: int = setting(
        2, "days after the planned one on which a visit still does a planned visit, late"
    )
    cycle_starts_on: str = setting(
        "2024-01-01", "a Monday on which a 28-day cycle begins; week 1 is counted from it"
    )
    promo_stop_share: float = setting(
        0.4, "a promotion that sold less than this share of its target so far may be stopped"
    )
    promo_stop_days: int = setting(3, "days a promotion runs before stopping it is suggested")
    auto_close_hours: int = setting(
        4, "hours after the end of a day, or after its check-in came, until a visit is closed"
    )
    amend_hours: int = setting(
        48, "hours since a visit was complete in which its report may be amended, or it cancelled"
    )
    min_retail_price_enabled: bool = setting(
        False,
        "accept minimum retail prices, and measure by them where there is no other price; unlawful "
        "to enforce in China (Anti-Monopoly Law, Art. 18)",
    )
    short_minutes_full_audit: int = setting(
        5, "a shorter full audit is short; after a change run `rebuild-rollups`"
    )
    short_minutes_routine: int = setting(5, "the same of a routine visit")
    short_minutes_promotion_check: int = setting(5, "the same of a promotion check")
    short_minutes_training: int = setting(5, "the same of a training")
    short_minutes_supervisor_patrol: int = setting(5, "the same of a patrol")
    task_days_notice: int = setting(14, "days until a task of severity 1 is due")
    task_days_minor: int = setting(7, "days until a task of severity 2 is due")
    task_days_major: int = setting(3, "days until a task of severity 3 is due")
    task_days_critical: int = setting(1, "days until a task of severity 4 is due")
    abc_a_share: float = setting(
        0.7, "share of the value that the key customers of class A carry, the largest first"
    )
    abc_b_share: float = setting(0.9, "the share that those of classes A and B carry")
    abc_slack: float = setting(
        0.02, "how far beyond a border a key customer keeps the better class it had"
    )
    trend_top: int = setting(
        20,
        "so many of a month's largest dealers, of the brand and of each manager's region, get a "
        "task when they begin to fall; 0: none",
    )
    task_manager_days: int = setting(
        3, "days after a supervisor was told that a task is late until a manager is"
    )
    complaint_hours_service_quality: int = setting(48, "hours to close such a complaint")
    complaint_hours_product_quality: int = setting(72, "hours to close such a complaint")
    complaint_hours_after_sales_repair: int = setting(48, "hours to close such a complaint")
    complaint_hours_staff_attitude: int = setting(24, "hours to close such a complaint")
    complaint_hours_delivery: int = setting(24, "hours to close such a complaint")
    complaint_hours_shipping_error: int = setting(24, "hours to close such a complaint")
    complaint_hours_contract_fulfilment: int = setting(72, "hours to close such a complaint")
    complaint_hours_price_fairness: int = setting(72, "hours to close such a complaint")
    complaint_hours_promotion_support: int = setting(48, "hours to close such a complaint")
    resolve_time_without_waiting: bool = setting(
        True,
        "what a complaint waited for the customer is taken off its time to resolve in the figures;"
        " frozen ones stay",
    )
    price_repeat_days: int = setting(
        90, "days before a price case in which earlier ones of its kind are counted as repeats"
    )
    price_reply_days: int = setting(7, "days a dealer has to reply in a price case if not said")
    near_duplicate_bits: int = setting(5, "fingerprints this close are the same picture, 0 to 5")
    reuse_window_days: int = setting(365, "how far back a photo is compared with earlier ones")
    capture_token_hours: int = setting(
        72, "hours for which a capture token is good for photos that are taken offline"
    )
    advise_sharpness: float = setting(
        40.0, "a photo is called blurred below this variance of the Laplacian of its display copy"
    )
    advise_brightness: float = setting(45.0, "a photo is called dark below this mean grey, 0-255")
    advise_burnt_share: float = setting(
        0.35, "a photo is called over-exposed from this share of white pixels"
    )
    advise_short_edge: int = setting(480, "a photo is called tiny below this shorter edge, pixels")
    advise_screen_shape: float = setting(
        1.95, "long edge by short edge from which a phone screen's width is called a screenshot"
    )
    advise_jpeg_quality: int = setting(
        45, "a JPEG is called heavily compressed below this quality, 1-100"
    )
    advise_recapture: float = setting(
        0.2, "depth of a repeating fine pattern from which a photo may be one of a screen"
    )
    claim_minutes: int = setting(15, "minutes an auditor's claim on a photo lasts")
    audit_undo_minutes: int = setting(10, "minutes in which an auditor may take a verdict back")
    audit_new_person_days: int = setting(
        30, "days since the first check-in in which a person's photos are drawn as a newcomer's"
    )
    audit_past_days: int = setting(
        90, "days before a visit whose verdicts count as the person's past"
    )
    job_lease_s: int = setting(60, "seconds after which a silent worker's job is taken over")
    job_attempts: int = setting(5, "tries before a job is set aside for a person")
    poll_s: float = setting(0.5, "seconds the worker rests when there is nothing to do")
    proxies: int = setting(0, "reverse proxies in front, whose X-Forwarded-For is believed")
    stock_window_days: int = setting(
        28, "days of sell-out that stock cover is measured by, and a count's longest age"
    )
    understock_cover_days: int = setting(7, "less stock cover in days is `understock`")
    suitable_cover_from_days: int = setting(14, "stock cover in days from which pressure is right")
    suitable_cover_to_days: int = setting(35, "stock cover in days up to which pressure is right")
    overstock_cover_days: int = setting(45, "more stock cover in days is `overstock`")
    slow_moving_days: int = setting(30, "days without sell-out after which stock is `slow_moving`")
    lapsed_days: int = setting(
        60, "days without buying a product after which a customer of it has lapsed, in the cube"
    )
    new_model_days: int = setting(90, "days since its launch in which a model is new, in the cube")
    clearance_days: int = setting(
        60, "days before its end from which a model is in clearance, in the cube"
    )
    max_import_bytes: int = setting(10_000_000, "a larger imported file is answered with 413")
    max_import_rows: int = setting(20_000, "a file with more rows is to be split")
    scorecard_line_cap: int = setting(
        60, "most points of the display pillar while a critical line of a store's checklist fails"
    )
    scorecard_violation_cap: int = setting(
        60, "most points of a scorecard while a violation of the highest severity is open"
    )
    scorecard_contest_days: int = setting(
        14, "days after its window in which a line of a scorecard may be contested"
    )
    scorecard_decision_days: int = setting(7, "days in which a contest is to be decided")
    legal_basis: str = setting(
        "hr_necessity",
        "what positions are processed on: `hr_necessity` under work rules, or `consent`",
    )
    work_hours: str = setting(
        "07:00-22:00",
        "when people work, as `08:00-18:00`, or seven of these (or `-`) from Monday with commas;"
        " the position of a check-in outside is shown and kept coarsely",
    )
    exact_point_days: int = setting(90, "days after which positions of people are rounded to 1 km")
    original_days: int = setting(730, "days after which originals of photos are erased")
    derivative_days: int = setting(1095, "days after which the copies of photos are erased")
    former_contact_days: int = setting(
        365, "days after which contacts are erased who left, or whose store or dealer closed"
    )
    retention_daily: bool = setting(True, "the worker erases once a day what was kept long enough")
    data_export_days: int = setting(7, "days until a person's copy of the own data is erased")
    link_minutes: int = setting(10, "minutes a photo or export link stays valid")

    def __post_init__(self) -> None:
        """Refuse values that would only fail later."""
        if self.environment not in {"development", "production"}:
            raise ConfigError("environment must be development or production.")
        if self.environment == "production" and self.secret_key == INSECURE_SECRET:
            raise ConfigError(f"Set {PREFIX}SECRET_KEY before running in production.")
        if self.county_c_mode not in {"lenient", "strict"}:
            raise ConfigError("county_c_mode must be lenient or strict.")
        if self.plan_on_holiday not in {"none", "half", "full"}:
            raise ConfigError("plan_on_holiday must be none, half or full.")
        if min(self.plan_capacity_city, self.plan_capacity_county, self.plan_capacity_town) < 1:
            raise ConfigError("A rep's day holds at least one visit: see plan_capacity.")
        if not 0 <= self.plan_late_days <= 28:
            raise ConfigError("plan_late_days must be from 0 to 28.")
        policies = {self.fence_policy_city, self.fence_policy_county, self.fence_policy_town}
        if policies - {"allow", "demand_photo", "refuse"}:
            raise ConfigError("fence_policy must be allow, demand_photo or refuse.")
        if not _is_monday(self.cycle_starts_on):
            raise ConfigError("cycle_starts_on must be a Monday such as 2024-01-01.")
        self._check_insight()
        self._check_privacy()
        if not 0 <= self.near_duplicate_bits <= 5:  # what the search can prove
            raise ConfigError("near_duplicate_bits must be from 0 to 5.")

    def _check_insight(self) -> None:
        if not 0 < self.abc_a_share <= self.abc_b_share <= 1 or self.abc_slack < 0:
            raise ConfigError("abc_a_share and abc_b_share must be shares, in this order.")

    def _check_privacy(self) -> None:
        if self.legal_basis not in {"hr_necessity", "consent"}:
            raise ConfigError("legal_basis must be hr_necessity or consent.")
        if not _are_work_hours(self.work_hours):
            raise ConfigError("work_hours must be a span such as 08:00-18:00, or seven of them.")
        clocks = (self.exact_point_days, self.original_days, self.derivative_days)
        if min(*clocks, self.former_contact_days, self.data_export_days) < 1:
            raise ConfigError("What is kept is kept for at least a day: see exact_point_days.")

    @classmethod
    def from_env(cls) -> Self:
        """Read the settings that are present; `<NAME>_FILE` names a file that holds the value."""
        found: dict[str, Any] = {}
        for knob in fields(cls):
            raw = _from_environment(f"{PREFIX}{knob.name.upper()}")
            if raw is not None:
                found[knob.name] = _parse(knob.name, knob.type, raw)
        return cls(**found)

    @property
    def is_production(self) -> bool:
        """Whether real people depend on this process."""
        return self.environment == "production"

    def as_flask(self) -> dict[str, Any]:
        """Return the mapping Flask and flask-smorest read."""
        return {
            "MAX_CONTENT_LENGTH": self.max_json_bytes,
            "PROPAGATE_EXCEPTIONS": False,
            "API_TITLE": "Xundian",
            "API_VERSION": "v1",
            "OPENAPI_VERSION": "3.1.0",
            "OPENAPI_URL_PREFIX": "/v1",
            "OPENAPI_JSON_PATH": "openapi.json",
        }


def _are_work_hours(text: str) -> bool:
    spans = [span.split("-") for span in text.split(",") if span != "-"]
    return bool(WORK_HOURS.fullmatch(text)) and all(begins < ends for begins, ends in spans)


def _is_monday(text: str) -> bool:
    try:
        return date.fromisoformat(text).weekday() == 0
    except ValueError:
        return False


def _from_environment(name: str) -> str | None:
    if (path := os.environ.get(f"{name}_FILE")) is not None:
        return Path(path).read_text(encoding="utf-8").strip()
    return os.environ.get(name)


def _parse(name: str, kind: Any, raw: str) -> Any:
    try:
        if kind is bool:
            return {"true": True, "1": True, "false": False, "0": False}[raw.lower()]
        return kind(raw)
    except (KeyError, ValueError) as error:
        raise ConfigError(f"{PREFIX}{name.upper()} cannot be {raw!r}.") from error
