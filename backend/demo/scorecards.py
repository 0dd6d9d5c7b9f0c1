"""The login of a dealer, and what that dealer says against its scorecard."""

from __future__ import annotations

from datetime import timedelta

from backend.demo.cast import World, at, hash_of, new_id
from backend.insight import scorecard_contests, scorecards
from backend.insight.windows import Window
from backend.network import people
from backend.network.sessions import as_actor
from backend.platform.actors import Role

LOGIN = "dealer"
_REPLIES = ("店内已整改，照片可查", "当天正在换陈列，请复核")
_DAYS = timedelta(days=28)


def enrol(world: World) -> None:
    """Give the first dealer a login."""
    trader = world.traders[0]
    person = people.create(
        world.admin,
        login=LOGIN,
        name="陈建国",
        role=Role.DEALER,
        region_id=trader.region_id,
        dealer_id=trader.id,
        password=f"demo-{LOGIN}",
        at=world.before,
    )
    world.logins.append((str(Role.DEALER), LOGIN, f"demo-{LOGIN}"))
    world.actors[LOGIN] = as_actor(person, at=world.before)


def reply(world: World) -> None:
    """Let the dealer contest the two lines that cost it most; the first is upheld."""
    trader, when = world.traders[0], at(world.today, 0) - timedelta(hours=1)
    window = Window(world.today - _DAYS, world.today)
    card = scorecards.get(world.actors[LOGIN], trader.id, window=window, at=when)
    dearest = sorted(card.lines.values(), key=lambda line: (-line.points, line.id))
    for number, (line, text) in enumerate(zip(dearest, _REPLIES, strict=False)):
        contest_id = new_id(world)
        scorecard_contests.put(
            world.actors[LOGIN],
            contest_id,
            dealer_id=trader.id,
            window=window,
            line=line.id,
            store_id=next(iter(line.stores), None),
            text=text,
            content_sha256=hash_of(contest_id),
            at=when,
        )
        if number == 0:
            scorecard_contests.decide(
                world.actors["manager"],
                contest_id,
                is_upheld=True,
                reason="照片核实，情况属实",
                version=1,
                at=when + timedelta(minutes=20),
            )
