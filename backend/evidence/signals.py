"""Signals: what may be wrong with a visit, how it shows, and how many points it is worth.

Each is declared once, here. `limits` are the numbers of its rule; the first is its threshold.
Points and limits are defaults: a published configuration may say otherwise. One with no points is
a note.
"""

from __future__ import annotations

from typing import Self

from backend.platform.labels import Labelled

MOST_POINTS = 100
SUSPICIOUS_FROM, REJECT_FROM = 60, 90


class Band(Labelled):
    """What a score asks of reviewers. No band changes a count by itself."""

    CLEAR = "clear", "正常", "nothing to look at"
    SUSPICIOUS = "suspicious", "可疑", "suspicious"
    REJECT_PENDING_REVIEW = (
        "reject_pending_review",
        "待审核驳回",
        "likely to be rejected, pending review",
    )


class Verdict(Labelled):
    """What a person decided about a visit."""

    BELIEVED = "believed", "采信", "believed"
    REJECTED = "rejected", "驳回", "rejected"


class AppealState(Labelled):
    """Where an appeal stands."""

    OPEN = "open", "待答复", "waiting for an answer"
    ACCEPTED = "accepted", "已采纳", "accepted"
    DECLINED = "declined", "未采纳", "declined"


class Signal(Labelled):
    """A reason for doubt: its words, its points, its rule, and what the person can do about it."""

    points: int
    limits: dict[str, float]
    rule_zh: str
    rule_en: str
    advice_zh: str
    advice_en: str

    def __new__(  # noqa: PLR0917  # a row of the table below
        cls,
        code: str,
        zh: str,
        en: str,
        points: int,
        limits: dict[str, float],
        rule_zh: str,
        rule_en: str,
        advice_zh: str,
        advice_en: str,
    ) -> Self:
        member = str.__new__(cls, code)
        member._value_ = code
        member.zh = zh
        member.en = en
        member.points = points
        member.limits = limits
        member.rule_zh = rule_zh
        member.rule_en = rule_en
        member.advice_zh = advice_zh
        member.advice_en = advice_en
        return member

    FROZEN_FIX = (
        "frozen_fix",
        "坐标不抖动",
        "frozen coordinates",
        35,
        {"fixes": 5, "seconds": 60},
        "至少 {fixes} 个定位点在 {seconds} 秒以上完全相同（1e-6 度）；真实卫星定位总会抖动",
        (
            "at least {fixes} fixes over {seconds} s are identical to 1e-6 degrees;"
            " a real receiver always jitters"
        ),
        "关闭模拟定位类应用，重启定位后再签到",
        "Close apps that set the position, restart positioning and check in again",
    )
    REPEATED_FIX = (
        "repeated_fix",
        "定位点重复使用",
        "the fix of another store",
        35,
        {"visits": 1, "hours": 24, "apart_m": 500},
        "签到坐标与 {hours} 小时内在 {apart_m} 米外另一门店的签到坐标完全相同（1e-6 度）",
        (
            "the check-in's coordinates are those of an earlier one within {hours} h at a store"
            " {apart_m} m or more away, identical to 1e-6 degrees"
        ),
        "到店后等待手机重新定位，再签到",
        "Wait at the store until the phone has a new fix, then check in",
    )
    MOCK_FLAG = (
        "mock_flag",
        "模拟定位标志",
        "mock flag",
        60,
        {"flags": 1},
        "手机系统或地图标明定位是模拟的（安卓模拟、iOS 软件模拟、高德可信度 4）；未知不算",
        (
            "the platform says that the position was made up (Android mock, iOS simulated,"
            " AMap trust level 4); unknown is not a flag"
        ),
        "关闭开发者选项中的模拟位置，卸载虚拟定位应用",
        "Switch mock locations off in the developer options and remove such apps",
    )
    IMPOSSIBLE_SPEED = (
        "impossible_speed",
        "不可能的速度",
        "impossible speed",
        40,
        {"km_per_h": 150, "metres": 1000},
        "与本人前后签到或签退之间速度超过 {km_per_h} 公里/小时，且扣除误差后相距 {metres} 米以上",
        (
            "faster than {km_per_h} km/h to the person's check-in or check-out before or after it,"
            " {metres} m or more apart after taking the accuracy off"
        ),
        "如两次拜访属实，请申诉并说明交通方式",
        "If both visits took place, appeal and say how you travelled",
    )
    SAME_POINT_MANY_STORES = (
        "same_point_many_stores",
        "多店同点",
        "one point, many stores",
        50,
        {"stores": 3, "metres": 10, "apart_m": 1000, "hours": 24},
        "{hours} 小时内在 {metres} 米范围内为 {stores} 家以上、相距 {apart_m} 米以上的门店签到",
        (
            "checked in at {stores} or more stores, {apart_m} m or more from each other,"
            " from points within {metres} m in {hours} h"
        ),
        "请到店签到；门店坐标有误请提出更正",
        "Check in at the store; propose a correction where a store's point is wrong",
    )
    SHORT_VISIT = (
        "short_visit",
        "超短停留",
        "too short",
        20,
        {"seconds": 180},
        "扣除暂停后在店不足 {seconds} 秒，但检查表已全部作答",
        "less than {seconds} s in the store without pauses, yet the whole checklist is answered",
        "离店后再提交签退；确实很快请申诉说明",
        "Check out when you leave; if it really was that fast, appeal and say how",
    )
    UNIFORM_ANSWERS = (
        "uniform_answers",
        "答案雷同",
        "uniform answers",
        20,
        {"visits": 5, "lines": 3},
        "连续 {visits} 次以上不同门店的拜访，检查表所有答案完全相同（至少 {lines} 行）",
        (
            "all answers of the checklist, {lines} lines or more, are the same over {visits}"
            " or more visits in a row to different stores"
        ),
        "请逐项如实填写；如情况确实一致，请申诉并附照片",
        "Answer each line as you find it; if the stores are alike, appeal with photos",
    )
    PHOTO_REUSE = (
        "photo_reuse",
        "照片重复",
        "photo reuse",
        45,
        {"photos": 1},
        "照片与另一次拜访的照片相同或近似，且未被审核员排除",
        (
            "a photo is the same as, or nearly the same as, one of another visit, and no auditor"
            " cleared the pair"
        ),
        "每次拜访请重新拍照；固定场景相似可申诉",
        "Take new photos on every visit; appeal where a fixed scene looks the same",
    )
    PHOTO_OF_PHOTO = (
        "photo_of_photo",
        "翻拍",
        "recaptured photo",
        40,
        {"photos": 1, "depth": 0.2},
        "照片中有屏幕般重复的细纹（深度达 {depth}，0 为实景，1 为屏幕）",
        (
            "a fine pattern repeats in a photo as on a screen: {depth} or more,"
            " where scenes are near 0 and screens near 1"
        ),
        "请直接拍摄现场，避免拍到屏幕",
        "Photograph the place itself and keep screens out of the frame",
    )
    EXIF_MISMATCH = (
        "exif_mismatch",
        "EXIF 不符",
        "EXIF mismatch",
        25,
        {"photos": 1, "minutes": 30, "metres": 1000},
        "EXIF 时间与申报相差 {minutes} 分钟以上，或位置距签到 {metres} 米以上；没有 EXIF 不算",
        (
            "a photo's own time is {minutes} min or more from the declared one, or its place"
            " {metres} m or more from the check-in; no EXIF is no mismatch"
        ),
        "使用应用内相机，并校准手机时间",
        "Use the app's camera and set the phone's clock",
    )
    ALBUM_UPLOAD = (
        "album_upload",
        "相册上传",
        "album upload",
        25,
        {"photos": 1},
        "照片不是用应用内相机拍摄",
        "a photo was not taken by the app's camera",
        "请用应用内相机拍照",
        "Take photos with the app's camera",
    )
    DEVICE_SHARED = (
        "device_shared",
        "多账号同设备",
        "shared device",
        30,
        {"people": 2},
        "同一台设备在一天内有 {people} 人以上签到",
        "{people} or more people checked in with one device on a day",
        "请使用自己的手机；临时借用请申诉说明",
        "Use your own phone; if you had to borrow one, appeal and say why",
    )
    CLOCK_DRIFT = (
        "clock_drift",
        "时钟漂移",
        "clock drift",
        10,
        {"seconds": 300},
        "手机时钟偏差超过 {seconds} 秒",
        "the phone's clock is off by more than {seconds} s",
        "打开自动设置时间",
        "Let the phone set its time automatically",
    )
    ROOTED = (
        "rooted",
        "越狱/Root",
        "rooted device",
        20,
        {"flags": 1},
        "手机自报已 Root、越狱或存在注入环境",
        "the phone itself reports root, jailbreak or a hook environment",
        "请换用未改装的手机",
        "Use a phone that was not tampered with",
    )
    TOKEN_MISSING = (
        "token_missing",
        "缺少拍摄凭证",
        "no capture token",
        5,
        {"photos": 1},
        "有照片但未附拍摄凭证，或凭证在拍摄前已过期",
        "there are photos, but no capture token, or one that had expired before they were taken",
        "更新应用；离线前先联网领取凭证",
        "Update the app; let it fetch tokens before you go offline",
    )
    TOKEN_LATE = (
        "token_late",
        "凭证迟用",
        "late capture token",
        0,
        {"photos": 1},
        "凭证是提前领取的，或在拍照之后才签发；仅作提示",
        "the token was fetched ahead, or issued after the photos were taken; a note only",
        "无需处理，离线拜访属正常情况",
        "Nothing: that is how visits without a network look",
    )
    TOKEN_MISUSED = (
        "token_misused",
        "凭证不符",
        "capture token of something else",
        15,
        {"photos": 1},
        "凭证无效、属于他人或其他设备，或已用于另一次拜访",
        "the token is no token of ours, another's, another device's, or was used for another visit",
        "重新登录应用；每次拜访使用自己的凭证",
        "Sign in again; a token serves one visit of its owner",
    )
    TIMES_SPREAD = (
        "times_spread",
        "拍摄时间过于集中",
        "photos all at once",
        10,
        {"seconds": 10, "photos": 3},
        "{photos} 张以上照片在不足 {seconds} 秒内全部拍完",
        "{photos} or more photos were all taken within less than {seconds} s",
        "走到每个位置再拍照",
        "Go to each place and take its photo there",
    )
    CAPTURED_OUTSIDE = (
        "captured_outside",
        "拍摄时间在拜访之外",
        "captured outside the visit",
        15,
        {"photos": 1, "minutes": 5},
        "照片拍摄于签到之前或签退之后 {minutes} 分钟以上（按手机时钟）",
        (
            "a photo was taken {minutes} min or more before the check-in or after the check-out,"
            " by the phone's own clock"
        ),
        "签到之后、签退之前拍照",
        "Take photos between check-in and check-out",
    )
    ACCESSORY_FIX = (
        "accessory_fix",
        "外接定位设备",
        "position from an accessory",
        0,
        {"flags": 1},
        "定位来自外接设备（如车载）；仅作提示",
        "the position came from an accessory, such as a car; a note only",
        "无需处理",
        "Nothing",
    )

    @property
    def threshold(self) -> str:
        """The name of the limit that a signal's value is held against."""
        return next(iter(self.limits))


def band_of(score: int, *, suspicious_from: int, reject_from: int) -> Band:
    """Return what a score asks of reviewers."""
    if score >= reject_from:
        return Band.REJECT_PENDING_REVIEW
    return Band.SUSPICIOUS if score >= suspicious_from else Band.CLEAR


def worded(text: str, limits: dict[str, float]) -> str:
    """Return a rule with its numbers."""
    return text.format(**{name: f"{limit:g}" for name, limit in limits.items()})
