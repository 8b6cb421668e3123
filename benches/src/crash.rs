//! Killing the server under sixty-four selling tills, again and again.
//!
//! What a till was told is sold must be on record, whole, and `verify` must find
//! nothing. The server starts again on what the kill left.

use crate::{
    client::Wire,
    engine::{self, Engine, Setting, Stage},
    run,
    server::Server,
    till::{self, OpenTill},
    world::{Chance, Shop, TILLS},
};
use futures_util::future::join_all;
use std::{
    cell::RefCell,
    net::SocketAddr,
    time::{Duration, Instant},
};
use uuid::Uuid;

/// The longest that a server sells until it is killed.
const LIFE_MS_MAX: u32 = 1_500;

/// What a till asked for, and whether it was answered.
struct Sold {
    id: Uuid,
    answered: bool,
}

/// Kills so often and answers a sentence of what was seen.
///
/// # Errors
/// What was lost, or what does not fit.
pub async fn kill_repeatedly(engine: Engine, setting: &Setting<'_>, rounds: u32, seed: u64) -> Result<String, String> {
    let stage = engine::set(engine, setting).await?;
    let mut chance = Chance(seed);
    let (mut answered, mut unanswered, mut kept) = (0, 0, 0);
    let mut server = Server::start(setting.server, &stage).await?;
    let mut tills = Vec::new();
    for number in 0..TILLS {
        tills.push(OpenTill::open(number, server.address).await?);
    }
    for round in 0..rounds {
        for till in &mut tills {
            till.moved_to(server.address);
        }
        let life = Duration::from_millis(u64::from(50 + chance.below(LIFE_MS_MAX)));
        let sold = sell_until_killed(&mut tills, server, life, chance.next(), setting.scale.products).await?;
        // The next one starts on what the kill left, and first shows what is there.
        server = Server::start(setting.server, &stage).await?;
        for sale in &sold {
            let there = is_on_record(&stage, sale.id).await?;
            match (sale.answered, there) {
                (true, false) => return Err(format!("round {round}: sale {} was answered and is lost", sale.id)),
                (true, true) => answered += 1,
                (false, there) => {
                    unanswered += 1;
                    kept += u32::from(there);
                }
            }
        }
    }
    server.stop();
    let figure = run::verify(&stage, setting)?;
    stage.clear().await?;
    if figure.value != 0 {
        return Err(format!("{} {}", figure.value, figure.what));
    }
    Ok(format!(
        "{}: killed {rounds} times; {answered} answered sales, none lost; {unanswered} cut off, {kept} of them on record; verify finds nothing",
        engine.word()
    ))
}

async fn sell_until_killed(
    tills: &mut [OpenTill],
    server: Server,
    life: Duration,
    seed: u64,
    products: u32,
) -> Result<Vec<Sold>, String> {
    let address = server.address;
    let begun = Instant::now();
    let server = RefCell::new(Some(server));
    let killing = async {
        tokio::time::sleep(life).await;
        if let Some(server) = server.borrow_mut().take() {
            server.kill();
        }
    };
    let selling = tills.iter_mut().enumerate().map(|(place, till)| {
        let chance = Chance(seed ^ (place as u64) << 32);
        sell(till, chance, products, address)
    });
    let (sold, ()) = tokio::join!(join_all(selling), killing);
    debug_assert!(begun.elapsed() >= life);
    let mut all = Vec::new();
    for sold in sold {
        all.extend(sold);
    }
    if all.is_empty() { Err("nothing was sold before the kill".to_owned()) } else { Ok(all) }
}

/// Sells until the connection breaks; the last sale got no answer.
async fn sell(till: &mut OpenTill, mut chance: Chance, products: u32, address: SocketAddr) -> Vec<Sold> {
    let mut sold = Vec::new();
    let Ok(mut wire) = Wire::connect(address).await else { return sold };
    loop {
        // Without numbers there is nothing to sell, and the server is gone.
        let Ok((id, request)) = till.identified_sale(&till::basket(&mut chance, products)).await else { return sold };
        match wire.ask(&request).await {
            Ok(answer) if answer.status == 200 && answer.says("\"accepted\"") => {
                sold.push(Sold { id, answered: true });
            }
            Ok(_) | Err(_) => {
                sold.push(Sold { id, answered: false });
                return sold;
            }
        }
    }
}

async fn is_on_record(stage: &Stage, id: Uuid) -> Result<bool, String> {
    let shop = Shop(0).id().0;
    match stage.engine {
        Engine::Sqlite => {
            let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
            let conn = rusqlite::Connection::open_with_flags(stage.file(), flags);
            let found = conn.and_then(|conn| {
                let sql = "SELECT 1 FROM sale WHERE shop_id = ?1 AND id = ?2";
                conn.prepare(sql)?.exists([&shop.as_bytes()[..], &id.as_bytes()[..]])
            });
            found.map_err(|error| format!("the file cannot be read: {error}"))
        }
        Engine::Postgres => {
            let sql = format!("SELECT 1 FROM sale WHERE shop_id = '{shop}' AND id = '{id}'");
            Ok(engine::rows(&stage.url, &sql).await? == 1)
        }
    }
}
