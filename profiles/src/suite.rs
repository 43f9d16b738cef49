//! The exporters of the suite. To add an exporter, add a folder in `exporters/` and a line here.

use cache_hit::CacheHit;
use common::{
    metric::Definition,
    process::{self, Exporter},
    scrape::Target,
    settings::{Settings, SettingsError},
};
use pool_usage::PoolUsage;
use postgres_queue::PostgresQueue;

use crate::Profile;

/// Every exporter.
pub const ALL: &[SuiteExporter] = &[
    exporter::<PostgresQueue>(|it| it.queues.as_ref().map(|it| it.settings)),
    exporter::<PoolUsage>(|it| it.pools.as_ref().map(|it| it.settings)),
    exporter::<CacheHit>(|it| it.caches.as_ref().map(|_| "")),
];

/// The description of an exporter for the rest of the workspace.
#[derive(Clone, Copy, Debug)]
pub struct SuiteExporter {
    /// Its name, which is also that of its binary, its folder and its scrape job.
    pub name: &'static str,
    /// What it measures, in one line.
    pub about: &'static str,
    /// The default port.
    pub port: u16,
    /// Every metric that it defines.
    pub catalog: fn() -> Vec<&'static Definition>,
    /// The targets of its settings.
    pub targets: fn(&mut Settings) -> Result<Vec<Target>, SettingsError>,
    /// The TOML that a profile has for it; `None` when the system does not run it.
    pub settings: fn(&Profile) -> Option<&'static str>,
}

const fn exporter<E: Exporter>(settings: fn(&Profile) -> Option<&'static str>) -> SuiteExporter {
    SuiteExporter {
        name: E::NAME,
        about: E::ABOUT,
        port: E::PORT,
        catalog: E::catalog,
        targets: process::targets::<E>,
        settings,
    }
}

/// The exporters that a profile's system runs.
pub fn of_profile(profile: &Profile) -> Vec<SuiteExporter> {
    ALL.iter().copied().filter(|it| (it.settings)(profile).is_some()).collect()
}
