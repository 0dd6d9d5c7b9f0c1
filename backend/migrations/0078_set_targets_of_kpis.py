"""Set what KPIs should come to, by tier and from a day on."""

from peewee import CharField, Check, CompositeKey, DateField, DoubleField, IntegerField


def up(migrator, db):
    class KpiTarget(db.Model):
        kpi = CharField(max_length=60)
        tier = CharField(
            max_length=10, constraints=[Check("tier IN ('all', 'city', 'county', 'town')")]
        )
        valid_from = DateField()
        valid_to = DateField(null=True)
        value = DoubleField()
        version = IntegerField()

        class Meta:
            table_name = "kpi_target"
            primary_key = CompositeKey("kpi", "tier", "valid_from")

    db.create_tables([KpiTarget])
