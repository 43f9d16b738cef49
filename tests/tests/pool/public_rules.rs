//! Rules in the manner of the public collections, which name what `postgres_exporter` and
//! `pgbouncer_exporter` export: they find their series here, and fire.

use e2e::{Exporter, PgBouncer, Postgres, Prometheus, Server, postgres};
use tokio::task::JoinSet;

use crate::{NAME, monitor};

/// The subject of each rule, and its expression.
const CROWDED: [(&str, &str); 6] = [
    (
        "NoneLeft",
        "sum(pg_stat_activity_count) by (instance) >= sum(pg_settings_max_connections) by (instance) \
         - sum(pg_settings_superuser_reserved_connections) by (instance)",
    ),
    (
        "FewLeft",
        "sum by (instance, job, server) (pg_stat_activity_count) > \
         min by (instance, job, server) (pg_settings_max_connections * 0.8)",
    ),
    (
        "FewLeftOfDatabases",
        "100 * sum by (instance) (pg_stat_database_numbackends) / \
         (max by (instance) (pg_settings_max_connections) \
         - max by (instance) (pg_settings_superuser_reserved_connections)) > 80",
    ),
    (
        "IdleInTransaction",
        "sum by (datname, instance) (max_over_time(pg_stat_activity_count{state=\"idle in transaction\"}[10s])) > 10",
    ),
    ("ClientsWait", "pgbouncer_pools_client_waiting_connections > 20"),
    ("ClientsWaitLong", "max by (database) (pgbouncer_pools_client_maxwait_seconds) > 2"),
];

const DOWN: [(&str, &str); 2] = [("Down", "pg_up == 0"), ("PoolerDown", "pgbouncer_up == 0")];

/// Parts of further rules, whose thresholds a test does not reach.
const THERE: [&str; 8] = [
    "sum by (datname) (pg_stat_activity_count{state=\"active\"}) / on () group_left () pg_settings_max_connections",
    "increase(pg_stat_database_deadlocks{datname!~\"template.*\"}[1m])",
    "max by (instance) (pg_stat_activity_max_tx_duration{state=~\"idle in transaction|active\"})",
    "pg_replication_lag_seconds and on (instance) pg_replication_is_replica == 0",
    "sum by (mode) (pg_locks_count{mode=\"accessexclusivelock\"})",
    "rate(pgbouncer_stats_totals_queries_pooled_total[1m])",
    "pgbouncer_pools_server_active_connections / on (database) group_left () \
     max by (database) (label_replace(pgbouncer_databases_pool_size, \"database\", \"$1\", \"name\", \"(.*)\"))",
    "pgbouncer_used_clients / pgbouncer_config_max_client_connections",
];

#[tokio::test(flavor = "multi_thread")]
async fn public_rules_find_their_series_and_fire() {
    let server = Postgres::builder().setting("max_connections = 30").start().await.unwrap();
    monitor(&server).await;
    server.create_role("app", "secret").await.unwrap();
    let pooler = PgBouncer::builder(&server)
        .user("app", "secret")
        .setting("default_pool_size = 1")
        .start()
        .await
        .unwrap();
    let settings = format!(
        "[pool-usage]\ncompatibility = true\npostgres.url = {:?}\npgbouncer.url = {:?}\n",
        server.url_as("pulso", "secret", "postgres"),
        pooler.url("pgbouncer"),
    );
    let exporter = Exporter::start(NAME, &settings).await.unwrap();
    let prometheus = Prometheus::builder()
        .job(NAME, &exporter.address(), &[])
        .alerts(&[&CROWDED[..], &DOWN].concat())
        .start()
        .await
        .unwrap();
    let through = pooler.url_as("app", "secret", "postgres");
    postgres::connect(&through).await.unwrap().batch_execute("select 1").await.unwrap();
    prometheus.find(&THERE, || ()).await;
    let early = prometheus.alerts().await.unwrap();
    assert!(early.is_empty(), "{early:#?}");

    let mut crowd = Vec::new();
    // Slots that the pooler, the exporter and three superusers leave.
    while let Ok(client) = postgres::connect(&server.url_as("app", "secret", "postgres")).await {
        client.batch_execute("begin; select 1").await.unwrap();
        crowd.push(client);
    }
    let mut queue = JoinSet::new();
    for _ in 0..23 {
        let client = postgres::connect(&through).await.unwrap();
        queue.spawn(async move { client.batch_execute("select pg_sleep(600)").await });
    }
    prometheus.fire(&CROWDED).await;

    server.freeze();
    pooler.freeze();
    prometheus.fire(&DOWN).await;
    server.thaw();
    pooler.thaw();
}
