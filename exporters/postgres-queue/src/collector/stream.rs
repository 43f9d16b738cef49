//! The two streams of events, and the rows that one reading of a stream gives.

use common::metric::LabelText;

use crate::{
    counting::{Micros, Row},
    event::Event,
    questions::Query,
};

/// The two streams of events that a table can give, each with its own time column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stream {
    Finished,
    Enqueued,
}

impl Stream {
    pub(super) const ALL: [Self; 2] = [Self::Finished, Self::Enqueued];

    /// The query for the rows since the watermark.
    pub(super) fn rows(self) -> Query {
        match self {
            Self::Finished => Query::Finished,
            Self::Enqueued => Query::Enqueued,
        }
    }

    /// The query that finds rows which were committed too late for [`Self::rows`].
    pub(super) fn late(self) -> Query {
        match self {
            Self::Finished => Query::LateFinished,
            Self::Enqueued => Query::LateEnqueued,
        }
    }
}

/// A row that the ledger does not contain yet.
#[derive(Debug)]
pub(super) struct EventRow {
    pub(super) row: Row,
    pub(super) queue: LabelText,
    pub(super) event: Event,
}

/// The rows of one reading that the ledger does not contain yet.
#[derive(Debug, Default)]
pub(super) struct RowBatch {
    pub(super) rows: Vec<EventRow>,
    /// If the reading stopped early: the stamp before which it is complete.
    pub(super) complete_until: Option<Micros>,
}
