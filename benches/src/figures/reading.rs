//! P1 to P5 and P11 to P13: look-up, search, lists, dashboard, report.

use crate::{
    load::Ask,
    run::{self, Run},
    table::{Figure, Goal, Unit},
    world::{self, Chance},
};
use std::time::Duration;

/// A scanner's question.
pub fn look_up(code: &str) -> String {
    format!("/ventas/api/buscar-producto/?codigo_barras={code}")
}

/// What somebody types into the search of products.
pub fn search(product: u32) -> String {
    let words = world::typed(product);
    let bytes = words.bytes().map(|byte| match byte {
        b' ' => "+".to_owned(),
        byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    });
    format!("/productos/?q={}", bytes.collect::<String>())
}

/// The dashboard of this month, of a year, and a year by day.
pub const MONTH: &str = "/dashboard/?periodo=mes";
pub const YEAR: &str = "/dashboard/?periodo=anio";

/// The last 365 days as a range: what stands in for the report of a year by day.
pub fn report() -> String {
    let day = |us: i64| {
        domain::business_date::ShopDay::new("America/Bogota", 0)
            .and_then(|day| day.moment(us))
            .expect("the zone is known and the clock shows a year of four digits")
            .date
    };
    let now_us = world::now_us();
    format!("/dashboard/?desde={}&hasta={}", day(now_us - 364 * 86_400 * 1_000_000), day(now_us))
}

/// Takes the figures.
///
/// # Errors
/// The bare server does not answer.
pub async fn take(run: &mut Run) -> Result<(), String> {
    let time = run.wanted.time;
    if run.wanted.any(&["P1", "P2", "P3"]) {
        look_ups(run, time).await?;
    }
    if run.wanted.any(&["P4"]) {
        let mut chance = Chance(4);
        let requests: Vec<Vec<u8>> =
            (0..200).map(|_| run.owner.get(&search(chance.below(run.scale.products)))).collect();
        pages(run, "P4", "search in the products, CPU", &requests, Goal::of(2_500_000, 900_000)).await;
    }
    if run.wanted.any(&["P5"]) {
        for (what, path) in [("list of products, CPU", "/productos/"), ("list of sales, CPU", "/ventas/")] {
            let requests = [run.owner.get(path)];
            pages(run, "P5", what, &requests, Goal::of(400_000, 120_000)).await;
        }
    }
    for (id, what, path, ours, times) in [
        ("P11", "dashboard of a month", MONTH, Goal::of(1_500_000, 350_000), Goal::of(1_500, 1_200)),
        ("P12", "dashboard of a year", YEAR, Goal::of(3_000_000, 600_000), Goal::of(2_000, 1_200)),
    ] {
        if run.wanted.any(&[id]) {
            let large = [run.owner.get(path)];
            let small = [run.other_owner.get(path)];
            let large = pages(run, id, &format!("{what}, CPU"), &large, ours).await;
            let small = pages(run, id, &format!("{what}, the shop with 10,000 lines"), &small, Goal::NONE).await;
            let ratio = large * 1_000 / small.max(1);
            run.tell(Figure::new(id, format!("{what}, large ÷ small"), Unit::Times, ratio, times));
        }
    }
    if run.wanted.any(&["P13"]) {
        let requests = [run.owner.get(&report())];
        let what = "a year as a range on the dashboard (no report by day yet), CPU";
        pages(run, "P13", what, &requests, Goal::of(3_000_000, 700_000)).await;
    }
    Ok(())
}

async fn look_ups(run: &mut Run, time: Duration) -> Result<(), String> {
    let mut chance = Chance(1);
    let seller = run.seller.clone();
    let products = run.scale.products;
    let requests: Vec<Vec<u8>> =
        (0..5_000).map(|_| seller.get(&look_up(&world::barcode(chance.below(products))))).collect();
    let next = |client: usize, turn: usize| {
        Some(Ask::ok(requests[(client * 313 + turn) % requests.len()].as_slice(), "\"success\":true"))
    };
    run.closed(16, time / 4, next).await;
    let sample = run.closed(16, time, next).await;
    let bare = run::bare_http(16, time).await?;
    run.tell(
        Figure::new(
            "P1",
            "barcode look-up, CPU, 16 clients",
            Unit::Time,
            sample.cpu_each_ns(),
            Goal::of(100_000, 40_000),
        )
        .beside("bare hyper", bare.cpu_each_ns()),
    );
    run.tell(
        Figure::new("P3", "look-ups, 16 clients", Unit::Rate, sample.per_second(), Goal::of(12_000, 22_000))
            .beside("bare hyper", bare.per_second()),
    );
    let sample = run.paced(4, 50, next).await;
    let p95 = sample.percentile_ns(95);
    run.tell(Figure::new("P2", "look-up at 50 a second, p95", Unit::Time, p95, Goal::of(3_000_000, 500_000)));
    Ok(())
}

/// Two people ask for a page; what one costs at the processor, in ns.
async fn pages(run: &mut Run, id: &'static str, what: &str, requests: &[Vec<u8>], goal: Goal) -> i64 {
    let time = run.wanted.time;
    let next = |client: usize, turn: usize| {
        Some(Ask::ok(requests[(client * 7 + turn) % requests.len()].as_slice(), "</html>"))
    };
    run.closed(2, time / 8, next).await;
    let each = run.closed(2, time, next).await.cpu_each_ns();
    run.tell(Figure::new(id, what, Unit::Time, each, goal));
    each
}
