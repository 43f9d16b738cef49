//! `cache-hit` beside `redis_exporter` and `postgres_exporter`.

use std::{path::Path, time::Duration};

use super::{
    Contender, Report, Row,
    database::{connections, each, run_sql, statement_time, with_tables},
    peers,
    text::{MIB, mib, millis},
};
use crate::{Postgres, Redis, StackError, eventually};

/// The size of the benchmark.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Databases of the Redis that hold keys.
    pub databases: u32,
    /// Statistics of commands that the Redis has at least.
    pub commands: usize,
    /// Tables in the PostgreSQL database.
    pub tables: u32,
    /// Scrapes for one of our values.
    pub scrapes: usize,
    /// Scrapes for one of the peer's, which take longer.
    pub peer_scrapes: usize,
    /// Scrapes before memory is read.
    pub long: usize,
}

impl Size {
    /// The size that the goals are for.
    pub const FULL: Self = Self {
        databases: 16,
        commands: 200,
        tables: 5_000,
        scrapes: 1000,
        peer_scrapes: 200,
        long: 10_000,
    };
    /// Enough to see that the benchmark works.
    pub const QUICK: Self =
        Self { databases: 4, commands: 50, tables: 200, scrapes: 100, peer_scrapes: 20, long: 200 };
}

const NAME: &str = "cache-hit";

/// Measures everything in one run. `binary` is a release build of `cache-hit`.
pub async fn run(binary: &Path, size: Size) -> Result<Vec<Report>, StackError> {
    Ok(vec![redis(binary, size).await?, database(binary, size).await?])
}

/// A Redis with many databases and many kinds of commands in its statistics.
async fn redis(binary: &Path, size: Size) -> Result<Report, StackError> {
    let redis = Redis::start().await?;
    let commands = used(&redis, size.commands)?;
    for database in 0..size.databases {
        redis.cli(&["-n", &database.to_string(), "SET", "key", "value", "EX", "3600"])?;
    }

    let settings = format!("[cache-hit.redis]\nurl = {:?}\n", redis.url());
    let ours = peers::ours(NAME, binary, &settings, None).await?;
    let theirs = peers::redis_exporter(&redis).await?;
    let scrapes = ours.scrape("/metrics", size.scrapes).await?;
    let peer = theirs.scrape("/metrics", size.peer_scrapes).await?;
    ours.scrape("/metrics", size.long).await?;
    let resident = ours.resident()?;
    let clients = redis.cli(&["CLIENT", "LIST"])?;
    let clients = clients.lines().filter(|it| it.contains("name=pulso")).count();

    let mut rows = scrapes.beside(&peer, Duration::from_millis(1), "< 1 ms");
    rows.extend([
        Row::judged("connections", clients.to_string(), None, "1", clients == 1),
        small(resident, theirs.resident()?),
    ]);
    let Size { databases, .. } = size;
    let title = format!(
        "{NAME} beside {}, Redis 7.0, {databases} databases, statistics of {commands} commands",
        theirs.name
    );
    Ok(Report { title, rows })
}

/// Prefixes of commands that are not called, because they block, close the connection, end the
/// server or reset statistics.
const LEFT_OUT: [&str; 26] = [
    "acl",
    "auth",
    "bl",
    "bz",
    "client|kill",
    "client|pause",
    "client|reply",
    "config|",
    "debug",
    "failover",
    "flush",
    "hello",
    "monitor",
    "multi",
    "psubscribe",
    "psync",
    "quit",
    "replicaof",
    "reset",
    "shutdown",
    "slaveof",
    "ssubscribe",
    "subscribe",
    "swapdb",
    "sync",
    "wait",
];

/// Calls each command that the server knows, until its statistics have this many.
fn used(redis: &Redis, wanted: usize) -> Result<usize, StackError> {
    let count = || -> Result<usize, StackError> {
        let text = redis.cli(&["INFO", "commandstats"])?;
        Ok(text.lines().filter(|it| it.starts_with("cmdstat_")).count())
    };
    let names = redis.cli(&["COMMAND", "LIST"])?;
    let called = |name: &&str| !LEFT_OUT.iter().any(|it| name.starts_with(it));
    let names: Vec<_> = names.lines().filter(called).collect();
    let mut found = 0;
    for some in names.chunks(5) {
        // An error is a call as well, so long as the number of arguments may be right.
        let forms = |name: &&str| {
            ["", " a", " a 1", " a 1 1"].map(|it| format!("{}{it}", name.replace('|', " ")))
        };
        redis.commands(&some.iter().flat_map(forms).collect::<Vec<_>>())?;
        found = count()?;
        if found >= wanted {
            return Ok(found);
        }
    }
    Err(StackError::Answer {
        doing: format!("calling {wanted} commands of Redis"),
        answer: format!("its statistics name {found}"),
    })
}

/// A database with many tables.
async fn database(binary: &Path, size: Size) -> Result<Report, StackError> {
    let (postgres, db) = with_tables(Postgres::builder(), size.tables).await?;
    let fill = "insert into t%1$s select i, i from generate_series(1, 1 + %1$s %% 7) i";
    run_sql(&db, &each(fill, size.tables)).await?;
    run_sql(&db, "vacuum analyze").await?;

    let url = postgres.url("app");
    let ours = peers::ours(NAME, binary, "", Some(&url)).await?;
    let theirs = peers::postgres_exporter(&url).await?;
    read_once(&ours).await;
    theirs.scrape("/metrics", size.peer_scrapes / 5).await?;
    run_sql(&db, "select pg_stat_statements_reset()").await?;
    let scrapes = ours.scrape("/metrics", size.scrapes).await?;
    let in_database = statement_time(&db, size.scrapes + 11).await?;
    let peer = theirs.scrape("/metrics", size.peer_scrapes).await?;
    ours.scrape("/metrics", size.long).await?;

    let mut rows = scrapes.beside(&peer, Duration::from_millis(10), "< 10 ms");
    let held = connections(&db).await?;
    rows.extend([
        Row::judged(
            "series, fewer than",
            scrapes.series.to_string(),
            None,
            "< 2000",
            scrapes.series < 2000,
        ),
        Row::shown("statements, database time of a scrape", millis(in_database), None),
        Row::judged("connections between readings", held.to_string(), None, "1", held == 1),
        small(ours.resident()?, theirs.resident()?),
    ]);
    let title = format!("{NAME} beside {}, PostgreSQL 15, {} tables", theirs.name, size.tables);
    Ok(Report { title, rows })
}

/// Waits for the background readings, so that their series are counted.
async fn read_once(ours: &Contender) {
    eventually(Duration::from_mins(1), || async {
        let url = format!("http://{}/metrics", ours.address);
        let text = crate::http::get(&url).await.map_err(|it| it.to_string())?.text();
        let read = text.contains("\ncache_dead_rows{");
        if read { Ok(()) } else { Err("tables have not been read".to_owned()) }
    })
    .await;
}

fn small(ours: u64, peer: u64) -> Row {
    let met = (ours as f64) < 10.0 * MIB;
    Row::judged("resident", mib(ours), Some(mib(peer)), "< 10 MiB", met)
}
