"""The browsable API: Swagger UI from its package's own files, so it works without a network."""

from pathlib import Path

import flask_swagger_ui
from flask import Blueprint, Response, redirect, send_from_directory
from werkzeug.wrappers import Response as AnyResponse

FILES = Path(flask_swagger_ui.__file__).parent / "dist"
PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Xundian API</title>
<link rel="stylesheet" href="swagger-ui.css">
<link rel="icon" href="favicon-32x32.png">
<div id="swagger-ui"></div>
<script src="swagger-ui-bundle.js"></script>
<script src="start.js"></script>
</html>
"""
START = """SwaggerUIBundle({
  url: "/v1/openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  validatorUrl: null,
});
"""
# Only what this server serves runs here; Swagger UI sets some styles in its markup.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'"
)

blp = Blueprint("docs", __name__)


@blp.route("/")
@blp.route("/docs")
def entrance() -> AnyResponse:
    """Lead to the page, under which its files are."""
    return redirect("/docs/")


@blp.route("/docs/")
def page() -> Response:
    """Show the page."""
    return Response(PAGE, mimetype="text/html")


@blp.route("/docs/start.js")
def start() -> Response:
    """Hand out the lines that start the page, apart from it so that no inline script is needed."""
    return Response(START, mimetype="text/javascript")


@blp.route("/docs/<path:name>")
def asset(name: str) -> Response:
    """Hand out one of Swagger UI's files."""
    return send_from_directory(FILES, name, max_age=86_400)


@blp.after_request
def protect(response: Response) -> Response:
    """Let the page run nothing but its own files."""
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
