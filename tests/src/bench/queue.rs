//! `postgres-queue` beside `postgres_exporter`: a table of millions of finished jobs, few that wait.

use std::{fs, path::Path, time::Duration};

use tokio_postgres::Client;

use super::{
    Contender, Report, Row, Scrapes,
    database::{connections, run_sql, statement_time},
    peers,
    text::{MIB, mib, millis},
};
use crate::{Postgres, StackError};

/// The size of the benchmark.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Finished jobs in the table, ascending; the middle one is compared with the peer.
    pub history: [u64; 3],
    /// Scrapes for one value.
    pub scrapes: usize,
    /// Scrapes before memory is read.
    pub memory_after: usize,
}

impl Size {
    /// The size that the goals are for.
    pub const FULL: Self =
        Self { history: [10_000, 5_000_000, 10_000_000], scrapes: 1000, memory_after: 10_000 };
    /// Enough to see that the benchmark works.
    pub const QUICK: Self =
        Self { history: [1_000, 10_000, 20_000], scrapes: 100, memory_after: 300 };
}

const WAITING: u64 = 200;
/// How often the databases of each size are scraped in turn.
const ROUNDS: usize = 20;

/// Measures both sides in one run. `binary` is a release build of `postgres-queue`.
pub async fn run(binary: &Path, size: Size) -> Result<Report, StackError> {
    let postgres = Postgres::builder()
        .setting("shared_buffers = '1GB'")
        .setting("max_wal_size = '4GB'")
        .setting("autovacuum = off")
        .setting("pg_stat_statements.track_utility = off")
        .preload("pg_stat_statements")
        .start()
        .await?;
    // A database and a process for each size, so that they can be scraped in turn: other load on
    // the machine affects all of them.
    let mut sites = Vec::new();
    for (number, history) in size.history.into_iter().enumerate() {
        let name = format!("hv{number}");
        postgres.create_database(&name).await?;
        let db = postgres.connect(&name).await?;
        run_sql(&db, "create extension pg_stat_statements").await?;
        run_sql(&db, SCHEMA).await?;
        fill(&db, history).await?;
        let exporter = ours(binary, &postgres.url(&name)).await?;
        exporter.scrape("/metrics", 20).await?;
        sites.push((history, db, exporter));
    }
    let mut medians = [const { Vec::new() }; 3];
    for _ in 0..ROUNDS {
        for ((_, _, exporter), medians) in sites.iter().zip(&mut medians) {
            medians.push(exporter.scrape("/metrics", size.scrapes / ROUNDS).await?.median);
        }
    }
    let by_history: Vec<(u64, Duration)> = sites
        .iter()
        .zip(&mut medians)
        .map(|((history, _, _), medians)| {
            medians.sort();
            (*history, medians[ROUNDS / 2])
        })
        .collect();

    let (_, db, exporter) = &sites[1];
    let theirs = peers::postgres_exporter(&postgres.url("hv1")).await?;
    theirs.scrape("/metrics", 20).await?;
    run_sql(db, "select pg_stat_statements_reset()").await?;
    let calls = size.scrapes + 11;
    let scrapes = exporter.scrape("/metrics", size.scrapes).await?;
    let statements = statement_time(db, calls).await?;
    let peer_scrapes = theirs.scrape("/metrics", size.scrapes.min(300)).await?;
    let early = exporter.resident()?;
    exporter.scrape("/metrics", size.memory_after).await?;
    let ours = Ours {
        scrapes,
        statements,
        connections: connections(db).await?,
        early,
        late: exporter.resident()?,
        ready: exporter.ready_after,
    };
    let peer = (theirs.name.clone(), peer_scrapes, theirs.resident()?);
    Ok(report(binary, size, &by_history, &ours, &peer))
}

async fn ours(binary: &Path, url: &str) -> Result<Contender, StackError> {
    peers::ours("postgres-queue", binary, profile_settings(), Some(url)).await
}

struct Ours {
    scrapes: Scrapes,
    /// Database time of one scrape's statements.
    statements: Duration,
    connections: i64,
    early: u64,
    late: u64,
    ready: Duration,
}

fn report(
    binary: &Path,
    size: Size,
    by_history: &[(u64, Duration)],
    ours: &Ours,
    (peer_name, peer, peer_memory): &(String, Scrapes, u64),
) -> Report {
    let share = ours.scrapes.cpu.as_secs_f64() / peer.cpu.as_secs_f64().max(1e-9);
    let medians: Vec<f64> = by_history.iter().map(|(_, it)| it.as_secs_f64()).collect();
    let middle = medians[1];
    let spread = medians.iter().map(|it| (it / middle - 1.0).abs()).fold(0.0, f64::max);
    let binary_size = fs::metadata(binary).map(|it| it.len()).unwrap_or_default();
    let mut rows = vec![
        Row::judged(
            "scrape, median",
            millis(ours.scrapes.median),
            Some(millis(peer.median)),
            "< 2 ms",
            ours.scrapes.median < Duration::from_millis(2),
        ),
        Row::shown("scrape, p99", millis(ours.scrapes.p99), Some(millis(peer.p99))),
        Row::judged(
            "processor time of a scrape",
            millis(ours.scrapes.cpu),
            Some(millis(peer.cpu)),
            format!("≤ 1/10 (is 1/{:.0})", 1.0 / share),
            share <= 0.1,
        ),
        Row::judged(
            "statements, database time of a scrape",
            millis(ours.statements),
            None,
            "< 1 ms",
            ours.statements < Duration::from_millis(1),
        ),
        Row::judged("connections", ours.connections.to_string(), None, "1", ours.connections == 1),
        Row::judged(
            &format!("resident after {} scrapes", size.memory_after),
            mib(ours.late),
            Some(mib(*peer_memory)),
            "< 10 MiB",
            (ours.late as f64) < 10.0 * MIB,
        ),
        Row::judged(
            "resident, growth since the first thousand",
            format!("{:.2} MiB", (ours.late as f64 - ours.early as f64) / MIB),
            None,
            "< 0.5 MiB",
            (ours.late as f64 - ours.early as f64) < 0.5 * MIB,
        ),
        Row::judged("binary", mib(binary_size), None, "< 8 MiB", (binary_size as f64) < 8.0 * MIB),
        Row::judged(
            "from start to ready",
            millis(ours.ready),
            None,
            "< 50 ms",
            ours.ready < Duration::from_millis(50),
        ),
        Row::shown("series", ours.scrapes.series.to_string(), Some(peer.series.to_string())),
    ];
    rows.extend(by_history.iter().map(|(history, median)| {
        let figure = format!("scrape, median, {history} rows of history");
        Row::shown(&figure, millis(*median), None)
    }));
    rows.push(Row::judged(
        "scrape, median: greatest deviation over history",
        format!("{:.0} %", spread * 100.0),
        None,
        "≤ 20 %",
        spread <= 0.2,
    ));
    Report {
        title: format!(
            "postgres-queue beside {peer_name}, PostgreSQL 15, {} finished and {WAITING} waiting jobs",
            size.history[1]
        ),
        rows,
    }
}

/// Brings the history to `jobs` finished rows.
async fn fill(db: &Client, jobs: u64) -> Result<(), StackError> {
    let sql = format!(
        "insert into queue_jobs (tipo, estado, creado_en, proxima_tentativa, iniciado_en, completado_en, intentos, error)
         select (array['email','slack','webhook','report','automation'])[1 + i % 5],
                case when i % 50 = 0 then 'failed' else 'completed' end,
                now() - interval '30 days' * random() - interval '1 hour', now() - interval '30 days', now() - interval '30 days',
                now() - interval '1 hour' - interval '30 days' * random(), 1,
                case when i % 50 = 0 then 'ETIMEDOUT' end
         from generate_series((select count(*) from queue_jobs where estado in ('completed', 'failed')), {jobs} - 1) as i"
    );
    run_sql(db, &sql).await?;
    run_sql(db, "vacuum analyze queue_jobs").await?;
    run_sql(db, "checkpoint").await
}

fn profile_settings() -> &'static str {
    let profile = &profiles::hv_consultores::PROFILE;
    profile.queues.as_ref().map_or("", |it| it.settings)
}

/// HV's table with the columns of time, the index that its manual recommends, and those that
/// `check` recommends.
const SCHEMA: &str = "
create table queue_jobs (
    id bigint generated always as identity primary key,
    tipo text not null, estado text not null, creado_en timestamptz not null default now(),
    proxima_tentativa timestamptz, iniciado_en timestamptz, completado_en timestamptz,
    intentos int not null default 0, error text
);
create index on queue_jobs (estado, proxima_tentativa) where estado = 'pending';
create index on queue_jobs (tipo) where estado = 'processing';
create index on queue_jobs (completado_en);
create index on queue_jobs (creado_en);
insert into queue_jobs (tipo, estado, creado_en, proxima_tentativa)
select (array['email','slack','webhook','report','automation'])[1 + i % 5], 'pending',
       now() - interval '1 minute', now() - interval '1 minute'
from generate_series(1, 200) as i;
";
