//! Dashboards that people own: what `redis_exporter` gives, this exporter gives.

use std::{net::TcpListener, process::Stdio};

use e2e::{Redis, Samples, eventually};

use crate::{NAME, SOON, redis::traffic, scrape};

/// What is left out on purpose: figures about `redis_exporter` itself, per-scrape internals of
/// the server that nobody alerts on, and percentiles, which are a histogram here.
const LEFT_OUT: &[&str] = &[
    "redis_allocator_frag_bytes",
    "redis_allocator_rss_bytes",
    "redis_client_recent_max_input_buffer_bytes",
    "redis_client_recent_max_output_buffer_bytes",
    "redis_clients_in_timeout_table",
    "redis_cluster_connections",
    "redis_config_io_threads",
    "redis_defrag_",
    "redis_dump_payload_sanitizations",
    "redis_exporter_",
    "redis_io_thread",
    "redis_last_key_groups_scrape_duration_milliseconds",
    "redis_last_slow_execution_duration_seconds",
    "redis_latency_percentiles_usec",
    "redis_migrate_cached_sockets_total",
    "redis_module_fork_",
    "redis_number_of_cached_scripts",
    "redis_process_id",
    "redis_repl_backlog_first_byte_offset",
    "redis_second_repl_offset",
    "redis_slave_expires_tracked_keys",
    "redis_target_scrape_request_errors_total",
    "redis_tracking_total_",
];

/// Names whose value is a moment's, or counts what the two exporters themselves do.
const MOVES: &[&str] = &[
    "allocator",
    "clients",
    "commands",
    "connections",
    "cpu",
    "mem",
    "net",
    "offset",
    "processed",
    "uptime",
    "start_time",
    "backlog",
    "slowlog",
    "fork",
    "lazyfree",
];

/// An address that nobody listens on.
fn free_address() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("there is a port");
    listener.local_addr().expect("it has an address").to_string()
}

#[tokio::test]
async fn values_match_redis_exporter() {
    let server = Redis::start().await.unwrap();
    let _replica = Redis::builder().replica_of(&server).start().await.unwrap();
    traffic(&server);
    let settings = format!(
        "[cache-hit]\ncompatibility = true\n[cache-hit.redis]\nurl = \"{}\"\n",
        server.url()
    );
    let exporter = e2e::Exporter::start(NAME, &settings).await.unwrap();
    let address = format!("--redis.addr={}", server.url());
    let place = free_address();
    let _peer = tokio::process::Command::new("prometheus-redis-exporter")
        .args([address, format!("--web.listen-address={place}")])
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let url = format!("http://{place}/metrics");
    eventually(SOON, || async { e2e::http::get(&url).await.map(drop) }).await;
    scrape(&exporter).await;

    let theirs = e2e::http::get(&url).await.unwrap().text();
    let (theirs, ours) = (Samples::parse(&theirs), scrape(&exporter).await);
    let mut compared = 0;
    for name in theirs.names().into_iter().filter(|it| it.starts_with("redis_")) {
        if LEFT_OUT.iter().any(|it| name.starts_with(it)) {
            continue;
        }
        let (their, our) = (theirs.sum(name, &[]), ours.sum(name, &[]));
        assert!(our.is_some(), "{name} is missing");
        if MOVES.iter().all(|it| !name.contains(it)) {
            assert_eq!(our, their, "{name}");
            compared += 1;
        }
    }
    assert!(compared > 30, "only {compared} were compared");
}
