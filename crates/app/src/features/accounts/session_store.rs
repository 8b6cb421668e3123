//! Where the guard's sessions are kept.
//!
//! **Invariant:** a session is looked up in the database at each request, so that
//! ending it acts at once, on every instance.

use db::{Db, DbError, Row, ShopTx, SystemTx, params};
use domain::ids::UserId;
use guard::{
    keys::KeyId,
    session::{Ending, IdHash, SessionPolicy, SessionRecord, SessionStore, StoreError},
};
use std::net::{IpAddr, Ipv4Addr};
use uuid::Uuid;

db::statements! {
    system LOAD = "accounts.load_session",
        "SELECT id_hash, lineage, user_id, shop_id, created_at, last_used_at, confirmed_at, second_factor_at, address,
                agent, key_id, known_device, replaced_at, rotation_due
         FROM web_session
         WHERE id_hash = $1";
    system INSERT = "accounts.insert_session",
        "INSERT INTO web_session (id_hash, lineage, user_id, shop_id, created_at, last_used_at, confirmed_at,
                                  second_factor_at, address, agent, key_id, known_device, replaced_at, rotation_due)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";
    /// A later use that another instance wrote stays.
    system TOUCH = "accounts.touch_session",
        "UPDATE web_session
         SET last_used_at = $2, key_id = $3
         WHERE id_hash = $1 AND last_used_at <= $2";
    system REPLACE = "accounts.replace_session",
        "UPDATE web_session
         SET replaced_at = $2
         WHERE id_hash = $1 AND replaced_at IS NULL";
    system END_LINEAGE = "accounts.end_lineage",
        "DELETE FROM web_session
         WHERE user_id = $1 AND lineage = $2";
    system END_OTHERS = "accounts.end_other_sessions",
        "DELETE FROM web_session
         WHERE user_id = $1 AND lineage <> $2";
    system END_ALL = "accounts.end_all_sessions",
        "DELETE FROM web_session
         WHERE user_id = $1";
    END_IN_SHOP = "accounts.end_sessions_in_shop",
        "DELETE FROM web_session
         WHERE shop_id = $1 AND user_id = $2";
    /// Everybody is meant, after a stolen key or a leak.
    system scan END_EVERYONE = "accounts.end_everyone",
        "DELETE FROM web_session";
    system REQUIRE_ROTATION = "accounts.require_rotation",
        "UPDATE web_session
         SET rotation_due = TRUE
         WHERE user_id = $1 AND replaced_at IS NULL";
    system LIST = "accounts.list_sessions",
        "SELECT id_hash, lineage, user_id, shop_id, created_at, last_used_at, confirmed_at, second_factor_at, address,
                agent, key_id, known_device, replaced_at, rotation_due
         FROM web_session
         WHERE user_id = $1 AND replaced_at IS NULL
         ORDER BY last_used_at DESC, id_hash";
    /// The job's sweep: three ages, of which one has an index, and never more rows at once than it says.
    system scan REMOVE_DEAD = "accounts.remove_dead_sessions",
        "DELETE FROM web_session
         WHERE id_hash IN (SELECT id_hash
                           FROM web_session
                           WHERE last_used_at < $1 OR created_at < $2 OR replaced_at < $3
                           LIMIT $4)";
}

/// Ends sessions in the transaction of what makes them wrong, so that no failure in
/// between leaves them open. How many ended.
///
/// # Errors
/// Whatever the database says.
pub async fn end_in(tx: &mut SystemTx, ending: Ending) -> Result<u64, DbError> {
    let (statement, params) = ending_statement(ending);
    tx.exec(statement, params).await
}

/// Ends the sessions that a person has in this shop; elsewhere they go on.
///
/// # Errors
/// Whatever the database says.
pub async fn end_in_shop(tx: &mut ShopTx, user: UserId) -> Result<u64, DbError> {
    tx.exec(&END_IN_SHOP, params![user.0]).await
}

fn ending_statement(ending: Ending) -> (&'static db::Statement, db::Params) {
    match ending {
        Ending::Lineage { user_id, lineage } => (&END_LINEAGE, params![user_id, lineage]),
        Ending::OthersOf { user_id, keep } => (&END_OTHERS, params![user_id, keep]),
        Ending::AllOf { user_id } => (&END_ALL, params![user_id]),
        Ending::Everyone => (&END_EVERYONE, params![]),
    }
}

/// The sessions of the installation.
#[derive(Clone)]
pub struct DbSessions {
    db: Db,
}

impl DbSessions {
    /// Sessions in this database.
    pub fn new(db: Db) -> Self {
        DbSessions { db }
    }
}

async fn change(db: &Db, statement: &'static db::Statement, params: db::Params) -> Result<u64, StoreError> {
    db.system_exec("session", statement, params).await.map_err(failed)
}

// The transaction's body outlives every borrow, so this takes what it needs by value.
async fn replace(db: Db, old: IdHash, at: i64, new: SessionRecord) -> Result<bool, StoreError> {
    db.system_write("replace session", async move |tx: &mut SystemTx| -> Result<bool, DbError> {
        if tx.exec(&REPLACE, params![old.0, at]).await? == 0 {
            return Ok(false);
        }
        tx.exec_one(&INSERT, columns(&new)).await?;
        Ok(true)
    })
    .await
    .map_err(failed)
}

fn failed(error: DbError) -> StoreError {
    StoreError(Box::new(error))
}

impl SessionStore for DbSessions {
    async fn load(&self, id_hash: IdHash) -> Result<Option<SessionRecord>, StoreError> {
        let mut read = self.db.system("session").await.map_err(failed)?;
        let row = read.opt(&LOAD, params![id_hash.0]).await.map_err(failed)?;
        row.map(record).transpose().map_err(failed)
    }

    async fn insert(&self, record: SessionRecord) -> Result<(), StoreError> {
        change(&self.db, &INSERT, columns(&record)).await.map(drop)
    }

    async fn touch(&self, id_hash: IdHash, last_used_at: i64, key_id: KeyId) -> Result<(), StoreError> {
        change(&self.db, &TOUCH, params![id_hash.0, last_used_at, &key_id.0[..]]).await.map(drop)
    }

    async fn replace(&self, old: IdHash, at: i64, new: SessionRecord) -> Result<bool, StoreError> {
        replace(self.db.clone(), old, at, new).await
    }

    async fn end(&self, ending: Ending) -> Result<u64, StoreError> {
        let (statement, params) = ending_statement(ending);
        change(&self.db, statement, params).await
    }

    async fn require_rotation(&self, user_id: Uuid) -> Result<u64, StoreError> {
        change(&self.db, &REQUIRE_ROTATION, params![user_id]).await
    }

    async fn list(&self, user_id: Uuid) -> Result<Vec<SessionRecord>, StoreError> {
        let mut read = self.db.system("sessions of a person").await.map_err(failed)?;
        let rows = read.rows(&LIST, params![user_id]).await.map_err(failed)?;
        rows.into_iter().map(record).collect::<Result<_, _>>().map_err(failed)
    }

    async fn remove_dead(&self, now_us: i64, policy: SessionPolicy, count_max: u32) -> Result<u64, StoreError> {
        let since = |age_us: i64| now_us.saturating_sub(age_us);
        let limits = params![
            since(policy.idle_us_max),
            since(policy.absolute_us_max),
            since(policy.grace_us),
            i64::from(count_max)
        ];
        change(&self.db, &REMOVE_DEAD, limits).await
    }
}

fn columns(record: &SessionRecord) -> db::Params {
    params![
        record.id_hash.0,
        record.lineage,
        record.user_id,
        record.shop_id,
        record.created_at,
        record.last_used_at,
        record.confirmed_at,
        record.second_factor_at,
        record.address.to_string(),
        record.agent.as_str(),
        &record.key_id.0[..],
        record.known_device,
        record.replaced_at,
        record.rotation_due
    ]
}

fn record(mut row: Row) -> Result<SessionRecord, DbError> {
    let id_hash = IdHash(row.take()?);
    let (lineage, user_id, shop_id) = (row.take()?, row.take()?, row.take()?);
    let (created_at, last_used_at, confirmed_at) = (row.take()?, row.take()?, row.take()?);
    let second_factor_at = row.take()?;
    let address: String = row.take()?;
    let agent = row.take()?;
    let key_id: Vec<u8> = row.take()?;
    Ok(SessionRecord {
        id_hash,
        lineage,
        user_id,
        shop_id,
        created_at,
        last_used_at,
        confirmed_at,
        second_factor_at,
        // Only this program writes the column; the unspecified address says that it did not.
        address: address.parse().unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED)),
        agent,
        key_id: KeyId(key_id.try_into().unwrap_or_default()),
        known_device: row.take()?,
        replaced_at: row.take()?,
        rotation_due: row.take()?,
    })
}
