//! The questions that a scrape asks about one mapping's table, one file each.
//!
//! To add a question, write its file and add a line to the list below. Planning, `EXPLAIN`,
//! schedules and `check` go through the list.

mod enqueued;
mod finished;
mod kept;
pub(crate) mod later;
pub(crate) mod paused;
mod retrying;
pub(crate) mod running;
pub(crate) mod table_statistics;
pub(crate) mod waiting;
pub(crate) mod window;
pub(crate) mod window_errors;
pub(crate) mod workers;

use std::{collections::BTreeSet, fmt, time::Duration};

use common::{
    metric::{Gauge, LabelText},
    scrape::{CollectError, Snapshot, label_limit::LabelLimit},
    source::postgres::column,
};
use tokio_postgres::Row;

pub(crate) use self::{
    finished::read as read_finished,
    later::{Later, render as render_later},
};
use crate::{
    error_classes::ErrorClasses,
    labels::{Outcome, QueueLabels, SourceLabels, State, StateLabels},
    mapping::Mapping,
    resolved::ResolvedMapping,
    sql::{SqlBuilder, Statement},
};

common::catalog! {
    /// Jobs in the queue by state; finished jobs are in the counters instead
    pub static JOBS: Gauge<StateLabels> = "queue_jobs";
}

/// Defines [`Query`], and the question behind each of its values.
macro_rules! questions {
    ($($Variant:ident = $label:literal => $question:expr),+ $(,)?) => {
        common::label_values! {
            /// The question that a query asks.
            pub enum Query {
                $($Variant = $label),+
            }
        }

        impl Query {
            pub(crate) fn question(self) -> &'static dyn Question {
                match self {
                    $(Self::$Variant => &$question),+
                }
            }
        }
    };
}

questions! {
    Waiting = "waiting" => waiting::Waiting,
    Retrying = "retrying" => retrying::Retrying,
    Running = "running" => running::Running,
    Kept = "kept" => kept::Kept,
    Finished = "finished" => finished::Finished,
    Enqueued = "enqueued" => enqueued::Enqueued,
    Window = "window" => window::Window,
    WindowErrors = "window_errors" => window_errors::WindowErrors,
    LateFinished = "late_finished" => finished::LateFinished,
    LateEnqueued = "late_enqueued" => enqueued::LateEnqueued,
    Table = "table" => table_statistics::TableStatistics,
    Workers = "workers" => workers::Workers,
    Paused = "paused" => paused::Paused,
}

common::labels! {
    /// One question about one mapping.
    pub struct QueryLabels {
        /// The mapping's name in the settings.
        source: LabelText,
        query: Query,
    }
}

/// A question about one mapping's table.
pub(crate) trait Question: Sync {
    /// The SQL; `None` if the mapping or the table lacks what it needs.
    fn statement(&self, sql: &SqlBuilder<'_>) -> Option<Statement>;

    /// An empty answer, to read rows into. `None` if the rows are events, which are counted once
    /// and do not become gauges.
    fn answer(&self) -> Option<Box<dyn Answer>> {
        None
    }

    /// The shortest pause between two answers; `None` asks at each scrape. A question that scans a
    /// large table pauses for longer in either case.
    fn interval(&self, _mapping: &Mapping) -> Option<Duration> {
        None
    }

    /// Whether the statement's cost grows with the table, so that its plan is checked.
    fn is_explained(&self) -> bool {
        true
    }
}

/// The rows of one answer, and the gauges they become.
pub(crate) trait Answer: fmt::Debug + Send {
    /// Reads one row.
    fn read(&mut self, row: &Row, context: &Context<'_>) -> Result<(), CollectError>;

    /// Adds the queues that the answer names to the known ones.
    fn add_queues(&self, _known: &mut BTreeSet<LabelText>) {}

    /// The part of the gauges in [`later`] that this answer knows.
    fn later(&self, _queue: &LabelText) -> Later {
        Later::default()
    }

    /// Writes gauges for each of `queues`: a queue that is known but not in the answer is empty,
    /// and its gauges are zero.
    fn render(&self, context: &Context<'_>, queues: &BTreeSet<LabelText>, out: &mut Snapshot);
}

/// The mapping's data for reading rows and writing samples.
#[derive(Clone, Copy)]
pub(crate) struct Context<'a> {
    /// The mapping's name: the label `source`.
    pub(crate) name: &'a LabelText,
    pub(crate) mapping: &'a Mapping,
    pub(crate) resolved: &'a ResolvedMapping,
    /// Bounds the label `queue`.
    pub(crate) queue_limit: &'a LabelLimit,
    pub(crate) error_classes: &'a ErrorClasses,
}

/// The label value of a queue whose name is NULL or empty: Prometheus drops an empty label.
const NAMELESS: &str = "none";

impl Context<'_> {
    /// The queue that the row is about.
    pub(crate) fn queue(&self, row: &Row) -> Result<LabelText, CollectError> {
        Ok(match self.resolved.queue {
            Some(_) => self.queue_named(column(row, "queue")?),
            None => self.queue_limit.fold(self.name),
        })
    }

    /// The label value for a queue's name.
    pub(crate) fn queue_named(&self, name: Option<&str>) -> LabelText {
        self.queue_limit.fold(name.filter(|it| !it.is_empty()).unwrap_or(NAMELESS))
    }

    /// How the row's job ended; `None` if its state is not an end.
    pub(crate) fn outcome(&self, row: &Row) -> Result<Option<Outcome>, CollectError> {
        let state: Option<&str> = column(row, "state")?;
        Ok(state.and_then(|it| self.resolved.states.outcome(it)))
    }

    pub(crate) fn source_labels(&self) -> SourceLabels {
        SourceLabels { source: self.name.clone() }
    }

    pub(crate) fn queue_labels(&self, queue: &LabelText) -> QueueLabels {
        QueueLabels { source: self.name.clone(), queue: queue.clone() }
    }

    /// Writes the number of a queue's jobs in one state.
    pub(crate) fn render_jobs(
        &self,
        queue: &LabelText,
        state: State,
        jobs: i64,
        out: &mut Snapshot,
    ) {
        let labels = StateLabels { source: self.name.clone(), queue: queue.clone(), state };
        out.gauge(&JOBS, labels, jobs as f64);
    }
}

/// Keeps the larger of two numbers; NULL and infinite timestamps are ignored.
fn keep_max(value: &mut Option<f64>, other: Option<f64>) {
    *value = choose(*value, other, f64::max);
}

/// Keeps the smaller of two numbers; NULL and infinite timestamps are ignored.
fn keep_min(value: &mut Option<f64>, other: Option<f64>) {
    *value = choose(*value, other, f64::min);
}

fn choose(a: Option<f64>, b: Option<f64>, choice: fn(f64, f64) -> f64) -> Option<f64> {
    let (a, b) = (a.filter(|it| it.is_finite()), b.filter(|it| it.is_finite()));
    match (a, b) {
        (Some(a), Some(b)) => Some(choice(a, b)),
        (a, b) => a.or(b),
    }
}
