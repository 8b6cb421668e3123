//! The same inserts on SQLite by one thread, sixty-four sales a commit.

use super::sale::{self, LINES, P, Step};
use crate::world::{self, Chance, Kind, Shop, TILLS};
use rusqlite::{Connection, types::Value};
use std::{
    path::Path,
    time::{Duration, Instant},
};

/// Sales that share a flush, as in the product's writer.
const GROUP: u32 = 64;
/// The log is copied into the file above this, as in the product.
const LOG_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// Sells for a while and answers how many sales a second were durable.
///
/// # Errors
/// A sentence of what failed.
pub fn sales_per_second(file: &Path, products: u32, time: Duration) -> Result<i64, String> {
    sell(file, products, time).map_err(|error| format!("the bare SQLite program failed: {error}"))?
}

fn sell(file: &Path, products: u32, time: Duration) -> rusqlite::Result<Result<i64, String>> {
    let mut steps = match sale::steps() {
        Ok(steps) => steps,
        Err(missing) => return Ok(Err(missing)),
    };
    for step in &mut steps {
        // SQLite takes `$4` for a name; `?4` is the fourth parameter.
        step.sql = step.sql.replace("{lock}", "").replace('$', "?");
    }
    let conn = Connection::open(file)?;
    conn.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0;
         PRAGMA cache_size = -32000; PRAGMA temp_store = MEMORY; PRAGMA foreign_keys = ON;",
    )?;
    conn.set_prepared_statement_cache_capacity(256);
    let log = file.with_extension("sqlite3-wal");
    let mut chance = Chance(77);
    let (begun, mut sales) = (Instant::now(), 0_u64);
    while begun.elapsed() < time {
        conn.execute_batch("BEGIN IMMEDIATE")?;
        for client in 0..GROUP {
            conn.execute_batch("SAVEPOINT one")?;
            let chosen = std::array::from_fn(|_| chance.popular(products));
            one(&conn, &steps, &One { client: client % TILLS, sale: sales, products: distinct(chosen) })?;
            conn.execute_batch("RELEASE one")?;
            sales += 1;
        }
        conn.execute_batch("COMMIT")?;
        if std::fs::metadata(&log).is_ok_and(|log| log.len() > LOG_BYTES_MAX) {
            conn.query_row("PRAGMA wal_checkpoint(RESTART)", [], |_| Ok(()))?;
        }
    }
    let us = u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX);
    Ok(Ok(i64::try_from(sales * 1_000_000 / us).unwrap_or(i64::MAX)))
}

/// Which sale it is.
struct One {
    client: u32,
    sale: u64,
    products: [u32; LINES],
}

fn distinct(mut products: [u32; LINES]) -> [u32; LINES] {
    products.sort_unstable();
    for at in 1..LINES {
        if products[at] <= products[at - 1] {
            products[at] = products[at - 1] + 1;
        }
    }
    products
}

fn one(conn: &Connection, steps: &[Step], one: &One) -> rusqlite::Result<()> {
    let mut last_numbers = [0_i64; LINES];
    for step in steps {
        let mut prepared = conn.prepare_cached(&step.sql)?;
        for (at, param) in step.params.iter().enumerate() {
            prepared.raw_bind_parameter(at + 1, value(*param, one, &last_numbers))?;
        }
        if prepared.column_count() == 0 {
            prepared.raw_execute()?;
            continue;
        }
        let columns = prepared.column_count();
        let mut rows = prepared.raw_query();
        while let Some(row) = rows.next()? {
            for column in 0..columns {
                std::hint::black_box(row.get_ref(column)?);
            }
            if let Some(line) = step.reads_item {
                last_numbers[line] = row.get(4)?;
            }
        }
    }
    Ok(())
}

fn value(param: P, one: &One, last_numbers: &[i64; LINES]) -> Value {
    let number = i64::try_from(one.sale).unwrap_or(0) + 1_000_000_000;
    let id = |id: uuid::Uuid| Value::Blob(id.as_bytes().to_vec());
    match param {
        P::Id(given) => id(given),
        P::Product(line) => id(Shop(0).product(one.products[line]).0),
        P::Register => id(sale::register(one.client)),
        P::Device => id(sale::device(one.client)),
        P::Session => id(sale::session(one.client)),
        P::Sale => id(world::id(Kind::Document, 950, one.sale)),
        P::Number => Value::Integer(number),
        P::Int(number) => Value::Integer(number),
        P::Text(text) => Value::Text(text.to_owned()),
        P::Flag(flag) => Value::Integer(i64::from(flag)),
        P::Digest => Value::Blob(vec![7; 32]),
        P::Null => Value::Null,
        P::LastNumber(line) => Value::Integer(last_numbers[line]),
    }
}
