//! A query through PgBouncer in transaction pooling, where only what one transaction holds is ours.

use std::{future::poll_fn, pin::pin, sync::PoisonError, task::Poll};

use futures::{future::maybe_done, join};
use tokio_postgres::{
    Client,
    error::SqlState,
    types::{ToSql, Type},
};

use super::{
    ask::{Take, Trouble, drain},
    connect::Connection,
    session::{NO_PARAMS, Parameter},
};

impl Connection {
    /// Runs a query in a transaction of its own, in one round trip, without anything that would
    /// outlive it: the next query may meet another server process.
    pub(super) async fn pooled(
        &self,
        begin: &str,
        sql: &str,
        params: &[Parameter<'_>],
        take: Take<'_>,
    ) -> Result<(), Trouble> {
        if !self.described.holds(sql) && self.describe(begin, sql, params).await? {
            self.described.put(sql);
        }
        let asked =
            async { drain(self.client.query_typed_raw(sql, typed(params)).await?, take).await };
        self.in_transaction(begin, asked).await
    }

    /// Lets the driver learn the types of a query's columns while no rows are on their way: it
    /// asks for those that it does not know before it reads on, and with more than a few rows
    /// before the answer it would wait for ever. Whether it need not be done again.
    async fn describe(
        &self,
        begin: &str,
        sql: &str,
        params: &[Parameter<'_>],
    ) -> Result<bool, Trouble> {
        let declare = format!("DECLARE pulso NO SCROLL CURSOR FOR {sql}");
        let mut known = true;
        let asked = async {
            let (declared, fetched) = join!(
                self.client.query_typed_raw(&declare, typed(params)),
                self.client.query_typed_raw("FETCH 0 FROM pulso", typed(NO_PARAMS)),
            );
            match declared {
                Ok(_) => drop(fetched?),
                // What cannot be a cursor (SHOW) has columns of text; what is wrong now may be
                // right later. Either way the query itself tells.
                Err(error) => known = error.code() == Some(&SqlState::SYNTAX_ERROR),
            }
            Ok(())
        };
        self.in_transaction(begin, asked).await?;
        Ok(known)
    }

    async fn in_transaction(
        &self,
        begin: &str,
        asked: impl Future<Output = Result<(), Trouble>>,
    ) -> Result<(), Trouble> {
        let mut opened = pin!(maybe_done(self.client.batch_execute(begin)));
        let mut asked = pin!(maybe_done(asked));
        let mut committed = pin!(maybe_done(self.client.batch_execute("COMMIT")));
        // Each part is sent when it is first polled. That happens here in their order and with
        // the lock held, so parts of another transaction cannot come between.
        let mut sent = false;
        poll_fn(|context| {
            let _turn =
                (!sent).then(|| self.sending.lock().unwrap_or_else(PoisonError::into_inner));
            sent = true;
            // Each is polled, whatever becomes of the one before: what was begun is ended.
            let all = [
                opened.as_mut().poll(context),
                asked.as_mut().poll(context),
                committed.as_mut().poll(context),
            ];
            let stopped = matches!(asked.as_mut().output_mut(), Some(Err(Trouble::Stopped)));
            if stopped || all.iter().all(Poll::is_ready) { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
        // The first that failed is why the others did.
        opened.take_output().transpose()?;
        asked.take_output().transpose()?;
        committed.take_output().transpose()?;
        Ok(())
    }
}

fn typed<'a>(
    params: &'a [Parameter<'_>],
) -> impl ExactSizeIterator<Item = (&'a (dyn ToSql + Sync), Type)> {
    params.iter().map(|(value, of)| (*value as _, of.clone()))
}

/// Takes back the named statement that the driver looks up types with.
///
/// The driver prepares it once and keeps it, but through a pooler it would stay behind in a server
/// process that serves the application next, and collide there with the application's own. So it
/// is prepared and forgotten in one transaction; to look up a type then fails with a clear error.
/// A PgBouncer that keeps account of named statements (1.21 and later) is left to do so.
pub(super) async fn take_back_type_lookup(client: &Client) {
    const PREPARES_IT: &str = "SELECT NULL::information_schema.cardinal_number[]";
    const OURS: &str = "SELECT name FROM pg_catalog.pg_prepared_statements \
         WHERE prepare_time >= now() AND NOT from_sql AND name NOT LIKE 'PGBOUNCER%'";
    let taken_back = async {
        client.batch_execute("BEGIN READ ONLY").await?;
        client.query_typed(PREPARES_IT, &[]).await?;
        for row in client.query_typed(OURS, &[]).await? {
            let name: String = row.try_get(0)?;
            client.batch_execute(&format!("DEALLOCATE \"{}\"", name.replace('"', "\"\""))).await?;
        }
        client.batch_execute("COMMIT").await
    };
    let outcome: Result<(), tokio_postgres::Error> = taken_back.await;
    if outcome.is_err() {
        // A courtesy that failed is no reason to go without metrics; if the connection is broken,
        // the first query tells.
        let _ = client.batch_execute("ROLLBACK").await;
    }
}
