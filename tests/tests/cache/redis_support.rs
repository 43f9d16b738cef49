//! Expected values from `INFO` through `redis-cli`.

use std::collections::BTreeMap;

use e2e::{Exporter, Redis, Samples, Server, eventually};

use crate::{NAME, SOON, scrape};

/// The exporter of one server.
pub(crate) async fn exporter(server: &Redis, more: &str) -> Exporter {
    let settings = format!("[cache-hit.redis]\nurl = \"{}\"\n{more}", server.url());
    Exporter::start(NAME, &settings).await.expect("the stack runs")
}

/// All of `INFO`, by name.
pub(crate) fn info(server: &Redis) -> BTreeMap<String, String> {
    let text = server.cli(&["info", "all"]).expect("the stack runs");
    let fields = text.lines().filter_map(|it| it.trim_end().split_once(':'));
    fields.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// A part of a field such as `calls=3,usec=7`.
pub(crate) fn part(field: &str, name: &str) -> f64 {
    let mut parts = field.split(',').filter_map(|it| it.split_once('='));
    let (_, value) = parts.find(|(key, _)| *key == name).expect("the part is there");
    value.parse().expect("the part is a number")
}

/// Scrapes until `redis_up` is so.
pub(crate) async fn until_up_is(exporter: &Exporter, up: f64) -> Samples {
    eventually(SOON, || async {
        let samples = scrape(exporter).await;
        match samples.sum("redis_up", &[]) {
            Some(it) if it == up => Ok(samples),
            it => Err(format!("redis_up {it:?}, and the exporter says {}", exporter.log())),
        }
    })
    .await
}

/// How often the collector of `INFO` has failed so.
pub(crate) fn failures(samples: &Samples, reason: &str) -> f64 {
    let labels = [("collector", "redis"), ("reason", reason)];
    samples.sum("pulso_collector_failures_total", &labels).unwrap_or_default()
}
