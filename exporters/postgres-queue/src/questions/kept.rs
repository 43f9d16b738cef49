//! Jobs that ended and whose rows stay until a person has handled them.

use std::collections::{BTreeMap, BTreeSet};

use common::{
    metric::LabelText,
    scrape::{CollectError, Snapshot},
    source::postgres::column,
};
use tokio_postgres::Row;

use super::{Answer, Context, Question};
use crate::{
    labels::{Outcome, State},
    sql::{SqlBuilder, Statement},
};

pub(super) struct Kept;

#[derive(Debug, Default)]
struct KeptJobs(BTreeMap<LabelText, QueueState>);

#[derive(Debug, Default)]
struct QueueState {
    failed: i64,
    cancelled: i64,
}

impl Question for Kept {
    fn statement(&self, sql: &SqlBuilder<'_>) -> Option<Statement> {
        let condition = sql.in_states(&sql.resolved.kept_states(sql.mapping))?;
        let text = sql.count_by(&format!("{}::text AS state", sql.state()), &condition);
        Some(Statement::plain(text, Some(sql.partial_index(None, &condition))))
    }

    fn answer(&self) -> Option<Box<dyn Answer>> {
        Some(Box::<KeptJobs>::default())
    }
}

impl Answer for KeptJobs {
    fn read(&mut self, row: &Row, context: &Context<'_>) -> Result<(), CollectError> {
        let jobs: i64 = column(row, "jobs")?;
        let state = self.0.entry(context.queue(row)?).or_default();
        match context.outcome(row)? {
            Some(Outcome::Failed) => state.failed += jobs,
            Some(Outcome::Cancelled) => state.cancelled += jobs,
            Some(Outcome::Succeeded) | None => {}
        }
        Ok(())
    }

    fn add_queues(&self, known: &mut BTreeSet<LabelText>) {
        known.extend(self.0.keys().cloned());
    }

    fn render(&self, context: &Context<'_>, queues: &BTreeSet<LabelText>, out: &mut Snapshot) {
        let states = &context.resolved.states;
        let empty = QueueState::default();
        for queue in queues {
            let state = self.0.get(queue).unwrap_or(&empty);
            if !states.failed.is_empty() {
                context.render_jobs(queue, State::Failed, state.failed, out);
            }
            if !states.cancelled.is_empty() {
                context.render_jobs(queue, State::Cancelled, state.cancelled, out);
            }
        }
    }
}
