//! HV-Consultores with all of Pulso around it, for the demo and the drills.

mod drill;
pub mod servers;
mod sidecar;

use std::{collections::BTreeMap, fmt::Write as _, time::Duration};

use alerts::{scope::Urls, write::alertmanager::Endpoints};
use profiles::{Limit, Pools, Profile};
use promql::Style;

pub use servers::Servers;
pub use sidecar::{CACHE, POOL, QUEUE};

use crate::{
    Alertmanager, Exporter, Prometheus, Server, StackError, Webhook, prometheus,
    simulator::{
        cache::Cache,
        hv::{self, Load, Schema, Simulator},
        web::Web,
    },
};

const RULES: &str = "rules.yml";

/// The name of the standby as a further target of the primary's exporter.
pub const STANDBY: &str = "standby";

/// The name of the cache's replica as a further target of the primary's exporter.
pub const REPLICA: &str = "replica";

/// The running system, from the database to the receivers of its alerts.
///
/// The fields are dropped in this order: clients before their servers.
#[derive(Debug)]
pub struct Live {
    pub system: Simulator,
    /// The web application, behind the pooler.
    pub web: Web,
    /// The program that uses the cache.
    pub cache: Cache,
    /// Prometheus with the profile's rules.
    pub prometheus: Prometheus,
    /// Alertmanager with the profile's routes.
    pub alertmanager: Alertmanager,
    /// The notifications of all receivers.
    pub sink: Webhook,
    exporters: BTreeMap<&'static str, Exporter>,
    pub servers: Servers,
}

/// The profile whose rules and routes are loaded.
pub static PROFILE: &Profile = &profiles::hv_consultores::PROFILE;

/// How often Prometheus scrapes and evaluates when time runs `scale` times as fast.
pub fn interval(scale: f64) -> Duration {
    PROFILE.scrape_interval.div_f64(scale)
}

/// The profile when time runs faster: thresholds on ages and durations are divided. The rules' own
/// durations are divided where they are rendered.
fn hurried(scale: f64) -> Profile {
    let sooner = |limit: Limit| Limit { value: limit.value / scale, ..limit };
    let mut profile = PROFILE.clone();
    if let Some(Pools { limits, .. }) = &mut profile.pools {
        limits.idle_in_transaction = sooner(limits.idle_in_transaction);
        limits.transaction = sooner(limits.transaction);
        limits.replication_lag = sooner(limits.replication_lag);
    }
    profile
}

impl Live {
    /// Starts everything. Durations of rules and routes are divided by `scale`, as in the files
    /// that `cargo generate` writes, so that minutes become seconds.
    pub async fn start(schema: Schema, load: Load, scale: f64) -> Result<Self, StackError> {
        // Built first, so that no running server waits for it.
        sidecar::build()?;
        let servers = Servers::start(schema).await?;
        let exporters = sidecar::start(&servers).await?;

        let profile = hurried(scale);
        let sink = Webhook::start().await?;
        let endpoints = Endpoints::Sink(sink.url());
        let routes = alerts::write::alertmanager::configuration(&profile, &endpoints, scale);
        let alertmanager = Alertmanager::start(&routes).await?;
        let style = Style { scale };
        let rules = alerts::write::rules::rule_file(
            &profile,
            &alerts::rules(&profile),
            &Urls::default(),
            style,
        );
        let builder = Prometheus::builder().interval(interval(scale)).rules(RULES, "groups: []");
        let prometheus = exporters
            .iter()
            .fold(builder, |builder, (name, exporter)| jobs(builder, name, exporter))
            .alertmanager(&alertmanager)
            .start()
            .await?;
        // Prometheus begins to scrape some seconds after it begins to evaluate. With time running
        // faster that is minutes without an exporter, and an alert would fire.
        let targets = prometheus.targets().await?.len() as f64;
        let scraped = async || {
            let up = prometheus.value("sum(up)").await.ok()??;
            (up >= targets).then_some(())
        };
        prometheus.process().ready(scraped).await?;
        prometheus.reload_rules(RULES, &rules).await?;
        let system = Simulator::run(servers.postgres.url(hv::DATABASE), schema, load);
        let web = Web::run(servers.application_url());
        let cache = Cache::run(servers.redis.url());
        Ok(Self { system, web, cache, prometheus, alertmanager, sink, exporters, servers })
    }

    /// One of its exporters; see [`QUEUE`], [`POOL`] and [`CACHE`].
    ///
    /// # Panics
    /// When the system runs no exporter of that name.
    pub fn exporter(&self, name: &str) -> &Exporter {
        self.exporters.get(name).unwrap_or_else(|| panic!("no exporter {name} runs here"))
    }

    /// Its exporters with their names.
    pub fn exporters(&self) -> impl Iterator<Item = (&'static str, &Exporter)> {
        self.exporters.iter().map(|(name, exporter)| (*name, exporter))
    }
}

/// The exporter's job, as the generated `prometheus.yml` has it; further targets are probed.
fn jobs(builder: prometheus::Builder, name: &str, exporter: &Exporter) -> prometheus::Builder {
    let (address, slug) = (exporter.address(), PROFILE.slug);
    let mut job = format!(
        "job_name: {name}\nstatic_configs:\n- targets: ['{address}']\n  labels: {{ system: {slug} }}\n"
    );
    if let Some(target) = sidecar::target(name) {
        let _ = writeln!(
            job,
            "- targets: ['{address}']\n  labels: {{ system: {slug}, instance: {target}, \
             __metrics_path__: /probe, __param_target: {target} }}"
        );
    }
    builder.scrape_config(&job)
}
