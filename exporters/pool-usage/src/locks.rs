//! Locks by mode, the sessions that wait for one, and the sessions that block them.

mod graph;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use common::{
    metric::LabelText,
    scrape::{CollectError, Snapshot},
    source::postgres::{NO_PARAMS, Session, SessionCollector, column},
};
use futures::future::try_join;

use crate::{
    caps::Caps,
    metrics::connections::{
        BLOCKED, BLOCKING, DatabaseLabels, LOCKS, LONGEST_LOCK_WAIT, LockLabels, WORST_BLOCKER,
    },
};
use graph::Graph;

const DATABASES: &str = "SELECT datname FROM pg_catalog.pg_database \
     WHERE datallowconn AND NOT datistemplate ORDER BY datname LIMIT 1000";

/// Locks by mode, and waiters, from one reading of the lock manager's tables. Some locks belong to
/// no database (a transaction's), so a waiter counts for the database of its session.
macro_rules! locks {
    ($columns:literal, $since:literal) => {
        concat!(
            "WITH locks AS MATERIALIZED (SELECT pid, database, mode, granted",
            $columns,
            " FROM pg_catalog.pg_locks) \
             SELECT d.datname, lower(l.mode) AS mode, count(*) AS count, NULL::float8 AS longest \
             FROM locks l JOIN pg_catalog.pg_database d ON d.oid = l.database GROUP BY 1, 2 \
             UNION ALL \
             SELECT d.datname, NULL, count(DISTINCT l.pid), \
                 extract(epoch FROM max(clock_timestamp() - ",
            $since,
            "))::float8 \
             FROM locks l CROSS JOIN LATERAL pg_catalog.pg_stat_get_activity(l.pid) a \
                 JOIN pg_catalog.pg_database d ON d.oid = a.datid \
             WHERE NOT l.granted GROUP BY 1"
        )
    };
}
const LOCKED: &str = locks!(", waitstart", "l.waitstart");
/// PostgreSQL 13 has no start of the wait, so the start of the query is taken.
const LOCKED_13: &str = locks!("", "a.query_start");

/// `pg_blocking_pids` locks the whole lock manager for a moment, so it is called only for sessions
/// that wait, and for at most 200 of them.
const EDGES: &str = "SELECT pid, unnest(pg_catalog.pg_blocking_pids(pid)) AS blocker FROM \
     (SELECT DISTINCT pid FROM pg_catalog.pg_locks WHERE NOT granted LIMIT 200) waiting";

/// The modes, with the names of `postgres_exporter`.
const MODES: [&str; 9] = [
    "accesssharelock",
    "rowsharelock",
    "rowexclusivelock",
    "shareupdateexclusivelock",
    "sharelock",
    "sharerowexclusivelock",
    "exclusivelock",
    "accessexclusivelock",
    "sireadlock",
];

#[derive(Debug)]
pub(crate) struct Locks {
    caps: Arc<Caps>,
}

#[derive(Default)]
struct Waiting {
    count: i64,
    longest: f64,
}

impl Locks {
    pub(crate) fn new(caps: &Arc<Caps>) -> Self {
        Self { caps: Arc::clone(caps) }
    }
}

impl SessionCollector<Session> for Locks {
    fn name(&self) -> &'static str {
        "locks"
    }

    async fn collect(&self, session: &Session, out: &mut Snapshot) -> Result<(), CollectError> {
        let locked = if session.server_version() >= 140_000 { LOCKED } else { LOCKED_13 };
        let (databases, locked) = try_join(
            session.query("reading the databases' names", DATABASES, NO_PARAMS),
            session.query("counting locks and waiters", locked, NO_PARAMS),
        )
        .await?;

        let mut waiters = BTreeMap::<LabelText, Waiting>::new();
        let mut locks = BTreeMap::<LockLabels, i64>::new();
        for row in &databases {
            let datname = self.caps.databases.fold(column(row, "datname")?);
            for mode in MODES {
                locks
                    .entry(LockLabels { datname: datname.clone(), mode: mode.into() })
                    .or_default();
            }
            waiters.entry(datname).or_default();
        }
        for row in &locked {
            let datname = self.caps.databases.fold(column(row, "datname")?);
            let count: i64 = column(row, "count")?;
            if let Some(mode) = column::<Option<String>>(row, "mode")? {
                *locks.entry(LockLabels { datname, mode: mode.into() }).or_default() += count;
                continue;
            }
            let entry = waiters.entry(datname).or_default();
            entry.count += count;
            // A wait that has just begun has no start yet.
            let longest: Option<f64> = column(row, "longest")?;
            entry.longest = entry.longest.max(longest.unwrap_or(0.0));
        }
        let anyone_waits = waiters.values().any(|it| it.count > 0);
        for (labels, count) in locks {
            out.gauge(&LOCKS, labels, count as f64);
        }
        for (datname, waiting) in waiters {
            let labels = DatabaseLabels { datname };
            out.gauge(&BLOCKED, labels.clone(), waiting.count as f64);
            out.gauge(&LONGEST_LOCK_WAIT, labels, waiting.longest);
        }

        let graph = if anyone_waits { graph(session).await? } else { Graph::default() };
        out.gauge(&BLOCKING, (), graph.roots() as f64);
        out.gauge(&WORST_BLOCKER, (), graph.behind_the_worst() as f64);
        Ok(())
    }
}

async fn graph(session: &Session) -> Result<Graph, CollectError> {
    let rows = session.query("reading which sessions block others", EDGES, NO_PARAMS).await?;
    let mut edges = BTreeSet::new();
    for row in &rows {
        edges.insert((column(row, "pid")?, column(row, "blocker")?));
    }
    Ok(Graph::new(edges))
}
