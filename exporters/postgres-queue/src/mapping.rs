//! How a queue's table is to be read: which column says what, and what its values mean.

mod check;

use std::{collections::BTreeMap, fmt};

use common::settings::HumanDuration;
use serde::{Deserialize, Deserializer, de};

/// One queue table. Where a column has several names in the wild, the first that the table has is
/// used; what a missing column would give is left out.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// The table or view, with its schema unless the search path finds it: `public.jobs`.
    pub table: String,
    /// What identifies a job.
    #[serde(default = "default_id")]
    pub id: Columns,
    /// What the `queue` label shows; without it, the mapping is one queue of its own name.
    #[serde(default)]
    pub queue: Columns,
    /// Queues that are shown, with zeros, before their first job is seen.
    #[serde(default)]
    pub names: Vec<String>,
    /// The column that says where a job stands.
    pub state: Columns,
    /// What its values mean.
    pub states: States,
    /// States that keep their rows until somebody deals with them; these are counted in
    /// `queue_jobs` too. Leave it empty where rows of finished jobs pile up.
    #[serde(default)]
    pub kept: Vec<KeptState>,
    /// Only rows whose column holds one of the values belong to this mapping.
    #[serde(default)]
    pub filter: BTreeMap<String, OneOrMany>,

    /// From when a waiting job may start; NULL means from its creation.
    #[serde(default)]
    pub ready_at: Columns,
    /// When the job was created.
    #[serde(default)]
    pub created_at: Columns,
    /// When its last run started.
    #[serde(default)]
    pub started_at: Columns,
    /// When it ended.
    #[serde(default)]
    pub finished_at: Columns,
    /// How many runs it has had, the present one included.
    #[serde(default)]
    pub attempts: Columns,
    /// Whether a run that will be tried again stamps `finished_at` as well. It decides how many
    /// retries one end stands for.
    #[serde(default)]
    pub every_run_finishes: bool,
    /// Why it failed.
    #[serde(default)]
    pub error: Columns,
    /// Since when a running job runs, where `started_at` does not say; a time that is touched
    /// when the job starts will do.
    #[serde(default)]
    pub stuck_since: Columns,
    /// How long a job may run before it counts as stuck.
    #[serde(default = "default_stuck_after")]
    pub stuck_after: HumanDuration,
    /// Classes of errors; the first whose expression matches names the failure.
    #[serde(default)]
    pub errors: Vec<ErrorClass>,
    /// Bounds of the histograms.
    #[serde(default)]
    pub buckets: Buckets,

    /// Who writes the time columns.
    #[serde(default)]
    pub clock: Clock,
    /// How far the application's clocks may be off; only with `clock = "application"`.
    #[serde(default = "default_skew")]
    pub skew: HumanDuration,
    /// The time zone of columns that are `timestamp without time zone`.
    #[serde(default = "default_timezone")]
    pub timezone: String,
    /// How late a row may be committed where open transactions cannot be seen, or hold for longer.
    #[serde(default = "default_lookback")]
    pub lookback: HumanDuration,
    /// How much longer than necessary rows are remembered; covers the moment between a
    /// statement's arrival and its appearance in `pg_stat_activity`.
    #[serde(default = "default_settle")]
    pub settle: HumanDuration,
    /// How often to look for rows that were committed later than `lookback`, while that may be.
    #[serde(default = "default_late_every")]
    pub late_every: HumanDuration,
    /// Without finish times: how far back jobs were created whose outcomes are shown.
    #[serde(default = "default_window")]
    pub window: HumanDuration,

    /// How many queues are told apart; the rest are `other`.
    #[serde(default = "default_max_queues")]
    pub max_queues: usize,
    /// How many counted rows are remembered at most.
    #[serde(default = "default_max_keys")]
    pub max_keys: usize,

    /// Where workers leave their heartbeats.
    #[serde(default)]
    pub workers: Option<Workers>,
    /// Where paused queues are recorded.
    #[serde(default)]
    pub paused: Option<Paused>,
}

/// What the values of the state column mean.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct States {
    /// The job waits: ready once its time has come, scheduled before.
    pub waiting: Vec<String>,
    /// It failed and will be tried again.
    pub retrying: Vec<String>,
    /// A worker has it.
    pub running: Vec<String>,
    /// It ended well.
    pub succeeded: Vec<String>,
    /// It ended in failure.
    pub failed: Vec<String>,
    /// It was cancelled.
    pub cancelled: Vec<String>,
}

/// A state whose rows may be kept to be dealt with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeptState {
    /// Failed for good.
    Failed,
    /// Cancelled.
    Cancelled,
}

/// Who writes the time columns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Clock {
    /// `now()` and its like: a stamp is never older than its transaction.
    #[default]
    Database,
    /// The application's hosts, each with a clock of its own.
    Application,
}

/// A class of errors.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErrorClass {
    /// The label's value.
    pub class: String,
    /// A regular expression that the error's text matches; `(?i)` ignores case.
    pub pattern: String,
}

/// Bounds of the histograms in seconds, where the default ones do not suit.
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

/// Where workers leave their heartbeats.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Workers {
    /// The table.
    pub table: String,
    /// When a worker was last heard of.
    pub last_seen: String,
    /// How old a heartbeat may be.
    #[serde(default = "default_alive_within")]
    pub alive_within: HumanDuration,
}

/// Where paused queues are recorded. With neither column, a queue is paused while it has a row.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Paused {
    /// The table.
    pub table: String,
    /// The queue's name.
    pub queue: String,
    /// Not NULL while the queue is paused.
    #[serde(default)]
    pub paused_at: Option<String>,
    /// True while the queue is paused.
    #[serde(default)]
    pub flag: Option<String>,
}

/// A column's name, or several of which the first that the table has is used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Columns(pub Vec<String>);

impl Columns {
    /// Whether the mapping names none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<'de> Deserialize<'de> for Columns {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        OneOrMany::deserialize(deserializer).map(|OneOrMany(names)| Self(names))
    }
}

/// One text, or a list of texts.
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
        f.write_str("text in quotes, or a list of such")
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
