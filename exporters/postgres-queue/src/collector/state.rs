//! The collector's state between scrapes. Each change is made without an `await` in between, so
//! that a scrape that is dropped at its deadline leaves it consistent.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::{Duration, SystemTime},
};

use common::{
    metric::LabelText,
    scrape::{CollectError, schedule::Schedule},
};
use tokio::time::Instant;

use super::{counting_state::CountingState, plan::Plan};
use crate::questions::{Answer, Query};

/// The pause after an expensive query, in multiples of its run time: it takes no more than 1 % of
/// one connection's time.
const REST_FACTOR: u32 = 100;

#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) counting: CountingState,
    /// Every queue found so far; those that are empty now are exported with zeros.
    pub(super) queues: BTreeSet<LabelText>,
    pub(super) plan: Option<Arc<Plan>>,
    schedules: BTreeMap<Query, Schedule>,
    /// The last answers to the deferred questions.
    pub(super) deferred: BTreeMap<Query, DatedAnswer>,
    /// The notes that have been logged already.
    pub(super) logged: BTreeSet<String>,
    /// The notes on the landing page.
    pub(super) notes: Vec<String>,
    /// Whether the state file has been read.
    pub(super) restored: bool,
}

/// An answer, and when it arrived.
#[derive(Debug)]
pub(super) struct DatedAnswer {
    pub(super) at: SystemTime,
    pub(super) answer: Box<dyn Answer>,
}

impl State {
    /// Starts a query that has a schedule; false if it is not due.
    pub(super) fn start_if_due(
        &mut self,
        query: Query,
        interval: Duration,
        now: Instant,
        deadline: Instant,
    ) -> bool {
        let schedule =
            self.schedules.entry(query).or_insert_with(|| Schedule::new(interval, REST_FACTOR));
        let due = schedule.is_due(now);
        if due {
            schedule.started(now, deadline);
        }
        due
    }

    pub(super) fn succeeded(&mut self, query: Query, took: Duration) {
        if let Some(schedule) = self.schedules.get_mut(&query) {
            schedule.succeeded(Instant::now(), took);
        }
    }

    pub(super) fn failed(&mut self, query: Query, took: Duration, error: &CollectError) {
        if let Some(schedule) = self.schedules.get_mut(&query) {
            schedule.failed(Instant::now() + schedule.rest(took), error);
        }
    }

    /// The failure of the query's last run, if it failed.
    pub(super) fn last_error(&self, query: Query) -> Result<(), CollectError> {
        self.schedules.get(&query).map_or(Ok(()), Schedule::last_error)
    }
}
