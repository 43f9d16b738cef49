//! Every metric that is defined, in a scrape of real servers, against the same figure by hand: SQL on
//! the database, `SHOW` on the pooler's console. A definition that nothing here compares fails.

mod console;
mod database;
mod stack;

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Instant,
};

use common::{metric::Kind, process::Exporter as _};
use e2e::Samples;
use pool_usage::PoolUsage;

use crate::SOON;
use stack::Stack;

/// Metrics that some of the tested versions lack; compared where they exist.
const BY_VERSION: &[&str] = &[
    // PostgreSQL 16.
    "pg_settings_reserved_connections",
    // PgBouncer 1.23 and later.
    "pgbouncer_stats_totals_server_assignments_total",
    "pool_pgbouncer_active",
    "pool_pgbouncer_paused",
    "pool_pgbouncer_suspended",
    "pool_pgbouncer_user_current_client_connections",
    "pool_pgbouncer_user_current_connections",
    "pool_pgbouncer_user_max_user_client_connections",
    "pool_pgbouncer_user_max_user_connections",
    "pool_pgbouncer_user_pool_size",
    "pgbouncer_databases_current_client_connections",
    "pgbouncer_databases_max_client_connections",
    "pgbouncer_stats_totals_binds_total",
    "pgbouncer_stats_totals_client_logins_total",
    "pgbouncer_stats_totals_client_parses_total",
    "pgbouncer_stats_totals_server_parses_total",
];

/// The labels and the expected value of a sample.
type Line = (BTreeMap<String, String>, f64);

/// Figures by the name of their series, and whether they are the standby's.
type ByHand = BTreeMap<(&'static str, bool), Vec<Line>>;

async fn by_hand(stack: &Stack) -> ByHand {
    let mut all = ByHand::new();
    for (series, sql) in database::PRIMARY {
        all.insert((*series, false), stack.ask(&stack.primary_client, sql).await);
    }
    for (series, sql) in database::STANDBY {
        all.insert((*series, true), stack.ask(&stack.standby_client, sql).await);
    }
    all.extend(console::figures(stack).await.into_iter().map(|(name, it)| ((name, false), it)));
    all
}

#[tokio::test]
async fn every_metric_matches_its_query() {
    let stack = Stack::start().await;
    let mut open: BTreeSet<_> = by_hand(&stack).await.into_keys().collect();
    assert_complete(&open);

    // What moves is between what it was before the scrape and what it was after; each figure has to
    // be so in one of the rounds, for others may have met in the middle of a change.
    let deadline = Instant::now() + SOON * 3;
    loop {
        let before = by_hand(&stack).await;
        let (primary, standby) = stack.scrape().await;
        let after = by_hand(&stack).await;
        let wrong = |series: &(&'static str, bool)| {
            let samples = if series.1 { &standby } else { &primary };
            compare(series.0, samples, &before[series], &after[series]).err()
        };
        let problems: Vec<_> = open.iter().filter_map(|it| Some((*it, wrong(it)?))).collect();
        if problems.is_empty() {
            return;
        }
        assert!(Instant::now() < deadline, "{problems:#?}");
        open = problems.into_iter().map(|(series, _)| series).collect();
    }
}

/// Each line by hand has a sample of its labels, between its two values.
fn compare(series: &str, samples: &Samples, before: &[Line], after: &[Line]) -> Result<(), String> {
    if before.is_empty() && BY_VERSION.contains(&series) {
        let there = samples.names().contains(&series);
        return if there { Err("the server has none".to_owned()) } else { Ok(()) };
    }
    let mut compared = 0;
    for (labels, value) in before {
        let Some((_, later)) = after.iter().find(|it| it.0 == *labels) else { continue };
        let wanted: Vec<_> = labels.iter().map(|(name, it)| (name.as_str(), it.as_str())).collect();
        let seen = samples.sum(series, &wanted);
        let (least, most) = (value.min(*later), value.max(*later));
        // Both sides print so many digits.
        let close = 1e-9 * most.abs();
        if !seen.is_some_and(|it| least - close <= it && it <= most + close) {
            return Err(format!("{labels:?}: {seen:?}, by hand {value} and {later}"));
        }
        compared += 1;
    }
    if compared > 0 { Ok(()) } else { Err("there is nothing to compare with".to_owned()) }
}

fn assert_complete(figures: &BTreeSet<(&'static str, bool)>) {
    let mut names = BTreeSet::new();
    for definition in PoolUsage::catalog() {
        let name = definition.name;
        let series = match definition.kind {
            Kind::Histogram => {
                ["_bucket", "_sum", "_count"].map(|it| format!("{name}{it}")).to_vec()
            }
            _ => vec![name.to_owned()],
        };
        names.extend(series);
    }
    let compared: BTreeSet<_> = figures.iter().map(|(series, _)| (*series).to_owned()).collect();
    let missing: Vec<_> = names.difference(&compared).collect();
    assert!(missing.is_empty(), "nothing compares {missing:?}: add it to `database` or `console`");
    let unknown: Vec<_> = compared.difference(&names).collect();
    assert!(unknown.is_empty(), "no definition has {unknown:?}");
    for name in BY_VERSION {
        assert!(names.contains(*name), "no definition has {name}");
    }
}
