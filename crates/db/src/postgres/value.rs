//! Parameters and columns in PostgreSQL's types.
//!
//! **Invariant:** a parameter goes only into a type of its kind, null or not;
//! anything else is refused here, before the server coerces it.

use std::error::Error;

use bytes::BytesMut;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};
use uuid::Uuid;

use crate::row::Value;
use crate::value::Param;

impl ToSql for Param {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match (self, ty) {
            (Param::Int(value), &Type::INT8) => value.to_sql(ty, out),
            // Only where the server counts in a smaller type by itself, as some
            // functions do; tables hold BIGINT.
            (Param::Int(value), &Type::INT4) => value.map(i32::try_from).transpose()?.to_sql(ty, out),
            (Param::Text(value), &Type::TEXT | &Type::VARCHAR | &Type::NAME) => value.to_sql(ty, out),
            (Param::Bool(value), &Type::BOOL) => value.to_sql(ty, out),
            (Param::Uuid(value), &Type::UUID) => value.to_sql(ty, out),
            (Param::Bytes(value), &Type::BYTEA) => value.to_sql(ty, out),
            (param, ty) => Err(format!("a parameter of type {ty} was given {}", kind(param)).into()),
        }
    }

    /// The type alone does not decide; `to_sql` looks at both.
    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

fn kind(param: &Param) -> &'static str {
    match param {
        Param::Int(_) => "an integer",
        Param::Text(_) => "text",
        Param::Bool(_) => "a boolean",
        Param::Uuid(_) => "a uuid",
        Param::Bytes(_) => "bytes",
    }
}

impl<'a> FromSql<'a> for Value {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(match *ty {
            Type::INT8 => Value::Int(i64::from_sql(ty, raw)?),
            Type::INT4 => Value::Int(i32::from_sql(ty, raw)?.into()),
            Type::TEXT | Type::VARCHAR | Type::NAME => Value::Text(String::from_sql(ty, raw)?),
            Type::BYTEA => Value::Bytes(raw.to_vec()),
            Type::BOOL => Value::Bool(bool::from_sql(ty, raw)?),
            Type::UUID => Value::Uuid(Uuid::from_sql(ty, raw)?),
            Type::NUMERIC => Value::Foreign("NUMERIC; write CAST(SUM(x) AS BIGINT)"),
            _ => Value::Foreign("a type the shared SQL does not use"),
        })
    }

    fn from_sql_null(_: &Type) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Value::Null)
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}
