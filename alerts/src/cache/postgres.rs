//! Alerts on what PostgreSQL finds in memory and what it has to write.

use cache_hit::metrics::{
    postgres::{READING_TIMESTAMP, Reading, ReadingLabels},
    postgres_databases::{BLOCKS_HIT, BLOCKS_READ, DatabaseLabels, TEMPORARY_BYTES},
    postgres_io::{CHECKPOINTS, CheckpointLabels, Trigger},
};
use common::source::postgres::{PG_POSTMASTER_START_TIME, PG_REPLICATION_IS_REPLICA};
use profiles::{Caches, Limit};
use promql::prelude::*;

use super::{hit_ratio, recorded_hit_ratio, runbooks};
use crate::{
    alert::{Series, Severity},
    told::{Told, growing, steady},
};

pub(super) fn alerts(caches: &Caches) -> Vec<Told> {
    vec![hits(caches), temporary(caches), checkpoints(caches), reading_too_old()]
}

fn app() -> DatabaseLabels {
    DatabaseLabels { datname: "app".into() }
}

fn hits(caches: &Caches) -> Told {
    let (limit, window) = (caches.limits.hit_ratio, caches.limits.window);
    let asked = BLOCKS_HIT.rate(window).add(BLOCKS_READ.rate(window));
    // Of a hundred thousand blocks a scrape.
    let case = |hit: f64| {
        let hit = (hit * 1e5).round();
        vec![
            Series::of(&BLOCKS_HIT, app(), &growing(hit)),
            Series::of(&BLOCKS_READ, app(), &growing(1e5 - hit)),
            Series::of(&PG_POSTMASTER_START_TIME, (), &steady(1.0)),
            Series::of(&PG_REPLICATION_IS_REPLICA, (), &steady(0.0)),
        ]
    };
    let low = recorded_hit_ratio().lt(limit.value);
    Told {
        name: "CacheHitRatioLow",
        condition: low.and(asked.ge(caches.limits.least_blocks)).condition(),
        limit,
        severity: Severity::Warning,
        summary: "PostgreSQL finds too little in its cache.",
        description: "Only {{ $value | humanizePercentage }} of the blocks that `{{ $labels.datname }}` \
                      asks for are in the cache of {{ $labels.instance }}.",
        panel: "Blocks found in memory",
        runbook: runbooks::hits(caches, hit_ratio(window).to_string()),
        fires: case(limit.value - 0.01),
        silent: case(limit.value + 0.01),
    }
}

fn temporary(caches: &Caches) -> Told {
    let (limit, window) = (caches.limits.temporary, caches.limits.window);
    let written = || TEMPORARY_BYTES.rate(window);
    let case = |bytes: f64| vec![Series::of(&TEMPORARY_BYTES, app(), &growing(15.0 * bytes))];
    Told {
        name: "TemporaryFilesLarge",
        condition: written().gt(limit.value).condition(),
        limit,
        severity: Severity::Warning,
        summary: "Queries write large temporary files.",
        description: "Queries of `{{ $labels.datname }}` write {{ $value | humanize1024 }}B a second \
                      to temporary files on {{ $labels.instance }}.",
        panel: "Temporary files",
        runbook: runbooks::temporary(written().to_string()),
        fires: case(limit.value * 1.05),
        silent: case(limit.value * 0.95),
    }
}

fn checkpoints(caches: &Caches) -> Told {
    let (limit, least) = (caches.limits.requested_checkpoints, caches.limits.least_checkpoints);
    let all = || CHECKPOINTS.increase(hours(1)).sum().without(CheckpointLabels::trigger);
    let requested = CHECKPOINTS.filter(CheckpointLabels::trigger.eq(Trigger::Requested));
    let requested = requested.increase(hours(1)).sum().without(CheckpointLabels::trigger);
    let share = requested.div_nonzero(all());
    let case = |requested: f64| {
        let of =
            |trigger, step| Series::of(&CHECKPOINTS, CheckpointLabels { trigger }, &growing(step));
        vec![of(Trigger::Requested, requested), of(Trigger::Timed, 1.0 - requested)]
    };
    Told {
        name: "CheckpointsTooFrequent",
        condition: share.gt(limit.value).and(all().ge(least)).condition(),
        limit,
        severity: Severity::Warning,
        summary: "Checkpoints come before their time.",
        description: "{{ $value | humanizePercentage }} of the checkpoints of {{ $labels.instance }} \
                      were requested, because so much was written.",
        panel: "Checkpoints",
        runbook: runbooks::checkpoints(CHECKPOINTS.increase(hours(1)).to_string()),
        fires: case(limit.value + 0.05),
        silent: case(limit.value - 0.05),
    }
}

fn reading_too_old() -> Told {
    let most = hours(2);
    let limit = Limit {
        value: most.as_secs_f64(),
        hold: minutes(5),
        source: "a background reading is taken at least every hour",
    };
    let of = || ReadingLabels { reading: Reading::Relations };
    // promtool's clock begins at zero: the first is ever two hours and a quarter old.
    let case = |start: f64| vec![Series::of(&READING_TIMESTAMP, of(), &format!("{start}+15x400"))];
    Told {
        name: "CacheReadingTooOld",
        condition: READING_TIMESTAMP.age().gt(most).condition(),
        limit,
        severity: Severity::Warning,
        summary: "Tables or sizes have not been read for long.",
        description: "The background reading `{{ $labels.reading }}` of {{ $labels.instance }} was last \
                      taken {{ $value | humanizeDuration }} ago.",
        panel: "Age of readings of tables and sizes",
        runbook: runbooks::reading(READING_TIMESTAMP.age().to_string()),
        fires: case(-limit.value - 900.0),
        silent: case(-limit.value + 900.0),
    }
}
