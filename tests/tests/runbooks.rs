//! Runs the commands in the runbooks of connections and caches on real servers.

#![allow(clippy::unwrap_used, reason = "without its servers the test has failed")]

use std::{collections::BTreeSet, process::Command};

use alerts::{cache, pool, runbook::Step};
use e2e::{Postgres, Redis, postgres};

/// The steps of every alert on PostgreSQL's connections and on caches, each once.
fn steps() -> Vec<(String, Step)> {
    let mut seen = BTreeSet::new();
    let groups = profiles::ALL.iter().flat_map(|it| alerts::rules(it).groups);
    let ours = groups.filter(|it| {
        let jobs = it.component.jobs();
        jobs.contains(&pool::COMPONENT) || jobs.contains(&cache::COMPONENT)
    });
    let steps = ours.flat_map(|it| it.alerts).flat_map(|alert| {
        alert.runbook.diagnosis.into_iter().map(move |step| (alert.name.clone(), step))
    });
    steps.filter(|(_, step)| seen.insert(format!("{step:?}"))).collect()
}

#[tokio::test]
async fn sql_runs_on_every_version() {
    let steps = steps();
    for version in postgres::versions() {
        let server = Postgres::builder().version(version).start().await.unwrap();
        let client = server.connect("postgres").await.unwrap();
        let mut tried = 0;
        for (alert, step) in &steps {
            let Step::Sql { title, sql } = step else { continue };
            let ran = client.simple_query(sql).await;
            assert!(ran.is_ok(), "{version}, {alert}, {title}: {ran:?}");
            tried += 1;
        }
        assert!(tried > 20, "only {tried} statements");
    }
}

#[tokio::test]
async fn redis_commands_run() {
    let server = Redis::start().await.unwrap();
    let mut tried = 0;
    for (alert, step) in steps() {
        let Step::Shell { title, command } = step else { continue };
        if !command.starts_with("redis-cli") {
            continue;
        }
        let mut shell = Command::new("sh");
        let output = shell.args(["-c", &command]).env("REDIS_URL", server.url()).output().unwrap();
        let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        let ok = output.status.success() && !text.contains("ERR") && !text.contains("rror:");
        assert!(ok, "{alert}, {title}: {command}\n{text}");
        tried += 1;
    }
    assert!(tried > 10, "only {tried} commands");
}
