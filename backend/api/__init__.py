"""The HTTP edge: parse, call one function, answer."""

from flask import Flask

from backend.api import (
    agreements,
    appeals,
    archive,
    assortment,
    audit_plans,
    auditors,
    audits,
    briefs,
    buyers,
    calendar,
    capture_tokens,
    checklists,
    claims,
    complaints,
    contacts,
    counters,
    cube,
    custody,
    custom_fields,
    dealers,
    divisions,
    docs,
    duplicates,
    evaluations,
    evidence,
    exports,
    feedback,
    figure_rows,
    figures,
    fixtures,
    handsets,
    health,
    journeys,
    launches,
    own_data,
    paths,
    people,
    photo_files,
    photo_matches,
    photos,
    places,
    plans,
    point_corrections,
    price_bands,
    price_cases,
    prices,
    privacy,
    promotion_results,
    promotion_uplift,
    promotions,
    push,
    regions,
    sales,
    sales_levels,
    satisfaction,
    scorecard_contests,
    scorecard_weights,
    scorecards,
    season_plans,
    sessions,
    set_aside,
    signal_configs,
    skus,
    standard,
    stock,
    stores,
    summaries,
    targets,
    tasks,
    tus,
    uploads,
    violations,
    visits,
)
from backend.api.json import OrjsonProvider
from backend.api.problems import Api
from backend.platform.database import db

SECURITY = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "Token from POST /v1/sessions"},
    "cookie": {
        "type": "apiKey",
        "in": "cookie",
        "name": "xundian_session",
        "description": "The same token in a browser; good for reading only",
    },
}
# In the order the documentation tells the story.
BLUEPRINTS = (
    sessions.blp,
    people.blp,
    regions.blp,
    divisions.blp,
    dealers.blp,
    stores.blp,
    archive.blp,
    custom_fields.blp,
    contacts.blp,
    agreements.blp,
    duplicates.blp,
    standard.blp,
    checklists.blp,
    skus.blp,
    satisfaction.blp,
    season_plans.blp,
    sales_levels.blp,
    price_bands.blp,
    assortment.blp,
    counters.blp,
    cube.blp,
    prices.blp,
    promotions.blp,
    calendar.blp,
    plans.blp,
    journeys.blp,
    briefs.blp,
    buyers.blp,
    figures.blp,
    figure_rows.blp,
    visits.blp,
    photos.blp,
    uploads.blp,
    capture_tokens.blp,
    set_aside.blp,
    violations.blp,
    price_cases.blp,
    push.blp,
    stock.blp,
    tasks.blp,
    complaints.blp,
    feedback.blp,
    point_corrections.blp,
    places.blp,
    sales.blp,
    handsets.blp,
    promotion_results.blp,
    promotion_uplift.blp,
    evaluations.blp,
    claims.blp,
    launches.blp,
    fixtures.blp,
    photo_files.blp,
    custody.blp,
    photo_matches.blp,
    audits.blp,
    evidence.blp,
    appeals.blp,
    signal_configs.blp,
    audit_plans.blp,
    auditors.blp,
    summaries.blp,
    targets.blp,
    scorecards.blp,
    scorecard_contests.blp,
    scorecard_weights.blp,
    exports.blp,
    privacy.blp,
    own_data.blp,
    health.blp,
)


def init_app(app: Flask) -> None:
    """Mount every blueprint under /v1 and publish the OpenAPI document."""
    app.json = OrjsonProvider(app)
    app.wsgi_app = tus.overridable(app.wsgi_app)  # type: ignore[method-assign]
    app.url_map.converters |= paths.CONVERTERS
    api = Api(app)
    api.register_converter(paths.DayConverter, paths.document_day)
    converter = api.ma_plugin.converter
    converter.add_attribute_function(evaluations.document_inputs)
    for name, scheme in SECURITY.items():
        api.spec.components.security_scheme(name, scheme)
    for blueprint in BLUEPRINTS:
        api.register_blueprint(blueprint, url_prefix=f"/v1{blueprint.url_prefix or ''}")
    app.register_blueprint(docs.blp)

    @app.before_request
    def open_connection() -> None:
        # Kept open for the thread's next request; a broken one is discarded with its error.
        db.connect(reuse_if_open=True)
