//! Alerts on PostgreSQL's cache hits, temporary files and checkpoints.

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
    alert::{Alert, Severity},
    case::{Series, aged, growing, steady},
};

/// The panels that these alerts link to.
pub mod panels {
    use crate::{cache::MEMORY, panel::PanelKey};

    pub const HIT_RATIO: PanelKey = PanelKey::new(MEMORY, "Blocks found in memory");
    pub const TEMPORARY_FILES: PanelKey = PanelKey::new(MEMORY, "Temporary files");
    pub const CHECKPOINTS: PanelKey = PanelKey::new(MEMORY, "Checkpoints");
    pub const READING_AGE: PanelKey = PanelKey::new(MEMORY, "Age of readings of tables and sizes");
}

pub(super) fn alerts(caches: &Caches) -> Vec<Alert> {
    vec![hits(caches), temporary(caches), checkpoints(caches), reading_too_old()]
}

fn app() -> DatabaseLabels {
    DatabaseLabels { datname: "app".into() }
}

fn hits(caches: &Caches) -> Alert {
    let (limit, window) = (caches.limits.hit_ratio, caches.limits.window);
    let asked = BLOCKS_HIT.rate(window).add(BLOCKS_READ.rate(window));
    // Of a hundred thousand blocks a scrape.
    let case = |hit: f64| {
        let hit = (hit * 1e5).round();
        vec![
            Series::of(&BLOCKS_HIT, app(), growing(hit)),
            Series::of(&BLOCKS_READ, app(), growing(1e5 - hit)),
            Series::of(&PG_POSTMASTER_START_TIME, (), steady(1.0)),
            Series::of(&PG_REPLICATION_IS_REPLICA, (), steady(0.0)),
        ]
    };
    let low = recorded_hit_ratio().lt(limit.value);
    Alert {
        name: "CacheHitRatioLow".into(),
        condition: low.and(asked.ge(caches.limits.least_blocks)).condition(),
        limit,
        severity: Severity::Warning,
        summary: "Too few blocks are in PostgreSQL's cache.".into(),
        description: "Only {{ $value | humanizePercentage }} of the blocks that `{{ \
                      $labels.datname }}` reads are in the cache of {{ $labels.instance }}."
            .into(),
        panel: panels::HIT_RATIO,
        runbook: runbooks::hits(caches, hit_ratio(window)),
        fires: case(limit.value - 0.01),
        silent: case(limit.value + 0.01),
    }
}

fn temporary(caches: &Caches) -> Alert {
    let (limit, window) = (caches.limits.temporary, caches.limits.window);
    let written = || TEMPORARY_BYTES.rate(window);
    let case = |bytes: f64| vec![Series::of(&TEMPORARY_BYTES, app(), growing(15.0 * bytes))];
    Alert {
        name: "TemporaryFilesLarge".into(),
        condition: written().gt(limit.value).condition(),
        limit,
        severity: Severity::Warning,
        summary: "Queries write large temporary files.".into(),
        description:
            "Queries of `{{ $labels.datname }}` write {{ $value | humanize1024 }}B a second \
                      to temporary files on {{ $labels.instance }}."
                .into(),
        panel: panels::TEMPORARY_FILES,
        runbook: runbooks::temporary(written()),
        fires: case(limit.value * 1.05),
        silent: case(limit.value * 0.95),
    }
}

fn checkpoints(caches: &Caches) -> Alert {
    let (limit, least) = (caches.limits.requested_checkpoints, caches.limits.least_checkpoints);
    let all = || CHECKPOINTS.increase(hours(1)).sum().without(CheckpointLabels::trigger);
    let requested = CHECKPOINTS.filter(CheckpointLabels::trigger.eq(Trigger::Requested));
    let requested = requested.increase(hours(1)).sum().without(CheckpointLabels::trigger);
    let share = requested.div_nonzero(all());
    let case = |requested: f64| {
        let of =
            |trigger, step| Series::of(&CHECKPOINTS, CheckpointLabels { trigger }, growing(step));
        vec![of(Trigger::Requested, requested), of(Trigger::Timed, 1.0 - requested)]
    };
    Alert {
        name: "CheckpointsTooFrequent".into(),
        condition: share.gt(limit.value).and(all().ge(least)).condition(),
        limit,
        severity: Severity::Warning,
        summary: "Checkpoints are requested too often.".into(),
        description:
            "{{ $value | humanizePercentage }} of the checkpoints of {{ $labels.instance }} \
                      were requested, because so much was written."
                .into(),
        panel: panels::CHECKPOINTS,
        runbook: runbooks::checkpoints(CHECKPOINTS.increase(hours(1))),
        fires: case(limit.value + 0.05),
        silent: case(limit.value - 0.05),
    }
}

fn reading_too_old() -> Alert {
    let most = hours(2);
    let limit = Limit {
        value: most.as_secs_f64(),
        hold: minutes(5),
        source: "a background reading is taken at least every hour",
    };
    let of = || ReadingLabels { reading: Reading::Relations };
    let case = |age| vec![Series::of(&READING_TIMESTAMP, of(), aged(age))];
    Alert {
        name: "CacheReadingTooOld".into(),
        condition: READING_TIMESTAMP.age().gt(most).condition(),
        limit,
        severity: Severity::Warning,
        summary: "Tables or sizes have not been read for a long time.".into(),
        description:
            "The background reading `{{ $labels.reading }}` of {{ $labels.instance }} was last \
                      taken {{ $value | humanizeDuration }} ago."
                .into(),
        panel: panels::READING_AGE,
        runbook: runbooks::reading(READING_TIMESTAMP.age()),
        fires: case(limit.value + 900.0),
        silent: case(limit.value - 900.0),
    }
}
