"""Telephone numbers as people write them in China, and the one form that can be compared."""

import re
import unicodedata

from backend.platform.errors import RuleError

_MOBILE = r"1(?!44)[3-9]\d{9}"
_LANDLINE = r"0\d{2,3}\d{7,8}"
_SHARED_COST = r"400\d{7}"
_EXTENSION = re.compile(r"(?:转|轉|ext\.?|x|#)\d{1,6}$", re.IGNORECASE)
_MARKS = re.compile(r"[\s\-()（）.·]+")


class BadPhoneError(RuleError):
    """The text is no telephone number that can be called from China."""

    code = "bad-phone"
    title = "Not a telephone number"
    title_zh = "电话号码无效"
    detail = "{given} is neither a mobile, a landline with area code, a 400 nor a foreign number."
    detail_zh = "{given} 不是有效的手机号、带区号的固定电话、400 电话或国际号码。"


def e164(text: str) -> str:
    """Return the number as `+8613812348000`, without its extension. Raises BadPhoneError."""
    digits = _MARKS.sub("", unicodedata.normalize("NFKC", text))
    digits = _EXTENSION.sub("", digits)
    if digits.startswith("00"):
        digits = "+" + digits[2:]
    if re.fullmatch(r"\+(?!86)[1-9]\d{7,14}", digits, re.ASCII):
        return digits
    national = digits.removeprefix("+86")
    if national != digits and re.fullmatch(r"[2-9]\d{8,10}", national, re.ASCII):
        national = national if national.startswith("400") else f"0{national}"  # +86 731 …
    if re.fullmatch(f"{_MOBILE}|{_SHARED_COST}", national, re.ASCII):
        return f"+86{national}"
    if re.fullmatch(_LANDLINE, national, re.ASCII):
        return f"+86{national[1:]}"
    raise BadPhoneError(given=text)


def masked(number: str | None) -> str | None:
    """Return a number as lists show it: `138****8000`."""
    if number is None:
        return None
    local = number.removeprefix("+86")
    return f"{local[:3]}****{local[-4:]}"


def columns(text: str | None) -> dict[str, str | None]:
    """Return what is stored of a number: both forms. Raises BadPhoneError."""
    return {"phone_text": text, "phone_e164": text and e164(text)}
