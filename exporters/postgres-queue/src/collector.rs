//! Reads one mapping's table.
//!
//! A scrape makes two round trips. The first reads the gauges and the open transactions; the
//! second reads the rows stamped since the watermark that the *previous* scrape set (see
//! [`counting`](crate::counting)). Expensive questions follow when they are due.

mod activity;
mod advance;
pub(crate) mod counters;
mod counting_state;
mod gauges;
pub(crate) mod plan;
pub(crate) mod render;
mod rows;
mod state;
mod state_file;
mod stream;

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use common::{
    metric::LabelText,
    scrape::{CollectError, Reason, Snapshot, label_limit::LabelLimit},
    settings::SettingsError,
    source::postgres::{Session, SessionCollector, ident},
};
use futures::future;

use self::{activity::Activity, counters::Buckets, plan::Plan, state::State};
use crate::{
    counting::{LedgerConfig, Micros},
    error_classes::ErrorClasses,
    mapping::{Clock, Mapping},
    questions::Context,
};

/// The collector of one mapping.
#[derive(Debug)]
pub(crate) struct TableCollector {
    name: LabelText,
    mapping: Mapping,
    ledger_config: LedgerConfig,
    buckets: Buckets,
    error_classes: ErrorClasses,
    queue_limit: Arc<LabelLimit>,
    /// The label limits of all mappings of the target, for the number of folded queues.
    queue_limits: Arc<[Arc<LabelLimit>]>,
    state_file: Option<PathBuf>,
    state: Mutex<State>,
}

impl TableCollector {
    /// A collector for a checked mapping. `queue_limits` holds the index of this mapping's label
    /// limit, and the limits of all mappings of the target.
    pub(crate) fn new(
        name: &str,
        mapping: &Mapping,
        queue_limits: (usize, Arc<[Arc<LabelLimit>]>),
        state_file: Option<PathBuf>,
    ) -> Result<Self, SettingsError> {
        let (own, queue_limits) = queue_limits;
        let queue_limit = Arc::clone(&queue_limits[own]);
        let mut state = State::default();
        state.queues.extend(mapping.names.iter().map(|it| queue_limit.fold(it)));
        if mapping.queue.is_empty() {
            state.queues.insert(queue_limit.fold(name));
        }
        let database_clock = mapping.clock == Clock::Database;
        Ok(Self {
            name: name.to_owned().into(),
            ledger_config: LedgerConfig {
                database_clock,
                lookback: to_micros(mapping.lookback.get()),
                skew: if database_clock { 0 } else { to_micros(mapping.skew.get()) },
                settle: to_micros(mapping.settle.get()),
                max_keys: mapping.max_keys,
            },
            mapping: mapping.clone(),
            buckets: Buckets::new(mapping),
            error_classes: ErrorClasses::new(mapping)?,
            queue_limit,
            queue_limits,
            state_file,
            state: Mutex::new(state),
        })
    }
}

impl SessionCollector<Session> for TableCollector {
    fn name(&self) -> &str {
        &self.name
    }

    async fn collect(&self, session: &Session, out: &mut Snapshot) -> Result<(), CollectError> {
        let plan = self.plan(session).await?;
        self.restore_state(&plan);
        let mut errors = FirstError::default();

        let queries: Vec<_> = plan.each_scrape(&self.mapping).collect();
        let asked = queries.iter().map(|query| self.ask(session, &plan, *query));
        let (activity, answers) =
            futures::join!(self.read_activity(session), future::join_all(asked));
        let mut answered = BTreeMap::new();
        for (query, answer) in queries.into_iter().zip(answers) {
            if let Some(answer) = errors.record(answer) {
                answered.insert(query, answer);
            }
        }
        let activity = errors.record(activity);
        // If even the activity cannot be read, the database does not answer: run no more queries.
        if let Some(activity) = &activity {
            self.advance(session, &plan, &activity.transactions, &mut errors).await;
            self.ask_deferred(session, &plan, &mut errors).await;
            self.update_notes(session, &plan, activity);
        }

        self.render(out, &plan, &answered, activity.as_ref());
        if let Some(error) = &errors.0
            && matches!(error.reason, Reason::Missing | Reason::Permission | Reason::Query)
        {
            // The table may have changed: the next scrape makes a new plan.
            lock(&self.state).plan = None;
        }
        errors.0.map_or(Ok(()), Err)
    }

    fn notes(&self) -> Vec<String> {
        lock(&self.state).notes.clone()
    }
}

impl TableCollector {
    async fn plan(&self, session: &Session) -> Result<Arc<Plan>, CollectError> {
        let known = lock(&self.state).plan.clone();
        if let Some(plan) = &known
            && plan.is_fresh()
        {
            return Ok(Arc::clone(plan));
        }
        let plan = Box::pin(Plan::make(session, &self.mapping)).await?;
        lock(&self.state).plan = Some(Arc::clone(&plan));
        Ok(plan)
    }

    fn context<'a>(&'a self, plan: &'a Plan) -> Context<'a> {
        Context {
            name: &self.name,
            mapping: &self.mapping,
            resolved: &plan.resolved,
            queue_limit: &self.queue_limit,
            error_classes: &self.error_classes,
        }
    }

    /// Sets the notes of the landing page, and logs each note once.
    fn update_notes(&self, session: &Session, plan: &Plan, activity: &Activity) {
        let mut notes = plan.notes();
        let database_clock = self.mapping.clock == Clock::Database;
        if !activity.privileged && !activity.standby && database_clock {
            notes.push(format!(
                "counting is not exact, because other roles' transactions are hidden: \
                 GRANT pg_read_all_stats TO {}",
                ident(session.user())
            ));
        }
        if activity.untracked && database_clock {
            notes.push(
                "counting is not exact, because some sessions hide their transactions: switch \
                 track_activities on for their role or database"
                    .to_owned(),
            );
        }
        let state = &mut *lock(&self.state);
        for note in &notes {
            if state.logged.insert(note.clone()) {
                tracing::warn!(source = %self.name, "{note}");
            }
        }
        state.notes = notes;
    }
}

/// The first error of a scrape, which the collector returns; the other answers are still exported.
#[derive(Debug, Default)]
struct FirstError(Option<CollectError>);

impl FirstError {
    fn record<T>(&mut self, result: Result<T, CollectError>) -> Option<T> {
        result.map_err(|error| self.0.get_or_insert(error)).ok()
    }
}

/// Locks the state. A panic elsewhere leaves it consistent, because it is changed without an
/// `await` in between.
fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

fn to_micros(duration: Duration) -> Micros {
    Micros::try_from(duration.as_micros()).unwrap_or(Micros::MAX)
}
