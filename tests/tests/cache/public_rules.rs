//! Rules and panels in the manner of the public collections, which name what `redis_exporter` and
//! `postgres_exporter` export: they find their series here, and fire.

use e2e::{Postgres, Prometheus, Redis, Server};
use tokio::net::TcpStream;

use crate::{NAME, postgres_support::monitor, redis::traffic};

/// The subject of each rule, and its expression.
const HURT: [(&str, &str); 6] = [
    (
        "OutOfMemory",
        "redis_memory_used_bytes / redis_memory_max_bytes * 100 > 90 and on (instance) redis_memory_max_bytes > 0",
    ),
    ("OutOfSystemMemory", "redis_memory_used_bytes / redis_total_system_memory_bytes * 100 > 0"),
    ("TooManyConnections", "redis_connected_clients / redis_config_maxclients * 100 > 90"),
    ("Rejected", "increase(redis_rejected_connections_total[1m]) > 0"),
    ("ReplicaLost", "delta(redis_connected_slaves[1m]) < 0"),
    (
        "MissingBackup",
        "time() - redis_rdb_last_save_timestamp_seconds > 1 and redis_rdb_last_bgsave_status == 1",
    ),
];

const DOWN: [(&str, &str); 2] = [("RedisDown", "redis_up == 0"), ("PostgresDown", "pg_up == 0")];

/// What panels ask, and parts of rules whose thresholds a test does not reach.
const THERE: [&str; 20] = [
    "max(max_over_time(redis_uptime_in_seconds[1m]))",
    "sum(redis_connected_clients) by (instance)",
    "rate(redis_commands_processed_total[1m])",
    "irate(redis_keyspace_hits_total[1m])",
    "rate(redis_keyspace_misses_total[1m]) / (rate(redis_keyspace_misses_total[1m]) + rate(redis_keyspace_hits_total[1m]))",
    "sum(redis_db_keys) by (db)",
    "sum(redis_db_keys) - sum(redis_db_keys_expiring)",
    "sum(rate(redis_expired_keys_total[1m])) by (instance)",
    "sum(rate(redis_evicted_keys_total[1m])) by (instance)",
    "topk(5, irate(redis_commands_total[1m]))",
    "sum(rate(redis_commands_duration_seconds_total[1m])) by (cmd) / sum(rate(redis_commands_total[1m])) by (cmd)",
    "rate(redis_net_input_bytes_total[1m]) + rate(redis_net_output_bytes_total[1m])",
    "redis_mem_fragmentation_ratio",
    "redis_memory_used_rss_bytes / redis_memory_used_bytes",
    "redis_blocked_clients + redis_slowlog_length",
    "rate(pg_stat_database_blks_hit[1m]) / (rate(pg_stat_database_blks_hit[1m]) + rate(pg_stat_database_blks_read[1m]))",
    "sum by (datname) (rate(pg_stat_database_xact_commit[1m]) + rate(pg_stat_database_xact_rollback[1m]))",
    "increase(pg_stat_database_temp_bytes[1m])",
    "sum(pg_database_size_bytes) by (datname)",
    "pg_stat_user_tables_n_dead_tup / (pg_stat_user_tables_n_live_tup + pg_stat_user_tables_n_dead_tup)",
];

#[tokio::test(flavor = "multi_thread")]
async fn public_rules_find_their_series_and_fire() {
    let redis = Redis::start().await.unwrap();
    let replica = Redis::builder().replica_of(&redis).start().await.unwrap();
    let postgres = Postgres::start().await.unwrap();
    monitor(&postgres).await;
    let table = "create table note as select generate_series(1, 1000) as id; analyze note";
    postgres.execute("postgres", table).await.unwrap();
    let settings = format!(
        "[cache-hit]\ncompatibility = true\n[cache-hit.redis]\nurl = {:?}\n\
         [cache-hit.postgres]\nurl = {:?}\n[cache-hit.relations]\nevery = \"1s\"\n",
        redis.url(),
        postgres.url_as("pulso", "secret", "postgres"),
    );
    let exporter = e2e::Exporter::start(NAME, &settings).await.unwrap();
    let prometheus = Prometheus::builder()
        .job(NAME, &exporter.address(), &[])
        .alerts(&[&HURT[..], &DOWN].concat())
        .start()
        .await
        .unwrap();
    prometheus.find(&THERE, || traffic(&redis)).await;

    replica.cli(&["REPLICAOF", "NO", "ONE"]).unwrap();
    let used = redis.cli(&["INFO", "memory"]).unwrap();
    let used = used.lines().find_map(|it| it.strip_prefix("used_memory:")).unwrap().to_owned();
    redis.cli(&["CONFIG", "SET", "maxmemory", &used]).unwrap();
    redis.cli(&["CONFIG", "SET", "maxclients", "5"]).unwrap();
    let mut crowd = Vec::new();
    for _ in 0..10 {
        crowd.push(TcpStream::connect(("127.0.0.1", redis.port())).await.unwrap());
    }
    prometheus.fire(&HURT).await;

    redis.freeze();
    postgres.freeze();
    prometheus.fire(&DOWN).await;
    redis.thaw();
    postgres.thaw();
}
