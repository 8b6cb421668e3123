//! Who the till is: the check of a device's signature.
//!
//! **Invariant:** nothing of a request is believed before the signature over its
//! method, address, body and time has been checked against the stored key.

use crate::{
    actor::InShop,
    kernel::{request, state::App},
};
use axum::{
    body::Body,
    extract::{FromRequestParts, Request},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use db::{Db, DbError, ShopScope, ShopTx, params};
use domain::ids::{DeviceId, RegisterId, ShopId};
use http::{HeaderMap, header, request::Parts};
use p256::ecdsa::{Signature, VerifyingKey, signature::Verifier};
use sha2::{Digest, Sha256};
use std::fmt::Write;
use uuid::Uuid;
use web::AppError;

/// The longest body a device may send.
const BODY_BYTES_MAX: usize = 1024 * 1024;
/// How far a device's clock may be off, in µs: one day.
const CLOCK_US_MAX: u64 = 24 * 60 * 60 * 1_000_000;
/// How old the note of a device's last contact may grow before it is written anew:
/// a contact costs no flush, and the settings page says minutes, not seconds.
const CONTACT_US: i64 = 5 * 60 * 1_000_000;
/// The header with the device's time in µs UTC.
pub const TIME_HEADER: &str = "x-device-time";

db::statements! {
    system DEVICE = "sync.device",
        "SELECT device.shop_id, device.register_id, device.public_key, device.state, device.last_contact_at,
                shop.active
         FROM device
         JOIN shop ON shop.id = device.shop_id
         WHERE device.id = $1";
    /// Several requests at once write it once.
    TOUCH = "sync.touch_device",
        "UPDATE device
         SET last_contact_at = $3
         WHERE shop_id = $1 AND id = $2 AND (last_contact_at IS NULL OR last_contact_at <= $4)";
}

/// A device whose signature was right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeviceActor {
    /// Its shop.
    pub shop: ShopId,
    /// Itself.
    pub device: DeviceId,
    /// The register it is bound to.
    pub register: RegisterId,
    /// Whether it was revoked: it may then only deliver, for review.
    pub revoked: bool,
}

impl ShopScope for DeviceActor {
    fn shop_id(&self) -> Uuid {
        InShop(self.shop).shop_id()
    }
}

impl FromRequestParts<App> for DeviceActor {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, AppError> {
        parts.extensions.get::<DeviceActor>().copied().ok_or(AppError::SignInNeeded)
    }
}

/// Checks a device's request and lets it through with its [`DeviceActor`].
///
/// # Errors
/// [`AppError::SignInNeeded`] for everything that does not prove a device: a
/// stranger learns nothing about which part was wrong. [`AppError::DeviceClock`]
/// and [`AppError::PermissionDenied`], where the shop is closed, only after the
/// signature was right.
pub async fn admit(app: &App, request: Request) -> Result<Request, AppError> {
    let (mut parts, body) = request.into_parts();
    let body = request::whole(body, BODY_BYTES_MAX).await?;
    let claim = read_claim(&parts.headers).ok_or(AppError::SignInNeeded)?;
    let stored = load(&app.db, claim.device).await?.ok_or(AppError::SignInNeeded)?;
    let target = parts.uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
    let signed = signed_text(parts.method.as_str(), target, &body, claim.time_text);
    if stored.key.verify(signed.as_bytes(), &claim.signature).is_err() {
        return Err(AppError::SignInNeeded);
    }
    // A shop that the installation closed: nothing is taken, and the till keeps all it has.
    if !stored.shop_active {
        return Err(AppError::PermissionDenied);
    }
    if app.now_us().abs_diff(claim.time_us) > CLOCK_US_MAX {
        return Err(AppError::DeviceClock);
    }
    let actor = DeviceActor {
        shop: stored.shop,
        device: DeviceId(claim.device),
        register: stored.register,
        revoked: stored.revoked,
    };
    note_contact(app, actor, stored.last_contact_at).await;
    parts.extensions.insert(actor);
    Ok(Request::from_parts(parts, Body::from(body)))
}

/// A note for the settings page. A sale does not fail because it could not be made.
async fn note_contact(app: &App, actor: DeviceActor, last_contact_at: Option<i64>) {
    let now_us = app.now_us();
    if last_contact_at.is_some_and(|last| now_us - last < CONTACT_US) {
        return;
    }
    let noted = app.db.shop_write(&actor, "device's contact", async move |tx: &mut ShopTx| -> Result<(), DbError> {
        tx.exec(&TOUCH, params![actor.device.0, now_us, now_us - CONTACT_US]).await.map(drop)
    });
    if let Err(error) = noted.await {
        tracing::warn!(device = %actor.device, %error, "a device's contact was not noted");
    }
}

struct Claim<'a> {
    device: Uuid,
    signature: Signature,
    time_us: i64,
    time_text: &'a str,
}

fn read_claim(headers: &HeaderMap) -> Option<Claim<'_>> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let (device, signature) = text(header::AUTHORIZATION.as_str())?.strip_prefix("Device ")?.split_once('.')?;
    let signature = BASE64_URL_SAFE_NO_PAD.decode(signature).ok()?;
    let time_text = text(TIME_HEADER)?;
    Some(Claim {
        device: device.parse().ok()?,
        signature: Signature::from_slice(&signature).ok()?,
        time_us: time_text.parse().ok()?,
        time_text,
    })
}

/// What a device signs; the protocol's page has it line by line.
pub fn signed_text(method: &str, target: &str, body: &[u8], time: &str) -> String {
    let mut digest = String::with_capacity(64);
    for byte in Sha256::digest(body) {
        write!(digest, "{byte:02x}").expect("a String takes all that is written to it");
    }
    format!("inventario-device-v1\n{method}\n{target}\n{digest}\n{time}")
}

struct StoredDevice {
    shop: ShopId,
    register: RegisterId,
    key: VerifyingKey,
    revoked: bool,
    last_contact_at: Option<i64>,
    shop_active: bool,
}

async fn load(db: &Db, device: Uuid) -> Result<Option<StoredDevice>, DbError> {
    let mut read = db.system("device").await?;
    let Some(mut row) = read.opt(&DEVICE, params![device]).await? else { return Ok(None) };
    let (shop, register): (Uuid, Uuid) = (row.take()?, row.take()?);
    let key: Vec<u8> = row.take()?;
    let state: String = row.take()?;
    let key = VerifyingKey::from_sec1_bytes(&key).map_err(|error| DbError::Other(Box::new(error)))?;
    Ok(Some(StoredDevice {
        shop: ShopId(shop),
        register: RegisterId(register),
        key,
        revoked: state == "revoked",
        last_contact_at: row.take()?,
        shop_active: row.take()?,
    }))
}
