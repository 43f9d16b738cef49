//! The exporters, as alerts and scrape configurations know them.

use cache_hit::CacheHit;
use common::process::Exporter;
use pool_usage::PoolUsage;
use postgres_queue::PostgresQueue;
use profiles::Profile;
use promql::{JOB, TargetMatcher};

/// One exporter; its name is also the name of its scrape job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExporterId {
    pub name: &'static str,
    /// The default port.
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
    One(&'static str),
    /// Each of these exporters; the label is the job of the series.
    Each(Vec<ExporterId>),
}

impl Component {
    /// The `component` label; a template if it depends on the series.
    pub fn label(&self) -> &'static str {
        match self {
            Self::One(name) => name,
            Self::Each(_) => "{{ $labels.job }}",
        }
    }

    /// The name of its group of rules, without the profile's.
    pub fn group(&self) -> &'static str {
        match self {
            Self::One(name) => name,
            Self::Each(_) => "exporters",
        }
    }

    /// The jobs whose series it reads.
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
