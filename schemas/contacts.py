"""Contacts, their consents and the log of who was in touch with them, on the wire."""

import marshmallow as ma

from backend.network.words import (
    BuyingRole,
    Channel,
    ConsentSource,
    EntryKind,
    JobRole,
    Objection,
    PromoterMode,
)
from schemas.base import Day, Instant, Schema, Text
from schemas.customers import CustomerQuerySchema, OfCustomerSchema, scale
from schemas.fields import a_day, one_of

SOME_CONTACT = "2f6f0f0e-61a6-4d2c-9d2a-8c1f6b0a5d11"
SOME_CONSENT = "9a1e7d34-55d7-4a0e-8a52-1f6a3f2f7b22"
SOME_ENTRY = "c4b5b8f6-0f0b-4e8b-8f7e-3f0e1a2b3c33"


class ContactQuerySchema(CustomerQuerySchema):
    """Filters of the list."""

    job_role = one_of(JobRole)
    buying_role = one_of(BuyingRole)
    here = ma.fields.Boolean(metadata={"description": "true leaves out those who left"})


class PromoterSchema(Schema):
    """A promoter: whose, and the four criteria by which a borrowed one is chosen, 1 to 5."""

    mode = one_of(PromoterMode, required=True)
    home_brand = Text(load_default=None, allow_none=True, longest=40, metadata={"example": "玄铁"})
    brand_conflict = ma.fields.Boolean(
        load_default=None,
        allow_none=True,
        metadata={"description": "Whether the home brand clashes with ours", "example": False},
    )
    standing_position = scale(1, 5, load_default=None)
    promotion_skill = scale(1, 5, load_default=None)
    team_relation = scale(1, 5, load_default=None)


class AmendContactSchema(Schema):
    """What may change of a contact; what is left out stays."""

    name = Text(shortest=1, longest=40, metadata={"example": "王芳"})
    job_role = one_of(JobRole, metadata={"example": "promoter"})
    buying_role = one_of(BuyingRole, allow_none=True)
    phone = Text(longest=40, allow_none=True, metadata={"example": "138 1234 8000"})
    wechat = Text(longest=40, allow_none=True, metadata={"example": "wangfang88"})
    preferred_channel = one_of(Channel, allow_none=True)
    relation_grade = scale(1, 5)
    birthday = Text(
        longest=5,
        allow_none=True,
        also=[ma.validate.Regexp(r"^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$")],
        metadata={"description": "Month and day, where this is kept at all", "example": "08-15"},
    )
    interests = Text(longest=200, allow_none=True, metadata={"example": "羽毛球"})
    promoter = ma.fields.Nested(PromoterSchema, allow_none=True)
    left_on = a_day(allow_none=True, metadata={"example": None})


class NewContactSchema(OfCustomerSchema, AmendContactSchema):
    """A contact to be added."""

    name = Text(required=True, shortest=1, longest=40, metadata={"example": "王芳"})
    job_role = one_of(JobRole, required=True, metadata={"example": "promoter"})


class ConsentSchema(Schema):
    """What a contact said about one channel."""

    id = ma.fields.UUID(required=True, metadata={"example": SOME_CONSENT})
    channel = ma.fields.String(required=True, metadata={"example": "sms"})
    is_granted = ma.fields.Boolean(required=True, metadata={"example": True})
    given_at = Instant(required=True, metadata={"example": "2026-03-02T04:00:00+00:00"})
    source = ma.fields.String(required=True, metadata={"example": "spoken"})
    note = ma.fields.String(required=True, metadata={"example": ""})
    person_id = ma.fields.Integer(required=True, metadata={"example": 11})


class ContactInListSchema(Schema):
    """A contact as lists show it: the number is masked."""

    id = ma.fields.UUID(required=True, metadata={"example": SOME_CONTACT})
    dealer_id = ma.fields.Integer(
        required=True, allow_none=True, attribute="dealer", metadata={"example": None}
    )
    store_id = ma.fields.Integer(
        required=True, allow_none=True, attribute="store", metadata={"example": 17}
    )
    name = ma.fields.String(required=True, metadata={"example": "王芳"})
    job_role = ma.fields.String(required=True, metadata={"example": "promoter"})
    buying_role = ma.fields.String(
        required=True, allow_none=True, metadata={"example": "influencer"}
    )
    phone_masked = ma.fields.String(
        required=True, allow_none=True, metadata={"example": "138****8000"}
    )
    relation_grade = ma.fields.Integer(required=True, allow_none=True, metadata={"example": 3})
    last_met_on = Day(required=True, allow_none=True, metadata={"example": "2026-03-02"})
    status = ma.fields.String(
        required=True,
        metadata={"description": "never_met, met or lapsed", "example": "met"},
    )
    left_on = Day(required=True, allow_none=True, metadata={"example": None})
    version = ma.fields.Integer(required=True, metadata={"example": 1})


class ContactSchema(ContactInListSchema):
    """A contact in full."""

    class Meta:
        exclude = ("phone_masked",)

    phone = ma.fields.String(
        required=True,
        allow_none=True,
        attribute="phone_text",
        metadata={"example": "138 1234 8000"},
    )
    phone_e164 = ma.fields.String(
        required=True, allow_none=True, metadata={"example": "+8613812348000"}
    )
    wechat = ma.fields.String(required=True, allow_none=True, metadata={"example": "wangfang88"})
    preferred_channel = ma.fields.String(
        required=True, allow_none=True, metadata={"example": "wechat"}
    )
    birthday = ma.fields.String(required=True, allow_none=True, metadata={"example": None})
    interests = ma.fields.String(required=True, allow_none=True, metadata={"example": None})
    promoter = ma.fields.Nested(PromoterSchema, required=True, allow_none=True)
    consents = ma.fields.List(ma.fields.Nested(ConsentSchema), required=True)
    person_id = ma.fields.Integer(
        required=True, metadata={"description": "Who added the contact", "example": 11}
    )
    created_at = Instant(required=True, metadata={"example": "2026-03-02T04:00:00+00:00"})
    erased_at = Instant(required=True, allow_none=True, metadata={"example": None})


class NewConsentSchema(Schema):
    """A yes or a no to one channel."""

    channel = one_of(Channel, required=True)
    is_granted = ma.fields.Boolean(required=True, metadata={"example": True})
    given_at = Instant(required=True, metadata={"example": "2026-03-02T12:00:00+08:00"})
    source = one_of(ConsentSource, required=True)
    note = Text(load_default="", longest=200, metadata={"example": ""})


class EntryQuerySchema(CustomerQuerySchema):
    """Filters of the log."""

    contact_id = ma.fields.UUID()
    from_on = a_day(data_key="from")
    to_on = a_day(data_key="to", metadata={"description": "Not included"})


class NewEntrySchema(Schema):
    """One time somebody was in touch with a contact."""

    contact_id = ma.fields.UUID(required=True, metadata={"example": SOME_CONTACT})
    kind = one_of(EntryKind, required=True)
    happened_at = Instant(required=True, metadata={"example": "2026-03-02T12:00:00+08:00"})
    visit_id = ma.fields.UUID(load_default=None, allow_none=True, metadata={"example": None})
    objection = one_of(
        Objection, load_default=None, allow_none=True, metadata={"example": "price_objection"}
    )
    note = Text(load_default="", longest=500, metadata={"example": "谈春节备货"})


class EntrySchema(NewEntrySchema):
    """An entry of the log."""

    id = ma.fields.UUID(required=True, metadata={"example": SOME_ENTRY})
    happened_on = Day(required=True, metadata={"example": "2026-03-02"})
    person_id = ma.fields.Integer(required=True, metadata={"example": 11})
