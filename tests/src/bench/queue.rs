//! `postgres-queue` beside `postgres_exporter`: a table of millions of finished jobs, few that wait.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use tokio_postgres::Client;

use super::{Contender, Report, Row, Scrapes};
use crate::{Postgres, StackError};

/// How much is measured.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Finished jobs in the table, ascending; the middle one is compared with the peer.
    pub history: [u64; 3],
    /// Scrapes for one figure.
    pub scrapes: usize,
    /// Scrapes before memory is read.
    pub memory_after: usize,
}

impl Size {
    /// What the figures in the README are measured with.
    pub const FULL: Self =
        Self { history: [10_000, 5_000_000, 10_000_000], scrapes: 1000, memory_after: 10_000 };
    /// Enough to see that the benchmark works.
    pub const QUICK: Self =
        Self { history: [1_000, 10_000, 20_000], scrapes: 100, memory_after: 300 };
}

const WAITING: u64 = 200;
/// How often the databases of each size are scraped in turn.
const ROUNDS: usize = 20;
const MIB: f64 = 1024.0 * 1024.0;

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
    let settings = std::env::temp_dir().join(format!("pulso-bench-{}.toml", std::process::id()));
    write(&settings, profile_settings())?;

    // A database and a process for each size, so that they can be scraped in turn: what the machine
    // does meanwhile hits all of them.
    let mut sites = Vec::new();
    for (number, history) in size.history.into_iter().enumerate() {
        let name = format!("hv{number}");
        postgres.create_database(&name).await?;
        let db = postgres.connect(&name).await?;
        run_sql(&db, "create extension pg_stat_statements").await?;
        run_sql(&db, SCHEMA).await?;
        fill(&db, history).await?;
        let exporter = start_ours(binary, &postgres, &name, &settings).await?;
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
    let theirs = start_peer(&postgres, "hv1").await?;
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
    let _ = fs::remove_file(&settings);
    Ok(report(binary, size, &by_history, &ours, &peer))
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
    let row = |figure: &str, ours: String, peer: Option<String>, goal: &str, met: bool| Row {
        figure: figure.to_owned(),
        ours,
        peer,
        goal: goal.to_owned(),
        verdict: met.into(),
    };
    let share = ours.scrapes.cpu.as_secs_f64() / peer.cpu.as_secs_f64().max(1e-9);
    let medians: Vec<f64> = by_history.iter().map(|(_, it)| it.as_secs_f64()).collect();
    let middle = medians[1];
    let spread = medians.iter().map(|it| (it / middle - 1.0).abs()).fold(0.0, f64::max);
    let binary_size = fs::metadata(binary).map(|it| it.len()).unwrap_or_default();
    let mut rows = vec![
        row(
            "scrape, median",
            millis(ours.scrapes.median),
            Some(millis(peer.median)),
            "< 2 ms",
            ours.scrapes.median < Duration::from_millis(2),
        ),
        Row {
            verdict: super::Verdict::Shown,
            ..row("scrape, p99", millis(ours.scrapes.p99), Some(millis(peer.p99)), "", true)
        },
        row(
            "processor time of a scrape",
            millis(ours.scrapes.cpu),
            Some(millis(peer.cpu)),
            &format!("≤ 1/10 (is 1/{:.0})", 1.0 / share),
            share <= 0.1,
        ),
        row(
            "statements, database time of a scrape",
            millis(ours.statements),
            None,
            "< 1 ms",
            ours.statements < Duration::from_millis(1),
        ),
        row("connections", ours.connections.to_string(), None, "1", ours.connections == 1),
        row(
            &format!("resident after {} scrapes", size.memory_after),
            mib(ours.late),
            Some(mib(*peer_memory)),
            "< 10 MiB",
            (ours.late as f64) < 10.0 * MIB,
        ),
        row(
            "resident, growth since the first thousand",
            format!("{:.2} MiB", (ours.late as f64 - ours.early as f64) / MIB),
            None,
            "< 0.5 MiB",
            (ours.late as f64 - ours.early as f64) < 0.5 * MIB,
        ),
        row("binary", mib(binary_size), None, "< 8 MiB", (binary_size as f64) < 8.0 * MIB),
        row(
            "from start to ready",
            millis(ours.ready),
            None,
            "< 50 ms",
            ours.ready < Duration::from_millis(50),
        ),
        Row {
            verdict: super::Verdict::Shown,
            ..row(
                "series",
                ours.scrapes.series.to_string(),
                Some(peer.series.to_string()),
                "",
                true,
            )
        },
    ];
    rows.extend(by_history.iter().map(|(history, median)| Row {
        figure: format!("scrape, median, {history} rows of history"),
        ours: millis(*median),
        peer: None,
        goal: String::new(),
        verdict: super::Verdict::Shown,
    }));
    rows.push(row(
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

async fn start_ours(
    binary: &Path,
    postgres: &Postgres,
    database: &str,
    settings: &Path,
) -> Result<Contender, StackError> {
    let address = free_address()?;
    let args = [
        "--config.file".to_owned(),
        settings.display().to_string(),
        "--web.listen-address".to_owned(),
        address.clone(),
    ];
    let env = [("DATABASE_URL", postgres.url(database))];
    Contender::start("postgres-queue", binary, &args, &env, address, "/-/ready").await
}

async fn start_peer(postgres: &Postgres, database: &str) -> Result<Contender, StackError> {
    let program = PathBuf::from("/usr/bin/prometheus-postgres-exporter");
    let version = crate::bench::version(&program)?;
    let address = free_address()?;
    let args = [format!("--web.listen-address={address}")];
    let env = [("DATA_SOURCE_NAME", format!("{}?sslmode=disable", postgres.url(database)))];
    let name = format!("postgres_exporter {version}");
    Contender::start(&name, &program, &args, &env, address, "/").await
}

fn free_address() -> Result<String, StackError> {
    let listener = std::net::TcpListener::bind("127.0.0.1:0")
        .map_err(StackError::io("looking for a free port"))?;
    let address = listener.local_addr().map_err(StackError::io("looking for a free port"))?;
    Ok(address.to_string())
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

/// Mean time that the exporter's statements took of the database in one scrape.
async fn statement_time(db: &Client, scrapes: usize) -> Result<Duration, StackError> {
    let sql =
        "select coalesce(sum(total_exec_time + total_plan_time), 0)::float8 from pg_stat_statements
               where query not like '%pg_stat_statements%'";
    let row =
        db.query_one(sql, &[]).await.map_err(StackError::sql("reading pg_stat_statements"))?;
    Ok(Duration::from_secs_f64(row.get::<_, f64>(0) / 1e3 / scrapes as f64))
}

async fn connections(db: &Client) -> Result<i64, StackError> {
    let sql = "select count(*) from pg_stat_activity
               where application_name like 'pulso%' and datname = current_database()";
    let row = db.query_one(sql, &[]).await.map_err(StackError::sql("counting connections"))?;
    Ok(row.get(0))
}

async fn run_sql(db: &Client, sql: &str) -> Result<(), StackError> {
    db.batch_execute(sql).await.map_err(StackError::sql(format!("running {sql}")))
}

fn profile_settings() -> &'static str {
    let profile = &profiles::hv_consultores::PROFILE;
    profile.queues.as_ref().map_or("", |it| it.settings)
}

fn write(path: &Path, text: &str) -> Result<(), StackError> {
    fs::write(path, text).map_err(StackError::io(format!("writing {}", path.display())))
}

fn millis(duration: Duration) -> String {
    format!("{:.3} ms", duration.as_secs_f64() * 1e3)
}

fn mib(bytes: u64) -> String {
    format!("{:.1} MiB", bytes as f64 / MIB)
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
