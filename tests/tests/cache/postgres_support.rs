//! Helpers of the tests of PostgreSQL.

use std::{
    collections::BTreeMap,
    time::{SystemTime, UNIX_EPOCH},
};

use e2e::{Exporter, LATER, Postgres, Samples, eventually};
use tokio_postgres::Client;

use crate::{NAME, SOON, scrape};

/// A role as `check --grants` makes it.
pub(crate) async fn monitor(server: &Postgres) {
    server.create_role("pulso", "secret").await.expect("the stack runs");
    server.execute("postgres", "grant pg_monitor to pulso").await.expect("the stack runs");
}

/// The exporter of one database, as the role that [`monitor`] makes, with further settings.
pub(crate) async fn exporter(server: &Postgres, database: &str, more: &str) -> Exporter {
    let url = server.url_as("pulso", "secret", database);
    let settings = format!("[cache-hit.postgres]\nurl = \"{url}\"\n{more}");
    Exporter::start(NAME, &settings).await.expect("the stack runs")
}

/// A scrape with both background readings in it.
pub(crate) async fn whole(exporter: &Exporter) -> Samples {
    eventually(SOON, || async {
        let samples = scrape(exporter).await;
        let readings = samples.values_of("cache_reading_timestamp_seconds", "reading").len();
        if readings == 2 { Ok(samples) } else { Err(format!("{readings} readings")) }
    })
    .await
}

/// A scrape with a reading of tables and indexes that began after this was called. A reading rests
/// many times as long as it takes, and takes long on a busy machine.
pub(crate) async fn fresh(exporter: &Exporter) -> Samples {
    let called = SystemTime::now().duration_since(UNIX_EPOCH).expect("it is later").as_secs_f64();
    eventually(LATER, || async {
        let samples = scrape(exporter).await;
        let of = |name| samples.sum(name, &[("reading", "relations")]);
        let (ended, took) =
            (of("cache_reading_timestamp_seconds"), of("cache_reading_duration_seconds"));
        let began = ended.zip(took).map(|(ended, took)| ended - took);
        if began > Some(called) { Ok(samples) } else { Err(format!("{ended:?}, {took:?}")) }
    })
    .await
}

/// The single row of a query, all of whose columns are `float8`, by their names; NULL is left out.
async fn by_hand(ask: &Client, sql: &str) -> BTreeMap<String, f64> {
    let row = ask.query_one(sql, &[]).await.expect("the query is valid");
    let value = |(index, column): (usize, &tokio_postgres::Column)| {
        let value: Option<f64> = row.get(index);
        value.map(|value| (column.name().to_owned(), value))
    };
    row.columns().iter().enumerate().filter_map(value).collect()
}

/// Waits until a scrape says what the server says: each column of `sql` is called like the metric
/// that it is compared with. NULL means that the metric is absent.
pub(crate) async fn agree(
    exporter: &Exporter,
    ask: &Client,
    sql: &str,
    labels: &[(&str, &str)],
    what: &str,
) {
    let columns = ask.prepare(sql).await.expect("the query is valid");
    let names: Vec<_> = columns.columns().iter().map(|it| it.name().to_owned()).collect();
    eventually(LATER, || async {
        let expected = by_hand(ask, sql).await;
        let samples = scrape(exporter).await;
        for name in &names {
            let (seen, expected) = (samples.sum(name, labels), expected.get(name).copied());
            let same = match (seen, expected) {
                (Some(seen), Some(expected)) => {
                    (seen - expected).abs() <= expected.abs() * 1e-9 + 1e-6
                }
                (seen, expected) => seen == expected,
            };
            if !same {
                return Err(format!("{what}: {name} is {seen:?}, by hand {expected:?}"));
            }
        }
        Ok(())
    })
    .await;
}

/// Asserts that each collector succeeded.
pub(crate) fn all_ok(samples: &Samples, what: &str) {
    let collectors = samples.values_of("pulso_collector_success", "collector");
    assert!(collectors.len() >= 7, "{what}: {collectors:?}");
    for collector in collectors {
        let success = samples.sum("pulso_collector_success", &[("collector", collector)]);
        assert_eq!(success, Some(1.0), "{what}: {collector}");
    }
}
