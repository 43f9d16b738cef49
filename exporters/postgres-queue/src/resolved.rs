//! A mapping resolved against the database: which of its columns and values exist.

use common::{
    scrape::{CollectError, Reason},
    source::postgres::Session,
};

use crate::{
    mapping::{Columns, KeptState, Mapping, States},
    quote,
    relation::{Column, ColumnKind, Relation},
};

/// The tables, columns and values that statements use; missing ones are `None` or empty.
#[derive(Clone, Debug)]
pub(crate) struct ResolvedMapping {
    pub(crate) relation: Relation,
    pub(crate) id: Column,
    pub(crate) queue: Option<Column>,
    pub(crate) state: Column,
    /// The values of `state` that the column's type allows.
    pub(crate) states: States,
    pub(crate) ready_at: Option<Column>,
    pub(crate) created_at: Option<Column>,
    pub(crate) started_at: Option<Column>,
    pub(crate) finished_at: Option<Column>,
    pub(crate) attempts: Option<Column>,
    pub(crate) error: Option<Column>,
    pub(crate) stuck_since: Option<Column>,
    /// The table of heartbeats, if the mapping names one.
    pub(crate) workers: Option<Relation>,
    /// The table of paused queues, if the mapping names one.
    pub(crate) paused: Option<Relation>,
    /// Each key of the mapping that names columns, and whether one of them exists.
    pub(crate) present: Vec<(&'static str, bool)>,
    /// The notes for the landing page and `check`: a column of the wrong type, a missing privilege.
    pub(crate) notes: Vec<String>,
}

impl ResolvedMapping {
    /// Looks up the mapping's tables and columns.
    pub(crate) async fn read(session: &Session, mapping: &Mapping) -> Result<Self, CollectError> {
        let relation = Relation::read(session, &mapping.table).await?;
        let mut resolved = Self::find(mapping, relation, session.user())?;
        let (workers, paused) = futures::join!(
            further_table(session, mapping.workers.as_ref().map(|it| it.table.as_str())),
            further_table(session, mapping.paused.as_ref().map(|it| it.table.as_str())),
        );
        resolved.workers = workers?;
        resolved.paused = paused?;
        Ok(resolved)
    }

    /// Finds the mapping's columns in its table. `user` is the role that hints name.
    fn find(mapping: &Mapping, relation: Relation, user: &str) -> Result<Self, CollectError> {
        let mut finder = Finder { relation: &relation, user, notes: vec![], present: vec![] };
        let id = finder.required("id", &mapping.id)?;
        let state = finder.required("state", &mapping.state)?;
        let queue = finder.any("queue", &mapping.queue);
        let ready_at = finder.time("ready_at", &mapping.ready_at);
        let created_at = finder.time("created_at", &mapping.created_at);
        let started_at = finder.time("started_at", &mapping.started_at);
        let finished_at = finder.time("finished_at", &mapping.finished_at);
        let attempts = finder.any("attempts", &mapping.attempts);
        let error = finder.any("error", &mapping.error);
        let stuck_since = finder.time("stuck_since", &mapping.stuck_since);
        for column in mapping.filter.keys() {
            finder.required("filter", &Columns(vec![column.clone()]))?;
        }
        finder.present.retain(|(key, _)| *key != "filter");
        let states = finder.known_states(&state, &mapping.states);
        let Finder { mut notes, present, .. } = finder;
        if relation.row_security {
            notes.push(format!(
                "row-level security may hide rows of {}: ALTER ROLE {} BYPASSRLS, or create a \
                 policy that lets the role read every row",
                relation.quoted(),
                quote::ident(user)
            ));
        }
        Ok(Self {
            relation,
            id,
            queue,
            state,
            states,
            ready_at,
            created_at,
            started_at,
            finished_at,
            attempts,
            error,
            stuck_since,
            workers: None,
            paused: None,
            present,
            notes,
        })
    }

    /// The end states whose rows are kept until a person has handled them.
    pub(crate) fn kept_states(&self, mapping: &Mapping) -> Vec<&str> {
        let values = mapping.kept.iter().flat_map(|it| match it {
            KeptState::Failed => &self.states.failed,
            KeptState::Cancelled => &self.states.cancelled,
        });
        values.map(String::as_str).collect()
    }

    /// The states in which a job has ended.
    pub(crate) fn end_states(&self) -> Vec<&str> {
        self.states.outcomes().into_keys().collect()
    }
}

async fn further_table(
    session: &Session,
    name: Option<&str>,
) -> Result<Option<Relation>, CollectError> {
    match name {
        Some(name) => Relation::read(session, name).await.map(Some),
        None => Ok(None),
    }
}

/// Finds columns, and adds a note for each that cannot be used.
struct Finder<'a> {
    relation: &'a Relation,
    user: &'a str,
    notes: Vec<String>,
    present: Vec<(&'static str, bool)>,
}

impl Finder<'_> {
    /// The first of the columns that exists and may be read.
    fn any(&mut self, key: &'static str, columns: &Columns) -> Option<Column> {
        self.find(key, columns, |_| true)
    }

    /// The first of the columns that is a timestamp.
    fn time(&mut self, key: &'static str, columns: &Columns) -> Option<Column> {
        self.find(key, columns, |it| matches!(it, ColumnKind::Instant | ColumnKind::LocalTime))
    }

    fn required(&mut self, key: &'static str, columns: &Columns) -> Result<Column, CollectError> {
        let before = self.notes.len();
        if let Some(found) = self.any(key, columns) {
            return Ok(found);
        }
        let table = self.relation.quoted();
        let doing = format!("resolving the column `{key}` of {table}");
        if let Some(grant) = self.notes.drain(before..).next() {
            return Err(CollectError::new(Reason::Permission, doing).with_hint(grant));
        }
        let names = columns.0.join("`, `");
        Err(CollectError::new(Reason::Missing, doing)
            .with_hint(format!("{table} has no column `{names}`: correct `{key}`")))
    }

    fn find(
        &mut self,
        key: &'static str,
        columns: &Columns,
        fits: impl Fn(&ColumnKind) -> bool,
    ) -> Option<Column> {
        let mut found = None;
        for name in &columns.0 {
            let Some(column) = self.relation.columns.get(name) else { continue };
            if !column.readable {
                self.notes.push(format!(
                    "GRANT SELECT ({}) ON {} TO {}; without it `{key}` is not used",
                    quote::ident(name),
                    self.relation.quoted(),
                    quote::ident(self.user)
                ));
            } else if fits(&column.kind) {
                found = Some(column.clone());
                break;
            } else if let ColumnKind::Other(kind) = &column.kind {
                self.notes.push(format!(
                    "`{key}` needs a timestamp, but {name} of {} has the type {kind}: it is not used",
                    self.relation.quoted()
                ));
            }
        }
        if !columns.is_empty() {
            self.present.push((key, found.is_some()));
        }
        found
    }

    /// Drops values that the enum lacks: PostgreSQL rejects a comparison with them.
    fn known_states(&mut self, state: &Column, states: &States) -> States {
        let ColumnKind::Enum(labels) = &state.kind else { return states.clone() };
        let mut states = states.clone();
        let lists = [
            &mut states.waiting,
            &mut states.retrying,
            &mut states.running,
            &mut states.succeeded,
            &mut states.failed,
            &mut states.cancelled,
        ];
        for list in lists {
            list.retain(|value| {
                let known = labels.contains(value);
                if !known {
                    self.notes.push(format!("the state column's type has no value `{value}`"));
                }
                known
            });
        }
        states
    }
}
