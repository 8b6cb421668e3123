//! P6 to P10: checkouts by tills, each durable before its answer.

use crate::{
    client::Wire,
    engine::Engine,
    load::{Ask, Sample},
    run::Run,
    table::{Figure, Goal, Unit},
    till::{self, Basket},
    world::{self, Chance, Kind, Shop, TILLS},
};
use futures_util::future::join_all;
use std::time::{Duration, Instant};

/// Units of each product that sixty-four clients want one of.
const LAST_UNITS: u64 = 10;
/// How often they race.
const RACES: u32 = 5;
/// Requests in a second for which sales are signed beforehand, at most.
const SALES_EXPECTED: u64 = 5_000;

/// Takes the figures.
///
/// # Errors
/// A till that cannot be opened; a race that is not exact.
pub async fn take(run: &mut Run, flush_ns: i64) -> Result<(), String> {
    if run.wanted.any(&["P6", "P7", "P8"]) {
        crowd(run).await?;
        by_session(run).await;
    }
    if run.wanted.any(&["P9"]) {
        alone(run, flush_ns).await?;
    }
    if run.wanted.any(&["P10"]) {
        races(run).await?;
    }
    Ok(())
}

/// Sales for each of some tills, signed.
///
/// # Errors
/// A till that gets no numbers.
pub async fn signed(run: &mut Run, tills: u32, each: usize, seed: u64) -> Result<Vec<Vec<Vec<u8>>>, String> {
    run.open_tills(tills).await?;
    let products = run.scale.products;
    let mut chance = Chance(seed);
    let mut sales = Vec::with_capacity(tills as usize);
    for till in run.tills.iter_mut().take(tills as usize) {
        let mut own = Vec::with_capacity(each);
        for _ in 0..each {
            own.push(till.sale(&till::basket(&mut chance, products)).await?);
        }
        sales.push(own);
    }
    Ok(sales)
}

async fn crowd(run: &mut Run) -> Result<(), String> {
    let time = run.wanted.time;
    let seconds_milli = u64::try_from(time.as_millis()).unwrap_or(4_000);
    let each = usize::try_from(SALES_EXPECTED * seconds_milli / 1_000 / u64::from(TILLS)).unwrap_or(100) + 1;
    let sales = signed(run, TILLS, each + each / 8, 6).await?;
    let warm = each / 8;
    let first =
        |client: usize, turn: usize| (turn < warm).then(|| Ask::ok(sales[client][turn].as_slice(), "\"accepted\""));
    run.closed(TILLS as usize, time, first).await;
    let next = |client: usize, turn: usize| {
        sales[client].get(warm + turn).map(|sale| Ask::ok(sale.as_slice(), "\"accepted\""))
    };
    let sample = run.closed(TILLS as usize, time, next).await;
    let each_ns = sample.cpu_each_ns();
    run.tell(Figure::new(
        "P6",
        "checkout of 3 lines by a till, CPU, 64 clients",
        Unit::Time,
        each_ns,
        Goal::of(500_000, 300_000),
    ));
    let floor = |least| Goal { floor: Some(least), goal: None };
    let (id, least) = if run.engine == Engine::Sqlite { ("P7", 1_500) } else { ("P8", 1_000) };
    run.tell(Figure::new(
        id,
        "checkouts by tills, 64 clients, one shop",
        Unit::Rate,
        sample.per_second(),
        floor(least),
    ));
    let p95 = sample.percentile_ns(95);
    run.tell(Figure::new("", "their p95", Unit::Time, p95, Goal::NONE));
    Ok(())
}

/// The same by people's sessions: one register numbers them all.
async fn by_session(run: &mut Run) {
    let time = run.wanted.time;
    let mut chance = Chance(66);
    let products = run.scale.products;
    let begun = world::now_us().unsigned_abs() << 8 & 0xffff_ffff_ff00;
    let mut requests = Vec::new();
    let many = SALES_EXPECTED * u64::try_from(time.as_millis()).unwrap_or(4_000) / 1_000;
    for number in 0..many {
        let mut content = till::content(&till::basket(&mut chance, products));
        let drawer = usize::try_from(number).unwrap_or(0) % run.tills.len().max(1);
        content["session_id"] = serde_json::json!(run.tills.get(drawer).map(till::OpenTill::session));
        content["id"] = serde_json::json!(world::id(Kind::Document, 902, (begun + number) & 0xffff_ffff_ffff));
        requests.push(run.seller.post_json("/api/v1/sales", &content.to_string()));
    }
    let next = |client: usize, turn: usize| {
        let request = requests.get(turn * TILLS as usize + client)?;
        Some(Ask { status: 201, ..Ask::ok(request.as_slice(), "\"number\"") })
    };
    let sample = run.closed(TILLS as usize, time, next).await;
    run.tell(Figure::new(
        "P6",
        "the same by a session (one register), CPU",
        Unit::Time,
        sample.cpu_each_ns(),
        Goal::of(500_000, 300_000),
    ));
    run.tell(Figure::new("", "the same by a session (one register)", Unit::Rate, sample.per_second(), Goal::NONE));
}

async fn alone(run: &mut Run, flush_ns: i64) -> Result<(), String> {
    let sales = signed(run, 1, 300, 9).await?;
    let next = |_, turn: usize| sales[0].get(turn).map(|sale| Ask::ok(sale.as_slice(), "\"accepted\""));
    let sample = run.closed(1, run.wanted.time, next).await;
    let p50 = sample.percentile_ns(50);
    run.tell(
        Figure::new("P9", "one till alone, checkout p50", Unit::Time, p50, Goal::of(6_000_000, flush_ns + 500_000))
            .beside("a flush", flush_ns),
    );
    Ok(())
}

/// Sixty-four tills want one of the last ten: ten get it, and nobody else.
async fn races(run: &mut Run) -> Result<(), String> {
    run.open_tills(TILLS).await?;
    let mut latencies = Sample::default();
    let mut wrong = 0_i64;
    let before = run.server.cpu();
    for race in 0..RACES {
        let product = run.scale.products - 1 - race;
        count(run, product, LAST_UNITS).await?;
        let basket: Basket = vec![(product, 1)];
        let mut requests = Vec::new();
        for till in &mut run.tills {
            requests.push(till.sale(&basket).await?);
        }
        let address = run.server.address;
        let mut wires = Vec::new();
        for _ in &requests {
            wires.push(Wire::connect(address).await.map_err(|error| format!("no connection: {error}"))?);
        }
        let asking = wires.iter_mut().zip(&requests).map(async |(wire, request)| {
            let begun = Instant::now();
            let answer = wire.ask(request).await.map_err(|error| format!("a racing till was cut off: {error}"))?;
            let outcome = match (answer.status, answer.says("\"accepted\""), answer.says("STOCK_INSUFFICIENT")) {
                (200, true, false) => 1_u64,
                (200, false, true) => 0,
                _ => return Err(format!("a racing till was answered {}: {}", answer.status, answer.text())),
            };
            Ok((outcome, begun.elapsed()))
        });
        let mut sold = 0;
        for answered in join_all(asking).await {
            let (outcome, elapsed): (u64, Duration) = answered?;
            sold += outcome;
            latencies.push(elapsed);
        }
        wrong += i64::from(sold != LAST_UNITS);
    }
    let latencies = run.noted(latencies, before);
    let exact = format!("races of 64 for the last {LAST_UNITS} that were not exact, of {RACES}");
    run.tell(Figure::new("P10", exact, Unit::Count, wrong, Goal::of(0, 0)));
    let goal = Goal { floor: None, goal: Some(30_000_000) };
    run.tell(Figure::new("P10", "their p95", Unit::Time, latencies.percentile_ns(95), goal));
    Ok(())
}

/// Somebody counts a product's stock.
async fn count(run: &mut Run, product: u32, units: u64) -> Result<(), String> {
    let id = Shop(0).product(product);
    let body = format!("modo=conteo&cantidad={units}&costo=&motivo=Conteo");
    let request = run.owner.post_form(&format!("/productos/{id}/ajuste/"), &body);
    let mut wire = Wire::connect(run.server.address).await.map_err(|error| format!("no connection: {error}"))?;
    let answer = wire.ask(&request).await.map_err(|error| format!("counting was cut off: {error}"))?;
    if answer.status == 303 { Ok(()) } else { Err(format!("counting was answered {}", answer.status)) }
}
