"""Failures as RFC 9457 problem details, in Chinese or English."""

import http
from typing import Any

import flask_smorest
from flask import Response, jsonify, request
from flask_smorest.utils import prepare_response
from gunicorn.http.errors import ParseException
from peewee import IntegrityError, InterfaceError, OperationalError
from werkzeug.exceptions import ClientDisconnected, HTTPException

from backend.network import positions
from backend.network.sessions import WrongLoginError
from backend.platform import database, errors
from backend.platform.errors import Retry
from schemas.base import ProblemSchema

MEDIA_TYPE = "application/problem+json"
NAMESPACE = "urn:xundian:problem:"
STATUS: dict[type[errors.XundianError], int] = {
    errors.XundianError: 500,
    errors.CorruptBodyError: 400,
    WrongLoginError: 401,
    errors.ForbiddenError: 403,
    errors.NotFoundError: 404,
    errors.ConflictError: 409,
    errors.StaleError: 412,
    errors.TooLargeError: 413,
    errors.RuleError: 422,
    errors.VersionRequiredError: 428,
    errors.TooManyError: 429,
    errors.UnavailableError: 503,
    errors.StorageFullError: 507,
}
# What Flask, Werkzeug and webargs refuse by themselves: code, title, Chinese title, retry.
REFUSALS: dict[int, tuple[str, str, str, Retry]] = {
    400: ("malformed", "Cannot be read", "请求无法解析", Retry.NEVER),
    401: ("sign-in-needed", "Sign in first", "请先登录", Retry.LOGIN),
    404: ("no-such-route", "No such address", "地址不存在", Retry.NEVER),
    405: ("method-not-allowed", "Method not allowed", "不支持该方法", Retry.NEVER),
    406: ("not-acceptable", "Not acceptable", "无法提供该格式", Retry.NEVER),
    411: ("length-required", "Content-Length is required", "缺少内容长度", Retry.NEVER),
    413: ("too-large", "Too large", "内容过大", Retry.NEVER),
    415: ("unsupported-media-type", "Unsupported media type", "不支持的类型", Retry.NEVER),
    422: ("invalid-fields", "Some fields are not valid", "字段校验失败", Retry.NEVER),
    500: ("internal", "The server failed", "服务器内部错误", Retry.AFTER),
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
            status,
            title=error.name,
            detail=said.get("message") or error.description,
            errors=said.get("errors") or said.get("messages"),
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
    return {key: value for key, value in error.facts.items() if key != "permission"} | {
        "type": NAMESPACE + error.code,
        "title": error.title_zh if chinese else error.title,
        "detail": detail.format(**error.facts),
        "retry": error.retry,
    }


def refusal(status: int, *, title: str = "", **members: Any) -> dict[str, Any]:
    """Return the members of a problem that the frame around the business found."""
    code, known, known_zh, retry = REFUSALS.get(
        status, (f"http-{status}", title, title, Retry.NEVER)
    )
    return {
        "type": NAMESPACE + code,
        "title": known_zh if wants_chinese() else known,
        "status": status,
        "retry": retry,
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
