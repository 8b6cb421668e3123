//! `POST /api/v1/till/lease`: a block of numbers for a device.
//!
//! **Invariant:** blocks of a register never overlap: the register is locked while
//! it gives one. The same id gets the same block.

use crate::{
    features::{settings::registers, sync::device::DeviceActor},
    kernel::{App, Body},
};
use axum::{extract::State, response::Response};
use db::{DbError, Row, ShopTx, params};
use guard::source::DAY_US;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use web::{AppError, json};

db::statements! {
    LEASE = "sync.lease",
        "SELECT register.prefix, number_lease.from_number, number_lease.to_number, number_lease.expires_at
         FROM number_lease
         JOIN register ON register.shop_id = number_lease.shop_id AND register.id = number_lease.register_id
         WHERE number_lease.shop_id = $1 AND number_lease.id = $2 AND number_lease.device_id = $3";
    INSERT = "sync.insert_lease",
        "INSERT INTO number_lease (shop_id, id, register_id, device_id, from_number, to_number, leased_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    /// Whether a device was given a number.
    COVERS = "sync.lease_covers",
        "SELECT id
         FROM number_lease
         WHERE shop_id = $1 AND register_id = $2 AND device_id = $3 AND from_number <= $4 AND to_number >= $4
         LIMIT 1";
}

/// How many numbers a block has.
const NUMBERS: i64 = 200;
/// How long a block is a device's own: longer than any shop is without internet.
const LIFE_US: i64 = 400 * DAY_US;

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    id: Uuid,
    /// The highest number the till holds, for the log.
    #[serde(default)]
    above: i64,
}

#[derive(Serialize)]
struct Lease {
    prefix: String,
    from: i64,
    to: i64,
    expires_at: i64,
}

/// Leases.
pub async fn submit(State(app): State<App>, device: DeviceActor, Body(body): Body) -> Result<Response, AppError> {
    if device.revoked {
        return Err(AppError::DeviceRevoked);
    }
    let asked: Asked = json::parse(&body)?;
    tracing::debug!(device = %device.device, above = asked.above, "numbers leased");
    let now_us = app.now_us();
    let lease = app
        .db
        .shop_write(&device, "lease numbers", async move |tx: &mut ShopTx| lease(tx, device, asked.id, now_us).await);
    let lease: Option<Lease> = match lease.await {
        // An id is one device's: another's is no repetition.
        Err(DbError::Unique { .. }) => return Err(AppError::Conflict(None)),
        other => other?,
    };
    json::data(&lease.ok_or(AppError::NotFound)?)
}

async fn lease(tx: &mut ShopTx, device: DeviceActor, id: Uuid, now_us: i64) -> Result<Option<Lease>, DbError> {
    // The number is taken first: it locks the register, behind which a repetition waits.
    let Some(taken) = registers::take_numbers(tx, device.register, 0).await? else { return Ok(None) };
    if let Some(row) = tx.opt(&LEASE, params![id, device.device.0]).await? {
        return read(row).map(Some);
    }
    let Some(block) = registers::take_numbers(tx, device.register, NUMBERS).await? else { return Ok(None) };
    let lease = Lease {
        prefix: taken.prefix,
        from: block.number,
        to: block.number + NUMBERS - 1,
        expires_at: now_us + LIFE_US,
    };
    let row = params![id, device.register.0, device.device.0, lease.from, lease.to, now_us, lease.expires_at];
    tx.exec_one(&INSERT, row).await?;
    Ok(Some(lease))
}

fn read(mut row: Row) -> Result<Lease, DbError> {
    Ok(Lease { prefix: row.take()?, from: row.take()?, to: row.take()?, expires_at: row.take()? })
}

/// Whether a device was given a number.
///
/// # Errors
/// Whatever the database says.
pub async fn covers(read: &mut db::ShopRead, device: DeviceActor, number: i64) -> Result<bool, DbError> {
    Ok(read.opt(&COVERS, params![device.register.0, device.device.0, number]).await?.is_some())
}
