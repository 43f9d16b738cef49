//! The exporters, as alerts and scrape configurations know them.

use cache_hit::CacheHit;
use common::process::exporter::Exporter;
use pool_usage::PoolUsage;
use postgres_queue::PostgresQueue;
use profiles::Profile;
use promql::{JOB, TargetMatcher};

/// One exporter: its name is also its scrape job's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExporterId {
    /// Its name.
    pub name: &'static str,
    /// Where it listens unless it is told otherwise.
    pub port: u16,
}

impl ExporterId {
    const fn by<E: Exporter>() -> Self {
        Self { name: E::NAME, port: E::PORT }
    }
}

/// The exporters that the profile's targets run.
pub fn of_profile(profile: &Profile) -> Vec<ExporterId> {
    let queue = profile.queues.as_ref().map(|_| ExporterId::by::<PostgresQueue>());
    let pool = profile.pools.as_ref().map(|_| ExporterId::by::<PoolUsage>());
    let cache = profile.caches.as_ref().map(|_| ExporterId::by::<CacheHit>());
    [queue, pool, cache].into_iter().flatten().collect()
}

/// What measures an alert's condition: the `component` label.
#[derive(Clone, Debug)]
pub enum Component {
    /// This one.
    One(&'static str),
    /// Each of these exporters by itself; the label is that of the series' job.
    Each(Vec<ExporterId>),
}

impl Component {
    /// The `component` label; a template where the series tell.
    pub fn label(&self) -> &'static str {
        match self {
            Self::One(name) => name,
            Self::Each(_) => "{{ $labels.job }}",
        }
    }

    /// The last part of its rules' group.
    pub fn group(&self) -> &'static str {
        match self {
            Self::One(name) => name,
            Self::Each(_) => "exporters",
        }
    }

    /// The jobs whose series it looks at.
    pub fn jobs(&self) -> Vec<&'static str> {
        match self {
            Self::One(name) => vec![name],
            Self::Each(exporters) => exporters.iter().map(|it| it.name).collect(),
        }
    }
}

/// The targets of these exporters.
pub(crate) fn targets(exporters: &[ExporterId]) -> TargetMatcher {
    let names: Vec<_> = exporters.iter().map(|it| it.name).collect();
    match names[..] {
        [name] => JOB.eq(name),
        _ => JOB.matches(names.join("|")),
    }
}
