"""The words of notices and consents (PIPL Art. 13, 17, 29, 30)."""

from __future__ import annotations

from enum import StrEnum

from backend.platform.labels import Labelled


class NoticeKind(Labelled):
    """What a text is for."""

    WORK_RULE = "work_rule", "规章制度告知", "Notice under the work rules"
    SEPARATE_CONSENT = "separate_consent", "单独同意", "Separate consent"


class NoticeAnswer(Labelled):
    """What a person can say to it: a notice is acknowledged, consent is given or withdrawn."""

    ACKNOWLEDGED = "acknowledged", "已知悉", "Acknowledged"
    GRANTED = "granted", "同意", "Granted"
    WITHDRAWN = "withdrawn", "撤回", "Withdrawn"


class LegalBasis(StrEnum):
    """What the employer processes positions on: necessity under work rules, or consent."""

    HR_NECESSITY = "hr_necessity"
    CONSENT = "consent"


ANSWERS: dict[str, tuple[NoticeAnswer, ...]] = {
    NoticeKind.WORK_RULE: (NoticeAnswer.ACKNOWLEDGED,),
    NoticeKind.SEPARATE_CONSENT: (NoticeAnswer.GRANTED, NoticeAnswer.WITHDRAWN),
}
