//! Reads one mapping's table.
//!
//! A scrape makes two round trips: first what waits and runs, and the watch that gives the next
//! bound; only then the rows stamped since the last one (see [`counting`](crate::counting)).
//! Questions that are costly, or need no fresh answer, follow when they are due.

mod counts;
mod figures;
mod pace;
pub(crate) mod plan;
mod render;
mod saved;
mod state;
mod stream;

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime},
};

use common::{
    cap::Cap,
    collector::{CollectError, Collector, Reason},
    labels::Text,
    postgres::{Postgres, Session, column},
    settings::SettingsError,
    snapshot::Snapshot,
};
use futures::{
    FutureExt,
    future::{self, BoxFuture},
};
use regex::RegexSet;
use tokio::time::Instant;
use tokio_postgres::{
    Row,
    types::{ToSql, Type},
};

use self::{
    counts::{ENQUEUED, Measures, tag_of},
    figures::{Depths, Figures},
    plan::Plan,
    state::{Answer, Group, Kept, State, Table, in_range, seconds},
    stream::{Classes, Reader, micros, span},
};
use crate::{
    counting::{Micros, Prepared, Rules, Watch, tally::Minute},
    mapping::{Clock, Mapping},
    metrics::Query,
    shape::Shape,
    sql::WATCH,
};

/// How long an answer about the table's health is good enough.
const TABLE_REST: Duration = Duration::from_mins(1);

/// The collector of one mapping.
#[derive(Debug)]
pub struct Source {
    name: &'static str,
    mapping: Mapping,
    postgres: Postgres,
    rules: Rules,
    measures: Measures,
    classes: Classes,
    cap: Arc<Cap>,
    /// The caps of all mappings of the target: what they fold is one figure.
    caps: Arc<[Arc<Cap>]>,
    state_file: Option<PathBuf>,
    state: Mutex<State>,
}

impl Source {
    /// Reads the mapping's table; the mapping has been checked.
    pub fn new(
        name: &str,
        mapping: &Mapping,
        postgres: &Postgres,
        caps: (usize, Arc<[Arc<Cap>]>),
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

    async fn watch(&self, session: &Session) -> Result<Seen, CollectError> {
        let doing = format!("reading the open transactions for `{}`", self.name);
        let rows = session.query(&doing, WATCH, &[]).await?;
        let row = rows.first().ok_or_else(|| CollectError::new(Reason::Parse, doing))?;
        Seen::read(row)
    }

    /// Asks a question whose answer is gauges.
    async fn ask(
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

    fn queue(&self, shape: &Shape, row: &Row) -> Result<Text, CollectError> {
        Ok(self.cap.fold(&queue_name(shape, self.name, column(row, "queue")?)))
    }

    /// The second step of counting, each kind of event by itself.
    async fn count(&self, session: &Session, plan: &Plan, watch: &Watch, troubles: &mut Troubles) {
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
    ) -> Result<Option<(stream::Reading, Duration)>, CollectError> {
        let Some(statement) = plan.statements.get(&query) else { return Ok(None) };
        let now = Instant::now();
        let from = {
            let mut state = lock(&self.state);
            if plan.unindexed.contains_key(&query) {
                if !state.pace.is_due(query, now) {
                    return Ok(None);
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
        let reading = reader.read(session, statement, from).await?;
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
                let Some(range) = range.filter(|_| state.pace.is_due(look, now)) else { continue };
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

    /// Asks what is not asked at each scrape, one after the other: the prompt answers are in.
    async fn ask_what_is_due(
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
                if !state.pace.is_due(query, asked) {
                    continue;
                }
                state.pace.ask(query, asked, session.deadline());
            }
            let answer = self.ask(session, plan, query).await;
            if let Some(answer) = troubles.note(answer) {
                let least = if query == Query::Table { TABLE_REST } else { Duration::ZERO };
                let state = &mut *lock(&self.state);
                state.pace.rest(query, Instant::now(), asked.elapsed(), least);
                state.kept.insert(query, Kept { at: SystemTime::now(), answer });
            }
        }
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
    fn name(&self) -> &'static str {
        self.name
    }

    fn collect<'a>(
        &'a self,
        deadline: Instant,
        out: &'a mut Snapshot,
    ) -> BoxFuture<'a, Result<(), CollectError>> {
        self.read(deadline, out).boxed()
    }

    fn notes(&self) -> Vec<String> {
        lock(&self.state).notes.clone()
    }
}

/// What the watch told, for counting and for people.
#[derive(Debug)]
struct Seen {
    watch: Watch,
    privileged: bool,
    standby: bool,
    oldest_snapshot_age: Option<f64>,
}

impl Seen {
    fn read(row: &Row) -> Result<Self, CollectError> {
        let prepared: Vec<String> = column(row, "prepared")?;
        let privileged: bool = column(row, "privileged")?;
        let standby: bool = column(row, "standby")?;
        let oldest: Option<f64> = column(row, "oldest")?;
        let watch = Watch {
            now: micros(column(row, "now")?),
            oldest: oldest.map(micros),
            prepared: prepared.into_iter().map(|id| Prepared { id }).collect(),
            sees_all: privileged && !standby,
        };
        let oldest_snapshot_age = column(row, "oldest_snapshot_age")?;
        Ok(Self { watch, privileged, standby, oldest_snapshot_age })
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

/// A point in time of the database's, for the metrics.
fn timestamp(at: Micros) -> f64 {
    seconds(at)
}
