//! Reads one mapping's table.
//!
//! A scrape makes two round trips: first what waits and runs, and the watch that gives the next
//! bound; only then the rows stamped since the last one (see [`counting`](crate::counting)).
//! Questions that are costly, or need no fresh answer, follow when they are due.

mod ask;
mod count;
mod counts;
mod figures;
pub(crate) mod plan;
mod render;
mod saved;
mod state;
mod stream;
mod watch;

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use common::{
    scrape::{CollectError, Collector, Reason, Snapshot, label_limit::LabelLimit},
    settings::SettingsError,
    source::postgres::{Postgres, Session},
};
use futures::future;
use regex::RegexSet;
use tokio::time::Instant;

use self::{
    counts::Measures,
    plan::Plan,
    state::State,
    stream::{Classes, span},
    watch::Seen,
};
use crate::{
    counting::Rules,
    mapping::{Clock, Mapping},
    shape::Shape,
};

/// The collector of one mapping.
#[derive(Debug)]
pub struct Source {
    name: &'static str,
    mapping: Mapping,
    postgres: Postgres,
    rules: Rules,
    measures: Measures,
    classes: Classes,
    cap: Arc<LabelLimit>,
    /// The caps of all mappings of the target: what they fold is one figure.
    caps: Arc<[Arc<LabelLimit>]>,
    state_file: Option<PathBuf>,
    state: Mutex<State>,
}

impl Source {
    /// Reads the mapping's table; the mapping has been checked.
    pub fn new(
        name: &str,
        mapping: &Mapping,
        postgres: &Postgres,
        caps: (usize, Arc<[Arc<LabelLimit>]>),
        state_file: Option<PathBuf>,
    ) -> Result<Self, SettingsError> {
        let (own, caps) = caps;
        let measures = Measures::new(mapping);
        let patterns = RegexSet::new(mapping.errors.iter().map(|it| &it.pattern));
        let place = |class: &str| measures.classes.iter().position(|it| it == class).unwrap_or(0);
        let classes = Classes {
            patterns: patterns.map_err(|error| {
                SettingsError::at("errors", "the expressions together are too large")
                    .with_source(error)
            })?,
            places: mapping.errors.iter().map(|it| place(&it.class)).collect(),
            other: measures.classes.len() - 1,
        };
        let cap = Arc::clone(&caps[own]);
        let mut state = State::default();
        state.known.extend(mapping.names.iter().map(|it| cap.fold(it)));
        if mapping.queue.is_empty() {
            state.known.insert(cap.fold(name));
        }
        let application = mapping.clock == Clock::Application;
        Ok(Self {
            // Settings are read once, or again on a reload: a few names are not a leak.
            name: String::leak(name.to_owned()),
            rules: Rules {
                database_clock: !application,
                lookback: span(mapping.lookback.get()),
                skew: if application { span(mapping.skew.get()) } else { 0 },
                settle: span(mapping.settle.get()),
                max_keys: mapping.max_keys,
            },
            mapping: mapping.clone(),
            postgres: postgres.clone(),
            measures,
            classes,
            cap,
            caps,
            state_file,
            state: Mutex::new(state),
        })
    }

    async fn read(&self, deadline: Instant, out: &mut Snapshot) -> Result<(), CollectError> {
        let session = self.postgres.session(deadline).await?;
        let plan = self.plan(&session).await?;
        self.restore(&plan);
        let mut troubles = Troubles::default();

        let prompt: Vec<_> = plan.prompt().collect();
        let asked = prompt.iter().map(|query| self.ask(&session, &plan, *query));
        let (watch, answers) = futures::join!(self.watch(&session), future::join_all(asked));
        let mut answered = BTreeMap::new();
        for (query, answer) in prompt.into_iter().zip(answers) {
            if let Some(answer) = troubles.note(answer) {
                answered.insert(query, answer);
            }
        }
        let watch = troubles.note(watch);
        if let Some(watch) = &watch {
            self.count(&session, &plan, &watch.watch, &mut troubles).await;
        }
        self.ask_what_is_due(&session, &plan, watch.as_ref(), &mut troubles).await;
        if let Some(seen) = &watch {
            self.note(&session, &plan, seen);
        }

        self.render(out, &plan, &answered, watch.as_ref());
        if let Some(error) = &troubles.0
            && matches!(error.reason, Reason::Missing | Reason::Permission | Reason::Query)
        {
            // The table may have changed: look at it again.
            lock(&self.state).plan = None;
        }
        troubles.0.map_or(Ok(()), Err)
    }

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

    /// Says once in the log, and always on the landing page, what people should mend.
    fn note(&self, session: &Session, plan: &Plan, seen: &Seen) {
        let mut notes = plan.notes();
        if !seen.privileged && !seen.standby && self.mapping.clock == Clock::Database {
            notes.push(format!(
                "counting is not exact, for other roles' transactions cannot be seen: \
                 GRANT pg_read_all_stats TO {}",
                crate::quote::ident(session.user())
            ));
        }
        if seen.untracked && self.mapping.clock == Clock::Database {
            notes.push(
                "counting is not exact, for some sessions hide their transactions: switch \
                 track_activities on for their role or database"
                    .to_owned(),
            );
        }
        let state = &mut *lock(&self.state);
        for note in &notes {
            if state.told.insert(note.clone()) {
                tracing::warn!(source = self.name, "{note}");
            }
        }
        state.notes = notes;
    }
}

impl Collector for Source {
    fn name(&self) -> &str {
        self.name
    }

    async fn collect(&self, deadline: Instant, out: &mut Snapshot) -> Result<(), CollectError> {
        self.read(deadline, out).await
    }

    fn notes(&self) -> Vec<String> {
        lock(&self.state).notes.clone()
    }
}

/// The first thing that went wrong; the rest of the scrape goes on without it.
#[derive(Debug, Default)]
struct Troubles(Option<CollectError>);

impl Troubles {
    fn note<T>(&mut self, result: Result<T, CollectError>) -> Option<T> {
        result.map_err(|error| self.0.get_or_insert(error)).ok()
    }
}

/// What stands for a queue whose name is NULL or empty: an empty label is no label.
const NAMELESS: &str = "none";

fn queue_name(shape: &Shape, source: &str, queue: Option<&str>) -> String {
    match (&shape.queue, queue) {
        (None, _) => source.to_owned(),
        (Some(_), Some(queue)) if !queue.is_empty() => queue.to_owned(),
        (Some(_), _) => NAMELESS.to_owned(),
    }
}

/// A panic elsewhere leaves the state whole: it is changed in one piece.
fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}
