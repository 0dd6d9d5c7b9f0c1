"""Business licence numbers: the unified code of 18 characters, or the older of 15 digits."""

import re

from backend.platform.errors import RuleError

_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


class BadLicenceError(RuleError):
    """The number cannot be that of a business licence."""

    code = "bad-licence"
    title = "Not a licence number"
    title_zh = "营业执照号无效"
    detail = "{given} is no unified social credit code, nor an older number of 15 digits."
    detail_zh = "{given} 不是有效的统一社会信用代码，也不是 15 位旧注册号。"


def checked(text: str) -> str:
    """Return a licence number in capitals. Raises BadLicenceError.

    The last sign of a unified code proves the others: GB 32100-2015, weights 3^i modulo 31.
    """
    number = text.strip().upper()
    if re.fullmatch(r"[0-9]{15}", number):
        return number
    if len(number) == 18 and set(number) <= set(_SIGNS):
        total = sum(_SIGNS.index(sign) * 3**place for place, sign in enumerate(number[:17]))
        if _SIGNS[-total % 31] == number[17]:
            return number
    raise BadLicenceError(given=text)
