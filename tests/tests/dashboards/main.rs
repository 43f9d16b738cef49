//! Truth: against the running system, every query of every panel gives data through a real
//! Prometheus.

mod cache;
mod pool;
mod queue;

use std::{collections::BTreeSet, time::Duration};

use alerts::scope::Urls;
use dashboards::Dashboard;
use e2e::{
    LATER, Prometheus, Version, eventually, postgres,
    render::{self, Answer, Options},
    simulator::hv::Schema,
};
use profiles::hv_consultores;
use serde_json::Value;

const SCRAPE: Duration = Duration::from_secs(1);

/// What decides the windows of rates. What is read in the background moves in steps, which a window
/// of four seconds may miss.
const USUAL_SCRAPE: Duration = Duration::from_secs(15);

/// More series than this in one panel is a mistake: nobody can distinguish them.
const MOST_SERIES: usize = 100;

/// Panels that stay empty before PostgreSQL 16, which has no `pg_stat_io`.
const BEFORE_16: &[&str] = &["Who reads", "Blocks pushed out"];

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

#[tokio::test]
async fn every_query_about_queues_gives_data() {
    let stack = queue::Stack::start(Schema::Full).await;
    all_give_data(&stack.prometheus, alerts::queue::COMPONENT, &[]).await;
}

#[tokio::test]
async fn every_query_about_connections_gives_data() {
    let stack = pool::Stack::start().await;
    all_give_data(&stack.prometheus, alerts::pool::COMPONENT, &[]).await;
}

#[tokio::test]
async fn every_query_about_caches_gives_data() {
    for version in postgres::versions() {
        let stack = cache::Stack::start(version).await;
        let dark = if version < Version::new(16) { BEFORE_16 } else { &[] };
        all_give_data(&stack.prometheus, alerts::cache::COMPONENT, dark).await;
    }
}

/// Every dashboard of one exporter, and of all exporters, shows data, save for the `dark` panels. The
/// servers are HV's; other systems' dashboards ask the same of theirs.
async fn all_give_data(prometheus: &Prometheus, exporter: &str, dark: &[&str]) {
    let mut dashboards = dashboards::all();
    dashboards.retain(|it| it.scope.exporter.is_none_or(|its| its == exporter));
    let (tried, same): (Vec<_>, Vec<_>) = dashboards.into_iter().partition(|it| {
        let profile = it.scope.profile;
        profile.is_generic() || profile.slug == hv_consultores::PROFILE.slug
    });
    assert!(tried.len() >= 4);
    for dashboard in &tried {
        let there = |title: &&str| dashboard.panels().any(|it| it.title() == *title);
        let dark = dark.iter().copied().filter(there).collect();
        shows_all_but(prometheus, dashboard, &dark).await;
    }
    let known: BTreeSet<String> = tried.iter().flat_map(questions).collect();
    for dashboard in &same {
        let more: Vec<_> = questions(dashboard).filter(|it| !known.contains(it)).collect();
        assert_eq!(more, Vec::<String>::new(), "{} asks more than was tried", dashboard.slug());
    }
}

/// What a dashboard asks of its own system, as if that were HV; of all exporters that a system has,
/// not which.
fn questions(dashboard: &Dashboard) -> impl Iterator<Item = String> + use<> {
    let json: Value =
        serde_json::from_str(&dashboard.to_json(&Urls::default())).expect("a dashboard is JSON");
    let panels = json["panels"].as_array().cloned().unwrap_or_default();
    let targets = panels
        .into_iter()
        .flat_map(|it| it["targets"].as_array().cloned().unwrap_or_default().into_iter());
    let system = dashboard.scope.profile.slug;
    let own = move |it: Value| {
        let text = it["expr"].as_str().expect("a target has an expression").to_owned();
        let (before, after) = text.split_once("component=").unwrap_or((&text, ""));
        let after = after.splitn(3, '"').nth(2).unwrap_or_default();
        // Lines are broken where the system's name makes them too long.
        let text: String = format!("{before}{after}").split_whitespace().collect();
        text.replace(system, hv_consultores::PROFILE.slug)
    };
    targets.map(own)
}

#[tokio::test]
async fn without_times_the_other_panels_give_data() {
    let stack = queue::Stack::start(Schema::Plain).await;
    let dashboards = dashboards::all();
    let hv = dashboards.iter().find(|it| it.slug() == "hv-consultores-queue");
    let hv = hv.expect("HV has a dashboard of its queue");
    shows_all_but(&stack.prometheus, hv, &WITHOUT_TIMES.iter().copied().collect()).await;
}

/// Waits until each query has data, save those of the `dark` panels; these must have none.
async fn shows_all_but(prometheus: &Prometheus, dashboard: &Dashboard, dark: &BTreeSet<&str>) {
    let prometheus = render::prometheus::Prometheus::new(&prometheus.url());
    let options = Options {
        range: Some(Duration::from_mins(3)),
        scrape_interval: USUAL_SCRAPE,
        ..Options::default()
    };
    let json = dashboard.to_json(&Urls::default());
    eventually(LATER, async || {
        let page = render::render(&json, &prometheus, &options).await;
        let page = page.map_err(|it| common::error_chain::ErrorChain(&it).to_string())?;
        let mut wrong = Vec::new();
        let mut lit = dark.clone();
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

/// The error of an answer, if it has one.
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
