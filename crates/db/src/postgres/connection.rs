//! One pooled PostgreSQL connection and the transaction on it.
//!
//! **Invariant:** a connection goes back to the pool only when its transaction
//! is known to have ended; every other way out closes it, and the server rolls
//! back.
//!
//! COMMIT is always sent alone, after every answer has been read: in a pipeline
//! that ends in COMMIT a guard that missed would be committed all the same.

use deadpool_postgres::Object;
use futures_util::future::{join, join_all};
use tokio_postgres::types::ToSql;
use tokio_postgres::{NoTls, Statement as Prepared};

use super::failure::{Failure, translate};
use crate::error::DbError;
use crate::row::{Origin, Row, Value};
use crate::session::{Output, Want};
use crate::statement::Statement;
use crate::value::{Param, Params};

/// Statements in flight at once. `join_all` first polls up to 30 futures in
/// their order, and the order of sending is the order of locking.
const PIPELINE: usize = 30;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// No transaction, or one that has ended for certain.
    Clean,
    /// BEGIN waits for the first statement.
    Armed(&'static str),
    /// BEGIN has been sent.
    Open,
}

/// A connection taken from the pool.
pub(crate) struct PgConnection {
    object: Option<Object>,
    phase: Phase,
    in_flight: bool,
}

impl PgConnection {
    pub(crate) fn autocommit(object: Object) -> Self {
        Self { object: Some(object), phase: Phase::Clean, in_flight: false }
    }

    pub(crate) fn armed(object: Object, begin: &'static str) -> Self {
        Self { object: Some(object), phase: Phase::Armed(begin), in_flight: false }
    }

    pub(crate) fn client(&self) -> &Object {
        self.object.as_ref().expect("the connection is there until it is dropped")
    }

    /// The bare pooled client, for migrations, which manage their transaction.
    pub(crate) fn into_object(mut self) -> Object {
        self.phase = Phase::Clean;
        self.object.take().expect("the connection is there until it is dropped")
    }

    /// Runs a statement once per parameter list, pipelined, with BEGIN in front
    /// when it is the transaction's first. The first failure in order counts.
    pub(crate) async fn run(
        &mut self,
        statement: &'static Statement,
        shop: Option<&Param>,
        list: &[Params],
        want: Want,
    ) -> Result<Vec<Output>, Failure> {
        let failed = |error: tokio_postgres::Error| translate(statement.name(), &error);
        self.in_flight = true;
        let prepared = self.client().prepare_cached(statement.for_postgres()).await.map_err(failed)?;
        let mut begin = match self.phase {
            Phase::Armed(begin) => Some(begin),
            Phase::Clean | Phase::Open => None,
        };
        if begin.is_some() && !list.is_empty() {
            self.phase = Phase::Open;
        }
        let mut outputs = Vec::with_capacity(list.len());
        for chunk in list.chunks(PIPELINE) {
            let client = self.client();
            let mut queries = Vec::with_capacity(chunk.len());
            for params in chunk {
                queries.push(run_once(client, statement.name(), &prepared, shop, params, want));
            }
            let answers = match begin.take() {
                Some(begin) => {
                    let (begun, answers) = join(client.batch_execute(begin), join_all(queries)).await;
                    begun.map_err(failed)?;
                    answers
                }
                None => join_all(queries).await,
            };
            for answer in answers {
                outputs.push(answer?);
            }
        }
        self.in_flight = false;
        Ok(outputs)
    }

    /// Ends the transaction with everything it did.
    pub(crate) async fn commit(mut self) -> Result<(), Failure> {
        self.end("COMMIT").await
    }

    /// Ends the transaction without a trace.
    pub(crate) async fn rollback(mut self) -> Result<(), Failure> {
        self.end("ROLLBACK").await
    }

    async fn end(&mut self, how: &'static str) -> Result<(), Failure> {
        if self.phase == Phase::Open {
            self.client().batch_execute(how).await.map_err(|error| translate(how, &error))?;
        }
        self.phase = Phase::Clean;
        self.in_flight = false;
        Ok(())
    }

    /// Ends a read-only snapshot behind the caller's back, so that a report
    /// does not cost a connection.
    pub(crate) fn end_snapshot_later(mut self) {
        if self.phase == Phase::Open
            && !self.in_flight
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            runtime.spawn(async move {
                // A failure leaves the phase open, and dropping closes it.
                let _ = self.end("ROLLBACK").await;
            });
        }
    }
}

impl Drop for PgConnection {
    fn drop(&mut self) {
        if self.phase != Phase::Open {
            return;
        }
        let Some(object) = self.object.take() else {
            return;
        };
        let client = Object::take(object);
        // A statement left behind (its caller went away) may wait for a lock for
        // long; closing the socket alone would not wake it.
        if self.in_flight
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            let cancel = client.cancel_token();
            runtime.spawn(async move {
                let _ = cancel.cancel_query(NoTls).await;
                drop(client);
            });
        }
    }
}

async fn run_once(
    client: &Object,
    name: &'static str,
    prepared: &Prepared,
    shop: Option<&Param>,
    params: &Params,
    want: Want,
) -> Result<Output, Failure> {
    let params = params.as_slice();
    let mut bound: Vec<&(dyn ToSql + Sync)> = Vec::with_capacity(params.len() + 1);
    for param in shop.into_iter().chain(params) {
        bound.push(param);
    }
    if bound.len() != prepared.params().len() {
        let (given, wanted) = (bound.len(), prepared.params().len());
        return Err(DbError::other(format!("{name}: {given} parameters given, {wanted} wanted")).into());
    }
    let failed = |error: tokio_postgres::Error| translate(name, &error);
    if want == Want::Count {
        let affected = client.execute(prepared, &bound).await.map_err(failed)?;
        return Ok(Output { rows: Vec::new(), affected });
    }
    let answered = client.query(prepared, &bound).await.map_err(failed)?;
    let mut rows = Vec::with_capacity(answered.len());
    for row in answered {
        let mut values = Vec::with_capacity(row.len());
        for index in 0..row.len() {
            values.push(row.try_get::<_, Value>(index).map_err(failed)?);
        }
        rows.push(Row::new(name, Origin::Postgres, values));
    }
    Ok(Output { rows, affected: 0 })
}
