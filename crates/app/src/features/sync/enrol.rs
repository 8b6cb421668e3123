//! `POST /api/v1/till/devices`: an admin binds a register to this browser.

use crate::{
    actor::Actor,
    kernel::{App, Body},
};
use axum::{extract::State, response::Response};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use db::{DbError, ShopTx, params};
use domain::ids::{DeviceId, RegisterId, UserId};
use p256::ecdsa::VerifyingKey;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use web::{AppError, Problem, json};

db::statements! {
    /// Takes the register first, so that two enrolments wait for one another.
    LOCK_REGISTER = "sync.lock_register",
        "SELECT name, prefix
         FROM register
         WHERE shop_id = $1 AND id = $2 AND kind = 'till' AND active
         {lock}";
    SAME_DEVICE = "sync.same_device",
        "SELECT register_id, public_key
         FROM device
         WHERE shop_id = $1 AND id = $2 AND state = 'active'";
    REVOKE = "sync.revoke_device",
        "UPDATE device
         SET state = 'revoked', revoked_at = $3, revoked_by = $4, revoked_why = $5
         WHERE shop_id = $1 AND register_id = $2 AND state = 'active'";
    INSERT = "sync.insert_device",
        "INSERT INTO device (shop_id, id, register_id, name, public_key, enrolled_by, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)";
}

/// What the browser asks.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Enrol {
    id: DeviceId,
    register_id: RegisterId,
    name: String,
    public_key: String,
    #[serde(default)]
    take_over: bool,
}

#[derive(Serialize)]
struct Enrolled {
    device_id: Uuid,
    register: EnrolledRegister,
}

#[derive(Serialize)]
struct EnrolledRegister {
    id: Uuid,
    name: String,
    prefix: String,
}

enum EnrolError {
    NoRegister,
    HasDevice,
    Db(DbError),
}

impl From<DbError> for EnrolError {
    fn from(error: DbError) -> Self {
        match error {
            DbError::Unique { .. } => EnrolError::HasDevice,
            other => EnrolError::Db(other),
        }
    }
}

/// Enrols.
pub async fn submit(State(app): State<App>, actor: Actor, Body(body): Body) -> Result<Response, AppError> {
    let asked: Enrol = json::parse(&body)?;
    let key = BASE64_URL_SAFE_NO_PAD.decode(&asked.public_key).unwrap_or_default();
    let mut problems = Vec::new();
    if VerifyingKey::from_sec1_bytes(&key).is_err() {
        problems.push(("public_key".to_owned(), Problem::Malformed));
    }
    if asked.name.chars().count() > 100 {
        problems.push(("name".to_owned(), Problem::TooLong { max: 100 }));
    }
    if !problems.is_empty() {
        return Err(AppError::Validation(problems));
    }
    let (device_id, register_id, now_us) = (asked.id.0, asked.register_id.0, app.now_us());
    let enrolled = app
        .db
        .shop_write(&actor, "enrol device", async move |tx: &mut ShopTx| enrol(tx, actor, &asked, &key, now_us).await);
    match enrolled.await {
        Ok((name, prefix)) => {
            tracing::info!(device = %device_id, register = %register_id, "device enrolled");
            json::data(&Enrolled { device_id, register: EnrolledRegister { id: register_id, name, prefix } })
        }
        Err(EnrolError::NoRegister) => Err(AppError::NotFound),
        Err(EnrolError::HasDevice) => Err(AppError::Conflict(None)),
        Err(EnrolError::Db(error)) => Err(error.into()),
    }
}

async fn enrol(
    tx: &mut ShopTx,
    actor: Actor,
    asked: &Enrol,
    key: &[u8],
    now_us: i64,
) -> Result<(String, String), EnrolError> {
    let mut row = tx.opt(&LOCK_REGISTER, params![asked.register_id.0]).await?.ok_or(EnrolError::NoRegister)?;
    let named = (row.take()?, row.take()?);
    if let Some(mut same) = tx.opt(&SAME_DEVICE, params![asked.id.0]).await? {
        let (register, stored): (Uuid, Vec<u8>) = (same.take()?, same.take()?);
        return if register == asked.register_id.0 && stored == key { Ok(named) } else { Err(EnrolError::HasDevice) };
    }
    if asked.take_over {
        revoke(tx, asked.register_id, Revoking { person: actor.user, why: Why::Replaced, now_us }).await?;
    }
    let device = NewDevice {
        id: asked.id,
        register: asked.register_id,
        name: asked.name.clone(),
        public_key: key.to_vec(),
        person: actor.user,
        now_us,
    };
    insert(tx, &device).await?;
    Ok(named)
}

/// A device to bind to a register.
#[derive(Clone, Debug)]
pub struct NewDevice {
    /// The id it gave itself.
    pub id: DeviceId,
    /// The register it sells at.
    pub register: RegisterId,
    /// What people call it.
    pub name: String,
    /// Its public key, a SEC1 point of P-256.
    pub public_key: Vec<u8>,
    /// Who binds it.
    pub person: UserId,
    /// Now, in microseconds UTC.
    pub now_us: i64,
}

/// Binds a device to a register.
///
/// # Errors
/// A register that has an active device is a unique violation.
pub async fn insert(tx: &mut ShopTx, device: &NewDevice) -> Result<(), DbError> {
    let row = params![
        device.id.0,
        device.register.0,
        device.name.as_str(),
        device.public_key.as_slice(),
        device.person.0,
        device.now_us
    ];
    tx.exec_one(&INSERT, row).await
}

/// Why a device may no longer sell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// Nobody knows who has it.
    Lost,
    /// It was given up so that another may have the register.
    Released,
    /// Another took the register over.
    Replaced,
    /// The register itself was closed.
    Closed,
}

impl Why {
    /// The stored word.
    pub fn as_str(self) -> &'static str {
        match self {
            Why::Lost => "lost",
            Why::Released => "released",
            Why::Replaced => "replaced",
            Why::Closed => "closed",
        }
    }
}

/// Who ends a device's right to sell, why and when.
#[derive(Clone, Copy, Debug)]
pub struct Revoking {
    /// Who.
    pub person: UserId,
    /// Why.
    pub why: Why,
    /// Now, in microseconds UTC.
    pub now_us: i64,
}

/// Revokes the active device of a register; `false` where it has none. What the device
/// still delivers is kept for review.
///
/// # Errors
/// Whatever the database says.
pub async fn revoke(tx: &mut ShopTx, register: RegisterId, revoking: Revoking) -> Result<bool, DbError> {
    let Revoking { person, why, now_us } = revoking;
    Ok(tx.exec(&REVOKE, params![register.0, now_us, person.0, why.as_str()]).await? == 1)
}
