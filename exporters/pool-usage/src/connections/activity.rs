//! Sessions by database, state, role, application, kind and wait event.

use std::collections::{BTreeMap, BTreeSet};

use common::{
    metric::LabelText,
    scrape::{CollectError, Snapshot},
    source::postgres::{Session, column},
};
use tokio_postgres::{Row, types::Type};

use super::{Connections, databases::Database};
use crate::metrics::{
    aliases::MAX_TX_DURATION,
    connections::{
        ACTIVITY, ActivityLabels, DatabaseLabels, LONGEST_IDLE_IN_TRANSACTION, LONGEST_QUERY,
        LONGEST_TRANSACTION,
    },
};

/// The label value where the server returns NULL.
pub(crate) const UNKNOWN: &str = "unknown";
/// The `backend_type` that counts against `max_connections`.
const CLIENT: &str = "client backend";

/// The states that are shown even at 0, as `postgres_exporter` does.
const STATES: [&str; 6] = [
    "active",
    "idle",
    "idle in transaction",
    "idle in transaction (aborted)",
    "fastpath function call",
    "disabled",
];

/// Ages leave out the exporter's own session, which is always active at that moment.
const SQL: &str = "SELECT datname, coalesce(usename, '') AS usename, \
         coalesce(application_name, '') AS application_name, \
         state, backend_type, coalesce(wait_event_type, '') AS wait_event_type, \
         CASE WHEN $1 THEN coalesce(wait_event, '') ELSE '' END AS wait_event, \
         count(*) AS sessions, \
         count(*) FILTER (WHERE state IS DISTINCT FROM 'idle') AS busy, \
         extract(epoch FROM max(clock_timestamp() - xact_start) \
             FILTER (WHERE pid <> pg_backend_pid()))::float8 AS transaction, \
         extract(epoch FROM max(clock_timestamp() - query_start) \
             FILTER (WHERE pid <> pg_backend_pid() AND state = 'active'))::float8 AS query, \
         extract(epoch FROM max(clock_timestamp() - state_change) \
             FILTER (WHERE state LIKE 'idle in transaction%'))::float8 AS idle \
     FROM pg_catalog.pg_stat_activity \
     WHERE datid IS NOT NULL \
     GROUP BY 1, 2, 3, 4, 5, 6, 7 \
     ORDER BY sessions DESC";

/// Sessions that differ only in their age.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sessions {
    pub(crate) datname: String,
    pub(crate) usename: String,
    pub(crate) application_name: String,
    /// `None` if the role may not see it.
    pub(crate) state: Option<String>,
    /// `None` if the role may not see it.
    pub(crate) backend_type: Option<String>,
    pub(super) wait_event_type: String,
    pub(super) wait_event: String,
    pub(crate) count: i64,
    /// Sessions that are not idle; meaningless if the state is hidden.
    pub(crate) busy: i64,
    pub(super) transaction: Option<f64>,
    pub(super) query: Option<f64>,
    pub(super) idle_in_transaction: Option<f64>,
}

impl Sessions {
    /// Whether they count against limits. Hidden sessions count if they have a user, because
    /// autovacuum has none.
    pub(crate) fn are_clients(&self) -> bool {
        match &self.backend_type {
            Some(kind) => kind == CLIENT,
            None => !self.usename.is_empty(),
        }
    }
}

pub(super) async fn fetch(
    session: &Session,
    wait_events: bool,
) -> Result<Vec<Sessions>, CollectError> {
    let rows =
        session.query("reading pg_stat_activity", SQL, &[(&wait_events, Type::BOOL)]).await?;
    rows.iter().map(parse).collect()
}

fn parse(row: &Row) -> Result<Sessions, CollectError> {
    Ok(Sessions {
        datname: column(row, "datname")?,
        usename: column(row, "usename")?,
        application_name: column(row, "application_name")?,
        state: column(row, "state")?,
        backend_type: column(row, "backend_type")?,
        wait_event_type: column(row, "wait_event_type")?,
        wait_event: column(row, "wait_event")?,
        count: column(row, "sessions")?,
        busy: column(row, "busy")?,
        transaction: column(row, "transaction")?,
        query: column(row, "query")?,
        idle_in_transaction: column(row, "idle")?,
    })
}

#[derive(Default)]
struct Group {
    count: i64,
    transaction: f64,
}

#[derive(Clone, Default)]
struct Longest {
    transaction: f64,
    query: f64,
    idle_in_transaction: f64,
}

pub(super) fn render(
    sessions: &[Sessions],
    databases: &[Database],
    sees_all: bool,
    collector: &Connections,
    out: &mut Snapshot,
) {
    // Folding may give several rows the same labels.
    let mut groups = BTreeMap::<ActivityLabels, Group>::new();
    let mut longest = BTreeMap::<LabelText, Longest>::new();
    for database in databases {
        longest.entry(collector.database(&database.name)).or_default();
    }
    for row in sessions {
        let labels = labels(row, collector);
        let ages = longest.entry(labels.datname.clone()).or_default();
        ages.transaction = ages.transaction.max(row.transaction.unwrap_or(0.0));
        ages.query = ages.query.max(row.query.unwrap_or(0.0));
        ages.idle_in_transaction =
            ages.idle_in_transaction.max(row.idle_in_transaction.unwrap_or(0.0));
        let group = groups.entry(labels).or_default();
        group.count += row.count;
        group.transaction = group.transaction.max(row.transaction.unwrap_or(0.0));
    }
    if sees_all {
        add_zeros(&mut groups, longest.keys());
        for (datname, ages) in longest {
            let labels = DatabaseLabels { datname };
            out.gauge(&LONGEST_TRANSACTION, labels.clone(), ages.transaction);
            out.gauge(&LONGEST_QUERY, labels.clone(), ages.query);
            out.gauge(&LONGEST_IDLE_IN_TRANSACTION, labels, ages.idle_in_transaction);
        }
    }
    for (labels, group) in groups {
        if collector.aliases && sees_all {
            out.gauge(&MAX_TX_DURATION, labels.clone(), group.transaction);
        }
        out.gauge(&ACTIVITY, labels, group.count as f64);
    }
}

fn labels(row: &Sessions, collector: &Connections) -> ActivityLabels {
    let shown =
        |value: &Option<String>| value.clone().map_or(LabelText::of(UNKNOWN), LabelText::from);
    ActivityLabels {
        datname: collector.database(&row.datname),
        state: shown(&row.state),
        usename: collector.caps.users.fold(&row.usename),
        application_name: collector.caps.applications.fold(&row.application_name),
        backend_type: shown(&row.backend_type),
        wait_event_type: row.wait_event_type.clone().into(),
        wait_event: row.wait_event.clone().into(),
    }
}

/// Adds the states that no session is in: the query returns no row for them.
fn add_zeros<'a>(
    groups: &mut BTreeMap<ActivityLabels, Group>,
    databases: impl Iterator<Item = &'a LabelText>,
) {
    let seen: BTreeSet<(LabelText, LabelText)> =
        groups.keys().map(|it| (it.datname.clone(), it.state.clone())).collect();
    for datname in databases {
        for state in STATES.map(LabelText::of) {
            if !seen.contains(&(datname.clone(), state.clone())) {
                groups.insert(no_sessions(datname.clone(), state), Group::default());
            }
        }
    }
}

fn no_sessions(datname: LabelText, state: LabelText) -> ActivityLabels {
    ActivityLabels {
        datname,
        state,
        usename: LabelText::of(""),
        application_name: LabelText::of(""),
        backend_type: LabelText::of(""),
        wait_event_type: LabelText::of(""),
        wait_event: LabelText::of(""),
    }
}
