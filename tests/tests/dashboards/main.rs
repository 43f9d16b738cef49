//! Truth: against the running system, every query of every panel gives data through a real
//! Prometheus.

mod pool;
mod queue;

use std::{collections::BTreeSet, time::Duration};

use alerts::rules::Options as Addresses;
use dashboards::Dashboard;
use e2e::{
    Prometheus, eventually,
    render::{self, Answer, Options},
};

/// Counters must have moved, `pg_cron` starts jobs at full minutes, and the machine may be busy.
const PATIENCE: Duration = Duration::from_mins(3);

const SCRAPE: Duration = Duration::from_secs(1);

/// More series than this in one panel is a mistake: nobody can tell them apart.
const MOST_SERIES: usize = 100;

/// Panels that stay empty here, each with its reason.
const EXCUSED: &[(&str, &str)] = &[];

#[tokio::test]
async fn every_query_about_queues_gives_data() {
    let stack = queue::Stack::start().await;
    assert_data(&stack.prometheus, alerts::queue::COMPONENT).await;
}

#[tokio::test]
async fn every_query_about_connections_gives_data() {
    let stack = pool::Stack::start().await;
    assert_data(&stack.prometheus, alerts::pool::COMPONENT).await;
}

/// Asks every query of the dashboards of one exporter.
async fn assert_data(prometheus: &Prometheus, exporter: &str) {
    let prometheus = render::prometheus::Prometheus::new(&prometheus.url());
    let options = Options {
        range: Some(Duration::from_mins(3)),
        scrape_interval: SCRAPE,
        ..Options::default()
    };
    let mut dashboards = dashboards::all();
    dashboards.retain(|it| it.scope.exporter == exporter);
    assert!(dashboards.len() >= 2);
    for dashboard in &dashboards {
        let json = dashboard.to_json(&Addresses::default());
        eventually(PATIENCE, async || {
            let page = render::render(&json, &prometheus, &options).await;
            let page = page.map_err(|it| common::chain::Chain(&it).to_string())?;
            let wrong: Vec<String> = page
                .panels
                .iter()
                .flat_map(|panel| panel.answers.iter().map(move |it| (&panel.title, it)))
                .filter(|(title, _)| EXCUSED.iter().all(|(excused, _)| excused != title))
                .filter_map(|(title, it)| Some(format!("{title}: {}", trouble(it)?)))
                .collect();
            if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) }
        })
        .await;
        assert_excuses_are_needed(dashboard);
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
