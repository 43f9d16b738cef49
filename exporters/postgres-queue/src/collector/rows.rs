//! Reads the rows stamped since the watermark, page by page.

use std::sync::Mutex;

use common::{
    scrape::CollectError,
    source::postgres::{Session, column},
};
use tokio::time::Instant;
use tokio_postgres::{
    Row as PgRow,
    types::{ToSql, Type},
};

use super::{
    lock,
    state::State,
    stream::{EventRow, RowBatch, Stream},
};
use crate::{
    counting::{Key, Micros, Row},
    event::{Event, EventKind, micros, seconds},
    questions::{Context, read_finished},
    sql::Statement,
};

/// The rows of one page; a page grows if more rows share one stamp.
const PAGE: i64 = 5_000;
/// The rows that one scrape reads of one stream; the next scrape reads the rest.
const PER_SCRAPE: i64 = 200_000;

pub(super) struct RowReader<'a> {
    pub(super) stream: Stream,
    pub(super) context: Context<'a>,
    pub(super) state: &'a Mutex<State>,
}

impl RowReader<'_> {
    /// Reads rows stamped at or after `from`. It stops half-way to the deadline, so that the rows
    /// it has read are counted and exported before the scrape times out.
    pub(super) async fn read(
        &self,
        session: &Session,
        statement: &Statement,
        from: Micros,
    ) -> Result<RowBatch, CollectError> {
        let now = Instant::now();
        let half = now + session.deadline().saturating_duration_since(now) / 2;
        let doing =
            format!("reading the {} jobs of `{}`", self.stream.rows().as_str(), self.context.name);
        let (mut batch, mut at, mut limit, mut total) = (RowBatch::default(), from, PAGE, 0);
        loop {
            let (mut rows, mut last) = (0_i64, at);
            let since = seconds(at);
            let params: [(&(dyn ToSql + Sync), Type); 2] =
                [(&since, Type::FLOAT8), (&limit, Type::INT8)];
            let read = |row: &PgRow| {
                rows += 1;
                last = micros(column(row, "at")?);
                self.read_row(row, last, &mut batch.rows)
            };
            session.query_each(&doing, &statement.text, &params, read).await?;
            total += rows;
            if rows < limit {
                return Ok(batch);
            }
            if total >= PER_SCRAPE || Instant::now() >= half {
                // The limit may have cut off rows with the last stamp, so only the stamps before it
                // are complete. If all rows share one stamp, the next reading has to start after
                // it, or it would read the same rows forever.
                batch.complete_until = Some(last.max(from + 1));
                return Ok(batch);
            }
            // The next page starts at the last stamp, of which rows may be missing. A page of a
            // single stamp has to grow until it holds all rows of that stamp.
            if last == at {
                limit *= 4;
            }
            at = last;
        }
    }

    fn read_row(
        &self,
        row: &PgRow,
        at: Micros,
        rows: &mut Vec<EventRow>,
    ) -> Result<(), CollectError> {
        let kind = match self.stream {
            Stream::Enqueued => EventKind::Enqueued,
            Stream::Finished => match self.context.outcome(row)? {
                Some(outcome) => EventKind::Finished(outcome),
                None => return Ok(()),
            },
        };
        let id: Option<&str> = column(row, "id")?;
        let key = Key::new(id.unwrap_or_default(), kind.code(), at);
        // While a transaction holds the watermark back, most rows have been counted already:
        // they need not be read further.
        if lock(self.state).counting.ledger(self.stream).contains(&key) {
            return Ok(());
        }
        let event = match kind {
            EventKind::Enqueued => Event::Enqueued,
            EventKind::Finished(outcome) => {
                Event::Finished(read_finished(row, outcome, at, &self.context)?)
            }
        };
        rows.push(EventRow { row: Row { key, at }, queue: self.context.queue(row)?, event });
        Ok(())
    }
}
