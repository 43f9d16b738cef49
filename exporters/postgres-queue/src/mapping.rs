//! The mapping: the columns of a queue's table, and the meaning of their values.

mod check;

use std::{collections::BTreeMap, fmt};

use common::settings::HumanDuration;
use serde::{Deserialize, Deserializer, de};

/// One queue table. A column may have several names, of which the first that the table has is
/// used; metrics that need a missing column are absent.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// The table or view, with its schema unless the search path finds it: `public.jobs`.
    pub table: String,
    /// The column that identifies a job.
    #[serde(default = "default_id")]
    pub id: Columns,
    /// The column for the label `queue`; without it, the mapping is one queue with the mapping's
    /// name.
    #[serde(default)]
    pub queue: Columns,
    /// Queues that are exported, with zeros, before their first job.
    #[serde(default)]
    pub names: Vec<String>,
    /// The column with the state of a job.
    pub state: Columns,
    /// The meaning of its values.
    pub states: States,
    /// End states whose rows stay until a person has handled them: `queue_jobs` includes them.
    /// Leave it empty where rows of finished jobs accumulate.
    #[serde(default)]
    pub kept: Vec<KeptState>,
    /// Only rows whose column holds one of the values belong to this mapping.
    #[serde(default)]
    pub filter: BTreeMap<String, OneOrMany>,

    /// When a waiting job may start; NULL means at once.
    #[serde(default)]
    pub ready_at: Columns,
    /// When the job was created.
    #[serde(default)]
    pub created_at: Columns,
    /// When its last run started.
    #[serde(default)]
    pub started_at: Columns,
    /// When the job ended.
    #[serde(default)]
    pub finished_at: Columns,
    /// How many runs the job has had, the present one included.
    #[serde(default)]
    pub attempts: Columns,
    /// Whether a run that fails and will be retried stamps `finished_at` too. If not, one end counts all
    /// of the job's retries.
    #[serde(default)]
    pub every_run_finishes: bool,
    /// Why the job failed.
    #[serde(default)]
    pub error: Columns,
    /// When a running job started, for tables without `started_at`: any time that is updated when
    /// a job starts.
    #[serde(default)]
    pub stuck_since: Columns,
    /// A job that runs for longer is stuck.
    #[serde(default = "default_stuck_after")]
    pub stuck_after: HumanDuration,
    /// Classes of errors; the first whose pattern matches applies.
    #[serde(default)]
    pub errors: Vec<ErrorClass>,
    /// Bucket bounds of the histograms.
    #[serde(default)]
    pub buckets: Buckets,

    /// The clock that stamps the time columns.
    #[serde(default)]
    pub clock: Clock,
    /// How far the application's clocks may be off; only with `clock = "application"`.
    #[serde(default = "default_skew")]
    pub skew: HumanDuration,
    /// The time zone of columns that are `timestamp without time zone`.
    #[serde(default = "default_timezone")]
    pub timezone: String,
    /// How long after its stamp a row may be committed and still be counted, where open
    /// transactions are hidden or stay open for longer than this.
    #[serde(default = "default_lookback")]
    pub lookback: HumanDuration,
    /// A margin for the moment between a statement's arrival and its appearance in
    /// `pg_stat_activity`.
    #[serde(default = "default_settle")]
    pub settle: HumanDuration,
    /// How often to look for rows that were committed later than `lookback`, while there may be any.
    #[serde(default = "default_late_every")]
    pub late_every: HumanDuration,
    /// For tables without finish times: outcomes are exported for jobs created within this time.
    #[serde(default = "default_window")]
    pub window: HumanDuration,

    /// The most values of the label `queue`; further queues are `other`.
    #[serde(default = "default_max_queues")]
    pub max_queues: usize,
    /// The most counted rows to remember.
    #[serde(default = "default_max_keys")]
    pub max_keys: usize,

    /// The table of the workers' heartbeats.
    #[serde(default)]
    pub workers: Option<Workers>,
    /// The table of paused queues.
    #[serde(default)]
    pub paused: Option<Paused>,
}

/// The values of the state column, by their meaning.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct States {
    /// The job waits: it is ready or scheduled.
    pub waiting: Vec<String>,
    /// It failed and will be retried.
    pub retrying: Vec<String>,
    /// A worker runs it.
    pub running: Vec<String>,
    /// It succeeded.
    pub succeeded: Vec<String>,
    /// It failed and will not be retried.
    pub failed: Vec<String>,
    /// It was cancelled.
    pub cancelled: Vec<String>,
}

/// An end state whose rows may stay until a person has handled them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeptState {
    /// Failed, with no retry left.
    Failed,
    /// Cancelled.
    Cancelled,
}

/// The clock that stamps the time columns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Clock {
    /// The database's: a stamp is never older than the start of its transaction.
    #[default]
    Database,
    /// The clocks of the application's hosts.
    Application,
}

/// A class of errors, by a pattern.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErrorClass {
    /// The value of the label `class`.
    pub class: String,
    /// A regular expression for the error's text; `(?i)` ignores case.
    pub pattern: String,
}

/// Bucket bounds of the histograms in seconds, instead of the defaults.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Buckets {
    /// Of `queue_job_wait_seconds`.
    pub wait: Option<Vec<f64>>,
    /// Of `queue_job_run_seconds`.
    pub run: Option<Vec<f64>>,
    /// Of `queue_job_latency_seconds`.
    pub latency: Option<Vec<f64>>,
}

/// The table of the workers' heartbeats.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Workers {
    /// The table.
    pub table: String,
    /// The column with the time of a worker's last heartbeat.
    pub last_seen: String,
    /// A worker with an older heartbeat is not alive.
    #[serde(default = "default_alive_within")]
    pub alive_within: HumanDuration,
}

/// The table of paused queues. Without `paused_at` and `flag`, a queue is paused while it has a row.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Paused {
    /// The table.
    pub table: String,
    /// The column with the queue's name.
    pub queue: String,
    /// The column that is not NULL while the queue is paused.
    #[serde(default)]
    pub paused_at: Option<String>,
    /// The column that is true while the queue is paused.
    #[serde(default)]
    pub flag: Option<String>,
}

/// The names of a column: the first that the table has is used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Columns(pub Vec<String>);

impl Columns {
    /// Whether the mapping names no column.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<'de> Deserialize<'de> for Columns {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        OneOrMany::deserialize(deserializer).map(|OneOrMany(names)| Self(names))
    }
}

/// A string, or a list of strings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OneOrMany(pub Vec<String>);

impl<'de> Deserialize<'de> for OneOrMany {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OneOrManyVisitor)
    }
}

struct OneOrManyVisitor;

impl<'de> de::Visitor<'de> for OneOrManyVisitor {
    type Value = OneOrMany;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string in quotes, or a list of them")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<OneOrMany, E> {
        Ok(OneOrMany(vec![text.to_owned()]))
    }

    fn visit_seq<A: de::SeqAccess<'de>>(self, mut items: A) -> Result<OneOrMany, A::Error> {
        let mut texts = Vec::new();
        while let Some(text) = items.next_element()? {
            texts.push(text);
        }
        Ok(OneOrMany(texts))
    }
}

fn default_id() -> Columns {
    Columns(vec!["id".to_owned()])
}

fn default_stuck_after() -> HumanDuration {
    HumanDuration::seconds(3600)
}

fn default_skew() -> HumanDuration {
    HumanDuration::seconds(30)
}

fn default_timezone() -> String {
    "UTC".to_owned()
}

fn default_lookback() -> HumanDuration {
    HumanDuration::seconds(15 * 60)
}

fn default_settle() -> HumanDuration {
    HumanDuration::seconds(5)
}

fn default_late_every() -> HumanDuration {
    HumanDuration::seconds(600)
}

fn default_window() -> HumanDuration {
    HumanDuration::seconds(3600)
}

fn default_max_queues() -> usize {
    100
}

fn default_max_keys() -> usize {
    1_000_000
}

fn default_alive_within() -> HumanDuration {
    HumanDuration::seconds(60)
}
