//! The kept connection to PostgreSQL against real servers: what protects the server is in force,
//! and whatever happens to the server the exporter recovers and leaves nothing behind.

#![allow(clippy::unwrap_used, reason = "helpers of tests, outside the functions that are tests")]

mod guards;
mod limits;
mod pooler;
mod recovery;
mod slots;
mod tls;

use std::time::Duration;

use common::{
    scrape::{CollectError, Reason},
    settings::{HumanDuration, Secret},
    source::postgres::{Postgres, PostgresSettings, Session, column},
};
use e2e::{SOON, Stopwatch, postgres::SUPERUSER};
use tokio::time::Instant;
use tokio_postgres::types::FromSql;

/// Settings with much patience, for the machine may be busy with other tests.
fn settings(url: &str) -> PostgresSettings {
    PostgresSettings {
        url: Some(Secret::new(url)),
        connect_timeout: Some(HumanDuration::seconds(10)),
        ..PostgresSettings::default()
    }
    .for_exporter("test")
}

fn postgres(url: &str) -> Postgres {
    Postgres::new(&settings(url)).unwrap()
}

/// Without a statement timeout that could end a statement before the test does.
fn patient(server: &e2e::Postgres) -> Postgres {
    let settings = PostgresSettings {
        statement_timeout: HumanDuration::seconds(600),
        ..settings(&url(server))
    };
    Postgres::new(&settings).unwrap()
}

fn within(seconds: u64) -> Instant {
    Instant::now() + Duration::from_secs(seconds)
}

/// The first column, `it`, of the only row.
async fn scalar<T: for<'r> FromSql<'r>>(session: &Session, sql: &str) -> Result<T, CollectError> {
    let rows = session.query("testing", sql, &[]).await?;
    assert_eq!(rows.len(), 1, "{sql}");
    column(&rows[0], "it")
}

/// Asks the database a question over the kept connection.
async fn ask<T: for<'r> FromSql<'r>>(postgres: &Postgres, sql: &str) -> Result<T, CollectError> {
    scalar(&postgres.session(within(20)).await?, sql).await
}

async fn backend(postgres: &Postgres) -> Result<i32, CollectError> {
    ask(postgres, "SELECT pg_backend_pid() AS it").await
}

/// The exporter's backends in `pg_stat_activity`: process and state.
async fn backends(onlooker: &tokio_postgres::Client) -> Vec<(i32, String)> {
    let sql = "SELECT pid, coalesce(state, '') FROM pg_stat_activity \
        WHERE application_name = 'pulso-test' ORDER BY pid";
    onlooker.query(sql, &[]).await.unwrap().iter().map(|it| (it.get(0), it.get(1))).collect()
}

fn reason<T>(outcome: Result<T, CollectError>) -> Reason {
    outcome.err().expect("it was to fail").reason
}

/// The whole error with its hint, for assertions.
fn text(error: &CollectError) -> String {
    format!(
        "{} / {}",
        common::error_chain::ErrorChain(error),
        error.hint.as_deref().unwrap_or_default()
    )
}

async fn start() -> e2e::Postgres {
    e2e::Postgres::start().await.unwrap()
}

/// The superuser's first database.
fn url(server: &e2e::Postgres) -> String {
    server.url(SUPERUSER)
}
