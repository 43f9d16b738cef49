//! Whether Redis answers, how fast, and whether its data is safe.

use cache_hit::metrics::redis::{
    commands::{COMMAND_DURATION, CommandLabels},
    persistence::{AOF_LAST_WRITE_STATUS, RDB_LAST_STATUS},
    replication::{
        CONNECTED_SLAVES, MASTER_LINK_UP, MasterLabels, REPLICA_LAG_BYTES, ReplicaLabels,
    },
    server::{REJECTED_CONNECTIONS, SLOWLOG_LAST_ID},
};
use common::source::redis::REDIS_UP;
use profiles::{Limit, Redis};
use promql::prelude::*;

use super::runbooks;
use crate::{
    alert::{Series, Severity},
    told::{PATIENCE, Told, between, growing, steady},
};

pub(super) fn alerts(redis: &Redis) -> Vec<Told> {
    vec![
        down(),
        rejected(redis),
        link(),
        lost(),
        lag(redis),
        persistence(),
        slow(redis),
        latency(redis),
    ]
}

fn down() -> Told {
    let limit = Limit { value: 1.0, hold: minutes(1), source: "a server that answers is 1" };
    let case = |up| vec![Series::of(&REDIS_UP, (), &steady(up))];
    Told {
        name: "RedisDown",
        condition: REDIS_UP.max_over_time(PATIENCE).lt(limit.value).condition(),
        limit,
        severity: Severity::Critical,
        summary: "A Redis does not answer.",
        description: "The Redis behind {{ $labels.instance }} has not answered for a minute.",
        panel: "Redis up",
        runbook: runbooks::down(REDIS_UP.select().vector().to_string()),
        fires: case(0.0),
        silent: case(1.0),
    }
}

fn rejected(redis: &Redis) -> Told {
    let (limit, window) = (redis.limits.rejected, redis.limits.window);
    let grown = || REJECTED_CONNECTIONS.increase(window);
    Told {
        name: "RedisConnectionsRejected",
        condition: grown().gt(limit.value).condition(),
        limit,
        severity: Severity::Critical,
        summary: "Redis turns clients away.",
        description: "{{ $labels.instance }} turned {{ $value | humanize }} connections away, for it \
                      had `maxclients`.",
        panel: "Connections turned away",
        runbook: runbooks::rejected(grown().to_string()),
        fires: vec![Series::of(&REJECTED_CONNECTIONS, (), &growing(limit.value + 1.0))],
        silent: vec![Series::of(&REJECTED_CONNECTIONS, (), &steady(7.0))],
    }
}

fn link() -> Told {
    let limit =
        Limit { value: 1.0, hold: minutes(1), source: "a replica that hears its primary is 1" };
    let labels = || MasterLabels { master_host: "10.0.0.1".into(), master_port: "6379".into() };
    let case = |up| vec![Series::of(&MASTER_LINK_UP, labels(), &steady(up))];
    Told {
        name: "RedisReplicationBroken",
        condition: MASTER_LINK_UP.max_over_time(PATIENCE).lt(limit.value).condition(),
        limit,
        severity: Severity::Critical,
        summary: "A replica of Redis does not hear its primary.",
        description: "The replica behind {{ $labels.instance }} has lost its primary \
                      {{ $labels.master_host }}:{{ $labels.master_port }}.",
        panel: "Links to the primary",
        runbook: runbooks::replication(MASTER_LINK_UP.select().vector().to_string()),
        fires: case(0.0),
        silent: case(1.0),
    }
}

fn lost() -> Told {
    let limit = Limit { value: 0.0, hold: minutes(2), source: "no replica goes away" };
    let most = CONNECTED_SLAVES.max_over_time(hours(1));
    let missing = most.sub(CONNECTED_SLAVES.max_over_time(PATIENCE));
    Told {
        name: "RedisReplicaLost",
        condition: missing.gt(limit.value).condition(),
        limit,
        severity: Severity::Warning,
        summary: "A primary of Redis has lost a replica.",
        description: "{{ $labels.instance }} has {{ $value }} replicas fewer than within the last \
                      hour.",
        panel: "Replicas lost",
        runbook: runbooks::replication(CONNECTED_SLAVES.select().vector().to_string()),
        fires: vec![Series::of(&CONNECTED_SLAVES, (), "2x20 1x400")],
        silent: vec![Series::of(&CONNECTED_SLAVES, (), "1x20 2x400")],
    }
}

fn lag(redis: &Redis) -> Told {
    let limit = redis.limits.replica_lag;
    let labels = || ReplicaLabels { slave_ip: "10.0.0.2".into(), slave_port: "6379".into() };
    let case = |bytes| vec![Series::of(&REPLICA_LAG_BYTES, labels(), &steady(bytes))];
    Told {
        name: "RedisReplicaLagging",
        condition: REPLICA_LAG_BYTES.max_over_time(PATIENCE).gt(limit.value).condition(),
        limit,
        severity: Severity::Warning,
        summary: "A replica of Redis does not keep up.",
        description: "The replica {{ $labels.slave_ip }}:{{ $labels.slave_port }} of \
                      {{ $labels.instance }} lacks {{ $value | humanize1024 }}B.",
        panel: "Lag of replicas",
        runbook: runbooks::replication(REPLICA_LAG_BYTES.select().vector().to_string()),
        fires: case(limit.value + 1024.0),
        silent: case(limit.value),
    }
}

fn persistence() -> Told {
    let limit = Limit { value: 1.0, hold: minutes(1), source: "a save that went well is 1" };
    let case = |ok| vec![Series::of(&RDB_LAST_STATUS, (), &steady(ok))];
    let snapshot = RDB_LAST_STATUS.max_over_time(PATIENCE).lt(limit.value);
    let log = AOF_LAST_WRITE_STATUS.max_over_time(PATIENCE).lt(limit.value);
    Told {
        name: "RedisPersistenceFailing",
        condition: snapshot.or(log).condition(),
        limit,
        severity: Severity::Critical,
        summary: "Redis cannot save its data.",
        description: "The last snapshot or write to the append-only file of {{ $labels.instance }} \
                      failed; by default it then refuses writes.",
        panel: "Saves",
        runbook: runbooks::persistence(RDB_LAST_STATUS.select().vector().to_string()),
        fires: case(0.0),
        silent: case(1.0),
    }
}

fn slow(redis: &Redis) -> Told {
    let (limit, window) = (redis.limits.slow_commands, redis.limits.window);
    let more = || SLOWLOG_LAST_ID.range(window).delta();
    // A scrape is a sixtieth of the window.
    let case = |slow: f64| vec![Series::of(&SLOWLOG_LAST_ID, (), &growing(slow / 60.0))];
    Told {
        name: "RedisSlowCommands",
        condition: more().gt(limit.value).condition(),
        limit,
        severity: Severity::Warning,
        summary: "Slow commands hold Redis up.",
        description: "{{ $value | humanize }} commands came into the slow log of \
                      {{ $labels.instance }}.",
        panel: "Slow commands",
        runbook: runbooks::slow(more().to_string()),
        fires: case(limit.value * 1.2),
        silent: case(limit.value * 0.8),
    }
}

fn latency(redis: &Redis) -> Told {
    let (limit, window) = (redis.limits.latency, redis.limits.window);
    let slowest = || {
        let calls = COMMAND_DURATION.buckets().rate(window);
        calls.sum_without(CommandLabels::cmd).quantile(0.99)
    };
    let get = || CommandLabels { cmd: "get".into() };
    let case = |bounds| between(&COMMAND_DURATION, get, bounds);
    let bound = limit.value;
    Told {
        name: "RedisLatencyHigh",
        condition: slowest().gt(limit.value).condition(),
        limit,
        severity: Severity::Warning,
        summary: "Commands of Redis are slow.",
        description: "99 % of the commands take up to {{ $value | humanizeDuration }} on \
                      {{ $labels.instance }}.",
        panel: "Latency of commands",
        runbook: runbooks::slow(slowest().to_string()),
        fires: case((bound, bound * 2.0)),
        silent: case((bound / 2.0, bound)),
    }
}
