//! The page of the summary against the sample's spreadsheet: whatever it shows of a
//! real year is what somebody with the file and a calculator would say.
//!
//! The page is read as HTML, by its words and tables, so that the way from the totals
//! to the screen is tested too; [`spreadsheet`] computes without the program's rules.

mod paper;
mod spreadsheet;

use crate::{
    features::imports::{
        check::{ImportRequest, Pacing, Tools},
        columns::Kind,
        reading::Choices,
        run::run_import,
    },
    testkit::{Browser, TestShop, on_both, shop::NOON_US},
};
use http::StatusCode;
use jiff::{
    Timestamp, ToSpan,
    civil::{Date, date},
};
use paper::{all_between, amounts, between, cents, section, table, words};
use spreadsheet::{Book, Sums, sums};
use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use uuid::Uuid;

/// The last day of the sample, after its last sale.
const NOW: &str = "2011-12-09T13:00:00-05:00";
const TODAY: Date = date(2011, 12, 9);
const HOUR: i8 = 13;

const MONTHS: [&str; 12] = ["ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic"];

/// A period as the address asks for it, and what it must mean.
struct Asked {
    query: &'static str,
    first: Date,
    last: Date,
    before: (Date, Date),
    bars: Bars,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Bars {
    Days,
    /// A bar a month; the flag says whether last year's lies beside it.
    Months {
        beside: bool,
    },
}

const ASKED: [Asked; 6] = [
    Asked {
        query: "",
        first: date(2011, 12, 3),
        last: TODAY,
        before: (date(2011, 11, 26), date(2011, 12, 2)),
        bars: Bars::Days,
    },
    Asked {
        query: "?periodo=mes",
        first: date(2011, 12, 1),
        last: date(2011, 12, 31),
        before: (date(2011, 11, 1), date(2011, 11, 9)),
        bars: Bars::Days,
    },
    Asked {
        query: "?mes=2011-11",
        first: date(2011, 11, 1),
        last: date(2011, 11, 30),
        before: (date(2011, 10, 1), date(2011, 10, 31)),
        bars: Bars::Days,
    },
    Asked {
        query: "?periodo=anio",
        first: date(2011, 1, 1),
        last: date(2011, 12, 31),
        before: (date(2010, 1, 1), date(2010, 12, 9)),
        bars: Bars::Months { beside: true },
    },
    Asked {
        query: "?desde=2011-03-15&hasta=2011-04-20",
        first: date(2011, 3, 15),
        last: date(2011, 4, 20),
        before: (date(2011, 2, 6), date(2011, 3, 14)),
        bars: Bars::Days,
    },
    Asked {
        query: "?desde=2010-12-10&hasta=2011-11-25",
        first: date(2010, 12, 10),
        last: date(2011, 11, 25),
        before: (date(2009, 12, 24), date(2010, 12, 9)),
        bars: Bars::Months { beside: false },
    },
];

#[tokio::test]
async fn every_figure_of_the_summary_is_what_the_spreadsheet_says() {
    let book = spreadsheet::read();
    assert_eq!(
        book.documents.iter().map(|document| document.lines.len()).sum::<usize>(),
        39_867,
        "taken lines: 40,000 rows, 29 refused, 104 adjustments"
    );
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        bring_in(&shop, Kind::Products, catalogue(&book).into_bytes()).await;
        bring_in(&shop, Kind::Sales, spreadsheet::FILE.to_vec()).await;
        let now_us = NOW.parse::<Timestamp>().expect("a moment").as_microsecond();
        let browser = Browser::sign_in_at(&shop.db, shop.admin, now_us).await;
        for asked in &ASKED {
            let page = open(&browser, &format!("/dashboard/{}", asked.query)).await;
            period(&book, asked, &page);
            chart(&book, asked, &page);
            rankings(&book, asked, &page);
            // What does not depend on the period is on every page.
            today(&book, &page);
            hours(&book, &page);
            last_sales(&book, &page);
        }
        for asked in [&ASKED[0], &ASKED[4]] {
            documents(&book, asked, &browser).await;
            products(&book, asked, &browser).await;
            lines_without_cost(&book, asked, &browser).await;
        }
    })
    .await;
}

/// The products by code, each in a category by the first sign of its code: the history
/// alone would name none.
fn catalogue(book: &Book) -> String {
    let rows = book.skus.iter().map(|sku| format!("{};{sku};1,00;{}\n", name(sku), category(sku)));
    format!("Nombre;Código;Precio;Categoría\n{}", rows.collect::<String>())
}

fn name(sku: &str) -> String {
    format!("Artículo {}", sku.to_lowercase())
}

fn category(sku: &str) -> String {
    format!("Clase {}", sku.chars().next().expect("a code has signs").to_lowercase())
}

async fn bring_in(shop: &TestShop, kind: Kind, bytes: Vec<u8>) {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let new_id =
        || Uuid::from_u128((0x019a_0000_0000_7000_8000_u128 << 48) | u128::from(NEXT.fetch_add(1, Ordering::Relaxed)));
    let pacing = Pacing { chunk_time: Duration::from_millis(50), rest_max: Duration::ZERO };
    let tools = Tools { pacing, now_us: Arc::new(|| NOON_US), new_id: Arc::new(new_id) };
    let request = ImportRequest {
        actor: shop.admin,
        kind,
        file_name: "muestra".into(),
        bytes: bytes.into(),
        mapping: None,
        choices: Choices::default(),
        tax_set: None,
        affects_stock: false,
    };
    let report = run_import(&shop.db, &request, &tools, &|_| {}).await.expect("the file goes in");
    assert!(kind == Kind::Sales || report.refused == 0, "{:?}", report.refusals);
}

async fn open(browser: &Browser, path: &str) -> String {
    let answer = browser.get(path).await;
    assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text);
    answer.text
}

/// Every page of a list, following its link to the next.
async fn open_all(browser: &Browser, path: &str) -> Vec<String> {
    let mut pages = vec![open(browser, path).await];
    while let Some(next) = pages.last().and_then(|page| {
        let links = all_between(page, "<a class=\"button\" href=\"", "</a>");
        let next = links.into_iter().find(|link| link.contains("rel=\"next\""))?;
        Some(next.split_once('"')?.0.replace("&amp;", "&").replace("&#38;", "&"))
    }) {
        let list = path.split('?').next().unwrap_or_default();
        pages.push(open(browser, &format!("{list}{next}")).await);
    }
    pages
}

fn count(words: &str, before: &str) -> i64 {
    let (text, _) = words.split_once(before).unwrap_or_else(|| panic!("{before:?} is missing in {words:?}"));
    text.rsplit(' ').next().expect("a word").replace('.', "").parse().unwrap_or_else(|_| panic!("a count in {text:?}"))
}

/// `12,3 % más` of two figures; nothing to compare with says nothing.
fn change(now: i64, before: i64) -> Option<String> {
    if before <= 0 || now == before {
        return None;
    }
    let apart = i128::from(now - before).abs();
    let tenths = (apart * 2_000 + i128::from(before)) / (2 * i128::from(before));
    let digits = (tenths / 10).to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            grouped.push('.');
        }
        grouped.push(digit);
    }
    let decimal = if tenths % 10 == 0 { String::new() } else { format!(",{}", tenths % 10) };
    Some(format!("{grouped}{decimal} % {}", if now > before { "más" } else { "menos" }))
}

fn expect_change(said: &str, wanted: Option<String>) {
    match wanted {
        Some(wanted) => assert!(said.contains(&wanted), "{wanted:?} is missing in {said:?}"),
        None => assert!(!said.contains('%'), "{said:?} compares with nothing"),
    }
}

fn today(book: &Book, page: &str) {
    let stats = words(between(page, "<section class=\"stats\"", "</section>"));
    let wanted = book.sums(TODAY, TODAY);
    let until_now = |day: Date| sums(book.between(day, day).filter(|document| document.at.hour() < HOUR)).sold;
    let figures = all_between(page, "<span class=\"stat-figure\">", "</span>");
    assert_eq!(cents(figures[0]), wanted.sold, "sold today in {stats}");
    assert_eq!(cents(figures[1]), 0, "no cost is known, so there is no profit to tell");
    assert_eq!(count(&stats, " ventas."), wanted.sales, "{stats}");
    expect_change(&stats, change(until_now(TODAY), until_now(TODAY - 7.days())));
    let of_today = amounts(&stats);
    assert_eq!(of_today[1], wanted.sold - wanted.base, "tax in {stats}");
    if wanted.refunded != 0 {
        assert_eq!(of_today[2], wanted.refunded, "refunded in {stats}");
    }
    assert_eq!(count(&stats, " líneas de costo desconocido"), wanted.lines, "{stats}");
}

fn period(book: &Book, asked: &Asked, page: &str) {
    let said = section(page, "h-periodo");
    let wanted = book.sums(asked.first, asked.last);
    let before = book.sums(asked.before.0, asked.before.1);
    let headline = words(between(said, "<p class=\"lede\">", "</p>"));
    assert_eq!(amounts(&headline), [wanted.sold], "sold, {}", asked.query);
    expect_change(&headline, change(wanted.sold, before.sold));
    let split = words(between(said, "<p class=\"quiet\">", "</p>"));
    let mut figures = vec![wanted.base, wanted.sold - wanted.base];
    if wanted.refunded != 0 {
        assert!(split.contains("Ya se restaron"), "{split}");
        figures.push(wanted.refunded);
    }
    assert_eq!(amounts(&split), figures, "base, tax and refunds, {}", asked.query);
    let profit = words(section(page, "h-ganancia"));
    assert_eq!(count(&profit, " líneas sin costo"), wanted.lines, "{profit}");
    assert!(amounts(&profit).iter().all(|amount| *amount == 0), "no cost is known: {profit}");
}

fn chart(book: &Book, asked: &Asked, page: &str) {
    let found: Vec<(i64, Option<i64>)> = table(section(page, "h-periodo"))
        .into_iter()
        .map(|row| (cents(&row[1]), (row[2] != "—").then(|| cents(&row[2]))))
        .collect();
    let last = asked.last.min(TODAY);
    let days = |first: Date, last: Date| first.series(1.day()).take_while(move |day| *day <= last);
    let wanted: Vec<(i64, Option<i64>)> = match asked.bars {
        Bars::Days => {
            let befores: Vec<Date> = days(asked.before.0, asked.before.1).collect();
            let before = |at: usize| befores.get(at).map(|day| book.sums(*day, *day).sold);
            days(asked.first, last).enumerate().map(|(at, day)| (book.sums(day, day).sold, before(at))).collect()
        }
        Bars::Months { beside } => {
            let within = |month: Date, (first, last): (Date, Date)| {
                book.sums(month.max(first), month.last_of_month().min(last)).sold
            };
            let before = |month: Date| beside.then(|| within(month - 1.year(), asked.before));
            let months = asked.first.first_of_month().series(1.month()).take_while(|month| *month <= last);
            months.map(|month| (within(month, (asked.first, asked.last)), before(month))).collect()
        }
    };
    assert_eq!(found, wanted, "bars of {}", asked.query);
    if asked.bars != Bars::Days {
        let heads: Vec<String> = table(section(page, "h-periodo")).into_iter().map(|row| row[0].clone()).collect();
        let months = asked.first.first_of_month().series(1.month()).take(heads.len());
        for (head, month) in heads.iter().zip(months) {
            let name = MONTHS[usize::from(month.month().unsigned_abs()) - 1];
            assert!(head.starts_with(name), "{head} should be {name}");
        }
    }
}

/// Each hour of each weekday over eight weeks.
fn hours(book: &Book, page: &str) {
    let first = TODAY - 55.days();
    let mut wanted: BTreeMap<(i8, i8), i64> = BTreeMap::new();
    for document in book.between(first, TODAY) {
        let weekday = document.at.weekday().to_monday_zero_offset();
        *wanted.entry((document.at.hour(), weekday)).or_default() += document.charged();
    }
    let rows = table(section(page, "h-horas"));
    let mut found: BTreeMap<(i8, i8), i64> = BTreeMap::new();
    for row in &rows {
        let hour: i8 = row[0].trim_end_matches(['h', ' ']).parse().unwrap_or_else(|_| panic!("{row:?}"));
        for (weekday, cell) in (0_i8..).zip(&row[1..]) {
            found.insert((hour, weekday), cents(cell));
        }
    }
    assert_eq!(found.len(), rows.len() * 7, "seven days a row");
    found.retain(|_, minor| *minor != 0);
    wanted.retain(|_, minor| *minor != 0);
    assert_eq!(found, wanted, "what was sold in each hour");
    let by_weekday = |cells: &BTreeMap<(i8, i8), i64>| -> i64 { cells.values().sum() };
    assert_eq!(by_weekday(&found), book.sums(first, TODAY).sold);
    let (peak, most) = wanted.iter().max_by_key(|(_, minor)| **minor).expect("something was sold");
    let caption = words(between(section(page, "h-horas"), "<figcaption>", "</figcaption>"));
    assert_eq!(amounts(&caption), [*most], "{caption}");
    assert!(caption.contains(&format!("de {} a {} h", peak.0, peak.0 + 1)), "{caption}");
}

fn ranking(html: &str) -> Vec<(String, String, i64)> {
    all_between(html, "<li>", "</li>")
        .into_iter()
        .map(|row| {
            let name = words(between(row, "<a", "</a>").split_once('>').expect("a link").1);
            let aside = words(between(row, "<span class=\"units\">", "</span>"));
            (name, aside, cents(&words(between(row, "<strong>", "</strong>"))))
        })
        .collect()
}

fn rankings(book: &Book, asked: &Asked, page: &str) {
    let products = book.products(asked.first, asked.last);
    assert!(products.windows(2).take(5).all(|pair| pair[0].1 > pair[1].1), "no ties at the top of {}", asked.query);
    let found: Vec<(String, i64, i64)> = ranking(section(page, "h-top"))
        .into_iter()
        .map(|(name, aside, sold)| (name, sold, count(&aside, " unidad")))
        .collect();
    let wanted: Vec<(String, i64, i64)> =
        products.iter().take(5).map(|(sku, sold, units)| (name(sku), *sold, *units)).collect();
    assert_eq!(found, wanted, "the five best of {}", asked.query);

    let mut categories: BTreeMap<String, i64> = BTreeMap::new();
    for (sku, sold, _) in &products {
        *categories.entry(category(sku)).or_default() += sold;
    }
    let mut categories: Vec<(String, i64)> = categories.into_iter().collect();
    categories.sort_by_key(|(_, sold)| -sold);
    if categories.len() > 6 {
        let rest = categories.split_off(5);
        categories.push((format!("Otras {}", rest.len()), rest.iter().map(|(_, sold)| sold).sum()));
    }
    let found: Vec<(String, i64)> =
        ranking(section(page, "h-cat")).into_iter().map(|(name, _, sold)| (name, sold)).collect();
    assert_eq!(found, categories, "categories of {}", asked.query);
}

fn last_sales(book: &Book, page: &str) {
    let mut wanted: Vec<_> = book.documents.iter().filter(|document| !document.is_refund).collect();
    wanted.sort_by_key(|document| std::cmp::Reverse(document.at));
    assert_ne!(wanted[9].at, wanted[10].at, "the last ten are ten for sure");
    let by_moment: Vec<i64> = wanted[..10].iter().map(|document| document.charged()).collect();
    let mut found: Vec<i64> = table(section(page, "h-ventas")).iter().map(|row| cents(&row[4])).collect();
    // Two of one minute may stand either way.
    let mut wanted = by_moment;
    wanted.sort_unstable();
    found.sort_unstable();
    assert_eq!(found, wanted, "the last ten sales");
}

fn range(asked: &Asked) -> String {
    format!("desde={}&hasta={}", asked.first, asked.last)
}

/// The first row is the sum; it is the book's, and the rows behind it add up to it.
async fn documents(book: &Book, asked: &Asked, browser: &Browser) {
    let pages = open_all(browser, &format!("/dashboard/filas/ventas/?{}", range(asked))).await;
    let wanted = book.sums(asked.first, asked.last);
    let mut rows: Vec<[i64; 3]> = Vec::new();
    for page in &pages {
        let mut shown = table(page).into_iter().map(|row| [cents(&row[2]), cents(&row[3]), cents(&row[4])]);
        assert_eq!(shown.next(), Some([wanted.base, wanted.sold - wanted.base, wanted.sold]), "the sum of each page");
        rows.extend(shown);
    }
    let mut theirs: Vec<[i64; 3]> = book
        .between(asked.first, asked.last)
        .map(|document| [document.base(), document.charged() - document.base(), document.charged()])
        .collect();
    theirs.sort_unstable();
    rows.sort_unstable();
    assert_eq!(rows, theirs, "the documents of {}", asked.query);
}

async fn products(book: &Book, asked: &Asked, browser: &Browser) {
    let pages = open_all(browser, &format!("/dashboard/filas/productos/?{}", range(asked))).await;
    let mut found: Vec<(String, i64, i64)> = Vec::new();
    for page in &pages {
        let rows = table(page).into_iter().skip(1);
        // Whole units, written as an amount without decimals is.
        found.extend(rows.map(|row| (row[0].clone(), cents(&row[5]), cents(&row[1]) / 100)));
    }
    let mut wanted: Vec<(String, i64, i64)> = book
        .products(asked.first, asked.last)
        .into_iter()
        .map(|(sku, sold, units)| (name(&sku), sold, units))
        .collect();
    wanted.sort_unstable();
    found.sort_unstable();
    assert_eq!(found, wanted, "the products of {}", asked.query);
}

async fn lines_without_cost(book: &Book, asked: &Asked, browser: &Browser) {
    let pages = open_all(browser, &format!("/dashboard/filas/lineas/?sin_costo=1&{}", range(asked))).await;
    let Sums { lines, .. } = book.sums(asked.first, asked.last);
    // Under the row of the sum stand the lines sold and, taken off, those that came back.
    let rows: Vec<Vec<String>> = pages.iter().flat_map(|page| table(page).into_iter().skip(1)).collect();
    let sold = rows.iter().filter(|row| !row[0].contains("Devolución")).count();
    assert_eq!(i64::try_from(sold), Ok(lines), "the lines of {}", asked.query);
    let base: i64 = rows.iter().map(|row| cents(&row[4])).sum();
    assert_eq!(base, cents(&table(&pages[0])[0][4]), "what the lines of {} add up to", asked.query);
}
