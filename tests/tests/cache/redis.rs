//! Every metric against `INFO` obtained by hand, on each server that is supported.

use std::collections::BTreeMap;

use cache_hit::metrics;
use common::metric::{Definition, Kind};
use e2e::{Redis, Samples, Server, eventually, redis::Flavor};

use crate::{
    SOON,
    redis_support::{exporter, info, part},
    scrape,
};

/// Hits, misses, errors, keys that expire, a second database, a slow command, something evicted.
pub(crate) fn traffic(server: &Redis) {
    let cli = |line: &str| {
        let words: Vec<_> = line.split(' ').collect();
        let _ = server.cli(&words);
    };
    for i in 0..10 {
        cli(&format!("set key:{i} value"));
        cli(&format!("get key:{i}"));
    }
    for line in [
        "get nobody",
        "get nobody",
        "expire key:1 1000",
        "lpush key:2 x",
        "-n 3 set other 1",
        "config set slowlog-log-slower-than 0",
        "ping",
        "ping",
        "config set slowlog-log-slower-than 10000",
        "config set maxmemory 100mb",
        "config set maxmemory-policy allkeys-lfu",
        "set gone 1 px 1",
        "get gone",
        "bgsave",
    ] {
        cli(line);
    }
}

/// The field of `INFO` that the help text names.
fn field(definition: &Definition) -> Option<&'static str> {
    let (_, field) = definition.help.rsplit_once("(INFO ")?;
    let field = field.strip_suffix(')')?;
    (!field.contains(' ') && definition.labels.is_empty()).then_some(field)
}

/// The value of the field's text, computed independently.
fn by_hand(field: &str, text: &str) -> Option<f64> {
    match (field, text) {
        (_, "ok") => Some(1.0),
        (_, "err" | "fail") => Some(0.0),
        ("maxmemory", "0") => None,
        ("latest_fork_usec", text) => Some(text.parse::<f64>().expect("the stack runs") / 1e6),
        ("expired_stale_perc", text) => Some(text.parse::<f64>().expect("the stack runs") / 1e2),
        ("total_eviction_exceeded_time", text) => {
            Some(text.parse::<f64>().expect("the stack runs") / 1e3)
        }
        (field, "-1") if field.ends_with("_time_sec") => None,
        (_, text) => Some(text.parse().expect("the stack runs")),
    }
}

fn compare(before: &BTreeMap<String, String>, samples: &Samples, after: &BTreeMap<String, String>) {
    let mut compared = 0;
    for definition in metrics::redis::all() {
        let Some(field) = field(definition) else { continue };
        let name = definition.name;
        let seen = samples.sum(name, &[]);
        let read = |info: &BTreeMap<String, String>| by_hand(field, info.get(field)?);
        let (Some(first), Some(last)) = (read(before), read(after)) else {
            assert!(seen.is_none() || read(after).is_some(), "{name} without {field}: {seen:?}");
            continue;
        };
        let seen = seen.unwrap_or_else(|| panic!("{name} is missing, {field} is {first}"));
        // Between the two readings; memory and what goes with it goes up and down besides.
        let moves = definition.kind == Kind::Gauge
            && ["memory", "mem", "allocator", "clients"].iter().any(|it| name.contains(it));
        let slack = if moves { 0.5 * first.abs().max(last.abs()) + 70_000.0 } else { 1e-9 };
        let (low, high) = (first.min(last) - slack, first.max(last) + slack);
        assert!((low..=high).contains(&seen), "{name} is {seen}, {field} {first} to {last}");
        compared += 1;
    }
    assert!(compared > 60, "only {compared} fields");
}

async fn every_metric_is_what_info_says(flavor: Flavor, histograms: bool) {
    let server = Redis::builder()
        .flavor(flavor)
        .line("appendonly yes")
        .start()
        .await
        .expect("the stack runs");
    let exporter = exporter(&server, "").await;
    traffic(&server);
    // The exporter's own connection is there from now on.
    scrape(&exporter).await;
    eventually(SOON, || async {
        let saving = info(&server)["rdb_bgsave_in_progress"].clone();
        if saving == "0" { Ok(()) } else { Err("it still saves") }
    })
    .await;

    let before = info(&server);
    let samples = scrape(&exporter).await;
    let after = info(&server);
    assert_eq!(samples.sum("redis_up", &[]), Some(1.0));
    compare(&before, &samples, &after);

    assert_eq!(samples.sum("redis_keyspace_hits_total", &[]), Some(10.0));
    assert_eq!(samples.sum("redis_db_keys", &[("db", "db0")]), Some(10.0));
    assert_eq!(samples.sum("redis_db_keys_expiring", &[("db", "db0")]), Some(1.0));
    assert_eq!(samples.sum("redis_db_keys", &[("db", "db3")]), Some(1.0));
    assert_eq!(samples.sum("redis_instance_role", &[("role", "master")]), Some(1.0));
    assert_eq!(samples.sum("redis_instance_role", &[("role", "slave")]), Some(0.0));
    let policy = |it| samples.sum("redis_maxmemory_policy", &[("policy", it)]);
    assert_eq!([policy("allkeys-lfu"), policy("noeviction")], [Some(1.0), Some(0.0)]);
    assert_eq!(samples.sum("redis_errors_total", &[("err", "WRONGTYPE")]), Some(1.0));
    let length: f64 =
        server.cli(&["slowlog", "len"]).expect("the stack runs").parse().expect("the stack runs");
    assert!(length >= 2.0);
    assert_eq!(samples.sum("redis_slowlog_length", &[]), Some(length));
    let latest = server.cli(&["slowlog", "get", "1"]).expect("the stack runs");
    let latest: f64 =
        latest.lines().next().expect("the stack runs").parse().expect("the stack runs");
    assert_eq!(samples.sum("redis_slowlog_last_id", &[]), Some(latest));
    let version = samples.values_of("redis_instance_info", "redis_version");
    assert_eq!(version, [before["redis_version"].as_str()]);
    let started = samples.sum("redis_start_time_seconds", &[]).expect("the stack runs");
    let uptime: f64 = after["uptime_in_seconds"].parse().expect("the stack runs");
    let now =
        std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("the stack runs");
    assert!((now.as_secs_f64() - uptime - started).abs() < 5.0, "{started}");

    for command in ["get", "set", "lpush"] {
        let by_hand = &before[&format!("cmdstat_{command}")];
        let cmd = [("cmd", command)];
        let seen = |name| samples.sum(name, &cmd);
        assert_eq!(seen("redis_commands_total"), Some(part(by_hand, "calls")));
        let seconds = part(by_hand, "usec") / 1e6;
        assert_eq!(seen("redis_commands_duration_seconds_total"), Some(seconds));
        assert_eq!(seen("redis_commands_failed_calls_total"), Some(part(by_hand, "failed_calls")));
        let rejected = part(by_hand, "rejected_calls");
        assert_eq!(seen("redis_commands_rejected_calls_total"), Some(rejected));
        if histograms {
            let calls = Some(part(by_hand, "calls"));
            assert_eq!(seen("redis_command_duration_seconds_count"), calls);
            assert_eq!(seen("redis_command_duration_seconds_sum"), Some(seconds));
            buckets(&server, command, &samples);
        } else {
            assert_eq!(seen("redis_command_duration_seconds_count"), None);
        }
    }
    assert_eq!(samples.sum("pulso_collector_success", &[]), Some(4.0), "{}", exporter.log());
    let again = scrape(&exporter).await;
    assert_eq!(again.sum("redis_start_time_seconds", &[]), Some(started));
}

/// The histogram's buckets against what the server says of the very bounds.
fn buckets(server: &Redis, command: &str, samples: &Samples) {
    let output = server.cli(&["latency", "histogram", command]).expect("the stack runs");
    let numbers: Vec<f64> = output.lines().filter_map(|it| it.trim().parse().ok()).collect();
    // The calls come first, then bounds in microseconds and calls that took no longer.
    let pairs: Vec<_> = numbers[1..].chunks_exact(2).map(|it| (it[0], it[1])).collect();
    for bound in samples.values_of("redis_command_duration_seconds_bucket", "le") {
        let labels = [("cmd", command), ("le", bound)];
        let Some(seen) = samples.sum("redis_command_duration_seconds_bucket", &labels) else {
            continue;
        };
        let micros: f64 = bound.parse::<f64>().expect("the stack runs") * 1e6 + 0.5;
        let within = pairs.iter().filter(|(upper, _)| *upper <= micros);
        let expected = within.map(|(_, calls)| *calls).fold(0.0, f64::max);
        assert_eq!(seen, expected, "{command} le {bound}: {output}");
    }
}

#[tokio::test]
async fn metrics_match_info_on_redis_6() {
    every_metric_is_what_info_says(Flavor::Redis62, false).await;
}

#[tokio::test]
async fn metrics_match_info_on_redis_7() {
    every_metric_is_what_info_says(Flavor::Debian, true).await;
}

#[tokio::test]
async fn metrics_match_info_on_valkey_9() {
    every_metric_is_what_info_says(Flavor::Valkey9, true).await;
}

#[tokio::test]
async fn counters_restart_after_resetstat_and_restart() {
    let server = Redis::start().await.unwrap();
    let exporter = exporter(&server, "").await;
    for _ in 0..5 {
        server.cli(&["get", "nobody"]).unwrap();
    }
    assert_eq!(scrape(&exporter).await.sum("redis_keyspace_misses_total", &[]), Some(5.0));
    server.cli(&["config", "resetstat"]).unwrap();
    assert_eq!(scrape(&exporter).await.sum("redis_keyspace_misses_total", &[]), Some(0.0));
    server.cli(&["get", "nobody"]).unwrap();
    assert_eq!(scrape(&exporter).await.sum("redis_keyspace_misses_total", &[]), Some(1.0));
    assert_eq!(scrape(&exporter).await.sum("redis_memory_max_bytes", &[]), None, "no limit");
}

#[tokio::test]
async fn settings_control_old_names_and_caps() {
    let server = Redis::start().await.unwrap();
    traffic(&server);
    let more = "[cache-hit]\ncompatibility = true\n[cache-hit.caps]\ncommands = 2\ncommand_histograms = 1\n";
    let settings = format!("{more}[cache-hit.redis]\nurl = \"{}\"\n", server.url());
    let exporter = e2e::Exporter::start(crate::NAME, &settings).await.unwrap();
    let samples = scrape(&exporter).await;

    let clients: f64 = server
        .cli(&["config", "get", "maxclients"])
        .unwrap()
        .lines()
        .nth(1)
        .unwrap()
        .parse()
        .unwrap();
    assert_eq!(samples.sum("redis_config_maxclients", &[]), Some(clients));
    assert_eq!(samples.sum("redis_config_maxmemory", &[]), Some(100.0 * 1024.0 * 1024.0));
    assert!(samples.sum("redis_total_error_replies", &[]) >= Some(1.0));
    let mut commands = samples.values_of("redis_commands_total", "cmd");
    commands.sort_unstable();
    assert_eq!(commands, ["get", "other", "set"], "those called most");
    assert!(samples.sum("redis_commands_total", &[("cmd", "other")]) > Some(3.0));
    assert!(samples.sum("pulso_labels_folded_total", &[("label", "cmd")]) >= Some(3.0));
    let histograms = "redis_command_duration_seconds_count";
    assert_eq!(samples.values_of(histograms, "cmd").len(), 1, "the others are not requested");
    let folded = samples.sum("pulso_labels_folded_total", &[("label", "cmd_histogram")]);
    assert!(folded >= Some(1.0), "{folded:?}");
}
