//! A query over one connection of its own: prepared once, run often.

use std::pin::pin;

use futures::TryStreamExt;
use tokio_postgres::{Row, RowStream, Statement, types::Type};

use super::{connect::Connection, session::Parameter};

/// Enough rows.
pub(super) struct Stop;

pub(super) enum Trouble {
    Driver(tokio_postgres::Error),
    Stopped,
    /// A defect of the caller.
    Misused(&'static str),
}

impl From<tokio_postgres::Error> for Trouble {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Driver(error)
    }
}

/// What becomes of each row.
pub(super) type Take<'a> = &'a mut (dyn FnMut(Row) -> Result<(), Stop> + Send);

impl Connection {
    /// Runs a statement that stays prepared. When its plan has become stale (a column was added
    /// under a `SELECT *`, a pooler dropped it) it is prepared once more.
    pub(super) async fn prepared(
        &self,
        sql: &str,
        params: &[Parameter<'_>],
        take: Take<'_>,
    ) -> Result<(), Trouble> {
        let rows = match self.start(sql, params).await {
            // It is reported before the first row, so none is taken twice.
            Err(error) if is_stale(&error) => {
                self.statements.forget(sql);
                self.start(sql, params).await?
            }
            other => other?,
        };
        drain(rows, take).await
    }

    async fn start(
        &self,
        sql: &str,
        params: &[Parameter<'_>],
    ) -> Result<RowStream, tokio_postgres::Error> {
        let statement = self.statement(sql, params).await?;
        self.client.query_raw(&statement, params.iter().map(|(value, _)| *value)).await
    }

    async fn statement(
        &self,
        sql: &str,
        params: &[Parameter<'_>],
    ) -> Result<Statement, tokio_postgres::Error> {
        if let Some(known) = self.statements.get(sql, params.iter().map(|(_, it)| it)) {
            return Ok(known);
        }
        let types: Vec<Type> = params.iter().map(|(_, it)| it.clone()).collect();
        let statement = self.client.prepare_typed(sql, &types).await?;
        self.statements.put(sql, types, statement.clone());
        Ok(statement)
    }
}

pub(super) async fn drain(rows: RowStream, take: Take<'_>) -> Result<(), Trouble> {
    let mut rows = pin!(rows);
    while let Some(row) = rows.try_next().await? {
        take(row).map_err(|Stop| Trouble::Stopped)?;
    }
    Ok(())
}

fn is_stale(error: &tokio_postgres::Error) -> bool {
    error.as_db_error().is_some_and(|it| match it.code().code() {
        "26000" | "42P05" => true,
        "0A000" => it.message().contains("cached plan"),
        _ => false,
    })
}
