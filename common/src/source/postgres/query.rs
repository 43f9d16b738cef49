//! Parameters and rows of a query.

use std::pin::pin;

use futures::TryStreamExt;
use tokio_postgres::{
    Row, RowStream,
    types::{FromSql, ToSql, Type},
};

use crate::scrape::{CollectError, Reason};

/// A parameter, and the type that the query declares for it.
pub type Parameter<'a> = (&'a (dyn ToSql + Sync), Type);

/// The parameters of a query that has none.
pub const NO_PARAMS: &[Parameter<'static>] = &[];

/// The value of a column; a column that is missing or of another type is [`Reason::Parse`].
pub fn column<'r, T: FromSql<'r>>(row: &'r Row, name: &str) -> Result<T, CollectError> {
    row.try_get(name).map_err(|error| {
        CollectError::new(Reason::Parse, format!("reading column `{name}`")).with_source(error)
    })
}

/// A sink has more rows than it may take.
pub(super) struct LimitReached;

pub(super) enum QueryError {
    Driver(tokio_postgres::Error),
    LimitReached,
    /// A bug of the caller, with a hint.
    Misused(&'static str),
}

impl From<tokio_postgres::Error> for QueryError {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Driver(error)
    }
}

impl From<LimitReached> for QueryError {
    fn from(_: LimitReached) -> Self {
        Self::LimitReached
    }
}

/// Takes the rows of a query, one by one.
pub(super) type RowSink<'a> = &'a mut (dyn FnMut(Row) -> Result<(), LimitReached> + Send);

pub(super) async fn drain(rows: RowStream, sink: RowSink<'_>) -> Result<(), QueryError> {
    let mut rows = pin!(rows);
    while let Some(row) = rows.try_next().await? {
        sink(row)?;
    }
    Ok(())
}
