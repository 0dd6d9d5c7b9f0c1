"""What can go wrong in the business, without a word of HTTP.

An error class has a permanent `code`, a title and a detail in Chinese and English, and says
whether trying again helps. Where a house needs its own, it derives from one of the kinds below.
"""

from enum import StrEnum
from typing import Any, ClassVar


class Retry(StrEnum):
    """What a client should do with the same request."""

    NEVER = "never"
    NOW = "now"
    AFTER = "after"
    LOGIN = "login"


class XundianError(Exception):
    """Base of every expected failure; `facts` fill the detail and travel as members."""

    code = "error"
    title = "Something went wrong"
    title_zh = "出错了"
    detail: ClassVar[str] = "Something went wrong."
    detail_zh: ClassVar[str] = "出错了。"
    retry = Retry.NEVER

    def __init__(self, **facts: Any) -> None:
        super().__init__(self.detail.format(**facts))
        self.facts = facts


class NotFoundError(XundianError):
    """The thing does not exist, or the actor may not know that it does."""

    code = "not-found"
    title = "Not found"
    title_zh = "未找到"
    detail = "There is no such {what}, or it is not yours to see."
    detail_zh = "没有该对象（{what}），或您无权查看。"


class ForbiddenError(XundianError):
    """The actor can see the thing but may not do this to it."""

    code = "forbidden"
    title = "Not allowed"
    title_zh = "没有权限"
    detail = "This needs the permission {permission}."
    detail_zh = "需要权限 {permission}。"


class ConflictError(XundianError):
    """The request contradicts what is already stored."""

    code = "conflict"
    title = "Contradicts what is stored"
    title_zh = "与已存内容冲突"
    detail = "The data changed meanwhile; read it again."
    detail_zh = "数据已变更，请重新读取。"


class IdTakenError(ConflictError):
    """The same client id was used before for other content (promise P2)."""

    code = "id-taken"
    title = "This id already means something else"
    title_zh = "编号已被占用"
    detail = "The id {id} was already used with other content."
    detail_zh = "编号 {id} 已用于其他内容。"


class StaleError(ConflictError):
    """The caller decided on a version that is no longer the current one."""

    code = "stale"
    title = "Changed since you read it"
    title_zh = "内容已被更新"
    detail = "The version you named is not the current one, {version}; read it again."
    detail_zh = "您的版本已过期，当前版本为 {version}，请重新读取。"


class VersionRequiredError(XundianError):
    """An edit must name the version it was made on."""

    code = "version-required"
    title = "Say which version you edit"
    title_zh = "缺少版本号"
    detail = "Send If-Match with the ETag you read."
    detail_zh = "请在 If-Match 中附上读取时的 ETag。"


def check_version(named: int | None, stored: int) -> None:
    """Raise VersionRequiredError or StaleError unless what is to be replaced was named."""
    if named is None:
        raise VersionRequiredError
    if named != stored:
        raise StaleError(version=stored)


class RuleError(XundianError):
    """The input is well formed but breaks a rule of the business."""

    code = "rule-broken"
    title = "Breaks a rule"
    title_zh = "违反规则"
    detail = "{reason}"
    detail_zh = "{reason}"


class OutsideServiceAreaError(RuleError):
    """A point outside 3-54 N, 73-136 E, where datum conversion has no meaning."""

    code = "outside-service-area"
    title = "Outside the service area"
    title_zh = "不在服务区域内"
    detail = "The point is outside 3-54 N, 73-136 E."
    detail_zh = "坐标不在北纬3-54度、东经73-136度范围内。"


class CorruptBodyError(XundianError):
    """The bytes that arrived are not the bytes that were sent; nothing was kept."""

    code = "body-corrupt"
    title = "The body did not arrive whole"
    title_zh = "内容传输不完整"
    detail = "The body is not what was announced; send it again."
    detail_zh = "收到的内容与声明不符，请重新发送。"
    retry = Retry.NOW


class TooLargeError(XundianError):
    """The body is larger than the limit."""

    code = "too-large"
    title = "Too large"
    title_zh = "内容过大"
    detail = "At most {limit_bytes} bytes are accepted here."
    detail_zh = "最多接受 {limit_bytes} 字节。"


class TooManyError(XundianError):
    """The caller must wait; `retry_after_s` says how long."""

    code = "too-many-requests"
    title = "Too many attempts"
    title_zh = "尝试过于频繁"
    detail = "Wait {retry_after_s} seconds."
    detail_zh = "请等待 {retry_after_s} 秒。"
    retry = Retry.AFTER


class UnavailableError(XundianError):
    """A part the server stands on does not answer for the moment."""

    code = "unavailable"
    title = "Not available for the moment"
    title_zh = "暂时不可用"
    detail = "Try again in {retry_after_s} seconds; nothing was recorded."
    detail_zh = "请在 {retry_after_s} 秒后重试，本次未做任何记录。"
    retry = Retry.AFTER


class StorageFullError(UnavailableError):
    """There is no room left for photos."""

    code = "storage-full"
    title = "No room left"
    title_zh = "存储空间不足"


def every_error(root: type[XundianError] = XundianError) -> list[type[XundianError]]:
    """Return the error classes that can reach a client, in order of their codes."""
    found = {root} if root is not XundianError else set()
    for kind in root.__subclasses__():
        found |= set(every_error(kind))
    return sorted(found, key=lambda kind: kind.code)
