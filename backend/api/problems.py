"""Failures as RFC 9457 problem details, in Chinese or English."""

import http
from typing import Any, NamedTuple

import flask_smorest
from flask import Response, jsonify, request
from flask_smorest.utils import prepare_response
from gunicorn.http.errors import ParseException
from peewee import IntegrityError, InterfaceError, OperationalError
from werkzeug.exceptions import ClientDisconnected, HTTPException, RequestEntityTooLarge

from backend.api import chinese as sentences
from backend.api import tus
from backend.exchange import uploads
from backend.network import positions
from backend.network.sessions import WrongLoginError
from backend.platform import database, errors, partial
from backend.platform.errors import Retry
from schemas.base import ProblemSchema

MEDIA_TYPE = "application/problem+json"
NAMESPACE = "urn:xundian:problem:"
STATUS: dict[type[errors.XundianError], int] = {
    errors.XundianError: 500,
    errors.CorruptBodyError: 400,
    tus.UnreadableHeaderError: 400,
    WrongLoginError: 401,
    errors.ForbiddenError: 403,
    errors.NotFoundError: 404,
    errors.ConflictError: 409,
    uploads.ExpiredError: 410,
    errors.StaleError: 412,
    tus.UnspokenVersionError: 412,
    errors.TooLargeError: 413,
    tus.NotAPieceError: 415,
    errors.RuleError: 422,
    partial.HeldError: 423,
    uploads.TakenOverError: 423,
    errors.VersionRequiredError: 428,
    errors.TooManyError: 429,
    uploads.ChecksumError: 460,
    errors.UnavailableError: 503,
    errors.StorageFullError: 507,
}


class Refusal(NamedTuple):
    """What Flask, Werkzeug or webargs refuse by themselves, in our words."""

    code: str
    title: str
    title_zh: str
    detail: str
    detail_zh: str
    retry: Retry = Retry.NEVER


REFUSALS: dict[int, Refusal] = {
    400: Refusal(
        "malformed",
        "Cannot be read",
        "请求无法解析",
        "The body is not JSON, or the request is not HTTP.",
        "请求内容不是有效的 JSON，或请求不符合 HTTP 规范。",
    ),
    401: Refusal(
        "sign-in-needed",
        "Sign in first",
        "请先登录",
        "Send the token of a session that has not ended.",
        "请提供有效会话的令牌。",
        Retry.LOGIN,
    ),
    404: Refusal(
        "no-such-route",
        "No such address",
        "地址不存在",
        "Nothing is served at this address.",
        "该地址没有任何服务。",
    ),
    405: Refusal(
        "method-not-allowed",
        "Method not allowed",
        "不支持该方法",
        "The Allow header names the methods of this address.",
        "该地址支持的方法见 Allow 头。",
    ),
    406: Refusal(
        "not-acceptable",
        "Not acceptable",
        "无法提供该格式",
        "Nothing here comes in a form that you accept.",
        "没有您可接受的格式。",
    ),
    411: Refusal(
        "length-required",
        "Content-Length is required",
        "缺少内容长度",
        "Say with Content-Length how long the body is.",
        "请用 Content-Length 注明内容长度。",
    ),
    415: Refusal(
        "unsupported-media-type",
        "Unsupported media type",
        "不支持的类型",
        "Send JSON, or a photo as image/jpeg, image/png, image/webp or image/heic.",
        "请发送 JSON，照片请用 image/jpeg、image/png、image/webp 或 image/heic。",
    ),
    422: Refusal(
        "invalid-fields",
        "Some fields are not valid",
        "字段校验失败",
        "The member `errors` says what is wrong with which field.",
        "哪些字段有误见 errors。",
    ),
    500: Refusal(
        "internal",
        "The server failed",
        "服务器内部错误",
        "It is not your request's fault, and it is written in the server's log.",
        "并非请求有误，错误已写入服务器日志。",
        Retry.AFTER,
    ),
}


class Api(flask_smorest.Api):
    """flask-smorest, answering and documenting problems instead of its own error shape."""

    ERROR_SCHEMA = ProblemSchema

    def _register_error_handlers(self) -> None:
        super()._register_error_handlers()
        handle = self._app.register_error_handler
        handle(errors.XundianError, self.handle_xundian_error)
        handle(positions.OutsideServiceAreaError, self.handle_outside_service_area)
        handle(ClientDisconnected, self.handle_broken_body)
        handle(ParseException, self.handle_broken_body)
        handle(RequestEntityTooLarge, self.handle_too_large)
        handle(IntegrityError, self.handle_integrity_error)
        handle(OperationalError, self.handle_database_failure)
        handle(InterfaceError, self.handle_database_failure)

    def handle_xundian_error(self, error: errors.XundianError) -> Response:
        """Answer an expected failure of the business."""
        response = problem(status_of(type(error)), members_of(error))
        if (wait := error.facts.get("retry_after_s")) is not None:
            response.headers["Retry-After"] = str(wait)
        return response

    def handle_outside_service_area(self, _: positions.OutsideServiceAreaError) -> Response:
        """Answer a point that is not in the country the product serves."""
        return self.handle_xundian_error(errors.OutsideServiceAreaError())

    def handle_broken_body(self, _: Exception) -> Response:
        """Answer a body that stalled, broke off or lost its chunks while it was read."""
        return self.handle_xundian_error(errors.CorruptBodyError())

    def handle_too_large(self, _: RequestEntityTooLarge) -> Response:
        """Answer a body that is longer than the operation takes."""
        return self.handle_xundian_error(
            errors.TooLargeError(limit_bytes=request.max_content_length)
        )

    def handle_integrity_error(self, _: IntegrityError) -> Response:
        """Answer a race that the rules' own checks could not see."""
        return self.handle_xundian_error(errors.ConflictError())

    def handle_database_failure(self, error: Exception) -> Response:
        """Answer while the database is away, and drop the broken connection."""
        self._app.logger.warning("The database does not answer: %s", error)
        database.discard()
        return self.handle_xundian_error(errors.UnavailableError(retry_after_s=2))

    def handle_http_exception(self, error: HTTPException) -> Response:
        """Answer a failure raised by Flask, Werkzeug, webargs or flask-smorest."""
        status = error.code or 500
        if status == http.HTTPStatus.NOT_MODIFIED:
            return Response(status=status)
        said = getattr(error, "data", None) or {}
        members = refusal(
            status, title=error.name, errors=said.get("errors") or said.get("messages")
        )
        response = problem(status, members)
        # flask-smorest drops these: Allow on a 405, Retry-After, WWW-Authenticate.
        response.headers.extend(h for h in error.get_headers() if h[0] != "Content-Type")
        return response

    def _register_responses(self) -> None:
        # The old names too, which Python 3.13 keeps as aliases (UNPROCESSABLE_ENTITY).
        for name, status in http.HTTPStatus.__members__.items():
            if status >= 400:
                self._document_problem(name, status.phrase)
        self._document_problem(self.DEFAULT_ERROR_RESPONSE_NAME, "Any other problem")
        self.spec.components.response("NOT_MODIFIED", {"description": "Not Modified"}, lazy=True)

    def _document_problem(self, name: str, phrase: str) -> None:
        response = {"description": phrase, "schema": ProblemSchema}
        prepare_response(response, self.spec, MEDIA_TYPE)
        self.spec.components.response(name, response, lazy=True)


def status_of(kind: type[errors.XundianError]) -> int:
    """Return the HTTP status of an error class: its own, or that of its nearest ancestor."""
    return next(STATUS[ancestor] for ancestor in kind.__mro__ if ancestor in STATUS)


def members_of(error: errors.XundianError) -> dict[str, Any]:
    """Return the members of an error's problem document, without its status."""
    chinese = wants_chinese()
    detail = error.detail_zh if chinese else error.detail
    facts = {key: value for key, value in error.facts.items() if key != "permission"}
    if chinese and "errors" in facts:
        facts["errors"] = sentences.errors(facts["errors"])
    return facts | {
        "type": NAMESPACE + error.code,
        "title": error.title_zh if chinese else error.title,
        "detail": detail.format(**error.facts),
        "retry": error.retry,
    }


def refusal(status: int, *, title: str = "", **members: Any) -> dict[str, Any]:
    """Return the members of a problem that the frame around the business found."""
    known = REFUSALS.get(status) or Refusal(f"http-{status}", title, title, "", "")
    chinese = wants_chinese()
    if chinese and "errors" in members:
        members["errors"] = sentences.errors(members["errors"])
    return {
        "type": NAMESPACE + known.code,
        "title": known.title_zh if chinese else known.title,
        "status": status,
        "detail": (known.detail_zh if chinese else known.detail) or None,
        "retry": known.retry,
    } | members


def wants_chinese() -> bool:
    """Return whether the caller reads Chinese rather than English."""
    return request.accept_languages.best_match(["en", "zh", "zh-CN"], "en") != "en"


def problem(status: int, members: dict[str, Any]) -> Response:
    """Build the response; members that are None are left out."""
    body = {key: value for key, value in members.items() if value is not None}
    response = jsonify(body | {"status": status})
    response.status_code, response.mimetype = status, MEDIA_TYPE
    return response
