//! Questions about the present: those of each scrape, and those that are asked when they are due.

use std::{
    collections::BTreeMap,
    time::{Duration, SystemTime},
};

use common::{
    metric::LabelText,
    scrape::{CollectError, Reason},
    source::postgres::{Session, column},
};
use tokio::time::Instant;
use tokio_postgres::Row;

use super::{
    NAMELESS, Source, Troubles,
    figures::{Depths, Figures},
    lock,
    plan::Plan,
    queue_name,
    state::{Answer, Kept, Table},
    watch::Seen,
};
use crate::{metrics::Query, shape::Shape};

/// How long an answer about the table's health is good enough.
const TABLE_REST: Duration = Duration::from_mins(1);

impl Source {
    /// Asks a question whose answer is gauges.
    pub(super) async fn ask(
        &self,
        session: &Session,
        plan: &Plan,
        query: Query,
    ) -> Result<Answer, CollectError> {
        let Some(statement) = plan.statements.get(&query) else {
            return Err(CollectError::new(Reason::Internal, "asking what is not asked"));
        };
        let doing = format!("asking for `{}` of `{}`", query.as_str(), self.name);
        let mut answer = match query {
            Query::Table => Answer::Table(Table::default()),
            Query::WindowErrors => Answer::Errors(BTreeMap::new()),
            Query::Workers => Answer::Workers(0),
            Query::Paused => Answer::Paused(BTreeMap::new()),
            _ => Answer::Depths(Depths::new()),
        };
        let take = |row: &Row| self.take(&plan.shape, query, row, &mut answer);
        session.query_each(&doing, &statement.text, &[], take).await?;
        Ok(answer)
    }

    fn take(
        &self,
        shape: &Shape,
        query: Query,
        row: &Row,
        answer: &mut Answer,
    ) -> Result<(), CollectError> {
        match answer {
            Answer::Depths(depths) => {
                let figures = Figures::read(query, row, shape)?;
                depths.entry(self.queue(shape, row)?).or_default().add(&figures);
            }
            Answer::Table(table) => {
                *table = Table {
                    live: column(row, "live")?,
                    dead: column(row, "dead")?,
                    size: column(row, "size")?,
                    vacuumed: column(row, "vacuumed")?,
                };
            }
            Answer::Errors(errors) => {
                let class = self.classes.of(column(row, "error")?);
                *errors.entry((self.queue(shape, row)?, class)).or_default() +=
                    column::<i64>(row, "jobs")?;
            }
            Answer::Workers(alive) => *alive = column(row, "alive")?,
            Answer::Paused(queues) => {
                let name: Option<&str> = column(row, "queue")?;
                let queue = self.cap.fold(name.filter(|it| !it.is_empty()).unwrap_or(NAMELESS));
                *queues.entry(queue).or_default() |= column::<bool>(row, "paused")?;
            }
        }
        Ok(())
    }

    pub(super) fn queue(&self, shape: &Shape, row: &Row) -> Result<LabelText, CollectError> {
        Ok(self.cap.fold(&queue_name(shape, self.name, column(row, "queue")?)))
    }

    /// Asks what is not asked at each scrape, one after the other: the prompt answers are in.
    pub(super) async fn ask_what_is_due(
        &self,
        session: &Session,
        plan: &Plan,
        watch: Option<&Seen>,
        troubles: &mut Troubles,
    ) {
        // Nothing answers when the watch does not.
        if watch.is_none() {
            return;
        }
        for query in plan.at_leisure() {
            let asked = Instant::now();
            {
                let mut state = lock(&self.state);
                if !state.pace.is_due(&query, asked) {
                    troubles.note(state.pace.last_error(&query));
                    continue;
                }
                state.pace.ask(query, asked, session.deadline());
            }
            let answer = self.ask(session, plan, query).await;
            if let Err(error) = &answer {
                lock(&self.state).pace.fail(query, Instant::now(), asked.elapsed(), error);
            }
            if let Some(answer) = troubles.note(answer) {
                let least = if query == Query::Table { TABLE_REST } else { Duration::ZERO };
                let state = &mut *lock(&self.state);
                state.pace.rest(query, Instant::now(), asked.elapsed(), least);
                state.kept.insert(query, Kept { at: SystemTime::now(), answer });
            }
        }
    }
}
