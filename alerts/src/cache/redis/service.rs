//! Alerts on Redis' availability, latency, replication and persistence.

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
    alert::{Alert, LOOKBACK, Severity},
    case::{Series, between, growing, steady},
};

/// The panels that these alerts link to.
pub mod panels {
    use crate::{cache::REDIS, panel::PanelKey};

    pub const UP: PanelKey = PanelKey::new(REDIS, "Redis up");
    pub const REJECTED: PanelKey = PanelKey::new(REDIS, "Connections turned away");
    pub const LINKS: PanelKey = PanelKey::new(REDIS, "Links to the primary");
    pub const REPLICAS_LOST: PanelKey = PanelKey::new(REDIS, "Replicas lost");
    pub const REPLICA_LAG: PanelKey = PanelKey::new(REDIS, "Lag of replicas");
    pub const SAVES: PanelKey = PanelKey::new(REDIS, "Saves");
    pub const SLOW_COMMANDS: PanelKey = PanelKey::new(REDIS, "Slow commands");
    pub const LATENCY: PanelKey = PanelKey::new(REDIS, "Latency of commands");
}

pub(super) fn alerts(redis: &Redis) -> Vec<Alert> {
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

fn down() -> Alert {
    let limit = Limit { value: 1.0, hold: minutes(1), source: "a server that answers is 1" };
    let case = |up| vec![Series::of(&REDIS_UP, (), steady(up))];
    Alert {
        name: "RedisDown".into(),
        condition: REDIS_UP.max_over_time(LOOKBACK).lt(limit.value).condition(),
        limit,
        severity: Severity::Critical,
        summary: "A Redis does not answer.".into(),
        description: "The Redis behind {{ $labels.instance }} has not answered for a minute."
            .into(),
        panel: panels::UP,
        runbook: runbooks::down(&REDIS_UP),
        fires: case(0.0),
        silent: case(1.0),
    }
}

fn rejected(redis: &Redis) -> Alert {
    let (limit, window) = (redis.limits.rejected, redis.limits.window);
    let grown = || REJECTED_CONNECTIONS.increase(window);
    Alert {
        name: "RedisConnectionsRejected".into(),
        condition: grown().gt(limit.value).condition(),
        limit,
        severity: Severity::Critical,
        summary: "Redis rejects clients.".into(),
        description: "{{ $labels.instance }} rejected {{ $value | humanize }} connections, \
                      because `maxclients` was reached."
            .into(),
        panel: panels::REJECTED,
        runbook: runbooks::rejected(grown()),
        fires: vec![Series::of(&REJECTED_CONNECTIONS, (), growing(limit.value + 1.0))],
        silent: vec![Series::of(&REJECTED_CONNECTIONS, (), steady(7.0))],
    }
}

fn link() -> Alert {
    let limit = Limit {
        value: 1.0,
        hold: minutes(1),
        source: "a replica that is connected to its primary is 1",
    };
    let labels = || MasterLabels { master_host: "10.0.0.1".into(), master_port: "6379".into() };
    let case = |up| vec![Series::of(&MASTER_LINK_UP, labels(), steady(up))];
    Alert {
        name: "RedisReplicationBroken".into(),
        condition: MASTER_LINK_UP.max_over_time(LOOKBACK).lt(limit.value).condition(),
        limit,
        severity: Severity::Critical,
        summary: "A replica of Redis is not connected to its primary.".into(),
        description: "The replica behind {{ $labels.instance }} has lost its primary \
                      {{ $labels.master_host }}:{{ $labels.master_port }}."
            .into(),
        panel: panels::LINKS,
        runbook: runbooks::replication(&MASTER_LINK_UP),
        fires: case(0.0),
        silent: case(1.0),
    }
}

fn lost() -> Alert {
    let limit = Limit { value: 0.0, hold: minutes(2), source: "no replica goes away" };
    let most = CONNECTED_SLAVES.max_over_time(hours(1));
    let missing = most.sub(CONNECTED_SLAVES.max_over_time(LOOKBACK));
    Alert {
        name: "RedisReplicaLost".into(),
        condition: missing.gt(limit.value).condition(),
        limit,
        severity: Severity::Warning,
        summary: "A primary of Redis has lost a replica.".into(),
        description: "{{ $labels.instance }} has {{ $value }} replicas fewer than within the last \
                      hour."
            .into(),
        panel: panels::REPLICAS_LOST,
        runbook: runbooks::replication(&CONNECTED_SLAVES),
        fires: vec![Series::of(&CONNECTED_SLAVES, (), "2x20 1x400")],
        silent: vec![Series::of(&CONNECTED_SLAVES, (), "1x20 2x400")],
    }
}

fn lag(redis: &Redis) -> Alert {
    let limit = redis.limits.replica_lag;
    let labels = || ReplicaLabels { slave_ip: "10.0.0.2".into(), slave_port: "6379".into() };
    let case = |bytes| vec![Series::of(&REPLICA_LAG_BYTES, labels(), steady(bytes))];
    Alert {
        name: "RedisReplicaLagging".into(),
        condition: REPLICA_LAG_BYTES.max_over_time(LOOKBACK).gt(limit.value).condition(),
        limit,
        severity: Severity::Warning,
        summary: "A replica of Redis does not keep up.".into(),
        description: "The replica {{ $labels.slave_ip }}:{{ $labels.slave_port }} of \
                      {{ $labels.instance }} lacks {{ $value | humanize1024 }}B."
            .into(),
        panel: panels::REPLICA_LAG,
        runbook: runbooks::replication(&REPLICA_LAG_BYTES),
        fires: case(limit.value + 1024.0),
        silent: case(limit.value),
    }
}

fn persistence() -> Alert {
    let limit = Limit { value: 1.0, hold: minutes(1), source: "a save that succeeded is 1" };
    let case = |ok| vec![Series::of(&RDB_LAST_STATUS, (), steady(ok))];
    let snapshot = RDB_LAST_STATUS.max_over_time(LOOKBACK).lt(limit.value);
    let log = AOF_LAST_WRITE_STATUS.max_over_time(LOOKBACK).lt(limit.value);
    Alert {
        name: "RedisPersistenceFailing".into(),
        condition: snapshot.or(log).condition(),
        limit,
        severity: Severity::Critical,
        summary: "Redis cannot save its data.".into(),
        description:
            "The last snapshot or write to the append-only file of {{ $labels.instance }} \
                      failed; by default it then refuses writes."
                .into(),
        panel: panels::SAVES,
        runbook: runbooks::persistence(&RDB_LAST_STATUS),
        fires: case(0.0),
        silent: case(1.0),
    }
}

fn slow(redis: &Redis) -> Alert {
    let (limit, window) = (redis.limits.slow_commands, redis.limits.window);
    let more = || SLOWLOG_LAST_ID.range(window).delta();
    // A scrape is a sixtieth of the window.
    let case = |slow: f64| vec![Series::of(&SLOWLOG_LAST_ID, (), growing(slow / 60.0))];
    Alert {
        name: "RedisSlowCommands".into(),
        condition: more().gt(limit.value).condition(),
        limit,
        severity: Severity::Warning,
        summary: "Slow commands block Redis.".into(),
        description: "{{ $value | humanize }} commands were added to the slow log of {{ \
                      $labels.instance }}."
            .into(),
        panel: panels::SLOW_COMMANDS,
        runbook: runbooks::slow(more()),
        fires: case(limit.value * 1.2),
        silent: case(limit.value * 0.8),
    }
}

fn latency(redis: &Redis) -> Alert {
    let (limit, window) = (redis.limits.latency, redis.limits.window);
    let slowest = || {
        let calls = COMMAND_DURATION.buckets().rate(window);
        calls.sum_without(CommandLabels::cmd).quantile(0.99)
    };
    let get = || CommandLabels { cmd: "get".into() };
    let case = |bounds| between(&COMMAND_DURATION, get, bounds);
    let bound = limit.value;
    Alert {
        name: "RedisLatencyHigh".into(),
        condition: slowest().gt(limit.value).condition(),
        limit,
        severity: Severity::Warning,
        summary: "Commands of Redis are slow.".into(),
        description: "99 % of the commands take up to {{ $value | humanizeDuration }} on \
                      {{ $labels.instance }}."
            .into(),
        panel: panels::LATENCY,
        runbook: runbooks::slow(slowest()),
        fires: case((bound, bound * 2.0)),
        silent: case((bound / 2.0, bound)),
    }
}
