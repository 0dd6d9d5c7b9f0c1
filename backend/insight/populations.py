"""Populations: whose facts are added up, by which part of the network, and who may see them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from peewee import ModelSelect

from backend.insight.statements import Sql, bound, joined, one_of, sql
from backend.network import regions
from backend.network.models import Dealer, Region, Store
from backend.platform.actors import Actor, Role
from backend.platform.errors import RuleError
from backend.platform.labels import Labelled


class Grain(Labelled):
    """The parts of the network that have figures of their own."""

    DEALER = "dealer", "经销商", "dealer"
    STORE = "store", "门店", "store"
    REP = "rep", "业务员", "rep"
    AREA = "area", "主管区域", "supervisor area"
    PROVINCE = "province", "省", "province"
    CITY = "city", "市", "prefecture"
    COUNTY = "county", "县", "county"
    TIER = "tier", "层级", "tier"
    GRADE = "grade", "等级", "grade"
    CHAIN = "chain", "连锁", "chain"
    ALL = "all", "合计", "all in sight"


_KEYS = {
    Grain.STORE: "f.store_id",
    Grain.REP: "s.owner_id",
    Grain.AREA: "o.supervisor_id",
    Grain.PROVINCE: "SUBSTR(s.division_code, 1, 2)",
    Grain.CITY: "SUBSTR(s.division_code, 1, 4)",
    Grain.COUNTY: "SUBSTR(s.division_code, 1, 6)",
    Grain.TIER: "s.tier",
    Grain.GRADE: "s.grade",
    Grain.CHAIN: "s.chain",
    Grain.ALL: "'all'",
}
_STORE = " JOIN store s ON s.id = f.store_id"
NUMBERED = (Grain.DEALER, Grain.STORE, Grain.REP, Grain.AREA)
"""Grains whose members are row ids; the others are named by codes."""


class BadMemberError(RuleError):
    """A member that the grain cannot have: it is known by a number."""

    code = "bad-member"
    title = "Not a member of that kind"
    title_zh = "成员标识无效"
    detail = "{member} cannot be the id of a {grain}."
    detail_zh = "{member} 不能作为该维度（{grain}）的编号。"


@dataclass(frozen=True, slots=True)
class Membership:
    """How the facts of an SQL source named `f` are given to members: key, joins and condition."""

    key: str
    joins: str
    where: Sql


@dataclass(frozen=True, slots=True, kw_only=True)
class Population:
    """The facts an actor asks about.

    `members` keeps to some members of the grain; `roots` adds up dealers, as pairs of the dealer
    that is asked about and one whose facts are its. `tier` and the rest keep to some stores.
    `is_open` takes in what the actor may not see otherwise: figures without names. `sees_all` is
    for whom nothing is hidden, so that nothing need be looked up.
    """

    actor: Actor
    grain: Grain
    members: Sequence[Any] | None = None
    roots: Sequence[tuple[int, int]] | None = None
    tier: str | None = None
    grade: str | None = None
    chain: str | None = None
    division: str | None = None
    region_id: int | None = None
    dealer_id: int | None = None
    is_open: bool = False
    sees_all: bool = False

    def resolved(self) -> Population:
        """Return the same, knowing whether there is anything that the actor may not see."""
        if self.sees_all:
            return self
        hidden = Region.select(Region.id).where(~Region.visible_to(self.actor))
        return replace(self, sees_all=self.actor.role is not Role.REP and not hidden.exists())

    def membership(self, *, by_person: bool = False) -> Membership:
        """Return how facts find their member; `by_person` for facts that know who made them.

        At the grain of reps these count for the rep who made them, and patrols of supervisors
        for nobody; all other facts for the rep who answers for the store today.
        """
        joins = ""
        where: list[Sql] = []
        of_dealers = self.grain is Grain.DEALER
        is_rep = self.grain is Grain.REP
        key = "f.dealer_id" if of_dealers else _KEYS[self.grain]
        if self.roots is not None:
            pairs = ", ".join(f"({root:d}, {dealer:d})" for root, dealer in self.roots)
            pairs = pairs or "(-1, -1)"
            joins += (
                " JOIN (SELECT column1 AS root, column2 AS dealer "
                f"FROM (VALUES {pairs}) AS pairs) r ON r.dealer = f.dealer_id"
            )
            key = "r.root"
        elif of_dealers:
            where.append(self._scope(Dealer, "f.dealer_id"))
        if not of_dealers or any((self.tier, self.grade, self.chain, self.division)):
            joins += _STORE
        if not of_dealers and not self.is_open:
            where.append(self._scope(Store, "f.store_id"))
        if is_rep and by_person:
            joins += " JOIN person p ON p.id = f.person_id AND p.role = 'rep'"
            key = "f.person_id"
        if self.grain is Grain.AREA:
            joins += " JOIN person o ON o.id = s.owner_id"
        where += self._filters(key)
        return Membership(key, joins, joined(sql(" AND {one}", one=each) for each in where))

    def regions(self) -> ModelSelect[Region]:
        """Return the regions it is narrowed to."""
        return Region.select(Region.id).where(Region.path.contains(f"/{self.region_id}/"))

    def _scope(self, table: Any, column: str) -> Sql:
        if self.sees_all:
            return Sql("1 = 1")
        return _among(column, table.select(table.id).where(table.visible_to(self.actor)))

    def _filters(self, key: str) -> list[Sql]:
        where = []
        if self.members is not None:
            where.append(one_of(key, self.members))
        elif self.grain in {Grain.CHAIN, Grain.REP, Grain.AREA}:
            where.append(Sql(f"{key} IS NOT NULL"))
        exact = [
            ("s.tier", self.tier),
            ("s.grade", self.grade),
            ("s.chain", self.chain),
            ("f.dealer_id", self.dealer_id),
        ]
        if self.division is not None:
            exact.append((f"SUBSTR(s.division_code, 1, {len(self.division)})", self.division))
        for column, value in exact:
            if value is not None:
                where.append(sql("{column} = {value}", column=column, value=bound(value)))
        if self.region_id is not None:
            of_dealers = self.grain is Grain.DEALER
            table: Any = Dealer if of_dealers else Store
            within = table.select(table.id).where(table.region.in_(self.regions()))
            where.append(_among("f.dealer_id" if of_dealers else "f.store_id", within))
        return where


def _among(column: str, query: ModelSelect[Any]) -> Sql:
    text, values = query.sql()
    return sql("{column} IN ({ids})", column=column, ids=Sql(text, tuple(values)))


def of(
    actor: Actor, *, grain: str, members: Sequence[str] | None = None, **narrowed: Any
) -> Population:
    """Return the population that a query asks about.

    Raises BadMemberError, and NotFoundError for a region out of sight.
    """
    of_grain = Grain[grain.upper()]
    if narrowed.get("region_id") is not None:
        regions.get(actor, narrowed["region_id"])
    keys: Sequence[Any] | None = members
    if members is not None and of_grain in NUMBERED:
        for member in members:
            if not (member.isascii() and member.isdigit() and len(member) < 10):
                raise BadMemberError(member=member, grain=grain)
        keys = [int(member) for member in members]
    return Population(actor=actor, grain=of_grain, members=keys, **narrowed)
