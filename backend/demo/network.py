"""The network: sales areas, the people who work them, dealers and their stores."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise
from math import exp, tau

from backend.demo import geography
from backend.demo.cast import CHEATER, DILIGENT, NORMAL, SLOPPY, Rep, Shop, Trader, World, at
from backend.demo.geography import Site
from backend.demo.presets import Province
from backend.network import dealers, divisions, ownership, people, regions, stores
from backend.network.divisions import Tier
from backend.network.models import Person, Region
from backend.network.positions import Datum, to_datum
from backend.platform.actors import Actor, Role

SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡林郭何高罗"
GIVEN = ("伟", "芳", "娜", "敏", "静", "磊", "洋", "勇", "艳", "杰", "涛", "明", "超", "霞", "平")
SHOP_WORDS = ("宏达", "鑫源", "天天", "金讯", "恒信", "华联", "百佳", "新时代", "万客", "中讯")
SHOP_KINDS = ("手机城", "通讯", "数码", "手机专卖", "电讯")
CHAINS = ("迪讯连锁", "通联电器", "讯捷数码")
MODELS = ("YAOSHI X1", "YAOSHI P3", "YAOSHI N5")
CLIENTS = {"wechat": 45, "android": 35, "ios": 15, "h5": 5}
GRADES = {
    Tier.CITY: {"A": 15, "B": 30, "C": 35, "D": 20},
    Tier.COUNTY: {"A": 10, "B": 30, "C": 35, "D": 25},
    Tier.TOWN: {"A": 2, "B": 13, "C": 40, "D": 45},
}
MONTHLY_UNITS = {Tier.CITY: 38, Tier.COUNTY: 26, Tier.TOWN: 11}
UNITS_FACTOR = {"A": 2.6, "B": 1.3, "C": 0.8, "D": 0.45}
LONG_AGO_DAYS = 500
MOVED, CLOSED, OPENED, DUPLICATED, MISPLACED, CHAINED = 0.04, 0.03, 0.05, 0.015, 0.015, 0.06


def plant_root(world: World) -> None:
    """Make the nation's region and the admin, on whose behalf the rest is made."""
    nation = regions.create(None, code="CN", name="全国", at=world.before)
    world.regions["CN"] = nation.id
    world.admin = world.actors["admin"] = _enrol(world, "admin", Role.ADMIN, "CN")


def build(world: World) -> None:
    """Make areas, people, dealers and stores, and plant what time does to them."""
    _make_regions(world)
    _make_office(world)
    for area in world.preset.areas:
        for province in area.provinces:
            reps = _make_reps(world, province, area.supervisor)
            _make_traders(world, province, reps)
    _plant_cheats(world)
    _plant_moves(world)
    _plant_closures(world)
    _plant_duplicates(world)


def _make_regions(world: World) -> None:
    for area in world.preset.areas:
        _make_region(world, area.code, area.name, "CN")
        for province in area.provinces:
            _make_region(world, province.code, divisions.full_name(province.code), area.code)
            for code in province.prefectures:
                division = divisions.get(code)
                _make_region(world, code, division.name if division else code, province.code)


def _make_region(world: World, code: str, name: str, parent: str) -> None:
    region = regions.create(
        world.admin, code=code, name=name, parent_id=world.regions[parent], at=world.before
    )
    world.regions[code] = region.id


def _make_office(world: World) -> None:
    _enrol(world, "manager", Role.MANAGER, "CN")
    _enrol(world, "auditor", Role.AUDITOR, "CN")
    _enrol(world, "auditor2", Role.AUDITOR, "CN")
    for area in world.preset.areas:
        _enrol(world, area.supervisor, Role.SUPERVISOR, area.code)
    _enrol(world, "manager-hn", Role.MANAGER, "430000")


def _enrol(
    world: World, login: str, role: Role, region: str, supervisor: str | None = None
) -> Actor:
    random = world.random
    person = people.create(
        world.actors.get("admin"),
        login=login,
        name=random.choice(SURNAMES) + random.choice(GIVEN),
        role=role,
        region_id=world.regions[region],
        password=f"demo-{login}",
        supervisor_id=world.actors[supervisor].id if supervisor else None,
        at=world.before,
    )
    world.logins.append((str(role), login, f"demo-{login}"))
    world.actors[login] = actor_of(person)
    return world.actors[login]


def actor_of(person: Person) -> Actor:
    """Return the actor that a person is when signed in."""
    region = Region.get_by_id(person.region_id)
    return Actor(
        id=person.id,
        role=Role(person.role),
        region_path=region.path,
        device_id=f"phone-of-{person.login}",
    )


def _make_reps(world: World, province: Province, supervisor: str) -> list[Rep]:
    """Enrol the province's reps, and return each once per store that is going to be theirs."""
    owners = []
    for size in _split(province.stores, [1.0] * province.reps):
        login = f"rep{len(world.reps) + 1:02}"
        rep = Rep(
            login,
            _enrol(world, login, Role.REP, province.code, supervisor),
            NORMAL,
            world.random.choice(MODELS),
            world.random.choices(list(CLIENTS), list(CLIENTS.values()))[0],
            timedelta(seconds=world.random.gauss(0, 20)),
        )
        world.reps.append(rep)
        owners += [rep] * size
    return owners


def _make_traders(world: World, province: Province, owners: list[Rep]) -> None:
    """Make the province's agent, its dealers and their stores, which owners get in turn."""
    random, name = world.random, divisions.full_name(province.code)
    agent = dealers.create(
        world.admin,
        code=province.code[:2],
        name=f"{name}曜石总代理",
        region_id=world.regions[province.code],
        opened_on=_long_ago(world),
        at=world.before,
    )
    world.truth.plant("dealer_without_stores", dealer=agent.code)
    counts = _split(
        province.stores, [random.lognormvariate(0, 0.4) for _ in range(province.dealers)]
    )
    territories = {
        code: geography.counties_of(code, random, province.dealers) for code in province.prefectures
    }
    turn = iter(owners)
    for number, count in enumerate(counts):
        prefecture = province.prefectures[number % len(province.prefectures)]
        territory = territories[prefecture][number // len(province.prefectures)]
        place = (
            divisions.get(territory[-1]) or divisions.Division("", "", divisions.Level.COUNTY)
        ).name
        dealer = dealers.create(
            world.admin,
            code=f"{prefecture[:2]}-{prefecture[2:4]}-{number // len(province.prefectures) + 1:03}",
            name=f"{place.rstrip('区县市')}{random.choice(SHOP_WORDS)}通讯",
            region_id=world.regions[prefecture],
            parent_id=agent.id,
            opened_on=_long_ago(world),
            at=world.before,
        )
        trader = Trader(
            dealer.id,
            dealer.code,
            territory,
            dealer.region_id,
            signage=random.gauss(0, 0.5),
            disorder=random.gammavariate(2, 0.5),
        )
        world.traders.append(trader)
        _make_shops(world, trader, count, turn)


def _make_shops(world: World, trader: Trader, count: int, owners: Iterator[Rep]) -> None:
    for number, site in enumerate(geography.sites(trader.territory, count, world.random), 1):
        opened_on = _long_ago(world)
        if world.random.random() < OPENED:
            opened_on = world.day(world.random.uniform(0.1, 0.7))
        owner, code = next(owners), f"{trader.code}-{number:04}"
        shop = _make_shop(world, trader, code, site, opened_on, owner=owner)
        owner.shops.append(shop)
        world.shops.append(shop)


def _make_shop(
    world: World,
    trader: Trader,
    code: str,
    site: Site,
    opened_on: date,
    *,
    name: str | None = None,
    owner: Rep | None = None,
) -> Shop:
    random = world.random
    grade = random.choices(*zip(*GRADES[site.tier].items(), strict=True))[0]
    place = divisions.get(site.division_code)
    bare = place.name if place else ""
    for suffix in ("街道", "镇", "乡"):
        bare = bare.removesuffix(suffix)
    name = name or f"{bare}{random.choice(SHOP_WORDS)}{random.choice(SHOP_KINDS)}"
    told = geography.jittered(site.door, 25, random)
    if random.random() < MISPLACED:
        told = geography.moved(site.door, random.uniform(300, 2000), random.uniform(0, tau))
        world.truth.plant("misplaced_store", store=code)
    crs = random.choice((Datum.WGS84, Datum.GCJ02))
    chain = random.choice(CHAINS) if random.random() < CHAINED else None
    store = stores.create(
        world.admin,
        code=code,
        name=name,
        region_id=trader.region_id,
        division_code=site.division_code,
        grade=grade,
        chain=chain,
        address=divisions.full_name(site.division_code),
        position=to_datum(told, crs),
        dealer_id=trader.id,
        owner_id=owner.actor.id if owner else None,
        opened_on=opened_on,
        at=world.before,
    )
    units = MONTHLY_UNITS[site.tier] * UNITS_FACTOR[grade] * exp(0.62 * random.gauss(0, 1))
    return Shop(store.id, code, name, site, grade, units, trader, opened_on)


def _plant_cheats(world: World) -> None:
    """Give reps their habits: the first is normal, the last cheats, one is sloppy."""
    world.reps[-1].habit = CHEATER
    world.truth.plant("cheater", login=world.reps[-1].login)
    for rep, habit in zip(world.reps[1:-1], (SLOPPY, DILIGENT, NORMAL, DILIGENT), strict=False):
        rep.habit = habit
    world.reps[1].is_rooted = True
    world.truth.plant("rooted_phone", login=world.reps[1].login)
    if len(world.reps) > 3:
        world.reps[2].skew = timedelta(minutes=9)
        world.truth.plant("wrong_clock", login=world.reps[2].login, skew_s=540)


def _plant_moves(world: World) -> None:
    """Give some stores another dealer of the same prefecture, or of any, from a day on."""
    for shop in _pick(world, MOVED):
        if shop.opened_on >= world.days[0]:
            continue
        here = [t for t in world.traders if t.region_id == shop.trader.region_id]
        others = [t for t in here if t.id != shop.trader.id] or [
            t for t in world.traders if t.id != shop.trader.id
        ]
        heir, day = world.random.choice(others), world.day(world.random.uniform(0.3, 0.8))
        ownership.assign(world.admin, shop.id, day, dealer_id=heir.id, at=world.before)
        world.truth.plant(
            "dealer_move", store=shop.code, before=shop.trader.code, after=heir.code, on=day
        )


def _plant_closures(world: World) -> None:
    moved = {move["store"] for move in world.truth["dealer_move"]}
    for shop in _pick(world, CLOSED):
        if shop.code not in moved and shop.opened_on < world.days[0]:
            shop.closed_on = world.day(world.random.uniform(0.5, 0.9))
            stores.amend(
                world.admin,
                shop.id,
                version=1,
                status="closed",
                closed_on=shop.closed_on,
                at=at(shop.closed_on, 18),
            )
            world.truth.plant("closed_store", store=shop.code, on=shop.closed_on)


def _plant_duplicates(world: World) -> None:
    """Enter some stores a second time, under a new code, a few metres away; nobody visits those."""
    for shop in _pick(world, DUPLICATED):
        trader = shop.trader
        number = 9000 + len(world.truth["duplicated_store"])
        door = geography.jittered(shop.door, 15, world.random)
        site = Site(shop.site.division_code, shop.site.tier, door)
        code = f"{trader.code}-{number:04}"
        _make_shop(world, trader, code, site, _long_ago(world), name=f"{shop.name}店")
        world.truth.plant("duplicated_store", store=shop.code, duplicate=code)


def _pick(world: World, share: float) -> list[Shop]:
    count = max(1, round(share * len(world.shops)))
    return world.random.sample(world.shops, count)


def _split(total: int, weights: list[float]) -> list[int]:
    """Share out a total by weights, in whole numbers that add up to it."""
    ends = [sum(weights[: number + 1]) / sum(weights) for number in range(len(weights))]
    marks = [0, *(round(total * end) for end in ends)]
    return [high - low for low, high in pairwise(marks)]


def _long_ago(world: World) -> date:
    return world.days[0] - timedelta(days=LONG_AGO_DAYS)
