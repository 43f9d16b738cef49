//! Queries over the target's connection, until a deadline.

use std::{pin::pin, sync::Arc};

use futures::TryStreamExt;
use tokio::time::{Instant, timeout_at};
use tokio_postgres::{Row, SimpleQueryMessage, SimpleQueryRow};

use super::{
    cancel_on_drop::CancelOnDrop,
    connection::Connection,
    endpoint::{Endpoint, Protocol},
    query::{LimitReached, Parameter, QueryError},
};
use crate::{
    scrape::{CollectError, Reason},
    source::connection::error::SharedError,
};

/// How many rows over the limit are read and discarded, so that concurrent queries keep the
/// connection. If there are more rows, the connection is aborted.
const DRAINED_ROWS: usize = 100_000;
/// Limit of the rows of one query, in bytes.
const BYTE_LIMIT: usize = 16 << 20;

/// The target's connection, usable until a deadline. Cheap to clone.
///
/// Queries that run at the same time (`futures::join!`) are sent in one round trip.
#[derive(Clone)]
pub struct Session {
    pub(super) connection: Arc<Connection>,
    pub(super) endpoint: Arc<Endpoint>,
    pub(super) deadline: Instant,
    pub(super) row_limit: usize,
}

impl Session {
    /// Runs a query and returns its rows. `doing` is for the error: "reading the depth of queue
    /// `mail`".
    ///
    /// The statement is prepared once per connection and cached by its text, so the text must be
    /// constant: pass what varies as a parameter. More rows than the limit, or more than 16 MiB,
    /// are a [`Reason::Query`].
    ///
    /// Through PgBouncer each query runs in a separate transaction and is not prepared, and its
    /// columns must have built-in types: cast others, such as enums, to text.
    pub async fn query(
        &self,
        doing: &str,
        sql: &str,
        params: &[Parameter<'_>],
    ) -> Result<Vec<Row>, CollectError> {
        let (mut rows, mut bytes, mut over) = (Vec::new(), 0, None);
        let mut drained = 0;
        let limit = self.row_limit;
        let sink = |row: Row| {
            bytes += row.raw_size_bytes();
            if over.is_none() && rows.len() < limit && bytes <= BYTE_LIMIT {
                rows.push(row);
                return Ok(());
            }
            if over.is_none() {
                over = Some(too_much(rows.len() >= limit, limit));
                rows = Vec::new();
            }
            drained += 1;
            if drained < DRAINED_ROWS { Ok(()) } else { Err(LimitReached) }
        };
        // Boxed, because callers nest many of these futures.
        let outcome = Box::pin(self.run(sql, params, sink)).await;
        match over {
            Some(failure) => Err(failure.doing(doing)),
            None => outcome.map(|()| rows).map_err(|it| it.doing(doing)),
        }
    }

    /// As [`query`](Self::query), for a query that returns one row; none is a [`Reason::Parse`].
    pub async fn query_one(
        &self,
        doing: &str,
        sql: &str,
        params: &[Parameter<'_>],
    ) -> Result<Row, CollectError> {
        let row = self.query(doing, sql, params).await?.into_iter().next();
        row.ok_or_else(|| {
            CollectError::new(Reason::Parse, doing.to_owned())
                .with_hint("the query returned no row")
        })
    }

    /// Runs a query and passes each row to `each` as it arrives, so that the rows take no memory.
    /// The first error of `each` ends it. The rows after it are read and discarded up to a limit,
    /// beyond which the connection is aborted.
    pub async fn query_each(
        &self,
        doing: &str,
        sql: &str,
        params: &[Parameter<'_>],
        mut each: impl FnMut(&Row) -> Result<(), CollectError> + Send,
    ) -> Result<(), CollectError> {
        let mut failed = None;
        let mut drained = 0;
        let sink = |row: Row| {
            if failed.is_none() {
                failed = each(&row).err();
            } else {
                drained += 1;
            }
            if drained < DRAINED_ROWS { Ok(()) } else { Err(LimitReached) }
        };
        // Boxed, because callers nest many of these futures.
        let outcome = Box::pin(self.run(sql, params, sink)).await;
        match failed {
            Some(error) => Err(error),
            None => outcome.map_err(|it| it.doing(doing)),
        }
    }

    /// In the form of `server_version_num`: 150018 is 15.18.
    pub fn server_version(&self) -> u32 {
        self.connection.server_version
    }

    /// When the session's queries time out.
    pub fn deadline(&self) -> Instant {
        self.deadline
    }

    /// The connected role, for hints and grants.
    pub fn user(&self) -> &str {
        &self.endpoint.peer.user
    }

    /// The same session with another limit of rows per query.
    pub fn with_row_limit(self, row_limit: usize) -> Self {
        Self { row_limit, ..self }
    }

    /// Runs a command of PgBouncer's console (`SHOW POOLS`), whose answers are text.
    pub async fn show(&self, doing: &str, sql: &str) -> Result<Vec<SimpleQueryRow>, CollectError> {
        if self.endpoint.protocol != Protocol::Simple {
            let hint = "`show` is only for the console of PgBouncer";
            return Err(CollectError::new(Reason::Internal, doing.to_owned()).with_hint(hint));
        }
        let mut rows = Vec::new();
        let mut over = false;
        let query = async {
            let mut answers = pin!(self.connection.client.simple_query_raw(sql).await?);
            while let Some(answer) = answers.try_next().await? {
                if let SimpleQueryMessage::Row(row) = answer {
                    rows.push(row);
                }
                if rows.len() > self.row_limit {
                    over = true;
                    return Err(QueryError::LimitReached);
                }
            }
            Ok(())
        };
        let outcome = self.by_deadline(query).await;
        if over {
            return Err(too_much(true, self.row_limit).doing(doing));
        }
        outcome.map(|()| rows).map_err(|it| it.doing(doing))
    }

    async fn run(
        &self,
        sql: &str,
        params: &[Parameter<'_>],
        mut sink: impl FnMut(Row) -> Result<(), LimitReached> + Send,
    ) -> Result<(), SharedError> {
        let connection = &self.connection;
        self.by_deadline(async {
            match &self.endpoint.protocol {
                Protocol::Session => connection.run_prepared(sql, params, &mut sink).await,
                Protocol::Transaction(begin) => {
                    // Boxed, because it is many times larger than the usual path above.
                    Box::pin(connection.run_in_transaction(begin, sql, params, &mut sink)).await
                }
                Protocol::Simple => {
                    Err(QueryError::Misused("the console of PgBouncer takes `show` only"))
                }
            }
        })
        .await
    }

    /// Runs a query until the deadline. A query that is not answered by then is cancelled.
    async fn by_deadline(
        &self,
        query: impl Future<Output = Result<(), QueryError>>,
    ) -> Result<(), SharedError> {
        let connection = &self.connection;
        if self.deadline <= Instant::now() {
            return Err(SharedError::new(Reason::Timeout)
                .with_hint("the scrape's deadline had passed before the query was sent"));
        }
        connection.lifetime.mark_used();
        let guard = CancelOnDrop::new(connection, self.deadline);
        let outcome = timeout_at(self.deadline, query).await;
        connection.lifetime.mark_used();
        match outcome {
            Ok(Ok(())) => guard.disarm(),
            Ok(Err(QueryError::Driver(error))) => {
                guard.disarm();
                return Err(connection.query_error(error).await);
            }
            Ok(Err(QueryError::Misused(hint))) => {
                guard.disarm();
                return Err(SharedError::new(Reason::Internal).with_hint(hint));
            }
            // The caller, which counts the rows, reports the error.
            Ok(Err(QueryError::LimitReached)) => guard.cancel(),
            Err(_) => {
                guard.cancel();
                return Err(SharedError::new(Reason::Timeout).with_hint(format!(
                    "{} did not answer before the scrape's deadline: it may be frozen or \
                     overloaded",
                    self.endpoint.peer.address
                )));
            }
        }
        Ok(())
    }
}

fn too_much(rows: bool, limit: usize) -> SharedError {
    let hint = if rows {
        format!(
            "the query returned more than {limit} rows: aggregate or limit it, or raise `row_limit`"
        )
    } else {
        format!("the query returned more than {} MiB: select less of each row", BYTE_LIMIT >> 20)
    };
    SharedError::new(Reason::Query).with_hint(hint)
}
