//! The periodic job that clears away photos that no product has.
//!
//! A photo is on disk before a row names it, so that a form that is given up, refused
//! or lost with the connection leaves files behind; so does a photo that was replaced.
//!
//! **Invariant:** only the folders of shops that this database knows are touched. A
//! folder that is shared with another installation, or a database that was restored
//! from before a shop registered, costs nobody a photo.

use crate::{actor::InShop, features::catalog::photos, features::operator::send_mail::JobContext};
use db::{Db, DbError, params};
use domain::ids::ShopId;
use guard::source::DAY_US;
use jobs::{Every, Job, JobError, Run};
use outside::files::{FileKey, Files, KeptFile};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// A file younger than this may belong to a form that is still being saved.
const KEPT_US: i64 = DAY_US;
/// Files whose rows are looked up together.
const BATCH: usize = 200;

db::statements! {
    KNOWN_SHOP = "catalog.known_shop",
        "SELECT id
         FROM shop
         WHERE id = $1";
    PHOTO_IN_USE = "catalog.photo_in_use",
        "SELECT id
         FROM product
         WHERE shop_id = $1 AND photo = $2
         LIMIT 1";
}

/// Removes the files of photos that no product has had for a day.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct SweepPhotos {}

impl SweepPhotos {
    /// Daily, when the region's shops sleep: a quarter past eight UTC.
    pub fn every() -> Every {
        Every::new(Duration::from_secs(24 * 3_600), Duration::from_secs(8 * 3_600 + 15 * 60))
    }
}

impl Job for SweepPhotos {
    type Context = JobContext;
    const KIND: &'static str = "catalog.sweep_photos";
    const TIME_LIMIT: Duration = Duration::from_secs(900);

    async fn run(&self, context: &JobContext, run: &Run) -> Result<(), JobError> {
        let before_us = run.started_at_us().saturating_sub(KEPT_US);
        let files = &context.files;
        let mut removed = 0;
        for owner in files.owners().await.map_err(retry)? {
            let shop = InShop(ShopId(owner));
            if is_known(&context.db, shop).await? {
                removed += sweep(&context.db, files, shop, before_us).await?;
            }
        }
        tracing::debug!(removed, "files of photos that no product has");
        Ok(())
    }
}

fn retry(error: outside::files::FilesError) -> JobError {
    JobError::Retry(error.reason)
}

async fn is_known(db: &Db, shop: InShop) -> Result<bool, DbError> {
    Ok(db.shop(&shop).await?.opt(&KNOWN_SHOP, params![]).await?.is_some())
}

async fn sweep(db: &Db, files: &Files, shop: InShop, before_us: i64) -> Result<usize, JobError> {
    let old = files.list(shop.0.0).await.map_err(retry)?.into_iter().filter(|file| file.put_at_us < before_us);
    let old: Vec<KeptFile> = old.collect();
    let mut removed = 0;
    for batch in old.chunks(BATCH) {
        for key in unused(db, shop, batch).await? {
            removed += usize::from(files.remove_older(key, before_us).await.map_err(retry)?);
        }
    }
    Ok(removed)
}

/// Which of these belong to a photo that no product has; what is no photo's stays.
async fn unused<'a>(db: &Db, shop: InShop, files: &'a [KeptFile]) -> Result<Vec<&'a FileKey>, DbError> {
    let photos: Vec<_> =
        files.iter().filter_map(|file| Some((&file.key, photos::photo_of_file(file.key.name())?))).collect();
    let asked = photos.iter().map(|(_, photo)| params![photo.as_str()]).collect();
    let used = db.shop(&shop).await?.opt_many(&PHOTO_IN_USE, asked).await?;
    Ok(photos.into_iter().zip(used).filter(|(_, used)| used.is_none()).map(|((key, _), _)| key).collect())
}
