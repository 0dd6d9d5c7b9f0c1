"""How complete an archive is: the share, by weight, of the fields that apply and are filled.

Beside the share, which ranks what to fill, the fields are counted: these counts add up.

The table below is the whole rule. A field may be filled by the one who goes there (`field`) or
only by the office (`office`). Fields that need the goods in the store do not apply to a store
that is not won yet. Required custom fields count one each.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from peewee import JOIN, Case, Expression, ModelSelect, Value, fn

from backend.network import custom_fields
from backend.network.archive_models import (
    Agreement,
    CompetitorNote,
    Contact,
    CustomerCard,
    CustomField,
    CustomValue,
)
from backend.network.customers import model_of
from backend.network.models import Dealer, Store
from backend.network.words import BuyingRole, CustomerType, Subject

_C = CustomerCard
CUSTOM_WEIGHT = 1


@dataclass(frozen=True, slots=True)
class ArchiveField:
    """A field that an archive should have: who can fill it, and when it is filled and applies."""

    code: str
    zh: str
    en: str
    block: str
    weight: int
    by: str
    filled: Any
    applies: Any = None


def _given(*columns: Any) -> Expression:
    """Return the condition that any of some columns holds something."""
    held = [column.is_null(False) for column in columns]
    condition: Expression = functools.reduce(operator.or_, held)
    return condition


def _exists(model: Any, link: Any, owner: Any, *conditions: Any) -> Any:
    return fn.EXISTS(model.select(model.id).where(link == owner, *conditions))


_STAYS = (Contact.left_on.is_null(), Contact.erased_at.is_null())
_DECIDES = Contact.buying_role == str(BuyingRole.DECIDER)
_IS_WON = Store.status.in_(["signed", "active", "at_risk"])
_BOTH = (
    ArchiveField("short_name", "简称", "short name", "basic", 1, "field", _given(_C.short_name)),
    ArchiveField(
        "licence_name", "执照名称", "licence name", "basic", 1, "field", _given(_C.licence_name)
    ),
    ArchiveField(
        "licence_no", "执照号", "licence number", "basic", 2, "field", _given(_C.licence_no)
    ),
    ArchiveField("phone", "电话", "telephone", "basic", 2, "field", _given(_C.phone_e164)),
    ArchiveField(
        "customer_kind", "客户类别", "customer kind", "basic", 1, "field", _given(_C.customer_kind)
    ),
    ArchiveField(
        "customer_type", "客户类型", "customer type", "basic", 2, "field", _given(_C.customer_type)
    ),
    ArchiveField(
        "customer_source", "客户来源", "source", "basic", 1, "field", _given(_C.customer_source)
    ),
    ArchiveField(
        "product_field", "产品领域", "product field", "basic", 1, "field", _given(_C.product_field)
    ),
    ArchiveField(
        "products_of_interest",
        "客户关心的产品",
        "products of interest",
        "basic",
        1,
        "field",
        _given(_C.products_of_interest),
    ),
    ArchiveField(
        "buying_policy",
        "采购方式与政策",
        "buying mode and policy",
        "extended",
        1,
        "field",
        _given(_C.buying_mode, _C.buying_policy),
    ),
)
STORE_FIELDS = (
    *_BOTH,
    ArchiveField("address", "地址", "address", "basic", 2, "office", Store.address != ""),
    ArchiveField("point", "坐标", "point", "basic", 3, "office", _given(Store.lat)),
    ArchiveField(
        "owner", "负责业务员", "rep who answers", "basic", 2, "office", _given(Store.owner)
    ),
    ArchiveField(
        "chain",
        "连锁名称",
        "chain",
        "basic",
        1,
        "office",
        _given(Store.chain),
        _C.customer_type == str(CustomerType.CHAIN),
    ),
    ArchiveField(
        "position_grade",
        "位置",
        "position grade",
        "extended",
        2,
        "field",
        _given(_C.position_grade),
        _IS_WON,
    ),
    ArchiveField(
        "display_area",
        "面积",
        "display sections or area",
        "extended",
        2,
        "field",
        _given(_C.display_sections, _C.display_area_m2),
        _IS_WON,
    ),
    ArchiveField(
        "share_of_wallet",
        "供应份额",
        "our share of its business",
        "extended",
        2,
        "field",
        _given(_C.share_of_wallet_percent),
        _IS_WON,
    ),
    ArchiveField(
        "competitors",
        "竞争者信息",
        "competitors seen",
        "competitor",
        1,
        "field",
        _exists(CompetitorNote, CompetitorNote.store, Store.id),
    ),
    ArchiveField(
        "contact",
        "联系人",
        "a contact",
        "key_person",
        3,
        "field",
        _exists(Contact, Contact.store, Store.id, *_STAYS),
    ),
    ArchiveField(
        "decider",
        "决策人",
        "the one who decides",
        "key_person",
        2,
        "field",
        _exists(Contact, Contact.store, Store.id, *_STAYS, _DECIDES),
    ),
)
DEALER_FIELDS = (
    *_BOTH,
    ArchiveField("address", "地址", "address", "basic", 2, "field", _given(_C.address)),
    ArchiveField("point", "坐标", "point", "basic", 2, "field", _given(_C.lat)),
    ArchiveField("division", "行政区划", "division", "basic", 1, "field", _given(_C.division_code)),
    ArchiveField("grade", "客户级别", "grade", "basic", 2, "office", _given(_C.grade)),
    ArchiveField(
        "credit_grade", "信用等级", "credit grade", "basic", 2, "office", _given(_C.credit_grade)
    ),
    ArchiveField("staff_count", "员工数", "staff", "extended", 1, "field", _given(_C.staff_count)),
    ArchiveField(
        "revenue_band", "年营业额", "turnover", "extended", 1, "field", _given(_C.revenue_band)
    ),
    ArchiveField("bottleneck", "瓶颈", "bottleneck", "extended", 1, "field", _given(_C.bottleneck)),
    ArchiveField(
        "current_method",
        "现行做法",
        "how it works today",
        "extended",
        1,
        "field",
        _given(_C.current_method),
    ),
    ArchiveField(
        "share_of_wallet",
        "供应份额",
        "our share of its business",
        "extended",
        2,
        "field",
        _given(_C.share_of_wallet_percent),
    ),
    ArchiveField(
        "competitors",
        "竞争者信息",
        "competitors seen",
        "competitor",
        1,
        "field",
        _exists(CompetitorNote, CompetitorNote.dealer, Dealer.id),
    ),
    ArchiveField(
        "contact",
        "联系人",
        "a contact",
        "key_person",
        3,
        "field",
        _exists(Contact, Contact.dealer, Dealer.id, *_STAYS),
    ),
    ArchiveField(
        "decider",
        "决策人",
        "the one who decides",
        "key_person",
        2,
        "field",
        _exists(Contact, Contact.dealer, Dealer.id, *_STAYS, _DECIDES),
    ),
    ArchiveField(
        "agreement",
        "协议",
        "an agreement",
        "agreement",
        2,
        "office",
        _exists(Agreement, Agreement.dealer, Dealer.id),
    ),
)


def of_one(subject: Subject, customer_id: int) -> dict[str, Any]:
    """Return the `completeness` of one dealer or store from 0 to 1, and the fields `missing`."""
    (found,) = of_many(subject, [customer_id])
    return found


def of_many(subject: Subject, customer_ids: Sequence[int]) -> list[dict[str, Any]]:
    """Return the `id`, `completeness` and `missing` fields of some dealers or stores.

    Of the fields that apply `required` is the number, and `filled` how many of them hold something.
    """
    measured = _measured(subject, fields_of(subject))
    return list(measured.where(model_of(subject).id.in_(customer_ids)))


def of_office(subject: Subject) -> set[str]:
    """Return the fields that only the office fills."""
    return {field.code for field in _table(subject) if field.by == "office"}


def _measured(subject: Subject, fields: list[ArchiveField]) -> ModelSelect[Any]:
    """Return every customer of a kind with what its archive has and lacks."""
    owner = model_of(subject)
    link = _C.dealer if subject is Subject.DEALER else _C.store
    filled, applicable = _weights(fields)
    required = _applying(fields, {field.code: 1 for field in fields})
    lacks = [
        Case(None, [(_counts(field, ~field.filled), 1)], 0).alias(f"lacks{number}")
        for number, field in enumerate(fields)
    ]
    return (
        owner.select(
            owner.id,
            filled.alias("filled"),
            applicable.alias("applicable"),
            required.alias("required"),
            *lacks,
        )
        .join(_C, JOIN.LEFT_OUTER, on=link == owner.id)
        .objects(partial(_sheet, fields))
    )


def _sheet(fields: list[ArchiveField], **row: Any) -> dict[str, Any]:
    missing = [field for number, field in enumerate(fields) if row.pop(f"lacks{number}")]
    share = round(row["filled"] / row["applicable"], 4)
    required = row["required"]
    return {
        "id": row["id"],
        "completeness": share,
        "missing": missing,
        "filled": required - len(missing),
        "required": required,
    }


def _table(subject: Subject) -> tuple[ArchiveField, ...]:
    return DEALER_FIELDS if subject is Subject.DEALER else STORE_FIELDS


def fields_of(subject: Subject) -> list[ArchiveField]:
    """Return the fields that an archive should have, with the custom ones that are required."""
    return [
        *_table(subject),
        *(_custom(subject, field) for field in custom_fields.required(subject)),
    ]


def _custom(subject: Subject, field: CustomField) -> ArchiveField:
    owner = model_of(subject)
    link = CustomValue.dealer if subject is Subject.DEALER else CustomValue.store
    return ArchiveField(
        f"custom:{field.code}",
        field.label_zh,
        field.label_en,
        "custom",
        CUSTOM_WEIGHT,
        "field",
        _exists(CustomValue, link, owner.id, CustomValue.field == field.id),
    )


def _weights(fields: list[ArchiveField]) -> tuple[Any, Any]:
    """Return what the filled fields weigh, and what all that apply do."""
    filled = [Case(None, [(_counts(field, field.filled), field.weight)], 0) for field in fields]
    applicable = _applying(fields, {field.code: field.weight for field in fields})
    return functools.reduce(operator.add, filled), applicable


def _applying(fields: list[ArchiveField], worth: Mapping[str, int]) -> Any:
    """Return what the fields that apply are worth together."""
    always = sum(worth[field.code] for field in fields if field.applies is None)
    sometimes = [
        Case(None, [(field.applies, worth[field.code])], 0)
        for field in fields
        if field.applies is not None
    ]
    return functools.reduce(operator.add, sometimes, Value(always))


def _counts(field: ArchiveField, condition: Any) -> Any:
    return condition if field.applies is None else field.applies & condition
