//! `pool-usage` on real servers: each metric against a value from another source.

#![allow(clippy::float_cmp, reason = "counts are whole, and bounds are in the exposition")]

mod check;
mod connections;
mod every_metric;
mod locks;
mod pgbouncer;
mod public_rules;
mod replication;
mod robust;
mod statements;

use e2e::{Exporter, Postgres, SOON, Samples};

const NAME: &str = "pool-usage";

/// A role as `check --grants` makes it.
async fn monitor(server: &Postgres) {
    server.create_role("pulso", "secret").await.expect("the stack runs");
    server.execute("postgres", "grant pg_read_all_stats to pulso").await.expect("the stack runs");
}

/// The exporter of one database, as the role that [`monitor`] makes, with further settings.
async fn exporter(server: &Postgres, more: &str) -> Exporter {
    let url = server.url_as("pulso", "secret", "postgres");
    let settings = format!("[pool-usage.postgres]\nurl = \"{url}\"\n{more}");
    Exporter::start(NAME, &settings).await.expect("the stack runs")
}

async fn scrape(exporter: &Exporter) -> Samples {
    Samples::parse(&exporter.metrics().await.expect("the stack runs"))
}
