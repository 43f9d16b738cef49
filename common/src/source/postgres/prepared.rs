//! A query in a session of our own: prepared once, run often.

use tokio_postgres::{RowStream, Statement, error::SqlState, types::Type};

use super::{
    connection::Connection,
    query::{Parameter, QueryError, RowSink, drain},
};

impl Connection {
    /// Runs a statement that stays prepared. A statement whose plan has become stale (a column was
    /// added under a `SELECT *`, a pooler dropped the statement) is prepared again.
    pub(super) async fn run_prepared(
        &self,
        sql: &str,
        params: &[Parameter<'_>],
        sink: RowSink<'_>,
    ) -> Result<(), QueryError> {
        let rows = match self.start(sql, params).await {
            // The server reports it before the first row, so no row is taken twice.
            Err(error) if is_stale(&error) => {
                self.statements.forget(sql);
                self.start(sql, params).await?
            }
            other => other?,
        };
        drain(rows, sink).await
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

fn is_stale(error: &tokio_postgres::Error) -> bool {
    error.as_db_error().is_some_and(|it| match *it.code() {
        SqlState::INVALID_SQL_STATEMENT_NAME | SqlState::DUPLICATE_PSTATEMENT => true,
        SqlState::FEATURE_NOT_SUPPORTED => it.message().contains("cached plan"),
        _ => false,
    })
}
