//! Questions to the server.

use std::{pin::pin, sync::Arc};

use futures::TryStreamExt;
use tokio::time::{Instant, timeout_at};
use tokio_postgres::{
    Row, SimpleQueryMessage, SimpleQueryRow,
    types::{FromSql, ToSql, Type},
};

use super::{
    ask::{Stop, Trouble},
    connect::{Connection, Endpoint, Speaks},
    flight::InFlight,
};
use crate::{
    scrape::{CollectError, Reason},
    source::connection::{Line, error::Failure},
};

/// A parameter with the type that the query takes it as.
pub type Parameter<'a> = (&'a (dyn ToSql + Sync), Type);

/// The parameters of a query that has none.
pub const NO_PARAMS: &[Parameter<'static>] = &[];

/// How many rows over the limit are read and thrown away, so that the queries beside this one
/// keep their connection; with more to come the connection is cut.
const DRAINED_ROWS: usize = 100_000;
/// How many bytes the rows of one query may hold.
const BYTE_LIMIT: usize = 16 << 20;

/// Leave to use the target's connection until a deadline. Cheap to clone.
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
    /// Runs a query and gives its rows. `doing` says for what, for the error: "reading the depth
    /// of queue `mail`".
    ///
    /// The statement is prepared once per connection and found again by its text, so the text is
    /// constant and what varies is a parameter. More rows than the limit are an error of
    /// [`Reason::Query`]; no more than the limit, nor more than 16 MiB, are ever held.
    ///
    /// Through PgBouncer each query runs in a transaction of its own and is not prepared; its
    /// columns have built-in types there: cast others, such as enums, to text.
    pub async fn query(
        &self,
        doing: &str,
        sql: &str,
        params: &[Parameter<'_>],
    ) -> Result<Vec<Row>, CollectError> {
        let (mut rows, mut bytes, mut over) = (Vec::new(), 0, None);
        let mut drained = 0;
        let limit = self.row_limit;
        let take = |row: Row| {
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
            if drained < DRAINED_ROWS { Ok(()) } else { Err(Stop) }
        };
        // Boxed, for callers hold many of them at once, one in the other.
        let outcome = Box::pin(self.run(sql, params, take)).await;
        match over {
            Some(failure) => Err(failure.doing(doing)),
            None => outcome.map(|()| rows).map_err(|it| it.doing(doing)),
        }
    }

    /// Runs a query and hands over each row as it arrives, so that no number of rows needs
    /// memory. The first error of `each` ends it; rows that follow are read and thrown away up to
    /// a bound, beyond which the connection is cut.
    pub async fn query_each(
        &self,
        doing: &str,
        sql: &str,
        params: &[Parameter<'_>],
        mut each: impl FnMut(&Row) -> Result<(), CollectError> + Send,
    ) -> Result<(), CollectError> {
        let mut failed = None;
        let mut drained = 0;
        let take = |row: Row| {
            if failed.is_none() {
                failed = each(&row).err();
            } else {
                drained += 1;
            }
            if drained < DRAINED_ROWS { Ok(()) } else { Err(Stop) }
        };
        // Boxed, for callers hold many of them at once, one in the other.
        let outcome = Box::pin(self.run(sql, params, take)).await;
        match failed {
            Some(error) => Err(error),
            None => outcome.map_err(|it| it.doing(doing)),
        }
    }

    /// As `server_version_num` has it: 150018 is 15.18.
    pub fn server_version(&self) -> u32 {
        self.connection.server_version
    }

    /// When the session's queries give up.
    pub fn deadline(&self) -> Instant {
        self.deadline
    }

    /// The role that is connected, for hints and grants.
    pub fn user(&self) -> &str {
        &self.endpoint.peer.user
    }

    /// The same session with another limit of rows per query.
    pub fn with_row_limit(self, row_limit: usize) -> Self {
        Self { row_limit, ..self }
    }

    /// Asks PgBouncer's console (`SHOW POOLS`), which knows only texts.
    pub async fn show(&self, doing: &str, sql: &str) -> Result<Vec<SimpleQueryRow>, CollectError> {
        if self.endpoint.speaks != Speaks::Text {
            let hint = "only the console of PgBouncer is asked so";
            return Err(CollectError::new(Reason::Internal, doing.to_owned()).with_hint(hint));
        }
        let mut rows = Vec::new();
        let mut over = false;
        let asked = async {
            let mut answers = pin!(self.connection.client.simple_query_raw(sql).await?);
            while let Some(answer) = answers.try_next().await? {
                if let SimpleQueryMessage::Row(row) = answer {
                    rows.push(row);
                }
                if rows.len() > self.row_limit {
                    over = true;
                    return Err(Trouble::Stopped);
                }
            }
            Ok(())
        };
        let outcome = self.bounded(asked).await;
        if over {
            return Err(too_much(true, self.row_limit).doing(doing));
        }
        outcome.map(|()| rows).map_err(|it| it.doing(doing))
    }

    async fn run(
        &self,
        sql: &str,
        params: &[Parameter<'_>],
        mut take: impl FnMut(Row) -> Result<(), Stop> + Send,
    ) -> Result<(), Failure> {
        let connection = &self.connection;
        self.bounded(async {
            match &self.endpoint.speaks {
                Speaks::Sessions => connection.prepared(sql, params, &mut take).await,
                Speaks::Transactions(begin) => {
                    // Many times the size of the other, which is the usual one.
                    Box::pin(connection.pooled(begin, sql, params, &mut take)).await
                }
                Speaks::Text => Err(Trouble::Misused("PgBouncer's console is asked with `show`")),
            }
        })
        .await
    }

    /// Waits until the deadline, and leaves nothing running.
    async fn bounded(
        &self,
        asked: impl Future<Output = Result<(), Trouble>>,
    ) -> Result<(), Failure> {
        let connection = &self.connection;
        // Nothing is sent that nobody would wait for.
        if self.deadline <= Instant::now() {
            return Err(Failure::new(Reason::Timeout)
                .with_hint("the scrape's deadline had passed before this was asked"));
        }
        connection.mark_used();
        let in_flight = InFlight::new(connection, self.deadline);
        let outcome = timeout_at(self.deadline, asked).await;
        connection.mark_used();
        match outcome {
            Ok(Ok(())) => in_flight.landed(),
            Ok(Err(Trouble::Driver(error))) => {
                in_flight.landed();
                return Err(connection.failure(error).await);
            }
            Ok(Err(Trouble::Misused(hint))) => {
                in_flight.landed();
                return Err(Failure::new(Reason::Internal).with_hint(hint));
            }
            // Rows without end: whoever counted them says so.
            Ok(Err(Trouble::Stopped)) => in_flight.cut(),
            Err(_) => {
                in_flight.cut();
                return Err(Failure::new(Reason::Timeout).with_hint(format!(
                    "{} did not answer before the scrape's deadline: it may be frozen or \
                     overloaded",
                    self.endpoint.peer.address
                )));
            }
        }
        Ok(())
    }
}

fn too_much(rows: bool, limit: usize) -> Failure {
    let hint = if rows {
        format!(
            "the query gave more than {limit} rows: aggregate or limit it, or raise `row_limit`"
        )
    } else {
        format!("the query gave more than {} MiB: select less of each row", BYTE_LIMIT >> 20)
    };
    Failure::new(Reason::Query).with_hint(hint)
}

/// The value of a row's column; a column that is missing or of another type is
/// [`Reason::Parse`].
pub fn column<'r, T: FromSql<'r>>(row: &'r Row, name: &str) -> Result<T, CollectError> {
    row.try_get(name).map_err(|error| {
        CollectError::new(Reason::Parse, format!("reading column `{name}`")).with_source(error)
    })
}
