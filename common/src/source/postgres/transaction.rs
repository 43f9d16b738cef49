//! A query through PgBouncer in transaction mode: each query is a separate transaction.

use std::{future::poll_fn, pin::pin, sync::PoisonError, task::Poll};

use futures::{future::maybe_done, join};
use tokio_postgres::{
    Client,
    error::SqlState,
    types::{ToSql, Type},
};

use super::{
    connection::Connection,
    query::{NO_PARAMS, Parameter, QueryError, RowSink, drain},
};

impl Connection {
    /// Runs a query in a transaction, in one round trip. It leaves nothing in the session, because
    /// the next query may get another server process.
    pub(super) async fn run_in_transaction(
        &self,
        begin: &str,
        sql: &str,
        params: &[Parameter<'_>],
        sink: RowSink<'_>,
    ) -> Result<(), QueryError> {
        if !self.described.holds(sql) && self.describe(begin, sql, params).await? {
            self.described.put(sql);
        }
        let query =
            async { drain(self.client.query_typed_raw(sql, typed(params)).await?, sink).await };
        self.in_transaction(begin, query).await
    }

    /// Lets the driver learn the types of a query's columns before the query runs. Returns whether
    /// the query need not be described again.
    ///
    /// The driver looks up an unknown type with another query, and reads no further rows until that
    /// is answered. The server answers it only after the rows of the first query, so with more rows
    /// than the driver buffers both would wait forever. A cursor that fetches no row has the same
    /// columns.
    async fn describe(
        &self,
        begin: &str,
        sql: &str,
        params: &[Parameter<'_>],
    ) -> Result<bool, QueryError> {
        let declare = format!("DECLARE pulso NO SCROLL CURSOR FOR {sql}");
        let mut known = true;
        let query = async {
            let (declared, fetched) = join!(
                self.client.query_typed_raw(&declare, typed(params)),
                self.client.query_typed_raw("FETCH 0 FROM pulso", typed(NO_PARAMS)),
            );
            match declared {
                Ok(_) => drop(fetched?),
                // A query that cannot be a cursor (SHOW) has columns of text. Any other error may be
                // temporary. In both cases the query itself reports what is wrong.
                Err(error) => known = error.code() == Some(&SqlState::SYNTAX_ERROR),
            }
            Ok(())
        };
        self.in_transaction(begin, query).await?;
        Ok(known)
    }

    /// Sends `BEGIN`, the query and `COMMIT` without waiting for answers in between.
    ///
    /// The driver pipelines requests in the order in which their futures are first polled. The
    /// three are therefore polled one after another, and the lock `sending` keeps another
    /// transaction's requests from being sent between them.
    async fn in_transaction(
        &self,
        begin: &str,
        query: impl Future<Output = Result<(), QueryError>>,
    ) -> Result<(), QueryError> {
        let mut opened = pin!(maybe_done(self.client.batch_execute(begin)));
        let mut answered = pin!(maybe_done(query));
        let mut committed = pin!(maybe_done(self.client.batch_execute("COMMIT")));
        let mut sent = false;
        poll_fn(|context| {
            let _sending =
                (!sent).then(|| self.sending.lock().unwrap_or_else(PoisonError::into_inner));
            sent = true;
            // All three are polled even if one has failed: `COMMIT` must end what `BEGIN` began.
            let all = [
                opened.as_mut().poll(context),
                answered.as_mut().poll(context),
                committed.as_mut().poll(context),
            ];
            let limit_reached =
                matches!(answered.as_mut().output_mut(), Some(Err(QueryError::LimitReached)));
            if limit_reached || all.iter().all(Poll::is_ready) {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
        // An error makes those after it fail too, so the first is the cause.
        opened.take_output().transpose()?;
        answered.take_output().transpose()?;
        committed.take_output().transpose()?;
        Ok(())
    }
}

fn typed<'a>(
    params: &'a [Parameter<'_>],
) -> impl ExactSizeIterator<Item = (&'a (dyn ToSql + Sync), Type)> {
    params.iter().map(|(value, of)| (*value as _, of.clone()))
}

/// Deallocates the named statement that the driver looks up types with.
///
/// The driver prepares it once and keeps it. Through a pooler the statement would stay in a server
/// process that serves the application next, and collide with a statement of the application. So
/// it is prepared and deallocated in one transaction; a later type lookup fails with a clear error.
/// PgBouncer from 1.21 on tracks named statements itself, and its own are left alone.
pub(super) async fn deallocate_type_lookup(client: &Client) {
    const PREPARES_IT: &str = "SELECT NULL::information_schema.cardinal_number[]";
    const OURS: &str = "SELECT name FROM pg_catalog.pg_prepared_statements \
         WHERE prepare_time >= now() AND NOT from_sql AND name NOT LIKE 'PGBOUNCER%'";
    let deallocated = async {
        client.batch_execute("BEGIN READ ONLY").await?;
        client.query_typed(PREPARES_IT, &[]).await?;
        for row in client.query_typed(OURS, &[]).await? {
            let name: String = row.try_get(0)?;
            client.batch_execute(&format!("DEALLOCATE \"{}\"", name.replace('"', "\"\""))).await?;
        }
        client.batch_execute("COMMIT").await
    };
    let outcome: Result<(), tokio_postgres::Error> = deallocated.await;
    if outcome.is_err() {
        // This only protects the application, so its failure does not stop the exporter. If the
        // connection is broken, the first query reports it.
        let _ = client.batch_execute("ROLLBACK").await;
    }
}
