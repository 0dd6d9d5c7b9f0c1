"""Members of the cube's axes at their borders, and cells against totals over random histories."""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.insight import cube, cube_axes
from backend.insight.cube import TooManyCellsError, Wanted
from backend.insight.cube_words import (
    Axis,
    BehaviourBy,
    CustomerBy,
    Kind,
    Measure,
    ProductBy,
)
from backend.insight.windows import Window
from backend.network import stages
from backend.network.models import Dealer, Store, StoreDealer
from backend.platform.actors import Role
from backend.platform.database import db
from tests.factories import (
    NOON,
    TODAY,
    actor_of,
    make_card,
    make_count,
    make_dealer,
    make_person,
    make_price,
    make_promotion,
    make_report,
    make_sell_in,
    make_sell_out,
    make_sku,
    make_store,
    make_visit,
    the_region,
)

pytestmark = pytest.mark.usefixtures("storage")

WINDOW = Window(date(2026, 3, 2), date(2026, 3, 30))  # 28 days
LAST_ON = WINDOW.to_on - timedelta(days=1)


def ask(**wanted) -> cube.Cube:
    """Return the cube that somebody sees who sees everything."""
    boss = actor_of(the_region().person_set.first() or make_person(Role.ADMIN))
    return cube.ask(boss, Wanted(**{"window": WINDOW} | wanted), at=NOON)


def member_of(axis: str, by: str, **wanted) -> list[str]:
    """Return the members of an axis in which there is anything."""
    found = ask(**{axis: by, "measures": ["stores", "sell_in_units"]} | wanted)
    return [cell.members[axis] for cell in found.cells]


class TestProducts:
    @pytest.mark.parametrize(
        ("age", "launched_on", "ended_on"),
        [
            ("new", LAST_ON + timedelta(days=1), None),
            ("new", LAST_ON - timedelta(days=89), None),
            ("current", LAST_ON - timedelta(days=90), None),
            ("current", LAST_ON - timedelta(days=90), LAST_ON + timedelta(days=61)),
            ("clearance", LAST_ON - timedelta(days=90), LAST_ON + timedelta(days=60)),
            ("clearance", LAST_ON - timedelta(days=5), LAST_ON - timedelta(days=1)),
        ],
    )
    def test_are_new_current_or_in_clearance(self, age, launched_on, ended_on):
        assert age == cube_axes.age_of(launched_on, ended_on, LAST_ON)

    @pytest.mark.parametrize(
        ("band", "own", "price_fen"),
        [
            ("own", "own", 150_000),
            (None, None, None),
            ("under-1000", None, 99_999),
            ("1000-1999", None, 100_000),
            ("1000-1999", None, 199_999),
            ("2000-2999", None, 299_999),
            ("3000-3999", None, 300_000),
            ("4000-up", None, 400_000),
        ],
    )
    def test_are_in_the_brands_own_band_or_that_of_their_price(self, band, own, price_fen):
        assert band == cube_axes.band_of(own, price_fen)

    @pytest.mark.parametrize(
        ("is_low", "role", "tags", "band", "price_fen"),
        [
            (True, "special_price", [], "4000-6999", None),
            (True, "hero", ["fighter:C1"], None, None),
            (False, "hero", ["local:430000"], None, None),
            (True, "regular", [], "699-999", None),
            (False, "regular", [], "1000-1999", None),
            (False, "regular", [], "premium", None),
            (True, "regular", [], "1000-1999", 99_900),
            (False, "regular", [], "699-999", 100_000),
        ],
    )
    def test_are_cheap_goods(self, is_low, role, tags, band, price_fen):
        assert is_low is cube_axes.is_low_price(role, tags, band, price_fen)

    def test_are_told_apart_by_every_member_set(self):
        sku = make_sku(role="hero", tags=["fighter:C1"], launched_on=LAST_ON)
        make_price(sku, amount_fen=120_000)
        make_price(sku, amount_fen=999_900, area="430000")
        make_sell_out(make_store(), sku)

        assert [["handset"], ["hero"], ["1000-1999"], ["new"], ["fighter"]] == [
            member_of("product", by) for by in ProductBy
        ]


class TestCustomers:
    def test_are_told_apart_by_every_member_set(self):
        dealer = make_dealer(code="D1")
        store = make_store(dealer, grade="A", chain="苏宁", division_code="430102001")
        make_sell_out(store, make_sku())

        assert {
            "dealer": ["D1"],
            "tier": ["city"],
            "grade": ["A"],
            "money_decile": ["none"],
            "division_province": ["430000"],
            "division_city": ["430100"],
            "division_county": ["430102"],
            "chain": ["苏宁"],
            "life_stage": ["growth"],
        } == {str(by): member_of("customer", by) for by in CustomerBy}
        names = ask(customer="division_city").axes[0].members
        assert [("430100", "湖南省长沙市")] == [(member.code, member.zh) for member in names]

    def test_of_a_place_that_no_longer_exists_keep_its_code(self):
        make_sell_out(make_store(division_code="439999001"), make_sku())

        assert "439999" == ask(customer="division_county").axes[0].members[0].zh

    def test_are_dealers_where_no_store_is_named(self):
        make_sell_in(make_sku(), dealer=make_dealer(code="D1"))

        assert {"dealer": ["D1"], "tier": ["none"], "life_stage": ["growth"]} == {
            by: member_of("customer", by) for by in ("dealer", "tier", "life_stage")
        }

    def test_are_in_deciles_by_what_their_dealer_bought(self):
        sku = make_sku()
        for number in range(10):
            make_sell_in(sku, dealer=make_dealer(code=f"D{number}"), amount_fen=number + 1)

        found = ask(customer="money_decile", measures=["sell_in_amount_fen"])

        assert [(f"{10 - n:02}", n + 1) for n in reversed(range(10))] == [
            (cell.members["customer"], cell.values["sell_in_amount_fen"].value)
            for cell in found.cells
        ]

    @pytest.mark.parametrize(
        ("fields", "override"),
        [
            ({"status": "prospect"}, None),
            ({"status": "contacted"}, None),
            ({"status": "signed"}, None),
            ({"status": "closed"}, None),
            ({"status": "closed"}, "growth"),
            ({"opened_on": LAST_ON - timedelta(days=179)}, None),
            ({"opened_on": LAST_ON - timedelta(days=180)}, None),
            ({"opened_on": LAST_ON - timedelta(days=719), "status": "at_risk"}, None),
            ({"opened_on": LAST_ON - timedelta(days=720)}, None),
        ],
    )
    def test_are_in_the_stage_of_their_life_that_stages_say(self, fields, override):
        store = make_store(**fields)
        make_card(store, stage_override=override)
        make_sell_out(store, make_sku(), on=LAST_ON)

        expected = stages.of_store(Store.get_by_id(store.id), override, LAST_ON)

        assert [expected] == member_of("customer", "life_stage")

    @pytest.mark.parametrize(
        ("fields", "card"),
        [
            ({}, {}),
            ({}, {"stage_override": "maturity"}),
            ({}, {"customer_kind": "potential"}),
            ({"closed_on": LAST_ON}, {}),
            ({"closed_on": LAST_ON + timedelta(days=1)}, {}),
        ],
    )
    def test_that_are_dealers_are_in_the_stage_that_stages_say(self, fields, card):
        dealer = make_dealer(**fields)
        card = make_card(dealer, **card)
        make_sell_in(make_sku(), dealer=dealer)

        expected = stages.of_dealer(Dealer.get_by_id(dealer.id), card, LAST_ON)

        assert [expected] == member_of("customer", "life_stage")


def sold(store, sku, *days: int, units: int = 1) -> None:
    """Store sales so many days after the window began (before, if negative)."""
    for day in days:
        make_sell_out(store, sku, on=WINDOW.from_on + timedelta(days=day), units=units)


def behaviour_of(by: str, **wanted) -> list[str]:
    return member_of("behaviour", by, **wanted)


class TestVolume:
    @pytest.mark.parametrize(
        ("member", "units"),
        [("less", 0), ("less", 67), ("same", 68), ("same", 149), ("more", 150), ("less", -1)],
    )
    def test_is_compared_with_the_mean_of_the_half_year_before(self, member, units):
        # 650 in 182 days are 100 in 28.
        store, sku = make_store(), make_sku()
        sold(store, sku, -182, units=400)
        sold(store, sku, -1, units=250)
        sold(store, sku, -183, units=9_999)
        if units:
            sold(store, sku, 0, units=units)
        make_sell_out(make_store(), make_sku(), on=WINDOW.from_on, units=1)

        assert member in behaviour_of("volume", sku_id=sku.id)

    @pytest.mark.parametrize(("member", "days"), [("none", 27), ("same", 28)])
    def test_takes_the_mean_since_the_launch_of_28_days_or_more(self, member, days):
        store = make_store()
        sku = make_sku(launched_on=WINDOW.from_on - timedelta(days=days))
        sold(store, make_sku(), -100)
        sold(store, sku, -days, 5, units=10)

        assert [member] == behaviour_of("volume", sku_id=sku.id)

    @pytest.mark.parametrize(("member", "units"), [("more", 1), ("less", -1), ("none", None)])
    def test_is_more_than_nothing(self, member, units):
        store, sku = make_store(), make_sku()
        sold(store, make_sku(), -100)
        sold(store, sku, 1, units=units or 1)
        if units is None:
            sold(store, sku, 1, units=-1)

        assert [member] == behaviour_of("volume", sku_id=sku.id)

    def test_needs_a_feed_of_28_days_before_the_window(self):
        sold(make_store(), make_sku(), -27, 1)

        found = ask(behaviour="volume")

        assert (["none"], "history_too_short") == (
            [cell.members["behaviour"] for cell in found.cells],
            found.axes[0].reason,
        )

    def test_counts_stores_that_bought_before_and_nothing_now(self):
        store, sku = make_store(), make_sku()
        sold(store, sku, -100)

        found = ask(customer="dealer", behaviour="volume", measures=["stores", "sell_out_units"])

        (cell,) = found.cells
        dealer = Dealer.get_by_id(StoreDealer.get().dealer_id)
        assert {"customer": dealer.code, "behaviour": "less"} == cell.members
        assert (1, None, 1) == (
            cell.values["stores"].value,
            cell.values["sell_out_units"].value,
            found.total["stores"].value,
        )

    def test_of_dealers_is_read_from_what_they_were_sold(self):
        dealer, sku = make_dealer(), make_sku()
        for day, units in ((-100, 650), (1, 200)):
            on = WINDOW.from_on + timedelta(days=day)
            make_sell_in(sku, dealer=dealer, on=on, units=units)
        make_sell_in(sku, dealer=dealer, on=WINDOW.from_on - timedelta(days=182), units=1)

        assert ["more"] == behaviour_of("volume", basis="sell_in")
        assert ["more"] == behaviour_of("volume", basis="sell_in", dealer_id=dealer.id)


@pytest.mark.parametrize(
    ("member", "units"), [("main", 30), ("part", 29), ("part", 10), ("fringe", 9), ("none", -1)]
)
def test_a_product_is_a_main_one_by_its_share_of_the_category(member, units):
    store, sku = make_store(), make_sku()
    sold(store, sku, 1, units=units)
    sold(store, make_sku(), 1, units=100 - max(units, 0))
    sold(store, make_sku(category="accessory"), 1, units=500)

    assert [member] == behaviour_of("mix", sku_id=sku.id)


class TestTiming:
    @pytest.mark.parametrize(
        ("member", "launched", "first"),
        [
            ("early", 0, -9),
            ("early", 0, 14),
            ("late", 0, 15),
            ("none", -51, 1),
            ("early", -51, -40),
        ],
    )
    def test_is_early_up_to_14_days_after_the_launch(self, member, launched, first):
        store = make_store()
        sku = make_sku(launched_on=WINDOW.from_on + timedelta(days=launched))
        sold(store, make_sku(), -50)
        sold(store, sku, first, 20)

        assert [member] == behaviour_of("timing", sku_id=sku.id)


class TestPriceDirection:
    @pytest.mark.parametrize(("member", "inside"), [("promo_buyer", 6), ("full_price", 5)])
    def test_is_on_promotion_from_60_percent_of_the_units(self, member, inside):
        store, sku = make_store(), make_sku()
        starts_on, ends_on = (WINDOW.from_on + timedelta(days=day) for day in (5, 7))
        make_promotion([sku], [store], starts_on=starts_on, ends_on=ends_on)
        sold(store, sku, 5, units=inside - 1)
        sold(store, sku, 7)
        sold(store, sku, 8, units=10 - inside)

        assert [member] == behaviour_of("price_direction")

    @pytest.mark.parametrize("case", ["another store", "another product", "stopped before"])
    def test_needs_a_running_promotion_of_the_product_and_the_store(self, case):
        store, sku = make_store(), make_sku()
        make_promotion(
            [make_sku() if case == "another product" else sku],
            [make_store() if case == "another store" else store],
            stopped_on=date(2026, 3, 1) if case == "stopped before" else None,
        )
        sold(store, sku, 5)

        assert ["full_price"] == behaviour_of("price_direction")

    def test_is_not_told_of_returns(self):
        sold(make_store(), make_sku(), 5, units=-2)

        assert ["none"] == behaviour_of("price_direction")

    def test_of_a_dealer_goes_by_its_stores(self):
        dealer, sku = make_dealer(), make_sku()
        make_promotion([sku], [make_store(dealer)])
        make_sell_in(sku, dealer=dealer)
        make_sell_in(sku, dealer=make_dealer())

        found = behaviour_of("price_direction", basis="sell_in")

        assert ["promo_buyer", "full_price"] == found


@pytest.mark.parametrize(("member", "units"), [("low_price", 5), ("brand", 4)])
def test_half_of_cheap_goods_is_leaning_to_a_low_price(member, units):
    store = make_store()
    sold(store, make_sku(role="special_price"), 1, units=units)
    sold(store, make_sku(), 1, units=10 - units)

    assert [member] == behaviour_of("brand_or_price")


def test_returns_only_are_no_leaning():
    sold(make_store(), make_sku(), 1, units=-1)

    assert ["none"] == behaviour_of("brand_or_price")


class TestRegularity:
    @pytest.mark.parametrize(
        ("member", "days"),
        [
            ("regular", (0, 7, 14, 21)),
            ("irregular", (0, 7, 14)),
            ("regular", (-21, -14, 0, 21)),  # gaps 7, 14, 21: 0.41
            ("irregular", (-4, -3, 6, 21)),  # gaps 1, 9, 15: 0.69
        ],
    )
    def test_is_in_the_gaps_of_four_days_or_more(self, member, days):
        sold(make_store(), make_sku(), *days)

        assert [member] == behaviour_of("regularity")

    @pytest.mark.parametrize(("member", "gaps"), [("regular", (1, 3)), ("irregular", (1, 4))])
    def test_has_a_border_at_a_variation_of_one_half(self, member, gaps):
        short, long = gaps  # of gaps 1, 3 in equal number the deviation is 1, the mean 2
        days = [0, short, short + long, 2 * short + long, 2 * (short + long)]
        sold(make_store(), make_sku(), *days)

        assert [member] == behaviour_of("regularity")

    @pytest.mark.parametrize(("member", "last"), [("irregular", 28 - 60), ("lapsed", 28 - 61)])
    def test_lapses_after_60_days(self, member, last):
        sold(make_store(), make_sku(), last)

        assert [member] == behaviour_of("regularity")

    def test_counts_days_once_and_no_returns(self):
        store, sku = make_store(), make_sku()
        sold(store, sku, 0, 0, 7, 14)
        sold(store, sku, 21, units=-1)

        assert ["irregular"] == behaviour_of("regularity")


def test_more_cells_than_are_wanted_are_refused():
    sku = make_sku()
    for tier in ("city", "town"):
        make_sell_out(make_store(tier=tier), sku)
    boss = actor_of(make_person(Role.ADMIN))

    with pytest.raises(TooManyCellsError):
        cube.ask(boss, Wanted(window=WINDOW, customer="tier"), at=NOON, most=1)


SALE = st.tuples(
    st.booleans(),
    st.integers(0, 3),
    st.integers(0, 2),
    st.sampled_from([-150, -40, -1, 0, 3, 13, 27, 28]),
    st.integers(-2, 5).filter(bool),
    st.one_of(st.none(), st.integers(0, 9)),
)
SEEN = st.tuples(st.integers(0, 2), st.sampled_from([-1, 0, 5, 27]), st.integers(0, 4))


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    sales=st.lists(SALE, max_size=12),
    counts=st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(0, 5)), max_size=4),
    seen=st.lists(SEEN, max_size=4),
    asked=st.tuples(
        st.sampled_from([None, *map(str, CustomerBy)]),
        st.sampled_from([None, *map(str, ProductBy)]),
        st.sampled_from([None, *map(str, BehaviourBy)]),
    ).filter(any),
    basis=st.sampled_from(["sell_in", "sell_out"]),
)
def test_cells_come_to_the_total(sales, counts, seen, asked, basis):
    with db.atomic() as history:
        store_history(sales, counts, seen)
        customer, product, behaviour = asked
        found = ask(
            customer=customer,
            product=product,
            behaviour=behaviour,
            basis=basis,
            measures=list(map(str, Measure)),
        )
        history.rollback()

    in_window = [sale for sale in sales if 0 <= sale[3] < 28]
    for is_out, measure in ((True, "sell_out_units"), (False, "sell_in_units")):
        plainly = sum(sale[4] for sale in in_window if sale[0] is is_out)
        assert plainly == found.total[measure].num
    for measure in Measure:
        figures = [cell.values[measure] for cell in found.cells]
        total = found.total[measure]
        if {axis.axis for axis in found.axes} <= set(measure.sums_over):
            assert total.num == pytest.approx(sum(figure.num for figure in figures))
            assert (total.den or 0) == sum(figure.den or 0 for figure in figures)
        elif measure.kind is Kind.DISTINCT:
            assert max((f.num for f in figures), default=0) <= total.num
            assert total.num <= sum(figure.num for figure in figures)
        for figure in (total, *figures):
            assert (figure.value is None) is (figure.reason is not None)
            if measure is Measure.COMPLIANCE and figure.den:
                assert figure.value == pytest.approx(figure.num / figure.den)


def store_history(sales, counts, seen) -> None:
    """Store sales, counts and visits of three stores of two dealers, one of which changed hands."""
    dealers = [make_dealer(), make_dealer()]
    tiers = ("city", "county", "town")
    shops = [
        make_store(dealers[n % 2], tier=tiers[n], chain=None if n else "苏宁") for n in (0, 1, 2)
    ]
    StoreDealer.update(to_on=TODAY + timedelta(days=3)).where(
        StoreDealer.store == shops[0]
    ).execute()
    StoreDealer.create(store=shops[0], dealer=dealers[1], from_on=TODAY + timedelta(days=3))
    skus = [
        make_sku(launched_on=WINDOW.from_on),
        make_sku(role="special_price"),
        make_sku(category="accessory", price_band="mine"),
    ]
    make_promotion(skus[:1], shops[:1])
    for is_out, shop, sku, day, units, amount_fen in sales:
        facts = {
            "on": WINDOW.from_on + timedelta(days=day),
            "units": units,
            "amount_fen": amount_fen,
        }
        if is_out:
            make_sell_out(shops[shop % 3], skus[sku], **facts)
        elif shop == 3:
            make_sell_in(skus[sku], dealer=dealers[0], **facts)
        else:
            make_sell_in(skus[sku], store=shops[shop], **facts)
    for shop, sku, units in counts:
        make_count(shops[shop], {skus[sku]: units}, at=NOON + timedelta(days=shop + sku))
    for shop, day, score in seen:
        visit = make_visit(shops[shop], at=NOON + timedelta(days=day))
        make_report(visit, signage_num=score, signage_den=4)


def test_the_axes_are_the_three_of_the_table():
    assert ["customer", "product", "behaviour"] == list(Axis)


def test_price_bands_come_from_the_cheapest_up():
    bands = ["mine", "4000-up", "1000-1999", "under-1000"]

    assert bands[::-1] == sorted(bands, key=cube_axes.band_place)
