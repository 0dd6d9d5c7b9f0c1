"""What went in and out: the sales feeds of the window, single handsets, and counts of stock."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from math import exp
from random import Random
from typing import Any

from backend.demo.cast import Rep, Shop, Trader, World, at, hash_of, new_id
from backend.demo.catalogue import Article, Catalogue
from backend.demo.promotions import Campaign
from backend.fieldwork import counts, sales
from backend.fieldwork.sales_lines import Feed, Line
from backend.fieldwork.trade_models import SellIn, SellOut
from backend.network.models import StoreDealer
from backend.platform import ledger
from backend.platform.database import insert_rows, run

WEIGHTS = {"hero": 5.0, "core": 3.0, "regular": 1.5, "special_price": 2.0}
ACCESSORY_WEIGHT, HANDSETS = 0.4, 26
DAYS_MONTH, SOLD_DAYS = 30, 60
WEEKEND, WEEKDAYS_MEAN = 1.35, (5 + 2 * 1.35) / 7
SEASONS = (
    ((10, 1), (10, 7), 1.5),
    ((6, 1), (6, 18), 1.25),
    ((11, 1), (11, 11), 1.2),
)
"""First and last month and day, and what a day sells then."""
TRENDS = {"rising": 20, "falling": 22, "flat": 58}
STOCK_BUILD = {1.05: 86, 1.6: 6, 0.8: 8}
"""Sell-in over later sell-out: as usual, overstocked, short."""
DEALER_SHARE, RETURNED = 0.9, 0.01
HANDSETS_KNOWN, DIVERTED = 0.01, 0.005
COUNTED_A_WEEK, DAMAGED = 1, 0.1


class Market:
    """Who owns each store on each day, and what stores sell of what."""

    def __init__(self, world: World, catalogue: Catalogue, campaigns: Sequence[Campaign]) -> None:
        self._world, self._catalogue, self._campaigns = world, catalogue, campaigns
        self._weights = [
            WEIGHTS[article.role] if number < HANDSETS else ACCESSORY_WEIGHT
            for number, article in enumerate(catalogue.articles)
        ]
        self._trend = {trader.id: self._trend_of(trader) for trader in world.traders}
        self._dealers: dict[int, list[StoreDealer]] = {}
        for link in StoreDealer.select().order_by(StoreDealer.from_on):
            self._dealers.setdefault(link.store_id, []).append(link)
        self._region = {trader.id: trader.region_id for trader in world.traders}

    def dealer_on(self, shop: Shop, day: date) -> int:
        """Return whose store it was on a day."""
        links = [link for link in self._dealers[shop.id] if link.from_on <= day]
        return links[-1].dealer_id

    def trade(self) -> None:
        """Take in what the season sold out, and what dealers bought for it weeks before."""
        sold: Counter[tuple[int, int, date, int]] = Counter()
        rows: list[dict[str, Any]] = []
        told: list[dict[str, Any]] = []
        for shop in self._world.shops:
            mine, ordered = self._sell_out(shop), self._catalogue.musts_of(shop)[0].id
            for row in mine:
                week = row["sold_on"] - timedelta(days=row["sold_on"].weekday())
                # The most important product a store orders itself, all else the dealer has.
                store_id = shop.id if row["sku"] == ordered else 0
                sold[row["dealer"], store_id, week, row["sku"]] += row["units"]
            rows += mine
            told += self._entries("sell_out.recorded", mine)
        insert_rows(SellOut, rows)
        bought = self._sell_in(sold)
        insert_rows(SellIn, bought)
        told += self._entries("sell_in.recorded", bought)
        run(ledger.written(told))
        self._handsets()

    def count(self, rep: Rep, day: date) -> None:
        """Count a store of the rep's by telephone on the last day of a week."""
        random, world = self._world.random, self._world
        waiting = [shop for shop in rep.shops if shop.is_open(day)]
        for shop in random.sample(waiting, min(COUNTED_A_WEEK, len(waiting))):
            count_id = new_id(world)
            lines = [
                {
                    "sku_id": article.id,
                    "stock": round(random.expovariate(1) * shop.monthly_units / 20),
                    "demo_stock": int(random.random() < 0.7),
                    "damaged_stock": int(random.random() < DAMAGED),
                    "oldest_receipt_on": day - timedelta(days=random.randint(5, 120)),
                }
                for article in self._catalogue.musts_of(shop)
            ]
            counts.put(
                rep.actor,
                count_id,
                store_id=shop.id,
                counted_at=at(day, 17),
                lines=lines,
                content_sha256=hash_of(count_id),
                at=at(day, 17.2),
            )

    def _sell_out(self, shop: Shop) -> list[dict[str, Any]]:
        random, rows = self._world.random, []
        noise = exp(random.gauss(0, 0.09))
        for day in self._world.days[-SOLD_DAYS:]:
            if not shop.is_open(day):
                continue
            units = _poisson(random, self._daily(shop, day) * noise)
            picked = Counter(random.choices(self._catalogue.articles, self._weights, k=units))
            dealer_id = self.dealer_on(shop, day)
            rows += [
                self._row(shop.id, dealer_id, day, article, count)
                for article, count in picked.items()
            ]
        if rows and random.random() < RETURNED:
            back = random.choice(rows)
            rows.append(back | {"id": new_id(self._world), "units": -1, "amount_fen": None})
            self._world.truth.plant("negative_return", store=shop.code, day=back["sold_on"])
        return rows

    def _daily(self, shop: Shop, day: date) -> float:
        month = (day - self._world.days[0]).days / DAYS_MONTH
        factor: float = (1 + self._trend[shop.trader.id]) ** month
        factor *= (WEEKEND if day.weekday() > 4 else 1) / WEEKDAYS_MEAN
        for first, last, more in SEASONS:
            if first <= (day.month, day.day) <= last:
                factor *= more
        for campaign in self._campaigns:
            factor *= campaign.effect(shop, day)
        return shop.monthly_units / DAYS_MONTH * factor

    def _sell_in(self, sold: Counter[tuple[int, int, date, int]]) -> list[dict[str, Any]]:
        random = self._world.random
        articles = {article.id: article for article in self._catalogue.articles}
        build = {
            trader.id: random.choices(list(STOCK_BUILD), list(STOCK_BUILD.values()))[0]
            for trader in self._world.traders
        }
        rows = []
        for (dealer_id, store_id, week, sku_id), units in sorted(sold.items()):
            day = week - timedelta(days=random.randint(7, 20))
            bought = round(units * build[dealer_id])
            if bought > 0:
                rows.append(
                    self._row(
                        store_id or None,
                        dealer_id,
                        day,
                        articles[sku_id],
                        bought,
                        share=DEALER_SHARE,
                    )
                )
        return rows

    def _row(
        self,
        store_id: int | None,
        dealer_id: int,
        day: date,
        article: Article,
        units: int,
        *,
        share: float = 1,
    ) -> dict[str, Any]:
        return {
            "store": store_id,
            "id": new_id(self._world),
            "sold_on": day,
            "dealer": dealer_id,
            "region": self._region[dealer_id],
            "sku": article.id,
            "units": units,
            "amount_fen": round(article.price_fen(day) * share) * units,
            "imei": None,
            "recorded_at": self._taken_in(),
            "recorded_by_id": self._world.actors["manager"].id,
        }

    def _entries(self, verb: str, rows: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        """Tell of each buyer's day, as whoever hands the lines in would."""
        manager, units = self._world.actors["manager"], Counter[tuple[int, int | None, date]]()
        for row in rows:
            units[row["dealer"], row["store"], row["sold_on"]] += row["units"]
        for (dealer_id, store_id, day), count in units.items():
            buyer = f"dealer:{dealer_id}" if store_id is None else f"store:{store_id}"
            facts: dict[str, Any] = {"dealer": dealer_id, "region": self._region[dealer_id]}
            facts |= {} if store_id is None else {"store": store_id}
            facts |= {"day": day.isoformat(), "units": count}
            yield ledger.entry(manager, verb, buyer, at=self._taken_in(), **facts)

    def _handsets(self) -> None:
        """Follow single handsets from dealers to shoppers; a few turn up in another's store."""
        random, world = self._world.random, self._world
        moved = {move["store"] for move in world.truth["dealer_move"]}
        steady = [shop for shop in world.shops if shop.code not in moved]
        units = sum(shop.monthly_units for shop in world.shops) * len(world.days) / DAYS_MONTH
        known = max(round(units * HANDSETS_KNOWN), 10)
        diverted = max(round(known * DIVERTED * world.preset.rates), 1)
        sold_in, sold_out = [], []
        for number in range(known):
            article = random.choice(self._catalogue.articles[:HANDSETS])
            imei, day = imei_of(random), world.day(random.random())
            shop = random.choice([shop for shop in steady if shop.is_open(day)])
            home = shop.trader
            if number < diverted:
                home = random.choice([each for each in world.traders if each is not shop.trader])
                world.truth.plant(
                    "diverted_handset", imei=imei, dealer=home.code, store=shop.code, on=day
                )
            came = day - timedelta(days=random.randint(7, 20))
            about: dict[str, Any] = {"sku_code": article.code, "units": 1, "imei": imei}
            price = article.price_fen(day)
            sold_in.append(
                Line(
                    row=number + 1,
                    id=new_id(world),
                    sold_on=came,
                    dealer_code=home.code,
                    amount_fen=round(price * DEALER_SHARE),
                    **about,
                )
            )
            sold_out.append(
                Line(
                    row=number + 1,
                    id=new_id(world),
                    sold_on=day,
                    store_code=shop.code,
                    amount_fen=price,
                    **about,
                )
            )
        manager = world.actors["manager"]
        sales.record(manager, Feed.SELL_IN, sold_in, at=self._taken_in())
        sales.record(manager, Feed.SELL_OUT, sold_out, at=self._taken_in())

    def _trend_of(self, trader: Trader) -> float:
        """Return the growth a month; the falling are planted."""
        random = self._world.random
        match random.choices(list(TRENDS), list(TRENDS.values()))[0]:
            case "rising":
                return random.uniform(0.03, 0.08)
            case "falling":
                self._world.truth.plant("falling_dealer", dealer=trader.code)
                return -random.uniform(0.03, 0.10)
            case _:
                return random.uniform(-0.02, 0.02)

    def _taken_in(self) -> datetime:
        return at(self._world.today, 0) - timedelta(hours=1)


def imei_of(random: Random) -> str:
    """Return 15 digits, the last by Luhn."""
    digits = f"86{random.randrange(10**12):012}"
    doubled = [int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(digits)]
    return digits + str(-sum(each // 10 + each % 10 for each in doubled) % 10)


def _poisson(random: Random, mean: float) -> int:
    """Return how often something rare happens: arrivals until the time is over."""
    count, time = 0, random.expovariate(1)
    while time < mean:
        count += 1
        time += random.expovariate(1)
    return count
