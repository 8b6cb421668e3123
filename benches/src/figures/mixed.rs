//! P14 to P16 and the second half of P18: a shop's day, and work beside the till.

use crate::{
    figures::{reading, selling},
    load::{self, Ask, Sample},
    person::Person,
    run::Run,
    table::{Figure, Goal, Unit},
    world::{self, Chance, Shop},
};
use std::{
    cell::{Cell, RefCell},
    time::{Duration, Instant},
};

const CLIENTS: u32 = 16;
/// Of a hundred requests: look-ups, checkouts, searches, lists of products, lists of
/// sales, dashboards, reports of a year.
const MIX: [u32; 7] = [60, 20, 8, 4, 3, 3, 2];

/// Takes the figures.
///
/// # Errors
/// A till that cannot be opened, somebody who cannot sign in.
pub async fn take(run: &mut Run) -> Result<(), String> {
    if run.wanted.any(&["P14", "P18"]) {
        day(run).await?;
    }
    if run.wanted.any(&["P15"]) {
        beside_sign_ins(run).await?;
        beside_reports(run).await;
    }
    if run.wanted.any(&["P16"]) {
        sign_ins(run).await?;
    }
    Ok(())
}

async fn day(run: &mut Run) -> Result<(), String> {
    let time = run.wanted.time * 2;
    // A fifth of at most 8,000 requests a second are checkouts.
    let each = usize::try_from(time.as_millis()).unwrap_or(8_000) * 8 / 5 / CLIENTS as usize + 1;
    let sales = selling::signed(run, CLIENTS, each, 14).await?;
    let (owner, seller, products) = (run.owner.clone(), run.seller.clone(), run.scale.products);
    let mut chance = Chance(14);
    let mut some = |many: usize, make: &dyn Fn(u32) -> Vec<u8>| -> Vec<Vec<u8>> {
        (0..many).map(|_| make(chance.below(products))).collect()
    };
    let reads = [
        some(2_000, &|product| seller.get(&reading::look_up(&world::barcode(product)))),
        Vec::new(),
        some(200, &|product| owner.get(&reading::search(product))),
        vec![owner.get("/productos/")],
        vec![owner.get("/ventas/")],
        vec![owner.get(reading::MONTH)],
        vec![owner.get(&reading::report())],
    ];
    let sold: Vec<Cell<usize>> = (0..CLIENTS).map(|_| Cell::new(0)).collect();
    let dice: Vec<RefCell<Chance>> = (0..CLIENTS).map(|client| RefCell::new(Chance(u64::from(client)))).collect();
    let next = |client: usize, turn: usize| {
        let mut rest = dice[client].borrow_mut().below(100);
        let kind = MIX.iter().position(|share| {
            let here = rest < *share;
            rest = rest.wrapping_sub(*share);
            here
        })?;
        if kind == 1 {
            let at = sold[client].replace(sold[client].get() + 1);
            return sales[client].get(at).map(|sale| Ask::ok(sale.as_slice(), "\"accepted\""));
        }
        let says = if kind == 0 { "\"success\":true" } else { "</html>" };
        Some(Ask::ok(reads[kind][(client * 131 + turn) % reads[kind].len()].as_slice(), says))
    };
    let before = run.server.cpu();
    let begun = Instant::now();
    let driving = load::closed(run.server.address, CLIENTS as usize, time, next);
    let (sample, kib) = tokio::join!(driving, highest_memory(run, begun, time));
    let sample = run.noted(sample, before);
    run.tell(Figure::new(
        "P14",
        "mixed day, 16 clients, CPU",
        Unit::Time,
        sample.cpu_each_ns(),
        Goal::of(400_000, 190_000),
    ));
    run.tell(Figure::new("P14", "its p95", Unit::Time, sample.percentile_ns(95), Goal::of(25_000_000, 10_000_000)));
    run.tell(Figure::new("P14", "its requests", Unit::Rate, sample.per_second(), Goal::of(2_500, 5_000)));
    run.tell(Figure::new("P18", "its highest memory (PSS)", Unit::Kib, kib, Goal::of(80 * 1_024, 40 * 1_024)));
    Ok(())
}

async fn highest_memory(run: &Run, begun: Instant, time: Duration) -> i64 {
    let mut highest = 0;
    while begun.elapsed() < time {
        highest = highest.max(run.server.memory_kib());
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    i64::try_from(highest).unwrap_or(i64::MAX)
}

fn some_look_ups(run: &Run) -> Vec<Vec<u8>> {
    let mut chance = Chance(15);
    (0..500).map(|_| run.seller.get(&reading::look_up(&world::barcode(chance.below(run.scale.products))))).collect()
}

/// Four people sign in again and again.
async fn beside_sign_ins(run: &mut Run) -> Result<(), String> {
    let requests = some_look_ups(run);
    let next = |client: usize, turn: usize| {
        Some(Ask::ok(requests[(client * 31 + turn) % requests.len()].as_slice(), "\"success\":true"))
    };
    let (address, time, before) = (run.server.address, run.wanted.time * 2, run.server.cpu());
    let begun = Instant::now();
    let entering = async |number: u32| {
        let mut many = 0_u64;
        while begun.elapsed() < time {
            Person::sign_in(address, &Shop(0).username(1 + number)).await?;
            many += 1;
        }
        Ok::<u64, String>(many)
    };
    let looking = load::paced(address, 4, (50, time), next);
    let (sample, a, b, c, d) = tokio::join!(looking, entering(0), entering(1), entering(2), entering(3));
    let many = a? + b? + c? + d?;
    let sample: Sample = run.noted(sample, before);
    let what = format!("look-ups at 50 a second while four people sign in ({many} times), p95");
    run.tell(Figure::new("P15", what, Unit::Time, sample.percentile_ns(95), Goal::of(15_000_000, 4_000_000)));
    Ok(())
}

/// Two people ask for the year's figures again and again.
async fn beside_reports(run: &mut Run) {
    let requests = some_look_ups(run);
    let next = |client: usize, turn: usize| {
        Some(Ask::ok(requests[(client * 31 + turn) % requests.len()].as_slice(), "\"success\":true"))
    };
    let report = run.owner.get(&reading::report());
    let reporting = |_, _| Some(Ask::ok(report.as_slice(), "</html>"));
    let (address, time, before) = (run.server.address, run.wanted.time * 2, run.server.cpu());
    let looking = load::paced(address, 4, (50, time), next);
    let (sample, reports) = tokio::join!(looking, load::closed(address, 2, time, reporting));
    let many = reports.asked;
    run.noted(reports, before);
    let sample = run.noted(sample, before);
    let what = format!("look-ups at 50 a second while two ask for the year ({many} times), p95");
    run.tell(Figure::new("P15", what, Unit::Time, sample.percentile_ns(95), Goal::of(4_000_000, 2_000_000)));
}

/// What a password costs: Argon2id as it must be, never cheaper to look fast.
async fn sign_ins(run: &mut Run) -> Result<(), String> {
    const TIMES: u64 = 8;
    let before = run.server.cpu();
    for _ in 0..TIMES {
        Person::sign_in(run.server.address, &Shop(0).username(2)).await?;
    }
    let each = i64::try_from((run.server.cpu() - before).ns / TIMES).unwrap_or(i64::MAX);
    // The goal is a span: below 40 ms guessing would be cheap.
    let goal = if each < 40_000_000 { Goal::of(0, 0) } else { Goal { floor: None, goal: Some(150_000_000) } };
    run.tell(Figure::new("P16", "a sign-in, CPU (40 to 150 ms)", Unit::Time, each, goal));
    Ok(())
}
