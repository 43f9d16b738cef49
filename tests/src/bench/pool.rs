//! `pool-usage` beside `postgres_exporter` and the exporter of PgBouncer, and with many targets.

mod pooler;
mod targets;

use std::{path::Path, time::Duration};

use tokio_postgres::Client;

use super::{
    Contender, Report, Row,
    database::{connections, run_sql, statement_time, with_tables},
    peers,
    text::{mib, millis},
};
use crate::{Postgres, StackError, postgres::connect};

/// The size of the benchmark.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Backends beside the exporters' own.
    pub backends: usize,
    /// Tables in the database.
    pub tables: u32,
    /// Statements that `pg_stat_statements` tracks.
    pub statements: u32,
    /// Scrapes for one of our values.
    pub scrapes: usize,
    /// Scrapes for one of the peer's, which take longer.
    pub peer_scrapes: usize,
    /// Targets behind one process.
    pub targets: usize,
    /// How long they are probed, each every 15 seconds.
    pub probed: Duration,
}

impl Size {
    /// The size that the goals are for.
    pub const FULL: Self = Self {
        backends: 100,
        tables: 5_000,
        statements: 500,
        scrapes: 1000,
        peer_scrapes: 50,
        targets: 200,
        probed: Duration::from_mins(1),
    };
    /// Enough to see that the benchmark works.
    pub const QUICK: Self = Self {
        backends: 20,
        tables: 200,
        statements: 50,
        scrapes: 100,
        peer_scrapes: 10,
        targets: 20,
        probed: Duration::from_secs(5),
    };
}

const NAME: &str = "pool-usage";

/// Measures everything in one run. `binary` is a release build of `pool-usage`.
pub async fn run(binary: &Path, size: Size) -> Result<Vec<Report>, StackError> {
    Ok(vec![
        database(binary, size).await?,
        pooler::report(binary, size).await?,
        targets::report(binary, size).await?,
    ])
}

/// One database with many backends and tables.
async fn database(binary: &Path, size: Size) -> Result<Report, StackError> {
    let server = Postgres::builder()
        .setting("max_connections = 300")
        .setting("pg_stat_statements.track_utility = off");
    let (postgres, db) = with_tables(server, size.tables).await?;
    run_sql(&db, "vacuum analyze").await?;
    let _backends = backends(&postgres, size.backends).await?;

    let url = postgres.url("app");
    let ours = peers::ours(NAME, binary, "", Some(&url)).await?;
    let theirs = peers::postgres_exporter(&url).await?;
    theirs.scrape("/metrics", size.peer_scrapes / 5).await?;
    run_sql(&db, "select pg_stat_statements_reset()").await?;
    let scrapes = ours.scrape("/metrics", size.scrapes).await?;
    let in_database = statement_time(&db, size.scrapes + 11).await?;
    let peer = theirs.scrape("/metrics", size.peer_scrapes).await?;

    run_sql(&db, "select pg_stat_statements_reset()").await?;
    // Each table makes a separate statement.
    let sql = "do $$ begin for i in 1..%s loop execute format('select count(*) from t%s', i); \
               end loop; end $$";
    run_sql(&db, &sql.replacen("%s", &size.statements.to_string(), 1)).await?;
    let tracked = tracked(&db).await?;
    let with_statements = ours.scrape("/metrics", size.scrapes).await?;

    let mut rows = scrapes.beside(&peer, Duration::from_millis(3), "< 3 ms");
    rows.extend([
        Row::shown("statements, database time of a scrape", millis(in_database), None),
        Row::judged(
            &format!("scrape, median, {tracked} statements tracked"),
            millis(with_statements.median),
            None,
            "< 5 ms",
            with_statements.median < Duration::from_millis(5),
        ),
        one_connection(connections(&db).await?),
        Row::shown("resident", mib(ours.resident()?), Some(mib(theirs.resident()?))),
    ]);
    Ok(Report {
        title: format!(
            "{NAME} beside {}, PostgreSQL 15, {} backends, {} tables",
            theirs.name, size.backends, size.tables
        ),
        rows,
    })
}

fn one_connection(connections: i64) -> Row {
    Row::judged("connections", connections.to_string(), None, "1", connections == 1)
}

/// Backends as a busy application has them: most idle, some in a transaction, some at work.
async fn backends(postgres: &Postgres, count: usize) -> Result<Vec<Client>, StackError> {
    let mut held = Vec::new();
    for number in 0..count {
        let application = number % 10;
        let url = format!("{}?application_name=web-{application}", postgres.url("app"));
        let client = connect(&url).await?;
        match number % 20 {
            0 => {
                let query = client.batch_execute("select pg_sleep(3600)");
                // Sent without waiting for the answer.
                let _ = tokio::time::timeout(Duration::from_millis(20), query).await;
            }
            1..4 => run_sql(&client, "begin; select 1").await?,
            _ => run_sql(&client, "select 1").await?,
        }
        held.push(client);
    }
    Ok(held)
}

async fn tracked(db: &Client) -> Result<i64, StackError> {
    let sql = "select count(*) from pg_stat_statements";
    let row = db.query_one(sql, &[]).await.map_err(StackError::sql("counting statements"))?;
    Ok(row.get(0))
}

/// Whether a scrape shows its target as up.
async fn is_up(contender: &Contender, path: &str, up: &str) -> Result<bool, StackError> {
    let text = crate::http::get(&format!("http://{}{path}", contender.address)).await?.text();
    Ok(text.lines().any(|it| it == up))
}
