"""What comes next: rules of stores, who stands in for whom, and the plan of the cycle ahead."""

from __future__ import annotations

from datetime import timedelta

from backend.demo.cast import World, at, hash_of, new_id
from backend.fieldwork import journeys, substitutions, visit_rules

RULED = 0.02
AWAY_FROM, AWAY_DAYS = 3, 4


def plan_ahead(world: World) -> None:
    """Set some rules, name a substitute for some days, and plan the rest of everyone's cycle."""
    random, when = world.random, at(world.days[-1], 20)
    for rep in world.reps:
        supervisor = world.supervisor_of(rep)
        for shop in rep.shops:
            if random.random() < RULED:
                visit_rules.edit(
                    supervisor,
                    shop.id,
                    weekdays=sorted(random.sample(range(1, 6), 3)),
                    weeks=[1, 2, 3, 4],
                    visits=None,
                    version=0,
                    at=when,
                )
        journeys.generate(supervisor, rep.actor.id, on=world.today, is_dry_run=False, at=when)
    _stand_in(world)


def _stand_in(world: World) -> None:
    """Let the first rep go to the second's stores while that one is on leave."""
    substitute, away = world.reps[:2]
    substitution_id, back = new_id(world), world.today + timedelta(days=AWAY_FROM + AWAY_DAYS)
    substitutions.put(
        world.supervisor_of(away),
        substitution_id,
        person_id=away.actor.id,
        substitute_id=substitute.actor.id,
        from_on=world.today + timedelta(days=AWAY_FROM),
        to_on=back,
        note="年假",
        content_sha256=hash_of(substitution_id),
        at=at(world.days[-1], 20.5),
    )
    world.truth.plant("substitution", person=away.login, substitute=substitute.login, back_on=back)
