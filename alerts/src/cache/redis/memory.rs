//! Alerts on Redis' hits, evictions and memory.

use cache_hit::metrics::redis::{
    keyspace::{EVICTED_KEYS, HITS, MISSES},
    memory::{FRAGMENTATION, MAX, MAXMEMORY_POLICY, Policy, PolicyLabels, USED, USED_RSS},
    replication::{ROLE, Role, RoleLabels},
    server::START_TIME,
};
use profiles::Redis;
use promql::prelude::*;

use super::{
    super::{recorded_redis_hit_ratio, redis_hit_ratio},
    runbooks,
};
use crate::{
    alert::{Alert, LOOKBACK, Severity},
    case::{Series, growing, steady},
};

/// The panels that these alerts link to.
pub mod panels {
    use crate::{cache::REDIS, panel::PanelKey};

    pub const HIT_RATIO: PanelKey = PanelKey::new(REDIS, "Reads that find their key");
    pub const EVICTIONS: PanelKey = PanelKey::new(REDIS, "Evicted and expired keys");
    pub const MEMORY: PanelKey = PanelKey::new(REDIS, "Memory of the limit");
    pub const FRAGMENTATION: PanelKey = PanelKey::new(REDIS, "Fragmentation");
}

pub(super) fn alerts(redis: &Redis) -> Vec<Alert> {
    vec![hits(redis), evictions(redis), memory(redis), fragmentation(redis)]
}

/// A primary with a hundred thousand reads a scrape, of which this many find their key.
fn reads(hit: f64) -> Vec<Series> {
    let hit = (hit * 1e5).round();
    vec![
        Series::of(&HITS, (), growing(hit)),
        Series::of(&MISSES, (), growing(1e5 - hit)),
        Series::of(&START_TIME, (), steady(1.0)),
        Series::of(&ROLE, RoleLabels { role: Role::Master }, steady(1.0)),
    ]
}

fn hits(redis: &Redis) -> Alert {
    let (limit, window) = (redis.limits.hit_ratio, redis.limits.window);
    let asked = HITS.rate(window).add(MISSES.rate(window));
    let low = recorded_redis_hit_ratio().lt(limit.value);
    Alert {
        name: "RedisHitRatioLow".into(),
        condition: low.and(asked.ge(redis.limits.least_reads)).condition(),
        limit,
        severity: Severity::Warning,
        summary: "Too many reads of Redis find nothing.".into(),
        description:
            "Only {{ $value | humanizePercentage }} of the reads from {{ $labels.instance }} \
                      find their key."
                .into(),
        panel: panels::HIT_RATIO,
        runbook: runbooks::hits(redis, redis_hit_ratio(window)),
        fires: reads(limit.value - 0.01),
        silent: reads(limit.value + 0.01),
    }
}

/// A full cache evicts by design; it is too small if reads then miss.
fn evictions(redis: &Redis) -> Alert {
    let (limit, window) = (redis.limits.evictions, redis.limits.window);
    let evicted = || EVICTED_KEYS.rate(window);
    let asked = || HITS.rate(window).add(MISSES.rate(window));
    let missed = MISSES.rate(window).div_nonzero(asked()).gt(1.0 - redis.limits.hit_ratio.value);
    let case = |hit: f64| {
        let mut series = reads(hit);
        series.push(Series::of(&EVICTED_KEYS, (), growing(100.0)));
        series
    };
    Alert {
        name: "RedisEvictsWhatIsAskedFor".into(),
        condition: evicted().gt(limit.value).and(missed).condition(),
        limit,
        severity: Severity::Warning,
        summary: "Redis evicts keys, and reads miss.".into(),
        description:
            "{{ $labels.instance }} evicts {{ $value | humanize }} keys a second, and too \
                      many reads find nothing."
                .into(),
        panel: panels::EVICTIONS,
        runbook: runbooks::memory(
            redis,
            "Memory is full, keys are evicted to make room, and too many reads then \
                      miss: the cache is too small for its readers.",
            evicted(),
        ),
        fires: case(redis.limits.hit_ratio.value - 0.01),
        silent: case(redis.limits.hit_ratio.value + 0.01),
    }
}

/// A cache that may evict any key is full by design; others refuse writes when they are full.
fn memory(redis: &Redis) -> Alert {
    let limit = redis.limits.memory;
    let used = || USED.max_over_time(LOOKBACK).div_nonzero(&MAX);
    let by_design = MAXMEMORY_POLICY.filter(PolicyLabels::policy.one_of([
        Policy::AllKeysLru,
        Policy::AllKeysLfu,
        Policy::AllKeysRandom,
    ]));
    let full = used().gt(limit.value).on((JOB, INSTANCE)).unless(by_design.gt(0));
    let case = |used: f64| {
        vec![
            Series::of(&USED, (), steady((used * 1e6).round())),
            Series::of(&MAX, (), steady(1e6)),
            Series::of(&MAXMEMORY_POLICY, PolicyLabels { policy: Policy::NoEviction }, steady(1.0)),
        ]
    };
    Alert {
        name: "RedisMemoryNearLimit".into(),
        condition: full.condition(),
        limit,
        severity: Severity::Critical,
        summary: "Redis will soon refuse writes.".into(),
        description: "{{ $value | humanizePercentage }} of `maxmemory` are in use on \
                      {{ $labels.instance }}, and its policy does not let it evict any key."
            .into(),
        panel: panels::MEMORY,
        runbook: runbooks::memory(
            redis,
            "Memory is almost at `maxmemory`. With the policy `noeviction` writes are then refused; \
             with `volatile-…` they are when no key with a time to live is left.",
            used(),
        ),
        fires: case(limit.value + 0.01),
        silent: case(limit.value - 0.01),
    }
}

fn fragmentation(redis: &Redis) -> Alert {
    let (limit, least) = (redis.limits.fragmentation, redis.limits.least_memory);
    let ratio = || FRAGMENTATION.min_over_time(minutes(5));
    let case = |ratio| {
        vec![
            Series::of(&FRAGMENTATION, (), steady(ratio)),
            Series::of(&USED_RSS, (), steady(least * 4.0)),
        ]
    };
    Alert {
        name: "RedisMemoryFragmented".into(),
        condition: ratio().gt(limit.value).and(USED_RSS.ge(least)).condition(),
        limit,
        severity: Severity::Warning,
        summary: "Redis holds much more memory than it uses.".into(),
        description:
            "{{ $labels.instance }} holds {{ $value | humanize }} times the memory that it \
                      uses."
                .into(),
        panel: panels::FRAGMENTATION,
        runbook: runbooks::fragmentation(ratio()),
        fires: case(limit.value + 0.1),
        silent: case(limit.value),
    }
}
