//! Uploaded files, kept in parts until they are imported or given up.
//!
//! **Invariant:** a file is either whole or not there: its head, which says how many
//! parts it has, is written last.

use super::{
    check::{ImportError, ImportRequest},
    columns::Kind,
    reading::Choices,
};
use crate::actor::Actor;
use db::{Db, DbError, ShopTx, params};
use domain::ids::TaxSetId;
use uuid::Uuid;

/// A millisecond of the writer.
const PART_BYTES: usize = 256 * 1024;

/// Uploads that nobody came back to are deleted after this, with the next one.
const KEPT_US: i64 = 24 * 3_600 * 1_000_000;

db::statements! {
    INSERT_UPLOAD = "imports.insert_upload",
        "INSERT INTO import_upload (shop_id, id, kind, file_name, tax_set_id, affects_stock, part_count, started_by, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $8)";
    COMPLETE_UPLOAD = "imports.complete_upload",
        "UPDATE import_upload
         SET part_count = $3
         WHERE shop_id = $1 AND id = $2 AND part_count = 0";
    INSERT_PART = "imports.insert_part",
        "INSERT INTO import_upload_part (shop_id, upload_id, position, content)
         VALUES ($1, $2, $3, $4)";
    LOAD_UPLOAD = "imports.load_upload",
        "SELECT kind, file_name, tax_set_id, affects_stock
         FROM import_upload
         WHERE shop_id = $1 AND id = $2 AND part_count > 0";
    LOAD_PARTS = "imports.load_parts",
        "SELECT content
         FROM import_upload_part
         WHERE shop_id = $1 AND upload_id = $2
         ORDER BY position";
    OLD_UPLOADS = "imports.old_uploads",
        "SELECT id
         FROM import_upload
         WHERE shop_id = $1 AND created_at < $2
         ORDER BY created_at
         LIMIT 20";
    DELETE_PARTS = "imports.delete_parts",
        "DELETE FROM import_upload_part
         WHERE shop_id = $1 AND upload_id = $2";
    DELETE_UPLOAD = "imports.delete_upload",
        "DELETE FROM import_upload
         WHERE shop_id = $1 AND id = $2";
}

/// Keeps a file, and forgets those that nobody came back to.
///
/// # Errors
/// Whatever the database says; a tax set of another shop is a missing reference.
pub async fn keep(db: &Db, id: Uuid, request: &ImportRequest, now_us: i64) -> Result<(), DbError> {
    let actor = request.actor;
    let mut read = db.shop(&actor).await?;
    let old = read.rows(&OLD_UPLOADS, params![now_us - KEPT_US]).await?;
    drop(read);
    for mut row in old {
        forget(db, actor, row.take()?).await?;
    }
    let head = params![
        id,
        request.kind.as_str(),
        request.file_name.as_str(),
        request.tax_set.map(|set| set.0),
        request.affects_stock,
        actor.user.0,
        now_us
    ];
    db.shop_write(&actor, "begin upload", async move |tx: &mut ShopTx| tx.exec_one(&INSERT_UPLOAD, head.clone()).await)
        .await?;
    let mut parts = 0_i64;
    for part in request.bytes.chunks(PART_BYTES) {
        let row = params![id, parts, part];
        db.shop_write(&actor, "keep upload", async move |tx: &mut ShopTx| tx.exec_one(&INSERT_PART, row.clone()).await)
            .await?;
        parts += 1;
    }
    db.shop_write(&actor, "upload is whole", async move |tx: &mut ShopTx| {
        tx.exec_one(&COMPLETE_UPLOAD, params![id, parts]).await
    })
    .await
}

/// Loads a file as the request that it was uploaded with.
///
/// # Errors
/// [`ImportError::NoRun`] where the shop has no such file.
pub async fn load(db: &Db, actor: Actor, id: Uuid) -> Result<ImportRequest, ImportError> {
    let mut read = db.shop(&actor).await?;
    let mut head = read.opt(&LOAD_UPLOAD, params![id]).await?.ok_or(ImportError::NoRun)?;
    let kind: String = head.take()?;
    let file_name = head.take()?;
    let tax_set: Option<Uuid> = head.take()?;
    let affects_stock = head.take()?;
    let mut bytes: Vec<u8> = Vec::new();
    for mut row in read.rows(&LOAD_PARTS, params![id]).await? {
        bytes.extend_from_slice(&row.take::<Vec<u8>>()?);
    }
    Ok(ImportRequest {
        actor,
        kind: Kind::parse(&kind).ok_or(ImportError::NoRun)?,
        file_name,
        bytes: bytes.into(),
        mapping: None,
        choices: Choices::default(),
        tax_set: tax_set.map(TaxSetId),
        affects_stock,
    })
}

/// Deletes a file.
///
/// # Errors
/// Whatever the database says.
pub async fn forget(db: &Db, actor: Actor, id: Uuid) -> Result<(), DbError> {
    db.shop_write(&actor, "forget upload", async move |tx: &mut ShopTx| -> Result<(), DbError> {
        tx.exec(&DELETE_PARTS, params![id]).await?;
        tx.exec(&DELETE_UPLOAD, params![id]).await.map(drop)
    })
    .await
}
