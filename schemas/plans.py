"""Plans on the wire."""

import marshmallow as ma

from schemas.base import QuerySchema, Schema
from schemas.fields import a_day, asked_id, row_id


class PlanQuerySchema(QuerySchema):
    """Filters of the list; both days are included."""

    from_on = a_day(data_key="from")
    to_on = a_day(data_key="to")
    person_id = asked_id("Who is to visit")
    store_id = asked_id("Which store")


class NewPlanSchema(Schema):
    """Who is asked to visit which store, when."""

    store_id = row_id(required=True)
    person_id = row_id(required=True)
    planned_on = a_day(required=True)


class PlanSchema(Schema):
    """A planned visit; the status is `planned` or `cancelled_by_manager`."""

    id = ma.fields.UUID(required=True, metadata={"example": "5b0c7f5e-4c39-4a2f-9a35-0d7f6a3f1c10"})
    store_id = ma.fields.Integer(required=True, metadata={"example": 17})
    person_id = ma.fields.Integer(required=True, metadata={"example": 11})
    planned_on = a_day(required=True)
    status = ma.fields.String(required=True, metadata={"example": "planned"})
