//! Every metric of this exporter. A metric is defined in the file that fills it.

use common::metric::Definition;

pub use crate::labels::{
    ColumnLabels, CronLabels, CronStatus, CronStatusLabels, ErrorLabels, Outcome, OutcomeLabels,
    QueueLabels, SourceLabels, State, StateLabels,
};
use crate::{collector, cron, questions};
#[allow(ambiguous_glob_reexports, reason = "`all()` joins what each module has as `ALL`")]
pub use crate::{
    collector::{counters::*, render::*},
    cron::*,
    questions::{
        later::*, paused::*, running::*, table_statistics::*, waiting::*, window::*,
        window_errors::*, workers::*, *,
    },
};

/// Every definition.
pub fn all() -> Vec<&'static Definition> {
    [
        questions::ALL,
        questions::waiting::ALL,
        questions::later::ALL,
        questions::running::ALL,
        questions::paused::ALL,
        questions::workers::ALL,
        collector::counters::ALL,
        questions::window::ALL,
        questions::window_errors::ALL,
        collector::render::ALL,
        questions::table_statistics::ALL,
        cron::ALL,
    ]
    .concat()
}
