//! A mapping as it fits a table: which column is there, and what is left out without it.

use common::scrape::{CollectError, Reason};

use crate::{
    mapping::{Columns, Kept, Mapping, States},
    quote,
    relation::{Column, ColumnKind, Relation},
};

/// The columns and values that statements are made of.
#[derive(Clone, Debug)]
pub struct Shape {
    /// The table.
    pub relation: Relation,
    /// What identifies a job.
    pub id: Column,
    /// What the `queue` label shows.
    pub queue: Option<Column>,
    /// Where a job stands.
    pub state: Column,
    /// The values of it that this database knows.
    pub states: States,
    /// From when a waiting job may start.
    pub ready_at: Option<Column>,
    /// When the job was created.
    pub created_at: Option<Column>,
    /// When its last run started.
    pub started_at: Option<Column>,
    /// When it ended.
    pub finished_at: Option<Column>,
    /// How many runs it has had.
    pub attempts: Option<Column>,
    /// Why it failed.
    pub error: Option<Column>,
    /// Since when a running job runs, where `started_at` does not say.
    pub stuck_since: Option<Column>,
    /// Each key of the mapping that names columns, and whether one of them is there.
    pub present: Vec<(&'static str, bool)>,
    /// What people should know: a column of another type, a privilege that is missing.
    pub notes: Vec<String>,
}

impl Shape {
    /// Finds the mapping's columns in the table. `user` is the role, for the hints.
    pub fn new(mapping: &Mapping, relation: Relation, user: &str) -> Result<Self, CollectError> {
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
                "row-level security may hide rows of {}: ALTER ROLE {} BYPASSRLS, or give the role \
                 a policy that lets it read every row",
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
            present,
            notes,
        })
    }

    /// The values of the state column that mean an end whose rows are kept to be dealt with.
    pub fn kept(&self, mapping: &Mapping) -> Vec<&str> {
        let values = mapping.kept.iter().flat_map(|it| match it {
            Kept::Failed => &self.states.failed,
            Kept::Cancelled => &self.states.cancelled,
        });
        values.map(String::as_str).collect()
    }

    /// The values of the state column that mean an end.
    pub fn ends(&self) -> Vec<&str> {
        self.states.outcomes().into_keys().collect()
    }
}

struct Finder<'a> {
    relation: &'a Relation,
    user: &'a str,
    notes: Vec<String>,
    present: Vec<(&'static str, bool)>,
}

impl Finder<'_> {
    /// The first of the columns that is there and may be read.
    fn any(&mut self, key: &'static str, columns: &Columns) -> Option<Column> {
        self.find(key, columns, |_| true)
    }

    /// The first of the columns that holds a point in time.
    fn time(&mut self, key: &'static str, columns: &Columns) -> Option<Column> {
        self.find(key, columns, |it| matches!(it, ColumnKind::Instant | ColumnKind::LocalTime))
    }

    fn required(&mut self, key: &'static str, columns: &Columns) -> Result<Column, CollectError> {
        let before = self.notes.len();
        if let Some(found) = self.any(key, columns) {
            return Ok(found);
        }
        let table = self.relation.quoted();
        let doing = format!("looking for the column `{key}` of {table}");
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
                    "GRANT SELECT ({}) ON {} TO {}; without it `{key}` is left out",
                    quote::ident(name),
                    self.relation.quoted(),
                    quote::ident(self.user)
                ));
            } else if fits(&column.kind) {
                found = Some(column.clone());
                break;
            } else if let ColumnKind::Other(kind) = &column.kind {
                self.notes.push(format!(
                    "`{key}` needs a timestamp, and {name} of {} is of the type {kind}: it is left out",
                    self.relation.quoted()
                ));
            }
        }
        if !columns.is_empty() {
            self.present.push((key, found.is_some()));
        }
        found
    }

    /// Leaves out values that an enum does not have, for to ask for one is an error.
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
