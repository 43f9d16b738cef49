//! The second step of a reading: the rows stamped since the bound, and now and then the late ones.

use std::{collections::BTreeMap, time::Duration};

use common::{
    scrape::CollectError,
    source::postgres::{Session, column},
};
use tokio::time::Instant;
use tokio_postgres::{
    Row,
    types::{ToSql, Type},
};

use super::{
    Source, Troubles,
    counts::{ENQUEUED, tag_of},
    lock,
    plan::Plan,
    state::{Group, in_range, seconds},
    stream::{Reader, Reading},
};
use crate::{
    counting::{Watch, tally::Minute},
    metrics::Query,
};

impl Source {
    /// The second step of counting, each kind of event by itself.
    pub(super) async fn count(
        &self,
        session: &Session,
        plan: &Plan,
        watch: &Watch,
        troubles: &mut Troubles,
    ) {
        let (finished, enqueued) = futures::join!(
            self.read_rows(session, plan, watch, Query::Finished),
            self.read_rows(session, plan, watch, Query::Enqueued),
        );
        let mut counted = false;
        {
            let state = &mut *lock(&self.state);
            plan.shape.relation.identity.clone_into(&mut state.counting.identity);
            for (query, reading) in [(Query::Finished, finished), (Query::Enqueued, enqueued)] {
                let Some((reading, took)) = troubles.note(reading).flatten() else { continue };
                counted |=
                    state.counting.take_in(query, watch, &self.rules, &reading, &self.measures);
                state.known.extend(reading.rows.into_iter().map(|it| it.queue));
                if plan.unindexed.contains_key(&query) {
                    state.pace.rest(query, Instant::now(), took, Duration::ZERO);
                }
            }
        }
        self.catch_up(session, plan, watch, troubles, &mut counted).await;
        if counted {
            self.save().await;
        }
    }

    /// `None` when it is not asked, or not due.
    async fn read_rows(
        &self,
        session: &Session,
        plan: &Plan,
        watch: &Watch,
        query: Query,
    ) -> Result<Option<(Reading, Duration)>, CollectError> {
        let Some(statement) = plan.statements.get(&query) else { return Ok(None) };
        let now = Instant::now();
        let from = {
            let mut state = lock(&self.state);
            if plan.unindexed.contains_key(&query) {
                if !state.pace.is_due(&query, now) {
                    return state.pace.last_error(&query).map(|()| None);
                }
                state.pace.ask(query, now, session.deadline());
            }
            state.ledger(query).read_from(watch, &self.rules)
        };
        let reader = Reader {
            name: self.name,
            query,
            shape: &plan.shape,
            cap: &self.cap,
            classes: &self.classes,
            every_run_finishes: self.mapping.every_run_finishes,
            state: &self.state,
        };
        let reading = reader.read(session, statement, from).await.inspect_err(|error| {
            lock(&self.state).pace.fail(query, Instant::now(), now.elapsed(), error);
        })?;
        Ok(Some((reading, now.elapsed())))
    }

    /// The longer look for what the look-back missed.
    async fn catch_up(
        &self,
        session: &Session,
        plan: &Plan,
        watch: &Watch,
        troubles: &mut Troubles,
        counted: &mut bool,
    ) {
        let looks =
            [(Query::LateFinished, Query::Finished), (Query::LateEnqueued, Query::Enqueued)];
        for (look, query) in looks {
            let Some(statement) = plan.statements.get(&look) else { continue };
            let now = Instant::now();
            let range = {
                let mut state = lock(&self.state);
                let range = state.counting.doubtful(query, watch.now);
                let Some(range) = range.filter(|_| state.pace.is_due(&look, now)) else { continue };
                state.pace.ask(look, now, session.deadline());
                range
            };
            let doing = format!("looking for late jobs of `{}`", self.name);
            let (from, until) = (seconds(range.0), seconds(range.1));
            let params: [(&(dyn ToSql + Sync), Type); 2] =
                [(&from, Type::FLOAT8), (&until, Type::FLOAT8)];
            let mut table = BTreeMap::<(Minute, Group), u64>::new();
            let take = |row: &Row| {
                let state: Option<&str> = column(row, "state")?;
                let outcome = state.map(|it| plan.shape.states.outcomes().get(it).copied());
                let tag = match outcome {
                    None => ENQUEUED,
                    Some(Some(outcome)) => tag_of(outcome),
                    Some(None) => return Ok(()),
                };
                let minute: i64 = column(row, "minute")?;
                let jobs: i64 = column(row, "jobs")?;
                if in_range(minute, range.0, range.1) {
                    let group = (self.queue(&plan.shape, row)?, tag);
                    *table.entry((minute, group)).or_default() += jobs.unsigned_abs();
                }
                Ok(())
            };
            let looked = session.query_each(&doing, &statement.text, &params, take).await;
            if troubles.note(looked).is_some() {
                let state = &mut *lock(&self.state);
                let late = state.counting.catch_up(query, &table);
                let rest = self.mapping.late_every.get();
                state.pace.rest(look, Instant::now(), now.elapsed(), rest);
                *counted |= late > 0;
                if late > 0 {
                    tracing::warn!(source = self.name, rows = late, "rows were committed late");
                }
            }
        }
    }
}
