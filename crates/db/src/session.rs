//! What reads and writes: the four faces of one connection.
//!
//! `ShopRead` and `ShopTx` bind a shop as `$1` of every statement; `SystemRead`
//! and `SystemTx` bind nothing. A transaction is also a reader, so that a
//! `load_…` function takes `&mut ShopRead` and works in both.
//!
//! **Invariant:** after its first failure a transaction accepts nothing more, on
//! both engines. PostgreSQL behaves so by itself, SQLite does not.

use std::ops::{Deref, DerefMut};

use uuid::Uuid;

use crate::error::DbError;
use crate::postgres::connection::PgConnection;
use crate::ranks::{LockOrder, TableRank};
use crate::row::Row;
use crate::sqlite::{self, reader::Reader};
use crate::statement::{Statement, StatementScope};
use crate::value::{Param, Params};

/// What the caller wants from a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Want {
    Rows,
    Count,
}

/// What one execution gave.
pub(crate) struct Output {
    pub(crate) rows: Vec<Row>,
    pub(crate) affected: u64,
}

/// The engine below.
enum Connection {
    Reader(Reader),
    Writer(rusqlite::Connection),
    Postgres(PgConnection),
    /// Only while a session is being taken apart.
    Gone,
}

/// A transaction's own state.
struct TransactionState {
    dead: bool,
    may_retry: bool,
    order: LockOrder,
}

/// A connection, the shop bound to it, and its transaction if there is one.
pub(crate) struct Session {
    connection: Connection,
    shop: Option<Param>,
    transaction: Option<TransactionState>,
    snapshot: bool,
}

impl Session {
    fn new(connection: Connection, shop: Option<Uuid>) -> Self {
        Self { connection, shop: shop.map(Param::from), transaction: None, snapshot: false }
    }

    fn in_transaction(mut self, ranks: &'static [TableRank]) -> Self {
        let order = LockOrder::new(ranks);
        self.transaction = Some(TransactionState { dead: false, may_retry: false, order });
        self
    }

    pub(crate) fn on_reader(reader: Reader, shop: Option<Uuid>) -> Self {
        Self::new(Connection::Reader(reader), shop)
    }

    pub(crate) fn on_writer(conn: rusqlite::Connection, shop: Option<Uuid>, ranks: &'static [TableRank]) -> Self {
        Self::new(Connection::Writer(conn), shop).in_transaction(ranks)
    }

    pub(crate) fn on_postgres(conn: PgConnection, shop: Option<Uuid>) -> Self {
        Self::new(Connection::Postgres(conn), shop)
    }

    pub(crate) fn on_postgres_tx(conn: PgConnection, shop: Option<Uuid>, ranks: &'static [TableRank]) -> Self {
        Self::new(Connection::Postgres(conn), shop).in_transaction(ranks)
    }

    /// Marks a PostgreSQL read transaction that nobody will end explicitly.
    pub(crate) fn into_snapshot(mut self) -> Self {
        self.snapshot = true;
        self
    }

    fn is_dead(&self) -> bool {
        self.transaction.as_ref().is_some_and(|transaction| transaction.dead)
    }

    /// Gives the writer's connection back, and whether the transaction is dead.
    pub(crate) fn into_writer(mut self) -> (rusqlite::Connection, bool) {
        let dead = self.is_dead();
        match std::mem::replace(&mut self.connection, Connection::Gone) {
            Connection::Writer(conn) => (conn, dead),
            _ => unreachable!("a session made by on_writer holds the writer's connection"),
        }
    }

    /// Gives the PostgreSQL connection back, whether the transaction is dead,
    /// and whether running it again may help.
    pub(crate) fn into_postgres(mut self) -> (PgConnection, bool, bool) {
        let dead = self.is_dead();
        let may_retry = self.transaction.as_ref().is_some_and(|transaction| transaction.may_retry);
        match std::mem::replace(&mut self.connection, Connection::Gone) {
            Connection::Postgres(conn) => (conn, dead, may_retry),
            _ => unreachable!("a session made by on_postgres_tx holds such a connection"),
        }
    }

    async fn run(&mut self, statement: &'static Statement, params: Params, want: Want) -> Result<Output, DbError> {
        let mut outputs = self.run_many(statement, std::slice::from_ref(&params), want).await?;
        outputs.pop().ok_or_else(|| DbError::other("a statement gave no output"))
    }

    async fn run_many(
        &mut self,
        statement: &'static Statement,
        list: &[Params],
        want: Want,
    ) -> Result<Vec<Output>, DbError> {
        self.admit(statement)?;
        tracing::trace!(target: "db::statement", name = statement.name(), runs = list.len());
        let shop = self.shop.as_ref();
        let mut may_retry = false;
        let result = match &mut self.connection {
            Connection::Reader(reader) => reader.run(statement, shop, list, want),
            Connection::Writer(conn) => sqlite::run(conn, statement, shop, list, want),
            Connection::Postgres(conn) => conn.run(statement, shop, list, want).await.map_err(|failure| {
                may_retry = failure.may_retry;
                failure.error
            }),
            Connection::Gone => Err(DbError::Dead),
        };
        if let Some(transaction) = &mut self.transaction {
            transaction.dead = result.is_err();
            transaction.may_retry = may_retry;
        }
        result
    }

    /// Checks that the statement may run here and now. The transaction counts as
    /// dead until the statement has succeeded, so that a body that gives up
    /// waiting for it cannot commit.
    fn admit(&mut self, statement: &'static Statement) -> Result<(), DbError> {
        if self.shop.is_some() && statement.scope() == StatementScope::System {
            return Err(DbError::other(format!("{} is a system statement, run under a shop", statement.name())));
        }
        let Some(transaction) = &mut self.transaction else {
            return Ok(());
        };
        if transaction.dead {
            return Err(DbError::Dead);
        }
        if cfg!(debug_assertions)
            && let Err(backwards) = transaction.order.note(statement.name(), statement.locks())
        {
            panic!("{backwards}");
        }
        transaction.dead = true;
        Ok(())
    }

    /// Marks the transaction dead for a reason of ours and hands the reason on.
    fn fail(&mut self, error: DbError) -> DbError {
        if let Some(transaction) = &mut self.transaction {
            transaction.dead = true;
        }
        error
    }

    fn at_most_one(&mut self, statement: &'static Statement, mut rows: Vec<Row>) -> Result<Option<Row>, DbError> {
        if rows.len() > 1 {
            return Err(self.fail(DbError::NotOne { statement: statement.name(), rows: rows.len() }));
        }
        Ok(rows.pop())
    }

    pub(crate) fn sqlite(&self) -> Option<&rusqlite::Connection> {
        match &self.connection {
            Connection::Reader(reader) => Some(reader.connection()),
            _ => None,
        }
    }

    pub(crate) fn postgres(&self) -> Option<&deadpool_postgres::Object> {
        match &self.connection {
            Connection::Postgres(conn) => Some(conn.client()),
            _ => None,
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if self.snapshot
            && let Connection::Postgres(conn) = std::mem::replace(&mut self.connection, Connection::Gone)
        {
            conn.end_snapshot_later();
        }
    }
}

/// A transaction as the engines see it.
pub(crate) trait Transaction: Send + 'static {
    fn wrap(session: Session) -> Self;
    fn unwrap(self) -> Session;
}

/// The reading methods, alike under a shop and without one.
macro_rules! reading {
    ($type:ident, $numbering:literal) => {
        impl $type {
            /// All rows.
            #[doc = $numbering]
            ///
            /// # Errors
            /// What the engine refuses; see [`DbError`].
            pub async fn rows(&mut self, statement: &'static Statement, params: Params) -> Result<Vec<Row>, DbError> {
                Ok(self.session.run(statement, params, Want::Rows).await?.rows)
            }

            /// The row, if there is one.
            #[doc = $numbering]
            ///
            /// # Errors
            /// [`DbError::NotOne`] for more than one, and what the engine refuses.
            pub async fn opt(&mut self, statement: &'static Statement, params: Params) -> Result<Option<Row>, DbError> {
                let rows = self.rows(statement, params).await?;
                self.session.at_most_one(statement, rows)
            }

            /// The row.
            #[doc = $numbering]
            ///
            /// # Errors
            /// [`DbError::NotOne`] for none or several, and what the engine refuses.
            pub async fn one(&mut self, statement: &'static Statement, params: Params) -> Result<Row, DbError> {
                let row = self.opt(statement, params).await?;
                row.ok_or_else(|| self.session.fail(DbError::NotOne { statement: statement.name(), rows: 0 }))
            }

            /// All rows for each parameter list; one round trip on PostgreSQL.
            ///
            /// # Errors
            /// The first failure in the order of the list.
            pub async fn rows_many(
                &mut self,
                statement: &'static Statement,
                list: Vec<Params>,
            ) -> Result<Vec<Vec<Row>>, DbError> {
                let outputs = self.session.run_many(statement, &list, Want::Rows).await?;
                Ok(outputs.into_iter().map(|output| output.rows).collect())
            }

            /// The row, if there is one, for each parameter list; one round trip
            /// on PostgreSQL.
            ///
            /// # Errors
            /// The first failure in the order of the list.
            pub async fn opt_many(
                &mut self,
                statement: &'static Statement,
                list: Vec<Params>,
            ) -> Result<Vec<Option<Row>>, DbError> {
                let mut found = Vec::with_capacity(list.len());
                for rows in self.rows_many(statement, list).await? {
                    found.push(self.session.at_most_one(statement, rows)?);
                }
                Ok(found)
            }
        }
    };
}

/// The writing methods, alike under a shop and without one.
macro_rules! writing {
    ($type:ident => $read:ident) => {
        impl $type {
            /// Runs a change; gives the number of rows it touched.
            ///
            /// # Errors
            /// What the engine refuses; the transaction is dead afterwards.
            pub async fn exec(&mut self, statement: &'static Statement, params: Params) -> Result<u64, DbError> {
                Ok(self.session.run(statement, params, Want::Count).await?.affected)
            }

            /// Runs a change for each parameter list; one round trip on PostgreSQL.
            ///
            /// # Errors
            /// The first failure in the order of the list.
            pub async fn exec_many(
                &mut self,
                statement: &'static Statement,
                list: Vec<Params>,
            ) -> Result<Vec<u64>, DbError> {
                let outputs = self.session.run_many(statement, &list, Want::Count).await?;
                Ok(outputs.into_iter().map(|output| output.affected).collect())
            }

            /// Runs a guarded change that must touch exactly one row.
            ///
            /// # Errors
            /// [`DbError::Missed`] otherwise; the transaction cannot commit then.
            pub async fn exec_one(&mut self, statement: &'static Statement, params: Params) -> Result<(), DbError> {
                match self.exec(statement, params).await? {
                    1 => Ok(()),
                    _ => Err(self.session.fail(DbError::Missed { statement: statement.name() })),
                }
            }
        }

        impl Deref for $type {
            type Target = $read;
            fn deref(&self) -> &$read {
                &self.0
            }
        }

        impl DerefMut for $type {
            fn deref_mut(&mut self) -> &mut $read {
                &mut self.0
            }
        }

        impl Transaction for $type {
            fn wrap(session: Session) -> Self {
                Self($read { session })
            }
            fn unwrap(self) -> Session {
                self.0.session
            }
        }
    };
}

/// Reads within one shop, bound as `$1` of every statement.
pub struct ShopRead {
    pub(crate) session: Session,
}

/// Reads of global tables.
pub struct SystemRead {
    pub(crate) session: Session,
}

/// A transaction within one shop. Also a [`ShopRead`].
pub struct ShopTx(ShopRead);

/// A transaction without a shop. Also a [`SystemRead`].
pub struct SystemTx(SystemRead);

reading!(ShopRead, "The shop is `$1`; `params` start at `$2`.");
reading!(SystemRead, "`params` start at `$1`.");
writing!(ShopTx => ShopRead);
writing!(SystemTx => SystemRead);

impl ShopTx {
    /// Runs a guarded change of a global table inside the shop's transaction: a
    /// job that the change causes, a person who comes with a new shop. The shop
    /// is not bound; `params` start at `$1`. Exactly one row must be touched.
    ///
    /// # Errors
    /// [`DbError::Missed`] for another number of rows, and what the engine
    /// refuses; a statement of a shop's table is refused.
    pub async fn exec_global(&mut self, statement: &'static Statement, params: Params) -> Result<(), DbError> {
        if statement.scope() != StatementScope::System {
            return Err(self
                .session
                .fail(DbError::other(format!("{} is a shop's statement, run as a global one", statement.name()))));
        }
        let shop = self.session.shop.take();
        let result = self.session.run(statement, params, Want::Count).await;
        self.session.shop = shop;
        match result?.affected {
            1 => Ok(()),
            _ => Err(self.session.fail(DbError::Missed { statement: statement.name() })),
        }
    }
}

impl ShopRead {
    /// The shop every statement is bound to.
    pub fn shop_id(&self) -> Uuid {
        match self.session.shop {
            Some(Param::Uuid(Some(shop))) => shop,
            _ => unreachable!("a ShopRead is only made with a shop"),
        }
    }
}
