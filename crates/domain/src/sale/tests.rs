//! Deciding a sale: every refusal in its order, exact money, and what holds of any sale.

use super::*;
use crate::{
    cash::{CashRounding, CashRule},
    cost::LastCost,
    ids::{CustomerId, MethodId},
    permission::SellerRights,
    quote::{Discount, QuoteErrorCode},
};
use proptest::prelude::*;
use uuid::Uuid;

const CASH: MethodId = MethodId(Uuid::from_u128(1));
const TRANSFER: MethodId = MethodId(Uuid::from_u128(2));
const CARD: MethodId = MethodId(Uuid::from_u128(3));
/// A method that the shop gave up.
const OLD: MethodId = MethodId(Uuid::from_u128(4));

fn product(number: u128) -> ProductId {
    ProductId(Uuid::from_u128(100 + number))
}

fn iva() -> Vec<Tax> {
    vec![Tax { code: "IVA".into(), rate_ppm: 190_000 }]
}

/// Ten units at 1,000 that cost 600 each, sold at IVA 19 %: 1,190 on the shelf.
fn rice() -> ProductFacts {
    ProductFacts {
        name: "Arroz".into(),
        price_minor: 1_000,
        pack_prices: BTreeMap::from([(6_000, 5_500)]),
        taxes: iva(),
        fractions: false,
        active: true,
        purchase_price_minor: None,
        stock: Some((bought(10_000, 6_000), StockPolicy::Block)),
    }
}

fn bought(quantity_milli: i64, value_minor: i64) -> StockState {
    StockState { quantity_milli, value_minor, last_cost: Some(LastCost { value_minor, quantity_milli }) }
}

fn seller() -> SellerRights {
    SellerRights {
        max_discount_percent_e6: 10_000_000,
        change_price: false,
        refund: false,
        void: false,
        open_drawer: false,
        create_product: false,
    }
}

fn method(kind: MethodKind, needs_bank: bool, needs_reference: bool) -> MethodFacts {
    MethodFacts { kind, needs_bank, needs_reference, active: true }
}

/// Product 1 is rice, 2 cheese by weight, 3 a service without stock.
fn facts() -> SaleFacts {
    let cheese = ProductFacts {
        name: "Queso".into(),
        price_minor: 20_000,
        pack_prices: BTreeMap::new(),
        taxes: Vec::new(),
        fractions: true,
        stock: Some((bought(3_000, 30_001), StockPolicy::Allow)),
        ..rice()
    };
    let service = ProductFacts {
        name: "Envío".into(),
        price_minor: 500,
        pack_prices: BTreeMap::new(),
        taxes: Vec::new(),
        stock: None,
        ..rice()
    };
    SaleFacts {
        rules: ShopRules {
            exponent: 2,
            prices_include_tax: false,
            cash: CashRule { step_minor: 0, mode: CashRounding::HalfUp },
        },
        rights: seller(),
        products: BTreeMap::from([(product(1), rice()), (product(2), cheese), (product(3), service)]),
        methods: BTreeMap::from([
            (CASH, method(MethodKind::Cash, false, false)),
            (TRANSFER, method(MethodKind::Transfer, true, false)),
            (CARD, method(MethodKind::Card, false, true)),
            (OLD, MethodFacts { active: false, ..method(MethodKind::Other, false, false) }),
        ]),
        customer: None,
        drawer_open: true,
    }
}

fn line(number: u128, quantity_milli: i64) -> SaleLine {
    SaleLine {
        product_id: product(number),
        quantity_milli,
        pack_milli: 1_000,
        unit_price_minor: None,
        taxes: None,
        discount: None,
        note: String::new(),
    }
}

fn pay(method_id: MethodId, amount_minor: i64) -> SalePayment {
    SalePayment {
        method_id,
        amount_minor,
        tendered_minor: None,
        bank: if method_id == TRANSFER { "Banco".into() } else { String::new() },
        reference: if method_id == CARD { "0001".into() } else { String::new() },
    }
}

fn sale(lines: Vec<SaleLine>, payments: Vec<SalePayment>) -> SaleCommand {
    SaleCommand { lines, discount: None, payments, customer: None, expected: None }
}

fn percent(whole: i64) -> Option<Discount> {
    Some(Discount::Percent { percent_e6: whole * 1_000_000 })
}

fn ask(facts: &SaleFacts, command: &SaleCommand) -> Result<CompletedSale, SaleRefused> {
    decide(facts, command, Occasion::Asking)
}

#[test]
fn a_sale_says_what_each_line_charges_costs_and_leaves() {
    let command = sale(vec![line(1, 3_000), line(2, 500)], vec![pay(CASH, 13_570)]);
    let done = ask(&facts(), &command).unwrap();
    assert_eq!((done.quote.total_minor, done.quote.base_minor, done.quote.tax_minor), (13_570, 13_000, 570));
    // Half a kilo of the three that are worth 30,001 is 5,000.1666…
    assert_eq!(done.lines.iter().map(|line| line.cost_minor).collect::<Vec<_>>(), [Some(1_800), Some(5_000)]);
    assert_eq!((done.cost_minor, done.unknown_cost_lines), (6_800, 0));
    assert_eq!(done.stock_after[&product(1)].quantity_milli, 7_000);
    assert_eq!(done.stock_after[&product(2)].value_minor, 25_001);
    assert_eq!((done.cash_in_minor, done.change_minor, done.cash_rounding_minor), (13_570, 0, 0));
    assert!(done.differences.is_empty());
}

#[test]
fn two_lines_of_one_product_share_its_stock_and_its_last_unit_takes_the_value_left() {
    let mut facts = facts();
    facts.products.get_mut(&product(1)).unwrap().stock = Some((bought(3_000, 1_000), StockPolicy::Block));
    let command = sale(vec![line(1, 1_000), line(1, 2_000)], vec![pay(CASH, 3_570)]);
    let done = ask(&facts, &command).unwrap();
    let costs: Vec<_> = done.lines.iter().map(|line| line.cost_minor).collect();
    assert_eq!(costs, [Some(333), Some(667)]);
    assert_eq!((done.stock_after[&product(1)].quantity_milli, done.stock_after[&product(1)].value_minor), (0, 0));
    let too_many = sale(vec![line(1, 2_000), line(1, 2_000)], vec![pay(CASH, 4_760)]);
    let Err(SaleRefused::StockShort(short)) = ask(&facts, &too_many) else {
        panic!("four of three are too many");
    };
    assert_eq!((short.len(), short[0].line, short[0].on_hand_milli, short[0].needed_milli), (1, 0, 3_000, 4_000));
}

#[test]
fn a_pack_takes_its_units_and_has_its_own_price_or_that_of_its_units() {
    let pack = |pack_milli: i64| SaleLine { pack_milli, ..line(1, 1_000) };
    // 5,500 and its tax is 6,545; four single units are 4 × 1,000 and its tax.
    for (pack_milli, total_minor) in [(6_000, 6_545), (4_000, 4_760), (1_000, 1_190)] {
        let done = ask(&facts(), &sale(vec![pack(pack_milli)], vec![pay(CASH, total_minor)])).unwrap();
        assert_eq!(done.lines[0].units_milli, pack_milli);
        assert_eq!(done.stock_after[&product(1)].quantity_milli, 10_000 - pack_milli);
    }
}

#[test]
fn a_single_unit_has_the_products_price_whatever_its_codes_say() {
    let mut product = rice();
    product.pack_prices.insert(1_000, 700);
    assert_eq!(shop_price(&product, 1_000), Some(1_000));
    assert_eq!(shop_price(&product, 6_000), Some(5_500));
}

#[test]
fn goods_without_stock_cost_what_the_product_says_or_nobody_knows() {
    for (purchase_price_minor, cost_minor, unknown) in
        [(Some(300), Some(750), 0), (None, None, 1), (Some(0), Some(0), 0)]
    {
        let mut facts = facts();
        let service = facts.products.get_mut(&product(3)).unwrap();
        (service.purchase_price_minor, service.fractions) = (purchase_price_minor, true);
        let done = ask(&facts, &sale(vec![line(3, 2_500)], vec![pay(CASH, 1_250)])).unwrap();
        assert_eq!((done.lines[0].cost_minor, done.unknown_cost_lines), (cost_minor, unknown));
        assert!(done.movements.is_empty() && !done.lines[0].tracked);
    }
}

#[test]
fn cash_meets_the_smallest_coin_and_other_money_does_not() {
    use CashRounding::{Down, HalfDown, HalfUp};
    // Half a kilo of cheese at 10,025: a total of 10,025 less what is paid otherwise.
    let cases = [
        // step, mode, by transfer, cash due, rounding
        (50, HalfUp, 0, 10_050, 25),
        (50, HalfDown, 0, 10_000, -25),
        (50, Down, 0, 10_000, -25),
        (0, HalfUp, 0, 10_025, 0),
        (100, HalfUp, 9_974, 100, 49),
        (100, HalfUp, 9_976, 0, -49),
        (100, HalfUp, 10_025, 0, 0),
    ];
    for (step_minor, mode, transfer, cash, rounding) in cases {
        let mut facts = facts();
        facts.rules.cash = CashRule { step_minor, mode };
        facts.products.get_mut(&product(2)).unwrap().price_minor = 20_050;
        let mut payments = vec![pay(CASH, cash)];
        if transfer > 0 {
            payments.push(pay(TRANSFER, transfer));
        }
        let done = ask(&facts, &sale(vec![line(2, 500)], payments.clone())).unwrap();
        let case = format!("{step_minor} {mode:?}, {transfer} by transfer");
        assert_eq!((done.cash_in_minor, done.cash_rounding_minor), (cash, rounding), "{case}");
        payments[0].amount_minor += 1;
        let refused = ask(&facts, &sale(vec![line(2, 500)], payments));
        assert_eq!(
            refused,
            Err(SaleRefused::PaymentsDiffer { due_minor: 10_025 + rounding, paid_minor: 10_026 + rounding }),
            "{case}"
        );
    }
}

#[test]
fn without_cash_nothing_is_rounded_and_only_cash_gives_change() {
    let mut facts = facts();
    facts.rules.cash.step_minor = 50;
    let by_card = ask(&facts, &sale(vec![line(1, 1_000)], vec![pay(CARD, 1_190)])).unwrap();
    assert_eq!((by_card.cash_rounding_minor, by_card.cash_in_minor), (0, 0));
    let handed = |method_id, amount_minor, tendered_minor| SalePayment {
        tendered_minor: Some(tendered_minor),
        ..pay(method_id, amount_minor)
    };
    let done = ask(&facts, &sale(vec![line(1, 1_000)], vec![handed(CASH, 1_200, 5_000)])).unwrap();
    assert_eq!((done.change_minor, done.cash_in_minor), (3_800, 1_200));
    let wrong = [
        handed(CASH, 1_200, 1_199),
        handed(CARD, 1_190, 1_191),
        handed(CASH, -1, 0),
        handed(CASH, MAX_DOCUMENT_MINOR + 1, MAX_DOCUMENT_MINOR + 1),
        handed(CASH, 1_200, i64::MAX),
        handed(CASH, 1_200, i64::MIN),
    ];
    for payment in wrong {
        let refused = ask(&facts, &sale(vec![line(1, 1_000)], vec![payment.clone()]));
        assert_eq!(refused, Err(SaleRefused::TenderedWrong { payment: 0 }), "{payment:?}");
    }
}

#[test]
fn a_product_without_a_price_costs_what_is_said_and_any_other_costs_the_shops() {
    let mut facts = facts();
    facts.products.get_mut(&product(1)).unwrap().price_minor = 0;
    let said = |number, price| {
        let line = SaleLine { unit_price_minor: Some(price), ..line(number, 1_000) };
        ask(&facts, &sale(vec![line], vec![pay(CASH, rounding::scale_half_away(price, 1_190, 1_000).unwrap())]))
    };
    assert_eq!(said(1, 5_000).unwrap().quote.total_minor, 5_950);
    let shop_minor = facts.products[&product(2)].price_minor;
    assert_eq!(said(2, shop_minor - 1), Err(SaleRefused::PriceChanged { line: 0, shop_minor }));
}

#[test]
fn cash_that_rounds_to_nothing_is_a_payment_of_nothing() {
    let mut facts = facts();
    facts.rules.cash = CashRule { step_minor: 5_000, mode: CashRounding::HalfUp };
    let nothing = SalePayment { tendered_minor: Some(0), ..pay(CASH, 0) };
    let done = ask(&facts, &sale(vec![line(1, 1_000)], vec![nothing])).unwrap();
    assert_eq!((done.cash_in_minor, done.change_minor, done.cash_rounding_minor), (0, 0, -1_190));
    let unpaid = ask(&facts, &sale(vec![line(1, 1_000)], vec![]));
    assert_eq!(unpaid, Err(SaleRefused::PaymentsDiffer { due_minor: 1_190, paid_minor: 0 }));
}

#[test]
fn a_discount_is_held_against_the_sellers_limit_with_its_share_of_the_sales() {
    let discounted = |own, whole| SaleCommand {
        discount: percent(whole),
        ..sale(vec![SaleLine { discount: percent(own), ..line(1, 10_000) }], vec![])
    };
    let refused = Err(SaleRefused::DiscountNotAllowed { line: 0 });
    let cases = [
        // own, whole, limit, allowed
        (10, 0, 10, true),
        (11, 0, 10, false),
        (0, 10, 10, true),
        (6, 6, 10, false),
        (1, 0, 0, false),
        (0, 0, 0, true),
        (100, 0, 100, true),
    ];
    for (own, whole, limit, allowed) in cases {
        let mut facts = facts();
        facts.rights.max_discount_percent_e6 = limit * 1_000_000;
        let mut command = discounted(own, whole);
        let total_minor = 11_900 * (100 - own) * (100 - whole) / 10_000;
        command.payments = vec![pay(CASH, total_minor)];
        let outcome = ask(&facts, &command);
        if allowed {
            assert_eq!(outcome.unwrap().quote.total_minor, total_minor, "{own} {whole}");
        } else {
            assert_eq!(outcome, refused, "{own} {whole}");
        }
    }
}

/// Everything wrong at once; each step mends what was refused, so that the next
/// refusal in the order shows.
#[test]
fn refusals_come_in_their_order() {
    let mut facts = facts();
    facts.products.get_mut(&product(1)).unwrap().active = false;
    let mut command = sale(vec![line(1, 10_500), line(9, 1_000)], vec![pay(MethodId(Uuid::nil()), 1)]);
    command.lines[0].unit_price_minor = Some(-1);
    command.lines[0].discount = percent(50);
    command.customer = Some(CustomerId(Uuid::from_u128(7)));
    command.expected = Some(Expected { total_minor: 1, cash_rounding_minor: Some(0), change_minor: Some(0) });
    let refusal = |facts: &SaleFacts, command: &SaleCommand| ask(facts, command).unwrap_err();

    assert_eq!(refusal(&facts, &command), SaleRefused::Inactive { line: 0 });
    facts.products.get_mut(&product(1)).unwrap().active = true;
    assert_eq!(refusal(&facts, &command), SaleRefused::NotDivisible { line: 0 });
    command.lines[0].quantity_milli = 11_000;
    assert_eq!(refusal(&facts, &command), SaleRefused::UnknownProduct { line: 1 });
    command.lines.pop();
    let SaleRefused::Quote(error) = refusal(&facts, &command) else {
        panic!("a price below zero cannot be quoted");
    };
    assert_eq!(error.code, QuoteErrorCode::InvalidPrice);
    command.lines[0].unit_price_minor = Some(999);
    let shop_minor = 1_000;
    assert_eq!(refusal(&facts, &command), SaleRefused::PriceChanged { line: 0, shop_minor });
    command.lines[0].unit_price_minor = Some(1_000);
    command.lines[0].taxes = Some(Vec::new());
    assert_eq!(refusal(&facts, &command), SaleRefused::PriceChanged { line: 0, shop_minor });
    command.lines[0].taxes = Some(iva());
    assert_eq!(refusal(&facts, &command), SaleRefused::DiscountNotAllowed { line: 0 });
    command.lines[0].discount = None;
    assert_eq!(refusal(&facts, &command), SaleRefused::UnknownCustomer);
    facts.customer = command.customer;
    assert_eq!(refusal(&facts, &command), SaleRefused::TotalDiffers { total_minor: 13_090 });
    command.expected = None;
    assert!(matches!(refusal(&facts, &command), SaleRefused::StockShort(_)));
    command.lines[0].quantity_milli = 1_000;
    refusals_of_payments_come_last(&facts, command);
}

fn refusals_of_payments_come_last(facts: &SaleFacts, mut command: SaleCommand) {
    let transfer = pay(TRANSFER, 1_000);
    let cases = [
        (pay(MethodId(Uuid::nil()), 1), SaleRefused::UnknownMethod { payment: 0 }),
        (SalePayment { bank: String::new(), ..transfer.clone() }, SaleRefused::BankMissing { payment: 0 }),
        (SalePayment { reference: String::new(), ..pay(CARD, 1) }, SaleRefused::ReferenceMissing { payment: 0 }),
        (SalePayment { tendered_minor: Some(2_000), ..transfer.clone() }, SaleRefused::TenderedWrong { payment: 0 }),
        (pay(OLD, 1_190), SaleRefused::UnknownMethod { payment: 0 }),
        (transfer, SaleRefused::PaymentsDiffer { due_minor: 1_190, paid_minor: 1_000 }),
    ];
    for (payment, refused) in cases {
        command.payments = vec![payment];
        assert_eq!(ask(facts, &command), Err(refused));
    }
}

#[test]
fn a_document_above_the_largest_is_refused() {
    let mut facts = facts();
    facts.products.get_mut(&product(3)).unwrap().price_minor = 1_000_000_000_000;
    for (quantity_milli, refused) in [(10_000, false), (11_000, true)] {
        let due = quantity_milli * 1_000_000_000;
        let command = sale(vec![line(3, quantity_milli)], vec![pay(CASH, due)]);
        assert_eq!(ask(&facts, &command) == Err(SaleRefused::TooLarge), refused, "{quantity_milli}");
    }
}

#[test]
fn what_happened_is_recorded_as_charged_with_its_oddities_named() {
    let mut facts = facts();
    facts.products.get_mut(&product(1)).unwrap().active = false;
    let mut command = sale(vec![line(1, 12_500), line(3, 1_000)], vec![pay(CASH, 13_388 - 6_694 + 500)]);
    command.lines[0].unit_price_minor = Some(900);
    command.lines[0].discount = percent(50);
    let done = decide(&facts, &command, Occasion::Happened).unwrap();
    assert_eq!(
        done.differences,
        [
            Difference::Price { line: 0, shop_minor: 1_000 },
            Difference::Discount { line: 0 },
            Difference::StockShort { line: 0, on_hand_milli: 10_000 },
            Difference::Inactive { line: 0 },
            Difference::NotDivisible { line: 0 },
        ]
    );
    // 12.5 at the shelf price of 1,071 are 13,387.5, rounded up; half of it is given off.
    assert_eq!((done.lines[0].quoted.gross_minor, done.quote.total_minor), (13_388, 7_194));
    // Ten leave at their value, two and a half at the last cost of 600 each.
    assert_eq!(done.lines[0].cost_minor, Some(7_500));
    assert_eq!(
        (done.stock_after[&product(1)].quantity_milli, done.stock_after[&product(1)].value_minor),
        (-2_500, -1_500)
    );
    assert!(matches!(ask(&facts, &command), Err(SaleRefused::Inactive { line: 0 })));
}

/// All that may have changed in the shop while the till was away, and a till that
/// computes otherwise: what was paid stands, and each oddity is named.
#[test]
fn nothing_that_changed_since_keeps_what_happened_off_the_books() {
    let shown = |total_minor, cash_rounding_minor, change_minor| {
        Some(Expected { total_minor, cash_rounding_minor: Some(cash_rounding_minor), change_minor: Some(change_minor) })
    };
    let gone = CustomerId(Uuid::from_u128(7));
    let paid = |payment| sale(vec![line(1, 1_000)], vec![payment]);
    let handed = |minor| SalePayment { tendered_minor: Some(minor), ..pay(CASH, 1_190) };
    let cases = [
        (SaleCommand { customer: Some(gone), ..paid(pay(CASH, 1_190)) }, Difference::UnknownCustomer),
        (
            SaleCommand { expected: shown(1_191, -1, 0), ..paid(pay(CASH, 1_190)) },
            Difference::Total { shown_minor: 1_191 },
        ),
        (paid(pay(CASH, 1_200)), Difference::Paid { due_minor: 1_190, paid_minor: 1_200 }),
        (paid(pay(OLD, 1_190)), Difference::Method { payment: 0 }),
        (
            paid(SalePayment { bank: String::new(), ..pay(TRANSFER, 1_190) }),
            Difference::PaymentIncomplete { payment: 0 },
        ),
        (
            paid(SalePayment { reference: String::new(), ..pay(CARD, 1_190) }),
            Difference::PaymentIncomplete { payment: 0 },
        ),
        (paid(handed(1_000)), Difference::Tendered { payment: 0 }),
        (
            paid(SalePayment { tendered_minor: Some(2_000), ..pay(TRANSFER, 1_190) }),
            Difference::Tendered { payment: 0 },
        ),
        (
            SaleCommand { expected: shown(1_190, 0, 800), ..paid(handed(2_000)) },
            Difference::Change { shown_minor: 800 },
        ),
        (
            SaleCommand { expected: shown(1_190, 10, 0), ..paid(pay(CASH, 1_190)) },
            Difference::CashRounding { shown_minor: 10 },
        ),
    ];
    for (command, difference) in cases {
        assert!(ask(&facts(), &command).is_err(), "asking, {difference:?} refuses");
        let done = decide(&facts(), &command, Occasion::Happened).unwrap();
        assert!(done.differences.contains(&difference), "{difference:?} in {:?}", done.differences);
        let paid_minor: i64 = command.payments.iter().map(|paid| paid.amount_minor).sum();
        assert_eq!((done.quote.total_minor, done.quote.total_minor + done.cash_rounding_minor), (1_190, paid_minor));
        assert_eq!((done.customer, done.change_minor >= 0), (None, true));
    }
}

#[test]
fn a_till_that_sold_while_prices_came_to_contain_their_taxes_is_recorded_as_it_charged() {
    let mut facts = facts();
    facts.rules.prices_include_tax = true;
    let command = SaleCommand {
        expected: Some(Expected { total_minor: 1_190, cash_rounding_minor: Some(0), change_minor: Some(0) }),
        ..sale(vec![line(1, 1_000)], vec![pay(CASH, 1_190)])
    };
    let done = decide(&facts, &command, Occasion::Happened).unwrap();
    assert_eq!((done.quote.total_minor, done.quote.base_minor, done.prices_include_tax), (1_190, 1_000, false));
    assert_eq!((done.differences, done.cash_rounding_minor), (vec![Difference::TaxesInPrices], 0));
    assert_eq!(ask(&facts, &command), Err(SaleRefused::TotalDiffers { total_minor: 1_000 }));
}

/// The whole list of what keeps something that happened off the books.
#[test]
fn what_happened_is_refused_where_it_cannot_be_written_down() {
    let nobodys = MethodId(Uuid::nil());
    let dear = SaleLine { unit_price_minor: Some(1_000_000_000_000), ..line(3, 11_000) };
    let cases = [
        (sale(vec![line(9, 1_000)], vec![]), SaleRefused::UnknownProduct { line: 0 }),
        (sale(vec![line(1, 1_000)], vec![pay(nobodys, 1_190)]), SaleRefused::UnknownMethod { payment: 0 }),
        (sale(vec![dear], vec![]), SaleRefused::TooLarge),
        (sale(vec![line(1, 1_000)], vec![pay(CASH, -1)]), SaleRefused::TenderedWrong { payment: 0 }),
    ];
    for (command, refused) in cases {
        assert_eq!(decide(&facts(), &command, Occasion::Happened), Err(refused));
    }
    let nothing_to_price = decide(&facts(), &sale(vec![], vec![]), Occasion::Happened);
    assert!(matches!(nothing_to_price, Err(SaleRefused::Quote(_))), "{nothing_to_price:?}");
}

#[test]
fn cash_needs_a_drawer_and_nothing_else_does() {
    let facts = SaleFacts { drawer_open: false, ..facts() };
    let sold = |payment| ask(&facts, &sale(vec![line(1, 1_000)], vec![payment]));
    assert_eq!(sold(pay(CASH, 1_190)), Err(SaleRefused::NoDrawer));
    assert_eq!(sold(pay(TRANSFER, 1_190)).unwrap().cash_in_minor, 0);
}

fn any_line() -> impl Strategy<Value = SaleLine> {
    (
        1..4_u128,
        1..4_000_i64,
        prop::sample::select(vec![1_000_i64, 2_500, 6_000]),
        prop::option::of(0..30_i64),
        prop::option::of(0..3_000_i64),
    )
        .prop_map(|(number, quantity_milli, pack_milli, discount, unit_price_minor)| SaleLine {
            pack_milli,
            unit_price_minor,
            discount: discount.and_then(percent),
            ..line(number, quantity_milli)
        })
}

proptest! {
    /// Never a refusal for price, stock or discount, and the sums hold to the unit.
    #[test]
    fn any_sale_that_happened_is_recorded_and_its_sums_hold(
        lines in prop::collection::vec(any_line(), 1..6),
        step_minor in prop::sample::select(vec![0_i64, 7, 50, 100]),
        mode in prop::sample::select(vec![CashRounding::HalfUp, CashRounding::HalfDown, CashRounding::Down]),
        transfer_percent in 0..=100_i64,
        include in any::<bool>(),
    ) {
        let mut facts = facts();
        facts.rules.cash = CashRule { step_minor, mode };
        facts.rules.prices_include_tax = include;
        let mut command = sale(lines, vec![]);
        let resolved = resolve(&facts, &command, Occasion::Happened).unwrap();
        let total = price(&facts, &command, &resolved, facts.rules.prices_include_tax).unwrap().total_minor;
        let transfer = total * transfer_percent / 100;
        let cash = cash::round_cash(total - transfer, step_minor, mode);
        command.payments = vec![pay(TRANSFER, transfer), pay(CASH, cash)];
        let done = decide(&facts, &command, Occasion::Happened).unwrap();
        prop_assert_eq!(done.quote.total_minor + done.cash_rounding_minor, transfer + done.cash_in_minor);
        prop_assert_eq!(done.quote.base_minor + done.quote.tax_minor, done.quote.total_minor);
        prop_assert_eq!(done.lines.iter().map(|line| line.quoted.total_minor).sum::<i64>(), total);
        prop_assert_eq!(done.cost_minor, done.lines.iter().filter_map(|line| line.cost_minor).sum::<i64>());
        for (id, after) in &done.stock_after {
            let (before, policy) = facts.products[id].stock.unwrap();
            let moved: Vec<_> = done.movements.iter().filter(|moved| moved.product_id == *id).flat_map(|moved| &moved.postings).collect();
            prop_assert_eq!(after.quantity_milli - before.quantity_milli, moved.iter().map(|posting| posting.quantity_milli).sum::<i64>());
            prop_assert_eq!(after.value_minor - before.value_minor, moved.iter().map(|posting| posting.value_minor).sum::<i64>());
            prop_assert!(after.quantity_milli != 0 || after.value_minor == 0);
            let short = done.differences.iter().any(|found| matches!(found, Difference::StockShort { line, .. } if command.lines[*line].product_id == *id));
            prop_assert_eq!(short, policy == StockPolicy::Block && after.quantity_milli < 0);
        }
    }

    /// Asked for, the same sale is either refused or comes out the same, without oddities.
    #[test]
    fn asking_refuses_or_records_the_same(lines in prop::collection::vec(any_line(), 1..4)) {
        let facts = facts();
        let mut command = sale(lines, vec![]);
        let resolved = resolve(&facts, &command, Occasion::Happened).unwrap();
        command.payments = vec![pay(CASH, price(&facts, &command, &resolved, facts.rules.prices_include_tax).unwrap().total_minor)];
        let happened = decide(&facts, &command, Occasion::Happened).unwrap();
        match ask(&facts, &command) {
            Ok(asked) => prop_assert_eq!(asked, happened),
            Err(_) => prop_assert!(!happened.differences.is_empty()),
        }
    }
}
