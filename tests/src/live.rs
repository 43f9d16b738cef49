//! HV-Consultores with all of Pulso around it: what the demo shows and drills hurt.

use std::time::Duration;

use alerts::{alertmanager::Endpoints, rules::Options};
use profiles::Profile;

use crate::{
    Alertmanager, Exporter, Postgres, Prometheus, Server, StackError, Webhook, exporter,
    simulator::hv::{self, Load, Schema, Simulator},
};

/// The role that the exporter connects as, and its password.
const ROLE: (&str, &str) = ("pulso", "pulso-reads");

/// The rule file.
const RULES: &str = "rules.yml";

/// The exporter of queues.
const EXPORTER: &str = "postgres-queue";

/// The running system, from the database to the receivers of its alerts.
///
/// The fields are dropped in this order: whoever talks before whom he talks to.
#[derive(Debug)]
pub struct Live {
    /// The system's programs.
    pub system: Simulator,
    /// Prometheus with the profile's rules.
    pub prometheus: Prometheus,
    /// Alertmanager with the profile's routes.
    pub alertmanager: Alertmanager,
    /// What every receiver was told.
    pub sink: Webhook,
    /// The exporter of queues.
    pub exporter: Exporter,
    /// The system's database, with `pg_cron`.
    pub postgres: Postgres,
}

/// The profile whose rules and routes are loaded.
pub static PROFILE: &Profile = &profiles::hv_consultores::PROFILE;

/// How often Prometheus scrapes and evaluates when time runs `scale` times as fast.
pub fn interval(scale: f64) -> Duration {
    PROFILE.scrape_interval.div_f64(scale)
}

impl Live {
    /// Starts everything. Durations of rules and routes are divided by `scale`, as in the files
    /// that `cargo generate` writes, so that minutes become seconds.
    pub async fn start(schema: Schema, load: Load, scale: f64) -> Result<Self, StackError> {
        // Built before anything runs that would wait for it.
        let program = exporter::build(EXPORTER)?;
        let postgres = Postgres::builder().pg_cron(hv::DATABASE).start().await?;
        hv::create(&postgres, schema).await?;
        let cron = "create extension pg_cron; select cron.schedule('limpieza', '* * * * *',
            $$delete from queue_jobs where estado = 'completed' and creado_en < now() - interval '30 days'$$)";
        postgres.execute(hv::DATABASE, cron).await?;

        let settings = PROFILE.queues.as_ref().map_or("", |queues| queues.settings);
        let (role, password) = ROLE;
        let url = postgres.url_as(role, password, hv::DATABASE);
        let builder =
            Exporter::builder(EXPORTER, settings).env("DATABASE_URL", &url).binary(program);
        let grants = builder.run(&["check", "--grants"])?;
        let password = format!("alter role {role} password '{password}'");
        postgres.execute(hv::DATABASE, &format!("{grants};{password}")).await?;
        let exporter = builder.start().await?;
        // It looks at the tables once, which takes longer than a scrape may when time runs fast.
        exporter.metrics().await?;

        let sink = Webhook::start().await?;
        let endpoints = Endpoints::Sink(sink.url());
        let routes = alerts::alertmanager::configuration(PROFILE, &endpoints, scale);
        let alertmanager = Alertmanager::start(&routes).await?;
        let options = Options { scale, ..Options::default() };
        let rules = alerts::rules::rule_file(PROFILE, &alerts::rules(PROFILE), &options);
        let prometheus = Prometheus::builder()
            .interval(interval(scale))
            .job(EXPORTER, &exporter.address(), &[("system", PROFILE.slug)])
            .rules(RULES, "groups: []")
            .alertmanager(&alertmanager)
            .start()
            .await?;
        // Prometheus begins to scrape some seconds after it begins to evaluate. With time running
        // faster that is minutes without an exporter, and somebody would be told.
        let scraped = async || prometheus.value("up").await.ok()?.filter(|up| *up > 0.0).map(drop);
        prometheus.process().ready(scraped).await?;
        prometheus.reload_rules(RULES, &rules).await?;
        let system = Simulator::run(postgres.url(hv::DATABASE), schema, load);
        Ok(Self { system, prometheus, alertmanager, sink, exporter, postgres })
    }
}
