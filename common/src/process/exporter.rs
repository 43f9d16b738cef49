//! The contract of an exporter: its name, its settings, its targets.

use std::future::{self, Future};

use serde::de::DeserializeOwned;

use super::{report::Report, self_metrics};
use crate::{
    host::{self, Host},
    metric::{Definition, Gauge},
    scrape::{
        BoxedCollector, DEFAULT_TARGET, Snapshot, Target, concurrency::limit_concurrency,
        label_limit, runner,
    },
    server,
    settings::{Section, Settings, SettingsError, UrlSource},
};

/// A program that reads a source and serves it as metrics; [`run`](crate::process::run) does the rest.
pub trait Exporter: Sized + 'static {
    /// Its name: the binary's and the settings section's (`[postgres-queue]`). It has a hyphen, which
    /// distinguishes an exporter's section from the shared ones.
    const NAME: &'static str;
    /// What it measures, in one line.
    const ABOUT: &'static str;
    /// The port it listens on by default.
    const PORT: u16;
    /// Its section as `init` writes it. Prose is behind `# `, a setting at its default right behind
    /// `#`; [`check_example`](super::check_example) checks both readings.
    const EXAMPLE: &'static str;
    /// The platform's variables that set the default target's addresses.
    const URLS: &'static [UrlSource] = &[];
    /// The sources that a target may name, for the error when it names none.
    const SOURCES: &'static str = "a source";

    /// The keys of one target; the section itself has those of the default target. It denies
    /// unknown keys.
    type TargetSettings: DeserializeOwned;
    /// The section's keys that hold for every target, or [`NoSettings`](crate::settings::NoSettings).
    /// It denies unknown keys and shares none with `TargetSettings`.
    type Settings: DeserializeOwned;
    /// A target of checked settings.
    type Target: ConfiguredTarget;

    /// Every metric that it can serve, without those of [`shared_catalog`].
    fn catalog() -> Vec<&'static Definition>;

    /// Checks the settings that hold for every target.
    fn validate(_section: &SectionOf<Self>) -> Result<(), SettingsError> {
        Ok(())
    }

    /// Checks a target's settings and prepares its connections; `None` when they name no source.
    /// The only I/O is reading files that the settings name.
    fn target(
        name: &str,
        settings: &Self::TargetSettings,
        section: &SectionOf<Self>,
    ) -> Result<Option<Self::Target>, SettingsError>;

    /// The output of `check --grants`: the statements that create the least privileged role.
    fn grants(_targets: &[Self::Target]) -> impl Future<Output = String> {
        future::ready("-- No privileges are needed.\n".to_owned())
    }
}

/// The section of an exporter.
pub type SectionOf<E> = Section<<E as Exporter>::TargetSettings, <E as Exporter>::Settings>;

/// The metric that is 1 while a target is up, and the collector whose success decides it.
pub type Up = (&'static Gauge, &'static str);

/// A target as its settings describe it.
pub trait ConfiguredTarget {
    /// Host, port and database, for people; never a secret.
    fn address(&self) -> String;

    /// The metric that is 1 while it is up.
    fn up(&self) -> Option<Up>;

    /// The collectors that read it.
    fn collectors(&self) -> Result<Vec<BoxedCollector>, SettingsError>;

    /// The collectors as `check` runs them, which waits longer than a scrape does.
    fn check_collectors(&self) -> Result<Vec<BoxedCollector>, SettingsError> {
        self.collectors()
    }

    /// Reports what `check` finds before it runs the collectors: version, role, privileges.
    fn inspect(&self, _report: &mut Report) -> impl Future<Output = ()> {
        future::ready(())
    }

    /// Reports what `check` finds in the metrics that the collectors wrote.
    fn summarize(&self, _report: &mut Report, _snapshot: &Snapshot) {}

    /// Closes the connections.
    fn close(&self) -> impl Future<Output = ()> {
        future::ready(())
    }
}

/// The metrics that every exporter serves.
pub fn shared_catalog() -> Vec<&'static Definition> {
    [self_metrics::ALL, runner::ALL, label_limit::ALL, host::ALL, server::ALL].concat()
}

/// The targets that the settings name. Where `[host]` is enabled, the default target also has the
/// machine's metrics.
pub fn targets<E: Exporter>(settings: &mut Settings) -> Result<Vec<Target>, SettingsError> {
    let configured = configured::<E>(settings, E::Target::collectors)?;
    let targets = configured.targets.into_iter().map(|it| Target {
        address: it.target.address(),
        up: it.target.up(),
        name: it.name,
        collectors: it.collectors,
    });
    let mut targets = limit_concurrency(configured.max_concurrent_probes, targets.collect());
    if let Some(host) = host(settings)? {
        match targets.iter_mut().find(|it| it.name == DEFAULT_TARGET) {
            Some(target) => target.collectors.push(Box::new(host)),
            None => targets.push(Target {
                name: DEFAULT_TARGET.to_owned(),
                address: "this machine".to_owned(),
                up: None,
                collectors: vec![Box::new(host)],
            }),
        }
    }
    Ok(targets)
}

/// The collectors that the section `[host]` enables.
pub(super) fn host(settings: &Settings) -> Result<Option<Host>, SettingsError> {
    Host::new(&settings.section("host")?).map_err(|it| settings.locate("host", it))
}

/// The targets of an exporter.
pub(super) struct Configured<T> {
    pub(super) targets: Vec<WithCollectors<T>>,
    max_concurrent_probes: usize,
}

/// A target with the collectors that read it.
pub(super) struct WithCollectors<T> {
    pub(super) name: String,
    pub(super) target: T,
    pub(super) collectors: Vec<BoxedCollector>,
}

/// Checks the exporter's section and builds its targets with their `collectors`.
pub(super) fn configured<E: Exporter>(
    settings: &mut Settings,
    collectors: impl Fn(&E::Target) -> Result<Vec<BoxedCollector>, SettingsError>,
) -> Result<Configured<E::Target>, SettingsError> {
    let section: SectionOf<E> = settings.exporter(E::NAME, E::URLS)?;
    let url = E::URLS.first().map_or("", |it| it.key);
    let build = |name: &str, settings: &E::TargetSettings| {
        let Some(target) = E::target(name, settings, &section)? else { return Ok(None) };
        let collectors = collectors(&target)?;
        Ok(Some(WithCollectors { name: name.to_owned(), target, collectors }))
    };
    let targets = E::validate(&section).and_then(|()| section.build(url, E::SOURCES, build));
    let targets = targets.map_err(|it| settings.locate(E::NAME, it))?;
    Ok(Configured { targets, max_concurrent_probes: section.max_concurrent_probes })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_shared_metric_is_defined_twice() {
        let mut names: Vec<_> = shared_catalog().iter().map(|it| it.name).collect();
        names.sort_unstable();
        let all = names.len();
        names.dedup();
        assert_eq!(names.len(), all);
    }
}
