"""Rules about the code itself: who imports whom, what the tables are, and where they may live."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest
from peewee import Database, ForeignKeyField, Model, PostgresqlDatabase, SqliteDatabase

from backend.models import MODELS
from backend.platform.database import BaseModel, db, is_sqlite

ROOT = Path(__file__).parents[1]
HOUSES = ["platform", "network", "standards", "fieldwork", "evidence", "insight", "exchange"]
# The roots stand beside the houses: each may import the houses and what is named here.
ABOVE = {
    "api": {"schemas", "config"},
    "app": {"api", "config"},
    "worker": set(),
    "schema": set(),
    "serve": set(),
    "cli": {"app", "config", "worker", "serve", "demo", "schema"},
    "__main__": {"cli"},
    "models": set(),
    "demo": {"config", "worker"},
    "config": set(),
    "migrations": set(),
}
ONLY_IN = {
    "flask": {"backend/api", "backend/app.py"},
    "flask_smorest": {"backend/api"},
    "flask_swagger_ui": {"backend/api"},
    "werkzeug": {"backend/api", "backend/app.py"},
    "marshmallow": {"backend/api", "schemas"},
    "schemas": {"backend/api", "schemas"},
    "click": {"backend/cli.py"},
    "psycopg": {"backend/platform/postgresql.py"},
}
FILES = [*(ROOT / "backend").rglob("*.py"), *(ROOT / "schemas").rglob("*.py")]


@cache
def imports_of(path: Path) -> set[str]:
    """Return every module a file imports, anywhere in it; `from a import b` gives `a.b` too."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def parts_of(path: Path) -> set[str]:
    """Return the parts of the product a file imports: houses, roots or `schemas`."""
    names = (name.split(".") for name in imports_of(path))
    return {"schemas" if name[0] == "schemas" else name[1] for name in names if is_ours(name)}


def is_ours(name: list[str]) -> bool:
    """Return whether a dotted name is a part of the product."""
    return name[0] == "schemas" or (name[0] == "backend" and len(name) > 1)


def relative(path: Path) -> str:
    """Return a file's place in the project."""
    return str(path.relative_to(ROOT))


class TestImports:
    @pytest.mark.parametrize("house", HOUSES)
    def test_of_a_house_look_only_to_the_left(self, house):
        allowed = {*HOUSES[: HOUSES.index(house) + 1], "config"}

        for path in (ROOT / "backend" / house).rglob("*.py"):
            assert not parts_of(path) - allowed, relative(path)

    def test_of_what_stands_above_the_houses_are_named(self):
        for path in (ROOT / "backend").rglob("*.py"):
            part = path.relative_to(ROOT / "backend").parts[0].removesuffix(".py")
            if part in {*HOUSES, "__init__"}:
                continue
            assert not parts_of(path) - {*HOUSES, *ABOVE[part], part}, relative(path)

    def test_of_schemas_know_words_but_no_tables(self):
        for path in (ROOT / "schemas").rglob("*.py"):
            tables = {name for name in imports_of(path) if re.search(r"\.models\b|^peewee", name)}
            assert not tables, relative(path)
            assert not parts_of(path) - {*HOUSES, "schemas"}, relative(path)

    @pytest.mark.parametrize(("library", "places"), ONLY_IN.items())
    def test_keep_each_library_where_it_belongs(self, library, places):
        for path in FILES:
            if not relative(path).startswith(tuple(places)):
                assert library not in {name.split(".")[0] for name in imports_of(path)}, path

    def test_of_tests_never_reach_production_code(self):
        for path in FILES:
            assert "tests" not in {name.split(".")[0] for name in imports_of(path)}, path


def schema_of(database: Database, schema: str) -> dict:
    """Return columns, foreign keys, constraints and indexes, by table."""
    found = {}
    for table in set(database.get_tables(schema)) - {"schema_migration"}:
        found[table] = {
            "columns": {
                (c.name, c.data_type, c.null, c.primary_key)
                for c in database.get_columns(table, schema)
            },
            "foreign keys": {
                (key.column, key.dest_table, key.dest_column)
                for key in database.get_foreign_keys(table, schema)
            },
            "rest": rest_of(database, table, schema),
        }
    return found


def rest_of(database: Database, table: str, schema: str) -> list[str]:
    """Return constraints and indexes as the engine writes them down, without their names."""
    if is_sqlite():
        sql = "SELECT sql FROM sqlite_master WHERE tbl_name = ? AND sql IS NOT NULL"
        rows = [row for (row,) in database.execute_sql(sql, (table,))]
        checks = [c for row in rows for c in re.findall(r"CHECK \((?:[^()]|\([^()]*\))*\)", row)]
        actions = [a for row in rows for a in re.findall(r"ON DELETE \w+", row)]
        rows = [*checks, *actions, *(row for row in rows if "INDEX" in row)]
    else:
        sql = """
            SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass
            UNION ALL SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = %s::regclass
        """
        names = (f"{schema}.{table}",) * 2
        rows = [row.replace(f"{schema}.", "") for (row,) in database.execute_sql(sql, names)]
    return sorted(re.sub(r"INDEX \S+ ON", "INDEX ON", row) for row in rows)


@pytest.mark.usefixtures("storage")
def test_migrations_build_exactly_what_the_models_declare(config):
    if is_sqlite():
        declared, place, shipped = SqliteDatabase(":memory:"), "main", "main"
    else:
        db.execute_sql("CREATE SCHEMA declared")
        options = "-c search_path=declared"
        declared = PostgresqlDatabase(config.database_url, options=options, prefer_psycopg3=True)
        place, shipped = "declared", "public"
    with declared.bind_ctx(MODELS), declared.connection_context():
        declared.create_tables(MODELS)
        expected = schema_of(declared, place)
    if not is_sqlite():
        db.execute_sql("DROP SCHEMA declared CASCADE")

    assert expected == schema_of(db, shipped)
    assert len(MODELS) == len(expected)


def test_every_table_is_listed_once():
    assert set(BaseModel.__subclasses__()) == set(MODELS)
    assert len(MODELS) == len(set(MODELS))


def shard_of(model: type[Model]) -> str | None:
    """Return the column that distributes a table, or None."""
    kind, _, column = model._meta.placement.partition(" ")
    return column if kind == "by" else None


def keys_of(model: type[Model]) -> list[set[str]]:
    """Return the columns of the primary key and of every unique index."""
    meta = model._meta
    names = meta.primary_key.field_names if meta.composite_key else [meta.primary_key.name]
    keys = [{meta.fields[name].column_name for name in names}]
    keys += [{field.column_name} for field in meta.sorted_fields if field.unique]
    for index in meta.fields_to_index():
        if index._unique:
            keys.append({field.column_name for field in index._expressions})
    return keys


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
class TestSharding:
    def test_every_table_says_where_it_lives(self, model):
        assert re.fullmatch(r"reference|local|by \w+", model._meta.placement)

    def test_keys_of_a_distributed_table_contain_its_column(self, model):
        if column := shard_of(model):
            assert column in model._meta.columns
            for key in keys_of(model):
                assert column in key

    def test_foreign_keys_lead_to_copies_or_to_the_same_shard(self, model):
        for field in model._meta.sorted_fields:
            if isinstance(field, ForeignKeyField) and model._meta.placement != "local":
                target = field.rel_model
                together = (shard_of(model), shard_of(target)) == (
                    field.column_name,
                    field.rel_field.column_name,
                )
                assert target._meta.placement == "reference" or together
