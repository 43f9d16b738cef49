//! Asks the questions whose answers become gauges.

use std::time::{Duration, SystemTime};

use common::{
    scrape::{CollectError, Reason},
    source::postgres::Session,
};
use tokio::time::Instant;
use tokio_postgres::Row;

use super::{FirstError, TableCollector, lock, plan::Plan, state::DatedAnswer};
use crate::questions::{Answer, Query};

impl TableCollector {
    pub(super) async fn ask(
        &self,
        session: &Session,
        plan: &Plan,
        query: Query,
    ) -> Result<Box<dyn Answer>, CollectError> {
        let (Some(statement), Some(mut answer)) =
            (plan.statements.get(&query), query.question().answer())
        else {
            return Err(CollectError::new(Reason::Internal, "asking a question without an answer"));
        };
        let doing = format!("reading `{}` of `{}`", query.as_str(), self.name);
        let context = self.context(plan);
        let read = |row: &Row| answer.read(row, &context);
        session.query_each(&doing, &statement.text, &[], read).await?;
        Ok(answer)
    }

    /// Asks the deferred questions that are due. They run one after another and last, so that a
    /// slow one delays no other answer.
    pub(super) async fn ask_deferred(
        &self,
        session: &Session,
        plan: &Plan,
        errors: &mut FirstError,
    ) {
        for query in plan.deferred(&self.mapping) {
            let started = Instant::now();
            let interval = query.question().interval(&self.mapping).unwrap_or(Duration::ZERO);
            {
                let mut state = lock(&self.state);
                if !state.start_if_due(query, interval, started, session.deadline()) {
                    errors.record(state.last_error(query));
                    continue;
                }
            }
            let answer = self.ask(session, plan, query).await;
            let mut state = lock(&self.state);
            match &answer {
                Ok(_) => state.succeeded(query, started.elapsed()),
                Err(error) => state.failed(query, started.elapsed(), error),
            }
            if let Some(answer) = errors.record(answer) {
                state.deferred.insert(query, DatedAnswer { at: SystemTime::now(), answer });
            }
        }
    }
}
