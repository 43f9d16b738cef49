//! HV-Consultores: a web application that enqueues jobs, and a queue processor that runs them.

mod control;
mod work;

use std::{sync::Arc, time::Duration};

use control::{Control, State};
use tokio::{sync::watch, task::JoinSet};

use super::chance::Chance;
use crate::{Postgres, StackError, postgres::connect};

/// The name of its database.
pub const DATABASE: &str = "hv_consultores";

/// Which columns `queue_jobs` has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Schema {
    /// The columns that the operations manual names.
    #[default]
    Plain,
    /// `iniciado_en`, `completado_en` and `intentos` as well.
    Full,
}

/// A kind of job.
#[derive(Debug, Clone)]
pub struct Kind {
    /// The value of `tipo`.
    pub tipo: &'static str,
    /// How many the application enqueues in a second, on average.
    pub per_second: f64,
    /// How long one takes, on average.
    pub work: Duration,
    /// The share of attempts that fail.
    pub failures: f64,
}

/// How busy the system is.
#[derive(Debug, Clone)]
pub struct Load {
    /// Jobs that the processor works on at the same time.
    pub workers: usize,
    /// The kinds of jobs.
    pub kinds: Vec<Kind>,
    /// How often a job is tried before it fails for good.
    pub attempts: u32,
    /// The wait before the second attempt; it doubles with each further one.
    pub backoff: Duration,
    /// The seed of the random numbers.
    pub seed: u64,
}

/// About 60 jobs a minute where 100 are the capacity, as on a usual day.
impl Default for Load {
    fn default() -> Self {
        let kind = |tipo, per_second, millis| Kind {
            tipo,
            per_second,
            work: Duration::from_millis(millis),
            failures: 0.02,
        };
        Self {
            workers: 4,
            kinds: vec![
                kind("email", 0.45, 800),
                kind("slack", 0.2, 300),
                kind("webhook", 0.2, 500),
                kind("report", 0.03, 4_000),
                kind("automation", 0.1, 1_000),
            ],
            attempts: 3,
            backoff: Duration::from_secs(2),
            seed: 1,
        }
    }
}

/// The running system; it stops when it is dropped, with jobs left as they are.
#[derive(Debug)]
pub struct Simulator {
    url: String,
    schema: Schema,
    control: watch::Sender<State>,
    tasks: JoinSet<()>,
}

/// Creates the database and its tables, without anything running on them.
pub async fn create(server: &Postgres, schema: Schema) -> Result<(), StackError> {
    server.create_database(DATABASE).await?;
    server.execute(DATABASE, include_str!("hv/schema.sql")).await?;
    if schema == Schema::Full {
        server.execute(DATABASE, include_str!("hv/full.sql")).await?;
    }
    Ok(())
}

/// Fills `queue_jobs` with jobs that finished over the past `days`.
pub async fn fill(server: &Postgres, rows: u64, days: u32) -> Result<(), StackError> {
    let client = server.connect(DATABASE).await?;
    let columns = "select count(*) from information_schema.columns
                   where table_name = 'queue_jobs' and column_name = 'completado_en'";
    let doing = || format!("filling queue_jobs with {rows} jobs");
    let full: i64 = client.query_one(columns, &[]).await.map_err(StackError::sql(doing()))?.get(0);
    let (names, values) = match full {
        0 => ("", ""),
        _ => (", iniciado_en, completado_en, intentos", ", at + '1s', at + '2s', 1"),
    };
    let sql = format!(
        "insert into queue_jobs (tipo, estado, creado_en, proxima_tentativa, error{names})
         select (array['email', 'slack', 'webhook', 'report', 'automation'])[1 + n % 5],
             case when n % 200 = 0 then 'failed' else 'completed' end,
             at, at, case when n % 200 = 0 then '502 Bad Gateway' end{values}
         from generate_series(1, {rows}) n,
             lateral (select now() - n * interval '{days} days' / {rows} - interval '1 minute' as at) t;
         analyze queue_jobs"
    );
    client.batch_execute(&sql).await.map_err(StackError::sql(doing()))
}

impl Simulator {
    /// Creates the database and starts the system on it.
    pub async fn start(server: &Postgres, schema: Schema, load: Load) -> Result<Self, StackError> {
        create(server, schema).await?;
        Ok(Self::run(server.url(DATABASE), schema, load))
    }

    /// Starts the system on an existing database, also through a pooler or as another role.
    pub fn run(url: String, schema: Schema, load: Load) -> Self {
        let (control, state) = watch::channel(State::default());
        let chance = Arc::new(Chance::new(load.seed));
        let mut tasks = JoinSet::new();
        for kind in &load.kinds {
            let control = Control::new(&url, &state, &chance);
            tasks.spawn(work::application(control, kind.clone()));
        }
        tasks.spawn(work::scheduler(Control::new(&url, &state, &chance)));
        tasks.spawn(work::batches(Control::new(&url, &state, &chance)));
        let load = Arc::new(load);
        let attempts = Arc::default();
        for _ in 0..load.workers {
            let control = Control::new(&url, &state, &chance);
            tasks.spawn(work::worker(control, schema, Arc::clone(&load), Arc::clone(&attempts)));
        }
        Self { url, schema, control, tasks }
    }

    /// Makes the workers finish their jobs and take no more; the application continues.
    pub fn stall(&self) {
        self.control.send_modify(|state| state.stalled = true);
    }

    /// Makes stalled workers take jobs again.
    pub fn resume(&self) {
        self.control.send_modify(|state| state.stalled = false);
    }

    /// Enqueues a number of jobs of a kind at once.
    pub async fn burst(&self, tipo: &str, jobs: u32) -> Result<(), StackError> {
        let sql = "insert into queue_jobs (tipo) select $1 from generate_series(1, $2::bigint)";
        let doing = || format!("enqueuing {jobs} {tipo} jobs");
        let client = connect(&self.url).await?;
        let done = client.execute(sql, &[&tipo, &i64::from(jobs)]).await;
        done.map(drop).map_err(StackError::sql(doing()))
    }

    /// Leaves jobs of a kind in `processing` for a while already, as a crashed worker does.
    pub async fn strand(&self, tipo: &str, jobs: u32, since: Duration) -> Result<(), StackError> {
        let client = connect(&self.url).await?;
        let doing = || format!("stranding {jobs} {tipo} jobs");
        let (column, value) = match self.schema {
            Schema::Plain => ("", ""),
            Schema::Full => (", iniciado_en", ", at"),
        };
        let sql = format!(
            "insert into queue_jobs (tipo, estado, creado_en, proxima_tentativa{column})
             select $1, 'processing', at, at{value}
             from generate_series(1, $2::bigint), (select now() - $3 * interval '1s' as at) t"
        );
        let since = since.as_secs_f64();
        let done = client.execute(&sql, &[&tipo, &i64::from(jobs), &since]).await;
        done.map(drop).map_err(StackError::sql(doing()))
    }

    /// From now on this share of a kind's attempts fail, from 0 to 1.
    pub fn set_failure_share(&self, tipo: &'static str, share: f64) {
        self.control.send_modify(|state| {
            state.failures.insert(tipo, share);
        });
    }

    /// Multiplies the duration of jobs from now on; 1 is usual.
    pub fn slow_down(&self, times: f64) {
        self.control.send_modify(|state| state.slowness = times);
    }

    /// Multiplies the rate of new jobs from now on; 1 is usual, 0 is none.
    pub fn set_demand(&self, times: f64) {
        self.control.send_modify(|state| state.demand = times);
    }

    /// Stops the application, waits for the workers to finish their jobs, and closes the
    /// connections.
    pub async fn stop(mut self) {
        self.control.send_modify(|state| state.stopped = true);
        while self.tasks.join_next().await.is_some() {}
    }
}
