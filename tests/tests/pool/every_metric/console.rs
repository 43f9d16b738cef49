//! Expected values from PgBouncer's console.

use std::collections::BTreeMap;

use super::{
    Line,
    stack::{SHOP, Stack, rows},
};

type Row = BTreeMap<String, String>;

/// What is asked for. `SHOW CLIENTS` and `SHOW LISTS` count who asks, in each round the same.
const TABLES: [&str; 9] = [
    "VERSION",
    "POOLS",
    "DATABASES",
    "STATS_TOTALS",
    "LISTS",
    "CONFIG",
    "USERS",
    "STATE",
    "CLIENTS",
];

/// Columns of a table with a row for each thing: the series, the column, its unit in ours.
struct Table {
    name: &'static str,
    /// Labels and the columns that hold them.
    labels: &'static [(&'static str, &'static str)],
    columns: &'static [(&'static str, &'static str, f64)],
}

const COLUMNS: [Table; 4] = [
    Table {
        name: "POOLS",
        labels: &[("database", "database"), ("user", "user")],
        columns: &[
            ("pgbouncer_pools_client_active_connections", "cl_active", 1.0),
            ("pgbouncer_pools_client_waiting_connections", "cl_waiting", 1.0),
            ("pgbouncer_pools_client_active_cancel_connections", "cl_active_cancel_req", 1.0),
            ("pgbouncer_pools_client_waiting_cancel_connections", "cl_waiting_cancel_req", 1.0),
            ("pgbouncer_pools_server_active_connections", "sv_active", 1.0),
            ("pgbouncer_pools_server_active_cancel_connections", "sv_active_cancel", 1.0),
            ("pgbouncer_pools_server_being_canceled_connections", "sv_being_canceled", 1.0),
            ("pgbouncer_pools_server_idle_connections", "sv_idle", 1.0),
            ("pgbouncer_pools_server_used_connections", "sv_used", 1.0),
            ("pgbouncer_pools_server_testing_connections", "sv_tested", 1.0),
            ("pgbouncer_pools_server_login_connections", "sv_login", 1.0),
        ],
    },
    Table {
        name: "DATABASES",
        labels: &[("name", "name"), ("port", "port"), ("database", "database")],
        columns: &[
            ("pgbouncer_databases_pool_size", "pool_size", 1.0),
            ("pgbouncer_databases_min_pool_size", "min_pool_size", 1.0),
            ("pgbouncer_databases_reserve_pool", "reserve_pool", 1.0),
            ("pgbouncer_databases_reserve_pool", "reserve_pool_size", 1.0),
            ("pgbouncer_databases_max_connections", "max_connections", 1.0),
            ("pgbouncer_databases_current_connections", "current_connections", 1.0),
            ("pgbouncer_databases_max_client_connections", "max_client_connections", 1.0),
            ("pgbouncer_databases_current_client_connections", "current_client_connections", 1.0),
            ("pgbouncer_databases_paused", "paused", 1.0),
            ("pgbouncer_databases_disabled", "disabled", 1.0),
        ],
    },
    Table {
        name: "STATS_TOTALS",
        labels: &[("database", "database")],
        columns: &[
            ("pgbouncer_stats_totals_queries_pooled_total", "query_count", 1.0),
            ("pgbouncer_stats_totals_sql_transactions_pooled_total", "xact_count", 1.0),
            ("pgbouncer_stats_totals_server_assignments_total", "server_assignment_count", 1.0),
            ("pgbouncer_stats_totals_client_parses_total", "client_parse_count", 1.0),
            ("pgbouncer_stats_totals_server_parses_total", "server_parse_count", 1.0),
            ("pgbouncer_stats_totals_binds_total", "bind_count", 1.0),
            ("pgbouncer_stats_totals_client_logins_total", "client_login_count", 1.0),
            ("pgbouncer_stats_totals_received_bytes_total", "bytes_received", 1.0),
            ("pgbouncer_stats_totals_sent_bytes_total", "bytes_sent", 1.0),
            ("pgbouncer_stats_totals_server_in_transaction_seconds_total", "xact_time", 1e6),
            ("pgbouncer_stats_totals_queries_duration_seconds_total", "query_time", 1e6),
            ("pgbouncer_stats_totals_client_wait_seconds_total", "wait_time", 1e6),
        ],
    },
    Table {
        name: "USERS",
        labels: &[("user", "name")],
        columns: &[
            ("pool_pgbouncer_user_pool_size", "pool_size", 1.0),
            ("pool_pgbouncer_user_max_user_connections", "max_user_connections", 1.0),
            ("pool_pgbouncer_user_current_connections", "current_connections", 1.0),
            ("pool_pgbouncer_user_max_user_client_connections", "max_user_client_connections", 1.0),
            ("pool_pgbouncer_user_current_client_connections", "current_client_connections", 1.0),
        ],
    },
];

/// A table with a row for each figure: its name, the column of the figure's name, that of its value,
/// and the series with the names.
type Keyed = (&'static str, &'static str, &'static str, &'static [(&'static str, &'static str)]);

const KEYED: [Keyed; 3] = [
    (
        "LISTS",
        "list",
        "items",
        &[
            ("pgbouncer_databases", "databases"),
            ("pgbouncer_users", "users"),
            ("pgbouncer_pools", "pools"),
            ("pgbouncer_free_clients", "free_clients"),
            ("pgbouncer_used_clients", "used_clients"),
            ("pgbouncer_login_clients", "login_clients"),
            ("pgbouncer_free_servers", "free_servers"),
            ("pgbouncer_used_servers", "used_servers"),
            ("pgbouncer_cached_dns_names", "dns_names"),
            ("pgbouncer_cached_dns_zones", "dns_zones"),
            ("pgbouncer_in_flight_dns_queries", "dns_queries"),
        ],
    ),
    (
        "CONFIG",
        "key",
        "value",
        &[
            ("pgbouncer_config_max_client_connections", "max_client_conn"),
            ("pgbouncer_config_max_user_connections", "max_user_connections"),
            ("pgbouncer_config_max_db_connections", "max_db_connections"),
            ("pgbouncer_config_default_pool_size", "default_pool_size"),
            ("pgbouncer_config_reserve_pool_size", "reserve_pool_size"),
        ],
    ),
    (
        "STATE",
        "key",
        "value",
        &[
            ("pool_pgbouncer_active", "active"),
            ("pool_pgbouncer_paused", "paused"),
            ("pool_pgbouncer_suspended", "suspended"),
        ],
    ),
];

/// All of them, by the series' name. A column that the version does not have gives no line.
pub(super) async fn figures(stack: &Stack) -> BTreeMap<&'static str, Vec<Line>> {
    let mut tables = BTreeMap::<_, Vec<Row>>::new();
    for table in TABLES {
        // Old versions do not know every table.
        let answer = rows(&stack.console, &format!("SHOW {table}")).await;
        tables.insert(table, answer.unwrap_or_default());
    }
    let mut figures = BTreeMap::<_, Vec<Line>>::new();
    for Table { name, labels, columns } in &COLUMNS {
        // The console's own row moves by being asked.
        let rows = tables[name].iter().filter(|it| it.values().all(|it| it != "pgbouncer"));
        let rows: Vec<_> = rows.collect();
        for (series, column, unit) in *columns {
            let line = |row: &&Row| Some((named(row, labels), number(row, column)? / unit));
            figures.entry(*series).or_default().extend(rows.iter().filter_map(line));
        }
    }
    for (table, key, value, all) in KEYED {
        for (series, wanted) in all {
            let rows = tables[table].iter().filter(|it| it[key] == *wanted);
            let lines = rows.filter_map(|row| Some((Row::new(), number(row, value)?)));
            figures.insert(*series, lines.collect());
        }
    }
    figures.extend(derived(&tables));
    figures
}

/// Metrics that are computed from several columns.
fn derived(tables: &BTreeMap<&str, Vec<Row>>) -> [(&'static str, Vec<Line>); 7] {
    let size = tables["DATABASES"].iter().find(|it| it["name"] == SHOP);
    let size = size.and_then(|it| number(it, "pool_size")).expect("the console answers");
    let pool = tables["POOLS"].iter().find(|it| it["database"] == SHOP);
    let pool = pool.expect("the console answers");
    let of = |column| number(pool, column).unwrap_or(0.0);
    let pair = [("database", "database"), ("user", "user")];
    let mode = [pair[0], pair[1], ("pool_mode", "pool_mode")];
    let busy = ["sv_active", "sv_active_cancel", "sv_being_canceled", "sv_tested", "sv_login"];
    let busy: f64 = busy.into_iter().map(of).sum();
    let mut clients = BTreeMap::<Row, f64>::new();
    let labels = ["database", "user", "application_name", "state"].map(|it| (it, it));
    for row in tables["CLIENTS"].iter().filter(|it| it["database"] == SHOP) {
        *clients.entry(named(row, &labels)).or_default() += 1.0;
    }
    let version = named(&tables["VERSION"][0], &[("version", "version")]);
    [
        ("pgbouncer_up", vec![(Row::new(), 1.0)]),
        ("pgbouncer_version_info", vec![(version, 1.0)]),
        (
            "pgbouncer_pools_client_maxwait_seconds",
            vec![(named(pool, &pair), of("maxwait") + of("maxwait_us") / 1e6)],
        ),
        ("pool_pgbouncer_pool_size", vec![(named(pool, &pair), size)]),
        ("pool_pgbouncer_saturation_ratio", vec![(named(pool, &pair), busy / size)]),
        ("pool_pgbouncer_pool_mode", vec![(named(pool, &mode), 1.0)]),
        ("pgbouncer_client_connections", clients.into_iter().collect()),
    ]
}

fn named(row: &Row, labels: &[(&str, &str)]) -> Row {
    let filled = labels
        .iter()
        .filter_map(|(label, column)| Some(((*label).to_owned(), row.get(*column)?.clone())));
    filled.collect()
}

/// A number, or `yes` and `no`.
fn number(row: &Row, column: &str) -> Option<f64> {
    match row.get(column)?.trim() {
        "yes" => Some(1.0),
        "no" => Some(0.0),
        text => text.parse().ok(),
    }
}
