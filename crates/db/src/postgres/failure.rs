//! Maps PostgreSQL's error codes to ours.
//! Source: PostgreSQL manual, appendix A "Error Codes".

use tokio_postgres::error::SqlState;

use crate::error::DbError;

/// Raised by the triggers made by `{append_only table}`; class `IV` is ours.
pub(crate) const APPEND_ONLY: &str = "IV001";

/// An error and whether running the whole transaction again may help.
pub(crate) struct Failure {
    pub(crate) error: DbError,
    pub(crate) may_retry: bool,
}

impl From<DbError> for Failure {
    fn from(error: DbError) -> Self {
        Self { error, may_retry: false }
    }
}

/// Turns a driver's error into ours.
pub(crate) fn translate(statement: &'static str, error: &tokio_postgres::Error) -> Failure {
    let Some(server) = error.as_db_error() else {
        if error.is_closed() || is_io(error) {
            return unavailable(error).into();
        }
        return DbError::of(statement, error).into();
    };
    let constraint = || server.constraint().unwrap_or_default().to_owned();
    let code = server.code();
    let may_retry = *code == SqlState::T_R_SERIALIZATION_FAILURE || *code == SqlState::T_R_DEADLOCK_DETECTED;
    let mapped = match code.code() {
        "23505" => DbError::Unique { constraint: constraint() },
        "23503" => DbError::ForeignKey,
        "23514" => DbError::Check { constraint: constraint() },
        "23502" => DbError::NotNull { column: server.column().unwrap_or_default().to_owned() },
        "40001" | "40P01" | "55P03" => DbError::Busy,
        "57014" => DbError::TooSlow { statement },
        APPEND_ONLY => DbError::AppendOnly,
        // Class 08: connection; 57P0x: shut down or ended by the operator;
        // 53300: too many connections; 25P03: idle in transaction for too long.
        "53300" | "57P01" | "57P02" | "57P03" | "25P03" => unavailable(error),
        code if code.starts_with("08") => unavailable(error),
        _ => DbError::of(statement, error),
    };
    Failure { error: mapped, may_retry }
}

pub(crate) fn unavailable(error: &tokio_postgres::Error) -> DbError {
    let reason = match error.as_db_error() {
        Some(server) => format!("{}: {}", server.code().code(), server.message()),
        None => error.to_string(),
    };
    DbError::Unavailable { reason }
}

fn is_io(error: &tokio_postgres::Error) -> bool {
    use std::error::Error;
    error.source().is_some_and(|source| source.is::<std::io::Error>())
}
