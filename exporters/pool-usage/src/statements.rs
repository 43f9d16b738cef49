//! Statements: counters from `pg_stat_statements`.
//!
//! The view loses entries: it is reset, it evicts rare statements, a crash empties it. So the
//! increase of each statement since the last scrape is computed ([`ledger`]) and summed here.

mod extension;
mod ledger;
mod top;

use std::sync::{Arc, Mutex, PoisonError};

use common::{
    scrape::{CollectError, Reason, Snapshot},
    source::postgres::{NO_PARAMS, Session, SessionCollector, column},
};
use futures::{FutureExt, future::join3};
use tokio_postgres::{Row, types::Type};

use self::{
    extension::Extension,
    ledger::{Entry, Key, Ledger},
    top::Top,
};
use crate::{
    caps::Caps,
    metrics::{
        connections::DatabaseLabels,
        statements::{
            STATEMENT_BLOCKS_HIT, STATEMENT_BLOCKS_READ, STATEMENT_CALLS, STATEMENT_DURATION,
            STATEMENT_ROWS, STATEMENT_SECONDS, STATEMENT_TEMP_BLOCKS, STATEMENTS_AVAILABLE,
            STATEMENTS_TRACKED, StatementLabels, StatementTextLabels, TOP_CALLS, TOP_ROWS,
            TOP_SECONDS, TOP_TEXT,
        },
    },
    settings::StatementSettings,
};

/// The most entries that are read. `pg_stat_statements.max` is 5000 by default.
const ENTRY_LIMIT: usize = 50_000;

const NAMES: &str = "SELECT 'd' AS kind, oid, datname::text AS name FROM pg_catalog.pg_database \
     UNION ALL SELECT 'u', oid, rolname::text FROM pg_catalog.pg_roles WHERE oid = ANY($1)";

#[derive(Debug)]
pub(crate) struct Statements {
    caps: Arc<Caps>,
    settings: StatementSettings,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// The extension at the last scrape.
    extension: Option<Extension>,
    /// The roles whose statements were chosen at the last scrape.
    users: Vec<u32>,
    ledger: Ledger,
    top: Top,
}

#[derive(Default)]
struct Reading {
    entries: Vec<(Key, Entry)>,
    /// When the whole view was last reset; unknown in old versions.
    reset: Option<f64>,
}

impl Statements {
    pub(crate) fn new(caps: &Arc<Caps>, settings: &StatementSettings) -> Self {
        Self { caps: Arc::clone(caps), settings: settings.clone(), state: Mutex::default() }
    }
}

impl SessionCollector<Session> for Statements {
    fn name(&self) -> &'static str {
        "statements"
    }

    async fn collect(&self, session: &Session, out: &mut Snapshot) -> Result<(), CollectError> {
        // One round trip, on the assumption that the extension and the top statements are as at the
        // last scrape. Where they have changed, the query is repeated below.
        let (expected, users) = {
            let state = self.state();
            (state.extension.clone(), state.users.clone())
        };
        let asked = async {
            match &expected {
                Some(extension) => Some(fetch(session, extension).await),
                None => None,
            }
        };
        let (found, reading, known) =
            join3(Extension::find(session).boxed(), asked.boxed(), names(session, &users).boxed())
                .await;
        let found = found?;
        self.state().extension.clone_from(&found);
        let Some(extension) = found else {
            out.gauge(&STATEMENTS_AVAILABLE, (), 0.0);
            return Ok(());
        };
        let reading = match reading.filter(|_| expected.as_ref() == Some(&extension)) {
            Some(reading) => reading,
            None => fetch(session, &extension).await,
        };
        let reading = match reading {
            Ok(reading) => reading,
            // The extension was created in the database, but the server does not load it.
            Err(error) if error.reason == Reason::Missing => {
                out.gauge(&STATEMENTS_AVAILABLE, (), 0.0);
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        let chosen = self.state().top.choose(&reading.entries, self.settings.top);
        let users: Vec<u32> = chosen.iter().map(|it| it.user).collect();
        let known = known?;
        let suffices = users.iter().all(|it| known.user(*it).is_some());
        let names = if suffices { known } else { names(session, &users).await? };
        let texts = self.texts(session, &extension, &chosen).await?;

        // There is no `await` from here on, so that each increase is added exactly once.
        let mut state = self.state();
        state.top.commit(&chosen, texts);
        state.users = users;
        let database = |oid| names.database(oid).map(|it| self.caps.databases.fold(it));
        state.ledger.take(&reading.entries, reading.reset, database);
        out.gauge(&STATEMENTS_AVAILABLE, (), 1.0);
        out.gauge(&STATEMENTS_TRACKED, (), reading.entries.len() as f64);
        render(&state.ledger, out);
        render_top(&chosen, &reading.entries, &names, self, out);
        for (queryid, text) in state.top.texts() {
            let labels =
                StatementTextLabels { queryid: queryid.to_string().into(), query: text.into() };
            out.info(&TOP_TEXT, labels);
        }
        Ok(())
    }
}

impl Statements {
    /// The texts of statements that are not known yet; none if the settings switch texts off.
    async fn texts(
        &self,
        session: &Session,
        extension: &Extension,
        chosen: &[Key],
    ) -> Result<Vec<(i64, String)>, CollectError> {
        let unknown =
            if self.settings.text { self.state().top.unknown(chosen) } else { Vec::new() };
        if unknown.is_empty() {
            return Ok(Vec::new());
        }
        let length = i32::from(self.settings.text_length);
        let parameters: [common::source::postgres::Parameter<'_>; 2] =
            [(&unknown, Type::INT8_ARRAY), (&length, Type::INT4)];
        let doing = "reading the texts of statements";
        let rows = session.query(doing, &extension.texts(), &parameters).await?;
        rows.iter().map(|row| Ok((column(row, "queryid")?, column(row, "query")?))).collect()
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn fetch(session: &Session, extension: &Extension) -> Result<Reading, CollectError> {
    let doing = "reading pg_stat_statements";
    let session = session.clone().with_row_limit(ENTRY_LIMIT);
    let (rows, reset) =
        futures::future::try_join(session.query(doing, &extension.entries(), NO_PARAMS), async {
            match extension.reset() {
                Some(sql) => {
                    session.query("reading the time of the last reset", &sql, NO_PARAMS).await
                }
                None => Ok(Vec::new()),
            }
        })
        .await?;
    let reset = reset.first().map(|row| column::<Option<f64>>(row, "reset")).transpose()?;
    let entries = rows.iter().map(entry).collect::<Result<_, _>>()?;
    Ok(Reading { entries, reset: reset.flatten() })
}

fn entry(row: &Row) -> Result<(Key, Entry), CollectError> {
    let key = Key {
        user: column(row, "userid")?,
        database: column(row, "dbid")?,
        query: column(row, "queryid")?,
        top_level: column(row, "toplevel")?,
    };
    let entry = Entry {
        calls: column(row, "calls")?,
        seconds: column(row, "seconds")?,
        rows: column(row, "rows")?,
        hit: column(row, "shared_blks_hit")?,
        read: column(row, "shared_blks_read")?,
        temporary: column(row, "temp_blks_written")?,
        since: column(row, "since")?,
    };
    Ok((key, entry))
}

/// Names of databases and roles by their OIDs.
struct Names(Vec<(bool, u32, String)>);

impl Names {
    fn of(&self, database: bool, oid: u32) -> Option<&str> {
        let found = self.0.iter().find(|it| it.0 == database && it.1 == oid);
        found.map(|it| it.2.as_str())
    }

    fn database(&self, oid: u32) -> Option<&str> {
        self.of(true, oid)
    }

    fn user(&self, oid: u32) -> Option<&str> {
        self.of(false, oid)
    }
}

async fn names(session: &Session, users: &Vec<u32>) -> Result<Names, CollectError> {
    let doing = "reading the names of databases and roles";
    let rows = session.query(doing, NAMES, &[(users, Type::OID_ARRAY)]).await?;
    let name = |row: &Row| {
        let kind: &str = column(row, "kind")?;
        Ok((kind == "d", column(row, "oid")?, column(row, "name")?))
    };
    Ok(Names(rows.iter().map(name).collect::<Result<_, CollectError>>()?))
}

fn render(ledger: &Ledger, out: &mut Snapshot) {
    for (datname, total) in ledger.totals() {
        let labels = || DatabaseLabels { datname: datname.clone() };
        out.counter(&STATEMENT_CALLS, labels(), total.calls as f64);
        out.counter(&STATEMENT_SECONDS, labels(), total.seconds);
        out.counter(&STATEMENT_ROWS, labels(), total.rows as f64);
        out.counter(&STATEMENT_BLOCKS_HIT, labels(), total.hit as f64);
        out.counter(&STATEMENT_BLOCKS_READ, labels(), total.read as f64);
        out.counter(&STATEMENT_TEMP_BLOCKS, labels(), total.temporary as f64);
        out.histogram(&STATEMENT_DURATION, labels(), total.duration.clone());
    }
}

fn render_top(
    chosen: &[Key],
    entries: &[(Key, Entry)],
    names: &Names,
    collector: &Statements,
    out: &mut Snapshot,
) {
    // A statement that also runs inside functions has two entries with one `queryid`.
    let mut sums = std::collections::BTreeMap::<StatementLabels, (i64, f64, i64)>::new();
    for (key, entry) in entries.iter().filter(|(key, _)| chosen.contains(key)) {
        let (Some(user), Some(datname), Some(query)) =
            (names.user(key.user), names.database(key.database), key.query)
        else {
            continue;
        };
        let labels = StatementLabels {
            user: collector.caps.users.fold(user),
            datname: collector.caps.databases.fold(datname),
            queryid: query.to_string().into(),
        };
        let sum = sums.entry(labels).or_default();
        *sum = (sum.0 + entry.calls, sum.1 + entry.seconds, sum.2 + entry.rows);
    }
    for (labels, (calls, seconds, rows)) in sums {
        out.counter(&TOP_CALLS, labels.clone(), calls as f64);
        out.counter(&TOP_SECONDS, labels.clone(), seconds);
        out.counter(&TOP_ROWS, labels, rows as f64);
    }
}
