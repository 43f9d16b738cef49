//! The second step of counting: the rows stamped since the watermark, and, less often, the rows
//! that were committed too late for it.

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
    FirstError, TableCollector,
    counting_state::Group,
    lock,
    plan::Plan,
    rows::RowReader,
    stream::{RowBatch, Stream},
};
use crate::{
    counting::{
        OpenTransactions,
        minute_counts::{Minute, contains},
    },
    event::{EventKind, seconds},
    questions::Context,
};

impl TableCollector {
    /// Reads and counts both streams. `transactions` was read before, in a separate round trip.
    pub(super) async fn advance(
        &self,
        session: &Session,
        plan: &Plan,
        transactions: &OpenTransactions,
        errors: &mut FirstError,
    ) {
        let [finished, enqueued] = Stream::ALL.map(|stream| async move {
            (stream, self.read_rows(session, plan, transactions, stream).await)
        });
        let (finished, enqueued) = futures::join!(finished, enqueued);
        let mut changed = false;
        {
            let state = &mut *lock(&self.state);
            plan.resolved.relation.identity.clone_into(&mut state.counting.identity);
            for (stream, batch) in [finished, enqueued] {
                let Some((batch, took)) = errors.record(batch).flatten() else { continue };
                let measures = (&self.buckets, &self.error_classes);
                changed |= state.counting.advance(
                    stream,
                    transactions,
                    &self.ledger_config,
                    &batch,
                    measures,
                );
                state.queues.extend(batch.rows.into_iter().map(|it| it.queue));
                if plan.unindexed.contains_key(&stream.rows()) {
                    state.succeeded(stream.rows(), took);
                }
            }
        }
        for stream in Stream::ALL {
            changed |= self.add_late(session, plan, transactions, stream, errors).await > 0;
        }
        if changed {
            self.save_state().await;
        }
    }

    /// The rows and how long reading them took. `None` if the table has no such events, or the
    /// query is not due.
    async fn read_rows(
        &self,
        session: &Session,
        plan: &Plan,
        transactions: &OpenTransactions,
        stream: Stream,
    ) -> Result<Option<(RowBatch, Duration)>, CollectError> {
        let query = stream.rows();
        let Some(statement) = plan.statements.get(&query) else { return Ok(None) };
        let started = Instant::now();
        let from = {
            let mut state = lock(&self.state);
            if plan.unindexed.contains_key(&query)
                && !state.start_if_due(query, Duration::ZERO, started, session.deadline())
            {
                return state.last_error(query).map(|()| None);
            }
            state.counting.ledger(stream).read_from(transactions, &self.ledger_config)
        };
        let reader = RowReader { stream, context: self.context(plan), state: &self.state };
        let batch = reader.read(session, statement, from).await.inspect_err(|error| {
            lock(&self.state).failed(query, started.elapsed(), error);
        })?;
        Ok(Some((batch, started.elapsed())))
    }

    /// Compares the counted minutes with the table, if rows may have been missed and the query is
    /// due, and counts the missing rows. Returns their number.
    async fn add_late(
        &self,
        session: &Session,
        plan: &Plan,
        transactions: &OpenTransactions,
        stream: Stream,
        errors: &mut FirstError,
    ) -> u64 {
        let query = stream.late();
        let Some(statement) = plan.statements.get(&query) else { return 0 };
        let started = Instant::now();
        let range = {
            let mut state = lock(&self.state);
            let Some(range) = state.counting.late_range(stream, transactions.now) else { return 0 };
            let interval = self.mapping.late_every.get();
            if !state.start_if_due(query, interval, started, session.deadline()) {
                return 0;
            }
            range
        };
        let doing = format!("looking for late jobs of `{}`", self.name);
        let (from, until) = (seconds(range.0), seconds(range.1));
        let params: [(&(dyn ToSql + Sync), Type); 2] =
            [(&from, Type::FLOAT8), (&until, Type::FLOAT8)];
        let context = self.context(plan);
        let mut table = BTreeMap::<(Minute, Group), u64>::new();
        let read = |row: &Row| {
            if let Some((minute, group, jobs)) = read_minute(row, stream, &context)?
                && contains(range, minute)
            {
                *table.entry((minute, group)).or_default() += jobs;
            }
            Ok(())
        };
        let outcome = session.query_each(&doing, &statement.text, &params, read).await;
        if errors.record(outcome).is_none() {
            return 0;
        }
        let state = &mut *lock(&self.state);
        let late = state.counting.add_late(stream, &table);
        state.succeeded(query, started.elapsed());
        if late > 0 {
            tracing::warn!(source = %self.name, rows = late, "counted rows that were committed late");
        }
        late
    }
}

fn read_minute(
    row: &Row,
    stream: Stream,
    context: &Context<'_>,
) -> Result<Option<(Minute, Group, u64)>, CollectError> {
    let kind = match stream {
        Stream::Enqueued => EventKind::Enqueued,
        Stream::Finished => match context.outcome(row)? {
            Some(outcome) => EventKind::Finished(outcome),
            None => return Ok(None),
        },
    };
    let jobs: i64 = column(row, "jobs")?;
    let group = (context.queue(row)?, kind.code());
    Ok(Some((column(row, "minute")?, group, jobs.unsigned_abs())))
}
