//! `cache-hit` on real servers: each metric against a value from another source.

#![allow(clippy::float_cmp, reason = "counts are whole, and bounds are in the exposition")]

mod postgres;
mod postgres_check;
mod postgres_many;
mod postgres_relations;
mod postgres_robust;
mod postgres_support;
mod public_rules;
mod redis;
mod redis_access;
mod redis_groups;
mod redis_peer;
mod redis_robust;
mod redis_support;

use e2e::{Exporter, SOON, Samples};

const NAME: &str = "cache-hit";

async fn scrape(exporter: &Exporter) -> Samples {
    Samples::parse(&exporter.metrics().await.expect("the stack runs"))
}
