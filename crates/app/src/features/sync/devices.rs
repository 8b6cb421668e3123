//! The devices of a register, as the settings show them, and ending one's right to sell.

use crate::features::{catalog::record::person_name, sync::enrol::Revoking};
use db::{DbError, Row, ShopRead, ShopTx, params};
use domain::ids::{DeviceId, RegisterId};
use uuid::Uuid;

db::statements! {
    OF_REGISTER = "sync.devices_of_register",
        "SELECT device.id, device.name, device.state, device.created_at, device.last_contact_at, device.revoked_at,
                COALESCE(device.revoked_why, ''), app_user.username, app_user.first_name, app_user.last_name
         FROM device
         JOIN app_user ON app_user.id = device.enrolled_by
         WHERE device.shop_id = $1 AND device.register_id = $2
         ORDER BY device.state, device.created_at DESC, device.id
         LIMIT 20";
    ACTIVE = "sync.active_devices",
        "SELECT register_id, name, last_contact_at
         FROM device
         WHERE shop_id = $1 AND state = 'active'";
    END = "sync.end_device",
        "UPDATE device
         SET state = 'revoked', revoked_at = $4, revoked_by = $5, revoked_why = $6
         WHERE shop_id = $1 AND register_id = $2 AND id = $3 AND state = 'active'";
}

/// A browser that sells, or sold, at a register.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// Which.
    pub id: DeviceId,
    /// What people call it.
    pub name: String,
    /// Whether it may sell.
    pub active: bool,
    /// Since when it was bound, µs UTC.
    pub enrolled_at: i64,
    /// When it was last heard of, to a few minutes, µs UTC.
    pub last_contact_at: Option<i64>,
    /// When its right ended.
    pub revoked_at: Option<i64>,
    /// The stored word of why; empty where nobody wrote it down.
    pub revoked_why: String,
    /// Who bound it.
    pub enrolled_by: String,
}

/// The devices of a register, the one that sells first.
///
/// # Errors
/// Whatever the database says.
pub async fn of_register(read: &mut ShopRead, register: RegisterId) -> Result<Vec<Device>, DbError> {
    let rows = read.rows(&OF_REGISTER, params![register.0]).await?;
    let device = |mut row: Row| {
        let id: Uuid = row.take()?;
        let name = row.take()?;
        let state: String = row.take()?;
        Ok(Device {
            id: DeviceId(id),
            name,
            active: state == "active",
            enrolled_at: row.take()?,
            last_contact_at: row.take()?,
            revoked_at: row.take()?,
            revoked_why: row.take()?,
            enrolled_by: person_name(&mut row)?,
        })
    };
    rows.into_iter().map(device).collect()
}

/// The device that sells at a register, in short.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActiveDevice {
    /// At which register.
    pub register: RegisterId,
    /// What people call it.
    pub name: String,
    /// When it was last heard of, µs UTC.
    pub last_contact_at: Option<i64>,
}

/// The devices that may sell.
///
/// # Errors
/// Whatever the database says.
pub async fn active(read: &mut ShopRead) -> Result<Vec<ActiveDevice>, DbError> {
    let rows = read.rows(&ACTIVE, params![]).await?;
    let device = |mut row: Row| {
        let register: Uuid = row.take()?;
        Ok(ActiveDevice { register: RegisterId(register), name: row.take()?, last_contact_at: row.take()? })
    };
    rows.into_iter().map(device).collect()
}

/// Ends a device's right to sell; `false` where it had none, or another device has the
/// register by now. What it still delivers is kept for review.
///
/// # Errors
/// Whatever the database says.
pub async fn end(tx: &mut ShopTx, register: RegisterId, device: DeviceId, revoking: Revoking) -> Result<bool, DbError> {
    let Revoking { person, why, now_us } = revoking;
    Ok(tx.exec(&END, params![register.0, device.0, now_us, person.0, why.as_str()]).await? == 1)
}
