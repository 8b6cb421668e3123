//! Expenses over their pages: what is written, what the drawer pays, what is refused.

use super::record::{RecordError, RecordExpense, record_expense};
use crate::{
    features::{
        cash::sessions::{self, CashError, CloseSession, Closing, OpenSession},
        expenses::record::ExpenseWords,
        totals::money::{self, Money},
        verify::verify,
    },
    testkit::{
        Browser, TestShop,
        browser::Answer,
        on_both,
        shop::{self, NOON_US},
    },
};
use db::{Db, DbError, ShopTx, params};
use domain::{
    business_date::BusinessDate,
    expense::{DatedAmount, ExpenseRefused},
    ids::{CategoryId, ExpenseId, SessionId},
};
use http::StatusCode;

db::statements! {
    CHANGE = "test.change_expense", "UPDATE expense SET amount_minor = 1 WHERE shop_id = $1";
    FORGET = "test.forget_expense", "DELETE FROM expense_void WHERE shop_id = $1";
    ENTRIES = "test.expense_entries",
        "SELECT COUNT(*), CAST(COALESCE(SUM(amount_minor), 0) AS BIGINT)
         FROM cash_entry
         WHERE shop_id = $1 AND kind = 'expense'";
    DOCUMENTS = "test.expense_documents",
        "SELECT (SELECT COUNT(*) FROM expense WHERE shop_id = $1),
                (SELECT COUNT(*) FROM expense_void WHERE shop_id = $1)";
}

/// What the drawer holds when [`TestShop`] opens it.
const OPENING_MINOR: i64 = 5_000_000;

async fn money_of(shop: &TestShop, first: i64, last: i64) -> Money {
    let mut read = shop.db.shop(&shop.admin).await.expect("the database answers");
    let [sum] = money::sums(&mut read, [(first, last)]).await.expect("the database answers");
    sum
}

async fn drawer(shop: &TestShop) -> i64 {
    let mut read = shop.db.shop(&shop.admin).await.expect("the database answers");
    sessions::expected(&mut read, shop.session).await.expect("the drawer is there")
}

async fn counted(shop: &TestShop, statement: &'static db::Statement) -> (i64, i64) {
    let mut read = shop.db.shop(&shop.admin).await.expect("the database answers");
    let mut row = read.one(statement, params![]).await.expect("one row");
    (row.take().expect("a number"), row.take().expect("a number"))
}

async fn fits(shop: &TestShop) {
    let report = verify(&shop.db, |_| ()).await.expect("the database answers");
    assert_eq!(report.findings, []);
}

/// Fields of a form that is right, with some of them replaced.
fn form<'a>(shop: &'a Ids, replaced: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let fields = [
        ("id", shop.id.as_str()),
        ("concepto", "Arriendo de noviembre"),
        ("categoria", "Arriendo"),
        ("monto", "800.000"),
        ("fecha", "2026-11-24"),
        ("forma_pago", shop.cash.as_str()),
        ("caja", ""),
        ("descripcion", "Local de la esquina"),
    ];
    let of = |name: &str| replaced.iter().find(|(field, _)| *field == name).map(|(_, value)| *value);
    fields.into_iter().map(|(name, value)| (name, of(name).unwrap_or(value))).collect()
}

/// Fields that are wrong, and what is said about them.
type Mistakes<'a> = (&'a [(&'a str, &'a str)], &'a [&'a str]);

/// Ids as forms send them.
struct Ids {
    id: String,
    cash: String,
    transfer: String,
    session: String,
}

fn ids(shop: &TestShop) -> Ids {
    Ids {
        id: shop.ids.next().to_string(),
        cash: shop.cash.to_string(),
        transfer: shop.transfer.to_string(),
        session: shop.session.to_string(),
    }
}

async fn post(browser: &Browser, fields: &[(&str, &str)]) -> Answer {
    browser.post("/gastos/nuevo/", fields).await
}

#[tokio::test]
async fn an_expense_paid_from_the_drawer_is_one_document_and_leaves_its_cash() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let (browser, ids) = (Browser::sign_in(&shop.db, shop.admin).await, ids(&shop));
        let fields = form(&ids, &[("monto", "12.500"), ("caja", &ids.session), ("fecha", "2026-11-20")]);
        for _ in 0..2 {
            let done = post(&browser, &fields).await;
            let leads = done.location.clone().unwrap_or_default();
            assert_eq!(leads, format!("/gastos/{}/", ids.id), "{}", done.text);
        }
        assert_eq!(drawer(&shop).await, OPENING_MINOR - 1_250_000, "the form sent twice is one expense");
        assert_eq!(counted(&shop, &ENTRIES).await, (1, -1_250_000));
        assert_eq!(money_of(&shop, 20_261_120, 20_261_120).await, Money::expense(1_250_000), "on its own day");
        assert_eq!(money_of(&shop, 20_261_121, 20_261_124).await, Money::default());
        let page = browser.get(&format!("/gastos/{}/", ids.id)).await.text;
        for said in ["Arriendo de noviembre", "$\u{a0}12.500", "Efectivo", "Caja 1", "Local de la esquina"] {
            assert!(page.contains(said), "{said} in {page}");
        }
        let other = form(&ids, &[("monto", "12.501"), ("caja", &ids.session)]);
        assert_eq!(post(&browser, &other).await.status, StatusCode::CONFLICT);
        fits(&shop).await;
    })
    .await;
}

#[tokio::test]
async fn a_void_takes_the_expense_out_of_its_day_and_puts_the_cash_back() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let (browser, ids) = (Browser::sign_in(&shop.db, shop.admin).await, ids(&shop));
        let fields = form(&ids, &[("monto", "12.500"), ("caja", &ids.session), ("fecha", "2026-11-20")]);
        post(&browser, &fields).await;
        let path = format!("/gastos/{}/anular/", ids.id);
        assert!(browser.get(&path).await.text.contains("sigue abierta"), "the drawer takes its own money back");
        let empty = browser.post(&path, &[("id", &ids.id), ("motivo", " ")]).await;
        assert!(empty.status == StatusCode::OK && empty.text.contains("Escribe este dato."), "{}", empty.text);
        let void = shop.ids.next().to_string();
        for _ in 0..2 {
            let done = browser.post(&path, &[("id", &void), ("motivo", "se anotó dos veces")]).await;
            assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
        }
        assert_eq!(drawer(&shop).await, OPENING_MINOR);
        assert_eq!(counted(&shop, &ENTRIES).await, (2, 0));
        assert_eq!(money_of(&shop, 20_261_101, 20_261_130).await, Money::default());
        let another = shop.ids.next().to_string();
        let again = browser.post(&path, &[("id", &another), ("motivo", "otra vez")]).await;
        assert_eq!(again.status, StatusCode::CONFLICT, "it is void once");
        assert_eq!(counted(&shop, &DOCUMENTS).await, (1, 1));
        let page = browser.get(&format!("/gastos/{}/", ids.id)).await.text;
        assert!(page.contains("se anotó dos veces") && !page.contains("/anular/"), "{page}");
        assert!(!browser.get("/gastos/").await.text.contains("Arriendo de noviembre"));
        assert!(browser.get("/gastos/?estado=anulados").await.text.contains("Arriendo de noviembre"));
        fits(&shop).await;
    })
    .await;
}

#[tokio::test]
async fn money_of_a_counted_drawer_goes_back_only_where_the_person_says() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let browser = Browser::sign_in(&shop.db, shop.admin).await;
        let mut expenses = Vec::new();
        for _ in 0..2 {
            let ids = ids(&shop);
            post(&browser, &form(&ids, &[("monto", "10.000"), ("caja", &ids.session)])).await;
            expenses.push(ids.id);
        }
        let closing = close(&shop.db, &shop, 3_000_000).await.expect("the drawer is open");
        assert_eq!(closing.expected_minor, OPENING_MINOR - 2_000_000);
        let closed = post(&browser, &form(&ids(&shop), &[("caja", &shop.session.to_string())])).await;
        assert!(closed.status == StatusCode::OK && closed.text.contains("Esa caja ya se cerró"), "{}", closed.text);
        let later = open(&shop).await;
        let void = |expense: &str| format!("/gastos/{expense}/anular/");
        let (one, two) = (shop.ids.next().to_string(), shop.ids.next().to_string());
        let counted_one = [("id", one.as_str()), ("motivo", "x"), ("caja", &shop.session.to_string())];
        let refused = browser.post(&void(&expenses[0]), &counted_one).await;
        assert!(refused.text.contains("Esa caja ya se cerró"), "{}", refused.text);
        let nowhere = browser.post(&void(&expenses[0]), &[("id", &one), ("motivo", "x"), ("caja", "")]).await;
        assert_eq!(nowhere.status, StatusCode::SEE_OTHER, "{}", nowhere.text);
        let back = [("id", two.as_str()), ("motivo", "x"), ("caja", &later.to_string())];
        assert_eq!(browser.post(&void(&expenses[1]), &back).await.status, StatusCode::SEE_OTHER);
        let mut read = shop.db.shop(&shop.admin).await.expect("the database answers");
        assert_eq!(sessions::expected(&mut read, later).await.expect("it is there"), 1_000_000);
        assert_eq!(sessions::expected(&mut read, shop.session).await.expect("it is there"), OPENING_MINOR - 2_000_000);
        drop(read);
        fits(&shop).await;
    })
    .await;
}

async fn close(db: &Db, shop: &TestShop, counted_minor: i64) -> Result<Closing, CashError> {
    let closing = CloseSession { id: shop.session, person: shop.admin.user, counted_minor, at: NOON_US };
    db.shop_write(&shop.admin, "close", async move |tx: &mut ShopTx| sessions::close(tx, closing).await).await
}

async fn open(shop: &TestShop) -> SessionId {
    let id = SessionId(shop.ids.next());
    let (register, person) = (shop.till, shop.admin.user);
    let session = OpenSession { id, register, person, opening_minor: 0, at: NOON_US };
    let opened =
        shop.db.shop_write(&shop.admin, "open", async move |tx: &mut ShopTx| sessions::open(tx, session).await);
    opened.await.expect("the register is free");
    id
}

#[tokio::test]
async fn every_mistake_is_said_at_once_and_nothing_is_written() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let (browser, ids) = (Browser::sign_in(&shop.db, shop.admin).await, ids(&shop));
        let long = "x".repeat(151);
        let nobodys = shop.ids.next().to_string();
        let cases: [Mistakes<'_>; 9] = [
            (
                &[("concepto", ""), ("monto", "0"), ("fecha", "2026-11-25"), ("forma_pago", "x")],
                &["Escribe este dato.", "mayor que cero", "Esa fecha aún no llega", "Elige"],
            ),
            (&[("concepto", &long), ("monto", "mil"), ("fecha", "ayer")], &["150", "4.200", "2026-11-25"]),
            (&[("fecha", "1999-12-31")], &["demasiado antigua"]),
            (&[("fecha", "0000-00-00")], &["fecha"]),
            (&[("monto", "999.999.999.999")], &["100.000.000.000"]),
            (&[("monto", "12,345")], &["monto"]),
            (&[("forma_pago", &ids.transfer), ("caja", &ids.session)], &["Solo lo que se pagó en efectivo"]),
            (&[("caja", &nobodys)], &["Esa caja ya se cerró"]),
            (&[("concepto", "a\u{0}b"), ("caja", "7")], &["no se puede guardar", "Elige uno de la lista."]),
        ];
        for (replaced, said) in cases {
            let fields = form(&ids, replaced);
            let answer = post(&browser, &fields).await;
            assert_eq!(answer.status, StatusCode::OK, "{replaced:?}: {}", answer.text);
            for said in said {
                assert!(answer.text.contains(said), "{replaced:?} lacks {said}: {}", answer.text);
            }
            assert!(answer.text.contains("Local de la esquina"), "what was typed stays: {replaced:?}");
        }
        assert_eq!(counted(&shop, &DOCUMENTS).await, (0, 0));
        assert_eq!((drawer(&shop).await, money_of(&shop, 0, 99_999_999).await), (OPENING_MINOR, Money::default()));
        assert_eq!(post(&browser, &form(&ids, &[])).await.status, StatusCode::SEE_OTHER, "the id is still free");
    })
    .await;
}

#[tokio::test]
async fn the_words_may_be_bettered_and_whoever_comes_second_sees_both() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let (browser, ids) = (Browser::sign_in(&shop.db, shop.admin).await, ids(&shop));
        post(&browser, &form(&ids, &[])).await;
        let path = format!("/gastos/{}/", ids.id);
        let words = |concept: &'static str, version: &'static str| {
            [("concepto", concept), ("categoria", "Local"), ("descripcion", ""), ("version", version)]
        };
        assert_eq!(browser.post(&path, &words("Arriendo", "1")).await.status, StatusCode::SEE_OTHER);
        let second = browser.post(&path, &words("Renta", "1")).await;
        assert!(second.status == StatusCode::OK && second.text.contains("Otra persona lo cambió"), "{}", second.text);
        assert!(second.text.contains("ahora dice «Arriendo», tú escribiste «Renta»"), "{}", second.text);
        assert_eq!(browser.post(&path, &words("Renta", "2")).await.status, StatusCode::SEE_OTHER);
        let wrong = browser.post(&path, &words("", "3")).await;
        assert!(wrong.text.contains("Escribe este dato."), "{}", wrong.text);
        let list = browser.get("/gastos/?q=renta").await.text;
        assert!(list.contains("Renta") && list.contains("Local") && list.contains("$\u{a0}800.000"), "{list}");
        assert_eq!(
            money_of(&shop, 20_261_124, 20_261_124).await,
            Money::expense(80_000_000),
            "its money never changes"
        );
        fits(&shop).await;
    })
    .await;
}

#[tokio::test]
async fn the_database_refuses_to_change_the_money_or_to_forget_a_void() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let (browser, ids) = (Browser::sign_in(&shop.db, shop.admin).await, ids(&shop));
        post(&browser, &form(&ids, &[])).await;
        let void = shop.ids.next().to_string();
        browser.post(&format!("/gastos/{}/anular/", ids.id), &[("id", &void), ("motivo", "x")]).await;
        for change in [&CHANGE, &FORGET] {
            let statement = change.name();
            let refused = shop
                .db
                .shop_write(&shop.admin, "tamper", async move |tx: &mut ShopTx| -> Result<(), DbError> {
                    let change = if statement == CHANGE.name() { &CHANGE } else { &FORGET };
                    tx.exec(change, params![]).await.map(drop)
                })
                .await;
            assert!(matches!(refused, Err(DbError::AppendOnly)), "{statement}: {refused:?}");
        }
    })
    .await;
}

/// The rows of a list page: concept and amount, in their order.
fn rows(page: &str) -> Vec<String> {
    let body = page.split("<tbody>").nth(1).and_then(|rest| rest.split("</tbody>").next()).unwrap_or_default();
    let names = body.split("<a href=\"/gastos/").skip(1).filter_map(|rest| rest.split('>').nth(1)?.split('<').next());
    names.map(str::to_owned).collect()
}

fn next_href(page: &str) -> Option<String> {
    let before = page.split("rel=\"next\"").next().filter(|_| page.contains("rel=\"next\""))?;
    let href = before.rsplit("href=\"").next()?.split('"').next()?;
    Some(href.replace("&amp;", "&").replace("&#38;", "&"))
}

#[tokio::test]
async fn a_list_shows_each_expense_once_and_filters_by_what_the_address_says() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let browser = Browser::sign_in(&shop.db, shop.admin).await;
        assert!(browser.get("/gastos/").await.text.contains("Aún no hay gastos"));
        for n in 0..60_i64 {
            let category = if n % 2 == 0 { "Luz" } else { "=Água" };
            record(&shop, &format!("Recibo {n:02}"), category, 20_261_001 + n % 3, 100_000 + n).await;
        }
        let (mut all, mut page) = (Vec::new(), browser.get("/gastos/").await.text);
        assert!(page.contains("60 gastos, $\u{a0}60.017,70"), "{page}");
        loop {
            all.extend(rows(&page));
            let Some(href) = next_href(&page) else { break };
            page = browser.get(&format!("/gastos/{href}")).await.text;
        }
        let mut sorted = all.clone();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!((all.len(), sorted.len()), (60, 60));
        let october = browser.get("/gastos/?desde=2026-10-02&hasta=2026-10-02").await.text;
        assert!(october.contains("20 gastos, $\u{a0}20.005,90"), "{october}");
        let one = browser.get("/gastos/?q=recibo+07").await.text;
        assert_eq!(rows(&one), ["Recibo 07"]);
        assert!(one.contains("1 gasto, $\u{a0}1.000,07"), "{one}");
        let none = browser.get("/gastos/?q=nada").await.text;
        assert!(none.contains("No hay nada con estos filtros"), "{none}");
        let by_method = browser.get(&format!("/gastos/?forma_pago={}", shop.transfer)).await.text;
        assert!(by_method.contains("No hay nada con estos filtros"));
        let file = browser.get("/gastos/exportar/?desde=2026-10-03").await;
        assert_eq!(file.content_type, "text/csv; charset=utf-8");
        assert_eq!(file.text.lines().count(), 21, "{}", file.text);
        assert!(file.text.contains("Recibo 59;'=Água;Efectivo;;1000,59;Vigente"), "{}", file.text);
        for wrong in ["desde=ayer", "hasta=2026-02-30", "categoria=x", "forma_pago=7", "estado=todos"] {
            assert_eq!(browser.get(&format!("/gastos/?{wrong}")).await.status, StatusCode::BAD_REQUEST, "{wrong}");
        }
        let other = TestShop::create(shop.db.clone(), 2).await;
        let theirs = Browser::sign_in(&other.db, other.admin).await;
        assert!(theirs.get("/gastos/").await.text.contains("Aún no hay gastos"));
        let id = record(&shop, "Suyo", "", 20_261_124, 1).await;
        assert_eq!(theirs.get(&format!("/gastos/{id}/")).await.status, StatusCode::NOT_FOUND);
        fits(&shop).await;
    })
    .await;
}

fn command(shop: &TestShop, concept: &str, category: &str, date: i64, amount_minor: i64) -> RecordExpense {
    RecordExpense {
        id: ExpenseId(shop.ids.next()),
        actor: shop.admin,
        dated: DatedAmount { amount_minor, date: BusinessDate::from_i64(date).expect("a day of the calendar") },
        words: ExpenseWords { concept: concept.into(), description: String::new(), category: category.into() },
        new_category: CategoryId(shop.ids.next()),
        method: shop.cash,
        session: None,
        content_hash: [5; 32],
        now_us: shop::NOON_US,
    }
}

async fn record(shop: &TestShop, concept: &str, category: &str, date: i64, amount_minor: i64) -> ExpenseId {
    let command = command(shop, concept, category, date, amount_minor);
    let id = command.id;
    write(shop.db.clone(), command).await.expect("it is recorded");
    id
}

async fn write(db: Db, command: RecordExpense) -> Result<(), RecordError> {
    let actor = command.actor;
    db.shop_write(&actor, "record expense", async move |tx: &mut ShopTx| record_expense(tx, &command).await).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_drawer_that_closes_while_expenses_come_counts_each_of_them_or_refuses_it() {
    on_both(async |db| {
        for round in 1..=4 {
            let shop = TestShop::create(db.clone(), round).await;
            let paying: Vec<_> = (0..16)
                .map(|n| {
                    let from_drawer = RecordExpense {
                        session: Some(shop.session),
                        ..command(&shop, &format!("Gasto {n}"), "Uno", 20_261_124, 1_000)
                    };
                    tokio::spawn(write(db.clone(), from_drawer))
                })
                .collect();
            let closing = close(&db, &shop, OPENING_MINOR).await.expect("the drawer is open");
            let mut paid = 0;
            for expense in paying {
                match expense.await.expect("nobody panics") {
                    Ok(()) => paid += 1,
                    Err(RecordError::Refused(why)) => assert_eq!(why, [ExpenseRefused::DrawerClosed]),
                    Err(other) => panic!("{other:?}"),
                }
            }
            assert_eq!(closing.expected_minor, OPENING_MINOR - paid * 1_000, "round {round}");
            assert_eq!(counted(&shop, &ENTRIES).await, (paid, -1_000 * paid), "none came after the count");
            assert_eq!(counted(&shop, &DOCUMENTS).await, (paid, 0), "a refused expense leaves no document");
            assert_eq!(money_of(&shop, 20_261_124, 20_261_124).await.expense_minor, paid * 1_000);
            fits(&shop).await;
        }
    })
    .await;
}
