//! The job that applies a run: with it a run goes on after a restart by itself.

use super::{
    apply,
    check::{ImportError, Pacing, Tools},
    store,
};
use crate::{actor::Actor, features::operator::send_mail::JobContext, kernel::App};
use db::{DbError, SystemTx};
use domain::{
    ids::{ShopId, UserId},
    permission::Role,
};
use jobs::{Job, JobError, Run, Stamp};
use serde::{Deserialize, Serialize};
use std::{sync::Arc, time::Duration};
use uuid::Uuid;

/// A run to apply.
#[derive(Debug, Serialize, Deserialize)]
pub struct ApplyImport {
    /// The shop.
    pub shop: Uuid,
    /// The run.
    pub run: Uuid,
    /// Who said so.
    pub person: Uuid,
}

impl Job for ApplyImport {
    type Context = JobContext;
    const KIND: &'static str = "imports.apply";
    /// It rests as long as it works, for the tills; a large history takes minutes.
    const TIME_LIMIT: Duration = Duration::from_secs(30 * 60);

    /// A second worker, should the first be slow, shares the work chunk by chunk.
    async fn run(&self, context: &JobContext, run: &Run) -> Result<(), JobError> {
        let now_us = run.started_at_us();
        // Applying takes no new ids: each item has its own since it was checked.
        let tools =
            Tools { pacing: Pacing::BESIDE_TILLS, now_us: Arc::new(move || now_us), new_id: Arc::new(Uuid::nil) };
        let actor = Actor { shop: ShopId(self.shop), user: UserId(self.person), role: Role::Admin };
        match apply::apply(&context.db, actor, self.run, &tools, &|_| {}).await {
            Ok(()) => Ok(()),
            Err(ImportError::Db(error)) => Err(error.into()),
            Err(other) => Err(JobError::Final(format!("{other:?}"))),
        }
    }
}

/// Makes a job of every run that was cut short, of every shop: rolled forward, because
/// what a run has to do is written down whole before it starts. A run that a job goes on
/// with already is shared by both. Answers how many.
///
/// # Errors
/// Whatever the database says.
pub async fn enqueue_unfinished(app: &App) -> Result<usize, DbError> {
    let ids = app.clone();
    app.db
        .system_write("imports cut short", async move |tx: &mut SystemTx| -> Result<usize, DbError> {
            let rows = tx.rows(&store::UNFINISHED, db::params![]).await?;
            let many = rows.len();
            for mut row in rows {
                let job = ApplyImport { shop: row.take()?, run: row.take()?, person: row.take()? };
                jobs::enqueue(tx, Stamp { id: ids.new_id(), now_us: ids.now_us() }, &job).await?;
            }
            Ok(many)
        })
        .await
}
