//! The job that applies a run: with it a run goes on after a restart by itself.

use super::{
    apply,
    check::{ImportError, Pacing, Tools},
};
use crate::{actor::Actor, features::operator::send_mail::JobContext};
use domain::{
    ids::{ShopId, UserId},
    permission::Role,
};
use jobs::{Job, JobError, Run};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
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
