//! Truth: against the running system, every query of every panel gives data through a real
//! Prometheus.

use std::{collections::BTreeSet, fmt::Write as _, time::Duration};

use alerts::rules::Options as Addresses;
use dashboards::Dashboard;
use e2e::{
    Exporter, Postgres, Prometheus, eventually,
    render::{self, Answer, Options},
    simulator::hv::{self, Kind, Load, Schema, Simulator},
};
use profiles::hv_consultores;

/// Counters must have moved, `pg_cron` starts jobs at full minutes, and the machine may be busy.
const PATIENCE: Duration = Duration::from_mins(3);

const SCRAPE: Duration = Duration::from_secs(1);

/// More series than this in one panel is a mistake: nobody can tell them apart.
const MOST_SERIES: usize = 100;

/// What a job library would add to HV's tables: heartbeats and pauses.
const LIBRARY: &str = "
    create table workers (id int primary key, seen timestamptz not null);
    insert into workers values (1, now() + '1 hour');
    create table paused_queues (name text primary key);
    insert into paused_queues values ('report');";

const LIBRARY_SETTINGS: &str = r#"
[postgres-queue.queues.queue_jobs.workers]
table = "workers"
last_seen = "seen"
[postgres-queue.queues.queue_jobs.paused]
table = "paused_queues"
queue = "name"
"#;

const CRON: &str = "
    create extension pg_cron;
    select cron.schedule('sweep', '* * * * *', 'select 1');
    select cron.schedule('broken', '* * * * *', 'select 1/0');";

/// Panels that stay empty here, each with its reason.
const EXCUSED: &[(&str, &str)] = &[];

/// Panels that stay empty, whole or in part, where `queue_jobs` has only the columns that HV's manual
/// names: nothing says when a job started or ended, nor how often it was tried.
const WITHOUT_TIMES: &[&str] = &[
    "Arrivals and completions",
    "Completions by queue",
    "Failures by class",
    "Retries",
    "Delivery time",
    "Latency",
    "Latency of the slowest twentieth",
    "Run time",
    "Time in the queue",
    "Spread of latency",
    "Spread of run time",
    "Each queue",
];

/// HV-Consultores, busy, with a part of its deliveries failing.
struct Stack {
    _postgres: Postgres,
    _exporter: Exporter,
    _system: Simulator,
    prometheus: Prometheus,
}

impl Stack {
    async fn start(schema: Schema) -> Self {
        let server = Postgres::builder()
            .pg_cron(hv::DATABASE)
            .setting("autovacuum_naptime = 1s")
            .setting("autovacuum_vacuum_threshold = 1")
            .setting("autovacuum_vacuum_scale_factor = 0")
            .start()
            .await
            .expect("PostgreSQL starts");
        let kind = |tipo, per_second| Kind {
            tipo,
            per_second,
            work: Duration::from_millis(100),
            failures: 0.3,
        };
        let tipos = ["email", "slack", "webhook", "report", "automation"];
        let load = Load {
            workers: 8,
            kinds: tipos.map(|it| kind(it, 4.0)).into(),
            attempts: 2,
            backoff: Duration::from_millis(500),
            ..Load::default()
        };
        let system = Simulator::start(&server, schema, load).await.expect("HV starts");
        for sql in [LIBRARY, CRON] {
            server.execute(hv::DATABASE, sql).await.expect("the extras can be made");
        }
        let queues = hv_consultores::PROFILE.queues.as_ref().expect("HV has queues");
        let mut settings = queues.settings.to_owned();
        let url = server.url(hv::DATABASE);
        let _ = write!(settings, "{LIBRARY_SETTINGS}\n[postgres-queue.postgres]\nurl = {url:?}\n");
        let exporter =
            Exporter::start("postgres-queue", &settings).await.expect("the exporter starts");
        let system_label = [("system", hv_consultores::PROFILE.slug)];
        let prometheus = Prometheus::builder()
            .interval(SCRAPE)
            .job("postgres-queue", &exporter.address(), &system_label)
            .start()
            .await
            .expect("Prometheus starts");
        Self { _postgres: server, _exporter: exporter, _system: system, prometheus }
    }
}

#[tokio::test]
async fn every_query_of_every_panel_gives_data() {
    let stack = Stack::start(Schema::Full).await;
    let dashboards = dashboards::all();
    assert!(dashboards.len() >= 2);
    for dashboard in &dashboards {
        stack.shows_all_but(dashboard, &EXCUSED.iter().map(|(title, _)| *title).collect()).await;
        assert_excuses_are_needed(dashboard);
    }
}

#[tokio::test]
async fn without_times_the_other_panels_give_data() {
    let stack = Stack::start(Schema::Plain).await;
    let dashboards = dashboards::all();
    let hv = dashboards.iter().find(|it| it.slug() == "hv-consultores-queue");
    let hv = hv.expect("HV has a dashboard of its queue");
    stack.shows_all_but(hv, &WITHOUT_TIMES.iter().copied().collect()).await;
}

impl Stack {
    /// Waits until each query has data, save those of the `dark` panels; these must have none.
    async fn shows_all_but(&self, dashboard: &Dashboard, dark: &BTreeSet<&str>) {
        let prometheus = render::prometheus::Prometheus::new(&self.prometheus.url());
        let options = Options {
            range: Some(Duration::from_mins(3)),
            scrape_interval: SCRAPE,
            ..Options::default()
        };
        let json = dashboard.to_json(&Addresses::default());
        eventually(PATIENCE, async || {
            let page = render::render(&json, &prometheus, &options).await;
            let page = page.map_err(|it| common::chain::Chain(&it).to_string())?;
            let mut wrong = Vec::new();
            let mut lit = BTreeSet::from_iter(dark.iter().copied());
            for panel in &page.panels {
                let troubles: Vec<String> = panel.answers.iter().filter_map(trouble).collect();
                if !troubles.is_empty() {
                    lit.remove(panel.title.as_str());
                }
                if !dark.contains(panel.title.as_str()) {
                    wrong.extend(troubles.iter().map(|it| format!("{}: {it}", panel.title)));
                }
            }
            wrong.extend(lit.iter().map(|it| format!("{it}: it should have no data")));
            if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) }
        })
        .await;
    }
}

/// What is wrong with an answer, if anything.
fn trouble(answer: &Answer) -> Option<String> {
    let series = match &answer.result {
        Ok(series) => series,
        Err(refused) => return Some(format!("{refused}\n{}", answer.query)),
    };
    if series.is_empty() {
        return Some(format!("no data for\n{}", answer.query));
    }
    if series.len() > MOST_SERIES {
        return Some(format!("{} series for\n{}", series.len(), answer.query));
    }
    let names: BTreeSet<&str> = series.iter().map(|it| it.name.as_str()).collect();
    let unnamed = names.iter().find(|it| it.contains("{{"));
    unnamed.map(|it| format!("the legend names a label that is not there: {it}"))
}

/// An excuse for a panel that is gone is no excuse.
fn assert_excuses_are_needed(dashboard: &Dashboard) {
    for (title, why) in EXCUSED {
        let there = dashboard.panels().any(|it| it.title() == *title);
        assert!(there && !why.is_empty(), "{title}: there is no such panel to excuse");
    }
}
