"""What is lent and launched: fixtures in stores with their inspections, and a new product."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

from backend.demo.cast import Shop, World, at, hash_of, new_id
from backend.demo.catalogue import Catalogue
from backend.demo.days import Outing
from backend.fieldwork import fixture_inspections, fixture_loans, fixtures, launches
from backend.fieldwork.fixture_models import Fixture
from backend.fieldwork.fixtures import Happening, Party
from backend.standards.codes import VisitType
from backend.standards.promotion_codes import LaunchStage
from backend.standards.trade_codes import FixtureKind

KINDS = {
    FixtureKind.BRAND_COUNTER: ("专柜 1.2 m", 6_800),
    FixtureKind.BACK_WALL: ("背景墙 2 m", 3_200),
    FixtureKind.DISPLAY_CABINET: ("双节柜", 4_500),
    FixtureKind.LIGHTBOX: ("灯箱", 1_500),
}
"""What each is called, and its value in yuan."""
LENT, IN_STOCK, INSPECTED = 0.06, 3, 0.3
PROGRESSED, SKIPPED = 0.12, 0.1
STAGES = list(LaunchStage)


@dataclass(slots=True)
class Depot:
    """The fixtures on loan, by the store they stand in, and what is wrong with two of them."""

    world: World
    lent: dict[int, Fixture] = field(default_factory=dict)
    misused: int = 0
    missing: int = 0

    def inspect(self, outing: Outing) -> None:
        """Now and then look for the store's fixture; the first shows other goods, one is gone."""
        fixture = self.lent.get(outing.shop.id)
        is_planted = outing.shop.id in {self.misused, self.missing}
        if fixture is None or (not is_planted and self.world.random.random() >= INSPECTED):
            return
        inspection_id, is_gone = new_id(self.world), outing.shop.id == self.missing
        fixture_inspections.put(
            outing.person,
            inspection_id,
            fixture_id=fixture.id,
            store_id=outing.shop.id,
            inspected_at=outing.came_at + timedelta(seconds=30),
            is_present=not is_gone,
            is_misused=outing.shop.id == self.misused,
            condition=None if is_gone else "good",
            visit_id=outing.id,
            content_sha256=hash_of(inspection_id),
            at=outing.left_at,
        )


def lend(world: World) -> Depot:
    """Register fixtures, lend most into stores, and let some be recalled, returned or scrapped."""
    random, depot = world.random, Depot(world)
    moved = {move["store"] for move in world.truth["dealer_move"]}
    steady = [
        shop
        for shop in world.shops
        if shop.code not in moved and shop.opened_on < world.days[0] and shop.is_open(world.today)
    ]
    count = max(round(LENT * len(world.shops)), 4)
    for number, shop in enumerate(random.sample(steady, min(count, len(steady)))):
        fixture = _hand_over(world, _register(world, number, shop), shop)
        if number == 0:
            depot.misused = shop.id
            world.truth.plant("misused_fixture", fixture=fixture.code, store=shop.code)
        elif number == 1:
            depot.missing = shop.id
            world.truth.plant("missing_fixture", fixture=fixture.code, store=shop.code)
        elif number == 2:
            _recall(world, fixture)
            continue
        elif number == 3:
            _return(world, fixture)
            continue
        depot.lent[shop.id] = fixture
    for number in range(count, count + IN_STOCK):
        _register(world, number, random.choice(steady))
    return depot


@dataclass(slots=True)
class Launching:
    """A hero model that comes out in the window, and how far each store is with it."""

    world: World
    launch_id: int
    launched_on: date
    reached: dict[int, int] = field(default_factory=dict)

    def follow(self, outing: Outing) -> None:
        """Now and then let a visit show the next stage, rarely the one after that."""
        random = self.world.random
        chance = PROGRESSED * (2 if outing.shop.grade in "AB" else 1)
        if outing.day < self.launched_on or outing.kind is VisitType.SUPERVISOR_PATROL:
            return
        stage = self.reached.get(outing.shop.id, 0)
        if stage >= len(STAGES) or random.random() >= chance:
            return
        if stage + 1 < len(STAGES) and random.random() < SKIPPED:
            self.world.truth.plant("skipped_stage", store=outing.shop.code, stage=STAGES[stage])
            stage += 1
        evidence_id = new_id(self.world)
        launches.record(
            outing.person,
            self.launch_id,
            evidence_id,
            store_id=outing.shop.id,
            stage=str(STAGES[stage]),
            seen_at=outing.came_at,
            visit_id=outing.id,
            content_sha256=hash_of(evidence_id),
            at=outing.left_at,
        )
        self.reached[outing.shop.id] = stage + 1


def launch(world: World, catalogue: Catalogue) -> Launching:
    """Bring out a hero model after a third of the window."""
    hero = next(article for article in catalogue.articles if article.role == "hero")
    day = world.day(0.35)
    made = launches.create(
        world.admin,
        sku_id=hero.id,
        name=f"{hero.code} 新品上市",
        launched_on=day,
        at=world.before,
    )
    return Launching(world, made.id, day)


def _register(world: World, number: int, shop: Shop) -> Fixture:
    kind = list(KINDS)[number % len(KINDS)]
    name, yuan = KINDS[kind]
    return fixtures.register(
        world.actors["manager"],
        code=f"ZG-{number + 1:05}",
        kind=str(kind),
        name=name,
        value_fen=yuan * 100,
        owner_company="曜石通信",
        purchased_on=world.days[0] - timedelta(days=200),
        condition="new",
        region_id=shop.trader.region_id,
        place="分公司仓库",
        at=world.before,
    )


def _hand_over(world: World, fixture: Fixture, shop: Shop) -> Fixture:
    return fixture_loans.hand_over(
        world.actors["manager"],
        fixture.id,
        Happening(
            happened_at=world.before,
            giver=Party(name="分公司", person_id=world.actors["manager"].id),
            receiver=Party(name=shop.name[:20]),
            condition="new",
            note="合作期内借用",
        ),
        dealer_id=shop.trader.id,
        store_id=shop.id,
        due_back_on=world.today + timedelta(days=300),
        version=fixture.version,
        at=world.before,
    )


def _recall(world: World, fixture: Fixture) -> None:
    when = at(world.days[-1], 10)
    fixture_loans.recall(
        world.actors["manager"],
        fixture.id,
        Happening(happened_at=when, note="协议到期"),
        due_back_on=world.today + timedelta(days=14),
        version=fixture.version,
        at=when,
    )


def _return(world: World, fixture: Fixture) -> None:
    """Take one back that is past use, and write it off."""
    manager, gone = world.actors["manager"], at(world.days[-1], 12)
    came = Happening(
        happened_at=at(world.days[-1], 11),
        giver=Party(name="门店"),
        receiver=Party(name="分公司"),
        condition="unusable",
    )
    back = fixture_loans.take_back(
        manager,
        fixture.id,
        came,
        place="分公司仓库",
        version=fixture.version,
        at=came.happened_at,
    )
    fixture_loans.write_off(
        manager,
        fixture.id,
        Happening(happened_at=gone, condition="unusable", note="损坏无法修复"),
        version=back.version,
        at=gone,
    )
