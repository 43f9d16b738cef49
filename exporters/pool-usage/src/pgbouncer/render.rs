//! Samples from the console's answers.

use std::collections::BTreeMap;

use common::{
    metric::{Counter, Gauge, LabelText},
    scrape::{Snapshot, label_limit::OTHER},
};

use super::{
    Answers, pools,
    table::{Line, Table},
};
use crate::{
    caps::Caps,
    metrics::pgbouncer::{
        self as metrics, ClientLabels, EntryLabels, TrafficLabels, UserLabels, VersionLabels,
    },
};

/// Columns of `DATABASES`; 1.24 renamed one.
const ENTRY: [(&[&str], &Gauge<EntryLabels>); 9] = [
    (&["pool_size"], &metrics::ENTRY_POOL_SIZE),
    (&["min_pool_size"], &metrics::ENTRY_MIN_POOL_SIZE),
    (&["reserve_pool", "reserve_pool_size"], &metrics::ENTRY_RESERVE),
    (&["max_connections"], &metrics::ENTRY_MAX_CONNECTIONS),
    (&["current_connections"], &metrics::ENTRY_CURRENT_CONNECTIONS),
    (&["max_client_connections"], &metrics::ENTRY_MAX_CLIENTS),
    (&["current_client_connections"], &metrics::ENTRY_CURRENT_CLIENTS),
    (&["paused"], &metrics::ENTRY_PAUSED),
    (&["disabled"], &metrics::ENTRY_DISABLED),
];

/// Columns of `STATS_TOTALS`, and the factor of their unit.
const TRAFFIC: [(&str, f64, &Counter<TrafficLabels>); 12] = [
    ("query_count", 1.0, &metrics::TRAFFIC_QUERIES),
    ("xact_count", 1.0, &metrics::TRAFFIC_TRANSACTIONS),
    ("server_assignment_count", 1.0, &metrics::TRAFFIC_SERVER_ASSIGNMENTS),
    ("client_parse_count", 1.0, &metrics::TRAFFIC_CLIENT_PARSES),
    ("server_parse_count", 1.0, &metrics::TRAFFIC_SERVER_PARSES),
    ("bind_count", 1.0, &metrics::TRAFFIC_BINDS),
    ("client_login_count", 1.0, &metrics::TRAFFIC_LOGINS),
    ("bytes_received", 1.0, &metrics::TRAFFIC_RECEIVED),
    ("bytes_sent", 1.0, &metrics::TRAFFIC_SENT),
    ("xact_time", 1e6, &metrics::TRAFFIC_IN_TRANSACTION),
    ("query_time", 1e6, &metrics::TRAFFIC_IN_QUERY),
    ("wait_time", 1e6, &metrics::TRAFFIC_WAITED),
];

const LISTS: [(&str, &Gauge); 11] = [
    ("databases", &metrics::LIST_DATABASES),
    ("users", &metrics::LIST_USERS),
    ("pools", &metrics::LIST_POOLS),
    ("free_clients", &metrics::LIST_FREE_CLIENTS),
    ("used_clients", &metrics::LIST_USED_CLIENTS),
    ("login_clients", &metrics::LIST_LOGIN_CLIENTS),
    ("free_servers", &metrics::LIST_FREE_SERVERS),
    ("used_servers", &metrics::LIST_USED_SERVERS),
    ("dns_names", &metrics::LIST_DNS_NAMES),
    ("dns_zones", &metrics::LIST_DNS_ZONES),
    ("dns_queries", &metrics::LIST_DNS_QUERIES),
];

const CONFIG: [(&str, &Gauge); 5] = [
    ("max_client_conn", &metrics::CONFIG_MAX_CLIENTS),
    ("max_user_connections", &metrics::CONFIG_MAX_USER),
    ("max_db_connections", &metrics::CONFIG_MAX_DATABASE),
    ("default_pool_size", &metrics::CONFIG_DEFAULT_POOL_SIZE),
    ("reserve_pool_size", &metrics::CONFIG_RESERVE_POOL_SIZE),
];

const USERS: [(&str, &Gauge<UserLabels>); 5] = [
    ("pool_size", &metrics::USER_POOL_SIZE),
    ("max_user_connections", &metrics::USER_MAX_CONNECTIONS),
    ("current_connections", &metrics::USER_CONNECTIONS),
    ("max_user_client_connections", &metrics::USER_MAX_CLIENTS),
    ("current_client_connections", &metrics::USER_CLIENTS),
];

const STATE: [(&str, &Gauge); 3] = [
    ("active", &metrics::STATE_ACTIVE),
    ("paused", &metrics::STATE_PAUSED),
    ("suspended", &metrics::STATE_SUSPENDED),
];

pub(super) fn render(answers: &Answers, version: u32, caps: &Caps, out: &mut Snapshot) {
    out.info(
        &metrics::PGBOUNCER_VERSION,
        VersionLabels { version: name(&answers.version, version) },
    );
    pools::render(answers, caps, out);
    databases(&answers.databases, caps, out);
    traffic(&answers.totals, caps, out);
    for (list, metric) in LISTS {
        out.gauge(metric, (), listed(&answers.lists, list));
    }
    for (key, metric) in CONFIG {
        let value = answers.config.entry("key", key, "value");
        out.gauge(metric, (), value.and_then(|it| it.parse::<f64>().ok()));
    }
    for line in answers.users.lines() {
        let user = caps.users.fold(line.text("name").unwrap_or_default());
        if user == OTHER {
            continue;
        }
        for (column, metric) in USERS {
            out.gauge(metric, UserLabels { user: user.clone() }, line.number(&[column]));
        }
    }
    for (key, metric) in STATE {
        let value = answers.state.entry("key", key, "value");
        out.gauge(metric, (), value.map(|it| f64::from(it == "yes")));
    }
    clients(answers.clients.as_ref(), caps, out);
    caps.write(["database", "user", "client_application_name"], out);
}

/// The number of items of a list.
pub(super) fn listed(lists: &Table, name: &str) -> Option<f64> {
    lists.entry("list", name, "items")?.parse().ok()
}

/// Before 1.12 the answer is a notice, which the driver drops; the handshake has the version, too.
fn name(table: &Table, handshake: u32) -> LabelText {
    let version = table.lines().next().and_then(|it| it.text("version"));
    version
        .map_or_else(
            || {
                let (major, minor) = (handshake / 10_000, handshake / 100 % 100);
                format!("PgBouncer {major}.{minor}.{}", handshake % 100)
            },
            str::to_owned,
        )
        .into()
}

fn databases(table: &Table, caps: &Caps, out: &mut Snapshot) {
    for line in table.lines() {
        let text = |column| LabelText::from(line.text(column).unwrap_or_default().to_owned());
        let labels = EntryLabels {
            name: caps.databases.fold(line.text("name").unwrap_or_default()),
            host: text("host"),
            port: text("port"),
            database: text("database"),
            force_user: text("force_user"),
            pool_mode: text("pool_mode"),
        };
        if labels.name == OTHER {
            continue;
        }
        for (columns, metric) in ENTRY {
            out.gauge(metric, labels.clone(), line.number(columns));
        }
    }
}

fn traffic(table: &Table, caps: &Caps, out: &mut Snapshot) {
    for (column, unit, metric) in TRAFFIC {
        let mut sums = BTreeMap::<LabelText, f64>::new();
        for line in table.lines() {
            let database = caps.databases.fold(line.text("database").unwrap_or_default());
            if let Some(value) = line.number(&[column]) {
                *sums.entry(database).or_default() += value / unit;
            }
        }
        for (database, sum) in sums {
            out.counter(metric, TrafficLabels { database }, sum);
        }
    }
}

fn clients(table: Option<&Table>, caps: &Caps, out: &mut Snapshot) {
    let mut counts = BTreeMap::<ClientLabels, f64>::new();
    for line in table.into_iter().flat_map(Table::lines) {
        *counts.entry(client(line, caps)).or_default() += 1.0;
    }
    for (labels, count) in counts {
        out.gauge(&metrics::CLIENTS, labels, count);
    }
}

fn client(line: Line<'_>, caps: &Caps) -> ClientLabels {
    let text = |column| line.text(column).unwrap_or_default();
    ClientLabels {
        database: caps.databases.fold(text("database")),
        user: caps.users.fold(text("user")),
        application_name: caps.applications.fold(text("application_name")),
        state: text("state").to_owned().into(),
    }
}
