"""Find the push assessments and complaints of a dealer by day, without those of all others."""

INDEXES = (
    ("pushassessment", "push_assessment", "dealer_id", "assessed_on"),
    ("complaint", "complaint", "dealer_id", "received_on"),
)


def up(migrator, db):
    for prefix, table, *names in INDEXES:
        listed = ", ".join(f'"{name}"' for name in names)
        name = "_".join([prefix, *names])
        db.execute_sql(f'CREATE INDEX "{name}" ON "{table}" ({listed})')
