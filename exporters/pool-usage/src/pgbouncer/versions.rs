//! The console's tables as PgBouncer 1.8, 1.17, 1.18, 1.23 and 1.25 print them.

use common::scrape::Snapshot;

use super::{Answers, render::render, table::Table};
use crate::{caps::Caps, settings::CapSettings};

const POOLS_1_8: &str = "
    database|user|cl_active|cl_waiting|sv_active|sv_idle|sv_used|sv_tested|sv_login|maxwait|maxwait_us|pool_mode
    shop|app|7|2|4|1|0|0|1|1|500000|transaction
    pgbouncer|pgbouncer|1|0|0|0|0|0|0|0|0|statement";
const POOLS_1_17: &str = "
    database|user|cl_active|cl_waiting|cl_cancel_req|sv_active|sv_idle|sv_used|sv_tested|sv_login|maxwait|maxwait_us|pool_mode
    shop|app|7|2|3|4|1|0|0|1|1|500000|transaction";
const POOLS_1_18: &str = "
    database|user|cl_active|cl_waiting|cl_active_cancel_req|cl_waiting_cancel_req|sv_active|sv_active_cancel|sv_being_canceled|sv_idle|sv_used|sv_tested|sv_login|maxwait|maxwait_us|pool_mode
    shop|app|7|2|1|3|4|0|0|1|0|0|1|1|500000|transaction";
const POOLS_1_24: &str = "
    database|user|cl_active|cl_waiting|cl_active_cancel_req|cl_waiting_cancel_req|sv_active|sv_active_cancel|sv_being_canceled|sv_idle|sv_used|sv_tested|sv_login|maxwait|maxwait_us|pool_mode|load_balance_hosts
    shop|app|7|2|1|3|4|0|0|1|0|0|1|1|500000|transaction|round-robin";

const DATABASES_1_8: &str = "
    name|host|port|database|force_user|pool_size|reserve_pool|pool_mode|max_connections|current_connections|paused|disabled
    shop|10.0.0.1|5432|shop||10|2||0|6|0|0
    pgbouncer||6432|pgbouncer|pgbouncer|2|0|statement|0|0|0|0";
const DATABASES_1_17: &str = "
    name|host|port|database|force_user|pool_size|min_pool_size|reserve_pool|pool_mode|max_connections|current_connections|paused|disabled
    shop|10.0.0.1|5432|shop||10|1|2||0|6|0|0";
const DATABASES_1_24: &str = "
    name|host|port|database|force_user|pool_size|min_pool_size|reserve_pool_size|server_lifetime|pool_mode|load_balance_hosts|max_connections|current_connections|max_client_connections|current_client_connections|paused|disabled
    shop|10.0.0.1|5432|shop||10|1|2|3600|||0|6|50|9|0|0";

const TOTALS_1_8: &str = "
    database|xact_count|query_count|bytes_received|bytes_sent|xact_time|query_time|wait_time
    shop|100|300|4000|5000|6000000|2500000|1500000";
const TOTALS_1_23: &str = "
    database|server_assignment_count|xact_count|query_count|bytes_received|bytes_sent|xact_time|query_time|wait_time
    shop|90|100|300|4000|5000|6000000|2500000|1500000";
const TOTALS_1_24: &str = "
    database|server_assignment_count|xact_count|query_count|bytes_received|bytes_sent|xact_time|query_time|wait_time|client_parse_count|server_parse_count|bind_count
    shop|90|100|300|4000|5000|6000000|2500000|1500000|8|4|80";

const USERS_1_8: &str = "
    name|pool_mode
    app|";
const USERS_1_23: &str = "
    name|pool_size|pool_mode|max_user_connections|current_connections
    app|        5||0|6";
const USERS_1_24: &str = "
    name|pool_size|reserve_pool_size|pool_mode|max_user_connections|current_connections|max_user_client_connections|current_client_connections
    app||||0|6|40|9";

const LISTS: &str = "
    list|items
    databases|2
    used_clients|10
    used_servers|6";
const CONFIG: &str = "
    key|value|default|changeable
    max_client_conn|100|100|yes
    default_pool_size|20|20|yes";
const STATE: &str = "
    key|value
    active|yes
    paused|no
    suspended|no";

fn rendered(pools: &str, databases: &str, totals: &str, users: &str, state: &str) -> Snapshot {
    let answers = Answers {
        version: Table::default(),
        pools: Table::parse(pools),
        databases: Table::parse(databases),
        totals: Table::parse(totals),
        lists: Table::parse(LISTS),
        config: Table::parse(CONFIG),
        users: Table::parse(users),
        state: Table::parse(state),
        clients: None,
    };
    let mut out = Snapshot::default();
    render(&answers, 10_900, &Caps::new(&CapSettings::default()), &mut out);
    out
}

fn every_version() -> [(&'static str, Snapshot); 5] {
    [
        ("1.8", rendered(POOLS_1_8, DATABASES_1_8, TOTALS_1_8, USERS_1_8, "")),
        ("1.17", rendered(POOLS_1_17, DATABASES_1_17, TOTALS_1_8, USERS_1_8, "")),
        ("1.18", rendered(POOLS_1_18, DATABASES_1_17, TOTALS_1_8, USERS_1_8, "")),
        ("1.23", rendered(POOLS_1_18, DATABASES_1_17, TOTALS_1_23, USERS_1_23, "")),
        ("1.25", rendered(POOLS_1_24, DATABASES_1_24, TOTALS_1_24, USERS_1_24, STATE)),
    ]
}

#[test]
fn every_version_gives_what_all_have() {
    const PAIR: &[&str] = &["shop", "app"];
    for (version, out) in every_version() {
        let cases: [(&str, &[&str], f64); 12] = [
            ("pgbouncer_pools_client_active_connections", PAIR, 7.0),
            ("pgbouncer_pools_client_waiting_connections", PAIR, 2.0),
            ("pgbouncer_pools_server_active_connections", PAIR, 4.0),
            ("pgbouncer_pools_server_idle_connections", PAIR, 1.0),
            ("pgbouncer_pools_server_login_connections", PAIR, 1.0),
            ("pgbouncer_pools_client_maxwait_seconds", PAIR, 1.5),
            ("pgbouncer_stats_totals_queries_pooled_total", &["shop"], 300.0),
            ("pgbouncer_stats_totals_queries_duration_seconds_total", &["shop"], 2.5),
            ("pgbouncer_stats_totals_client_wait_seconds_total", &["shop"], 1.5),
            ("pgbouncer_stats_totals_received_bytes_total", &["shop"], 4000.0),
            ("pgbouncer_used_clients", &[], 10.0),
            ("pgbouncer_config_max_client_connections", &[], 100.0),
        ];
        for (name, labels, value) in cases {
            assert_eq!(out.value(name, labels), Some(value), "{name} of {version}");
        }
        let entry: &[&str] = &["shop", "10.0.0.1", "5432", "shop", "", ""];
        for (name, value) in [("pool_size", 10.0), ("reserve_pool", 2.0), ("paused", 0.0)] {
            let name = format!("pgbouncer_databases_{name}");
            assert_eq!(out.value(&name, entry), Some(value), "{name} of {version}");
        }
    }
}

#[test]
fn what_a_version_lacks_is_absent() {
    let [(_, old), (_, before), (_, debian), (_, with_users), (_, new)] = every_version();
    let waiting = "pgbouncer_pools_client_waiting_cancel_connections";
    let pair: &[&str] = &["shop", "app"];
    assert_eq!(old.value(waiting, pair), None);
    assert_eq!(before.value(waiting, pair), Some(3.0));
    assert_eq!(debian.value(waiting, pair), Some(3.0));
    assert_eq!(old.value("pool_pgbouncer_active", &[]), None);
    assert_eq!(debian.value("pool_pgbouncer_active", &[]), None);
    assert_eq!(new.value("pool_pgbouncer_active", &[]), Some(1.0));
    assert_eq!(new.value("pool_pgbouncer_paused", &[]), Some(0.0));
    let assigned = "pgbouncer_stats_totals_server_assignments_total";
    assert_eq!(debian.value(assigned, &["shop"]), None);
    assert_eq!(with_users.value(assigned, &["shop"]), Some(90.0));
    assert_eq!(with_users.value("pool_pgbouncer_user_pool_size", &["app"]), Some(5.0));
    assert_eq!(new.value("pool_pgbouncer_user_pool_size", &["app"]), None);
    assert_eq!(new.value("pool_pgbouncer_user_current_client_connections", &["app"]), Some(9.0));
    assert_eq!(old.value("pgbouncer_version_info", &["PgBouncer 1.9.0"]), Some(1.0));
}

#[test]
fn a_pool_is_as_full_as_its_own_size_says() {
    let [(_, old), _, _, (_, with_users), (_, new)] = every_version();
    let full = |out: &Snapshot| out.value("pool_pgbouncer_saturation_ratio", &["shop", "app"]);
    assert_eq!(full(&old), Some(0.5), "4 at work and 1 logging in, of the database's 10");
    assert_eq!(full(&with_users), Some(1.0), "of the user's 5");
    assert_eq!(full(&new), Some(0.5), "the user has no size of its own");
    let console = ["pgbouncer", "pgbouncer"];
    assert_eq!(old.value("pool_pgbouncer_saturation_ratio", &console), None);
}
