//! Scheduled jobs of `pg_cron`.

mod expression;

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime},
};

use common::{
    metric::{Gauge, LabelText},
    scrape::{CollectError, Collector, Snapshot, schedule::Schedule},
    source::postgres::{Postgres, Session, column},
};
use tokio::time::Instant;
use tokio_postgres::Row;

use self::expression::CronExpression;
use crate::labels::{CronLabels, CronStatus, CronStatusLabels};

common::catalog! {
    /// Whether the pg_cron job is switched on (1) or off (0)
    pub static CRON_ACTIVE: Gauge<CronLabels> = "cron_job_active";
    /// When the pg_cron job last started
    pub static CRON_LAST_RUN: Gauge<CronLabels> = "cron_job_last_run_timestamp_seconds";
    /// When the last successful run of the pg_cron job ended
    pub static CRON_LAST_SUCCESS: Gauge<CronLabels> = "cron_job_last_success_timestamp_seconds";
    /// Whether the last run of the pg_cron job is in the state (1) or not (0)
    pub static CRON_LAST_STATUS: Gauge<CronStatusLabels> = "cron_job_last_status";
    /// How long the last run of the pg_cron job that ended took
    pub static CRON_LAST_DURATION: Gauge<CronLabels> = "cron_job_last_duration_seconds";
    /// When the pg_cron jobs were last read; a long history of runs makes that expensive, and then
    /// they are read less often
    pub static CRON_READING: Gauge = "cron_reading_timestamp_seconds";
    /// When the pg_cron job is due next by its schedule; absent when it is switched off or runs at
    /// an interval of seconds
    pub static CRON_NEXT_RUN: Gauge<CronLabels> = "cron_job_next_run_timestamp_seconds";
}

/// The collector's name.
pub(crate) const NAME: &str = "pg_cron";

/// The pause after a reading, in multiples of its run time: a long history of runs makes it
/// expensive, and it takes no more than 1 % of one connection's time.
const REST_FACTOR: u32 = 100;

/// How often to check whether the extension has been installed.
const RECHECK: Duration = Duration::from_mins(10);

/// Whether the extension is installed, and whether row-level security hides other roles' jobs.
pub(crate) const PRESENT: &str = "SELECT to_regclass('cron.job') IS NOT NULL \
     AND to_regclass('cron.job_run_details') IS NOT NULL AS present, \
     coalesce(row_security_active(to_regclass('cron.job')), false) AS hidden";

/// Each job with its last run, its last success and the duration of its last finished run. Two
/// users may have jobs of the same name; then `@` and the user's name follow it.
pub(crate) const CRON_JOBS_SQL: &str = "\
SELECT coalesce(j.jobname::text, j.jobid::text) || CASE WHEN count(*) OVER (PARTITION BY j.jobname) > 1
    AND j.jobname IS NOT NULL THEN '@' || j.username ELSE '' END AS jobname,
  j.schedule::text AS schedule, j.active AS active, run.status::text AS status,
  extract(epoch FROM run.start_time)::float8 AS last_run,
  (SELECT extract(epoch FROM d.end_time)::float8 FROM cron.job_run_details d
    WHERE d.jobid = j.jobid AND d.status = 'succeeded' ORDER BY d.runid DESC LIMIT 1) AS last_success,
  (SELECT extract(epoch FROM d.end_time - d.start_time)::float8 FROM cron.job_run_details d
    WHERE d.jobid = j.jobid AND d.end_time IS NOT NULL ORDER BY d.runid DESC LIMIT 1) AS duration,
  extract(epoch FROM now())::float8 AS now,
  extract(epoch FROM (now() AT TIME ZONE coalesce(nullif(current_setting('cron.timezone', true), ''),
    'GMT')) - (now() AT TIME ZONE 'UTC'))::float8 AS clock_offset
FROM cron.job j LEFT JOIN LATERAL (SELECT d.status, d.start_time FROM cron.job_run_details d
  WHERE d.jobid = j.jobid ORDER BY d.runid DESC LIMIT 1) run ON true";

/// Reads the scheduled jobs if the extension is installed.
#[derive(Debug)]
pub(crate) struct Cron {
    postgres: Postgres,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// When the extension was found missing.
    absent: Option<Instant>,
    /// Whether row-level security hides other roles' jobs.
    hidden: bool,
    jobs: Vec<Job>,
    read_at: Option<SystemTime>,
    schedule: Schedule,
}

impl Default for State {
    fn default() -> Self {
        Self {
            absent: None,
            hidden: false,
            jobs: Vec::new(),
            read_at: None,
            schedule: Schedule::new(Duration::ZERO, REST_FACTOR),
        }
    }
}

/// A job at the last reading. Times are in seconds since 1970.
#[derive(Clone, Debug)]
struct Job {
    name: LabelText,
    active: bool,
    status: Option<CronStatus>,
    last_run: Option<f64>,
    last_success: Option<f64>,
    duration: Option<f64>,
    schedule: Option<CronExpression>,
    /// The scheduler's offset from UTC at the reading, in seconds.
    clock_offset: f64,
    now: f64,
}

impl Cron {
    /// Reads the scheduled jobs of this database.
    pub(crate) fn new(postgres: &Postgres) -> Self {
        Self { postgres: postgres.clone(), state: Mutex::default() }
    }

    fn render(&self, out: &mut Snapshot) {
        let state = self.lock();
        let since_1970 = |at: SystemTime| at.duration_since(SystemTime::UNIX_EPOCH).ok();
        let read_at = state.read_at.and_then(since_1970).map(|it| it.as_secs_f64());
        out.gauge(&CRON_READING, (), read_at);
        for job in &state.jobs {
            let labels = || CronLabels { jobname: job.name.clone() };
            out.gauge(&CRON_ACTIVE, labels(), f64::from(job.active));
            out.gauge(&CRON_LAST_RUN, labels(), job.last_run);
            out.gauge(&CRON_LAST_SUCCESS, labels(), job.last_success);
            out.gauge(&CRON_LAST_DURATION, labels(), job.duration);
            out.gauge(&CRON_NEXT_RUN, labels(), job.next_run());
            for status in CronStatus::ALL.into_iter().filter(|_| job.status.is_some()) {
                let labels = CronStatusLabels { jobname: job.name.clone(), status };
                let is_current = f64::from(job.status == Some(status));
                out.gauge(&CRON_LAST_STATUS, labels, is_current);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The jobs, and whether others are hidden; `None` if the extension is not installed.
async fn read(session: &Session) -> Result<Option<(Vec<Job>, bool)>, CollectError> {
    let doing = "looking up pg_cron";
    let rows = session.query(doing, PRESENT, &[]).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    if !column::<bool>(row, "present")? {
        return Ok(None);
    }
    let hidden = column(row, "hidden")?;
    let mut jobs = BTreeMap::new();
    let read = |row: &Row| {
        let job = Job::read(row)?;
        jobs.insert(job.name.clone(), job);
        Ok(())
    };
    session.query_each("reading the jobs of pg_cron", CRON_JOBS_SQL, &[], read).await?;
    Ok(Some((jobs.into_values().collect(), hidden)))
}

impl Job {
    fn read(row: &Row) -> Result<Self, CollectError> {
        let status: Option<String> = column(row, "status")?;
        let status =
            status.and_then(|text| CronStatus::ALL.into_iter().find(|it| it.as_str() == text));
        let schedule: Option<String> = column(row, "schedule")?;
        Ok(Self {
            name: column::<String>(row, "jobname")?.into(),
            active: column(row, "active")?,
            status,
            last_run: column(row, "last_run")?,
            last_success: column(row, "last_success")?,
            duration: column(row, "duration")?,
            schedule: schedule.as_deref().and_then(CronExpression::parse),
            clock_offset: column(row, "clock_offset")?,
            now: column(row, "now")?,
        })
    }

    #[allow(clippy::cast_possible_truncation, reason = "a float beyond the range saturates")]
    fn next_run(&self) -> Option<f64> {
        let schedule = self.schedule.filter(|_| self.active)?;
        let next = schedule.next_after((self.now + self.clock_offset) as i64)?;
        Some(next as f64 - self.clock_offset)
    }
}

/// Not a `SessionCollector`: while the extension is missing, a scrape needs no session.
impl Collector for Cron {
    fn name(&self) -> &'static str {
        NAME
    }

    async fn collect(&self, deadline: Instant, out: &mut Snapshot) -> Result<(), CollectError> {
        let now = Instant::now();
        if self.lock().absent.is_some_and(|since| now - since < RECHECK) {
            return Ok(());
        }
        let session = self.postgres.session(deadline).await?;
        if self.lock().schedule.is_due(now) {
            self.lock().schedule.started(now, deadline);
            let found = read(&session).await.inspect_err(|error| {
                let schedule = &mut self.lock().schedule;
                schedule.failed(Instant::now() + schedule.rest(now.elapsed()), error);
            })?;
            let mut state = self.lock();
            let Some((jobs, hidden)) = found else {
                *state = State { absent: Some(now), ..State::default() };
                return Ok(());
            };
            state.jobs = jobs;
            state.hidden = hidden;
            state.read_at = Some(SystemTime::now());
            state.schedule.succeeded(Instant::now(), now.elapsed());
        } else {
            self.lock().schedule.last_error()?;
        }
        self.render(out);
        Ok(())
    }

    fn notes(&self) -> Vec<String> {
        let hidden = self.lock().hidden;
        let note = "row-level security shows a role only its own pg_cron jobs: \
                    ALTER ROLE … BYPASSRLS shows them all";
        hidden.then(|| note.to_owned()).into_iter().collect()
    }
}
