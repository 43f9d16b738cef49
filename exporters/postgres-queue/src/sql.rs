//! Building blocks for the statements about a mapping's table.
//!
//! States are literals, so that partial indexes apply. Timestamps are compared as bare columns, so
//! that any index on the column applies. Every result is cast to `text`, `float8` or `int8`, so
//! that the exporter does not depend on the table's types.

use std::time::Duration;

use crate::{
    mapping::Mapping,
    quote::{ident, literal, literals},
    relation::{Column, ColumnKind},
    resolved::ResolvedMapping,
};

/// A statement about the table.
#[derive(Clone, Debug)]
pub(crate) struct Statement {
    /// The SQL. `$1` is where a range starts; `$2` is where it ends, or the limit of rows.
    pub(crate) text: String,
    /// The same with typical values in place of the parameters, for `EXPLAIN` and `check`.
    pub(crate) sample: String,
    /// The index that makes it cheap, as the text after `CREATE INDEX ON`; `None` if no index can.
    pub(crate) index: Option<String>,
}

impl Statement {
    /// A statement without parameters.
    pub(crate) fn plain(text: String, index: Option<String>) -> Self {
        Self { sample: text.clone(), text, index }
    }
}

/// Builds statements about a mapping's table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SqlBuilder<'a> {
    pub(crate) mapping: &'a Mapping,
    pub(crate) resolved: &'a ResolvedMapping,
}

impl SqlBuilder<'_> {
    /// The aggregates `select` over the jobs in the states, by queue. `None` without states.
    /// `index_on` is the column that an index should have; the queue or the state by default.
    pub(crate) fn by_queue<T: AsRef<str>>(
        &self,
        states: &[T],
        select: &str,
        index_on: Option<&Column>,
    ) -> Option<Statement> {
        let condition = self.in_states(states)?;
        let text = format!(
            "SELECT {queue} AS queue, {select} FROM {table} WHERE {condition} GROUP BY 1",
            queue = self.queue(),
            table = self.table(),
            condition = self.with_filter(&condition),
        );
        Some(Statement::plain(text, Some(self.partial_index(index_on, &condition))))
    }

    /// The number of jobs that meet the condition, as `jobs`, by queue and `group`.
    pub(crate) fn count_by(&self, group: &str, condition: &str) -> String {
        format!(
            "SELECT {queue} AS queue, {group}, count(*) AS jobs FROM {table} \
             WHERE {condition} GROUP BY 1, 2",
            queue = self.queue(),
            table = self.table(),
            condition = self.with_filter(condition),
        )
    }

    /// Jobs created in the mapping's window that ended in one of the states, by queue and `group`.
    pub(crate) fn in_window<T: AsRef<str>>(&self, group: &str, ends: &[T]) -> Option<Statement> {
        let created_at = self.resolved.created_at.as_ref()?;
        // Where the table has finish times, the counters replace these gauges.
        if self.resolved.finished_at.is_some() {
            return None;
        }
        let states = self.in_states(ends)?;
        let from = format!("(now() - {})", interval(self.mapping.window.get()));
        let from = self.comparable(created_at, &from);
        let condition = format!("{} >= {from} AND {states}", ident(&created_at.name));
        Some(Statement::plain(self.count_by(group, &condition), Some(self.index(created_at))))
    }

    /// Rows stamped at or after `$1`, the oldest first, at most `$2`.
    pub(crate) fn stamped_since(
        &self,
        stamp: &Column,
        select: &str,
        condition: Option<&str>,
    ) -> Statement {
        let name = ident(&stamp.name);
        let text = |from: &str, limit: &str| {
            let from = self.comparable(stamp, from);
            let range = format!("{name} >= {from} AND {name} < 'infinity'");
            let condition = condition.map_or(range.clone(), |it| format!("{range} AND {it}"));
            format!(
                "SELECT {id}::text AS id, {queue} AS queue, {at} AS at, {select} FROM {table} \
                 WHERE {condition} ORDER BY {name} LIMIT {limit}",
                id = ident(&self.resolved.id.name),
                queue = self.queue(),
                at = epoch(&self.instant(stamp)),
                table = self.table(),
                condition = self.with_filter(&condition),
            )
        };
        Statement {
            text: text("to_timestamp($1)", "$2"),
            sample: text("(now() - interval '30 seconds')", "10000"),
            index: Some(self.index(stamp)),
        }
    }

    /// The number of rows by queue, state and minute of their stamp, from `$1` to before `$2`.
    pub(crate) fn by_minute(
        &self,
        stamp: &Column,
        state: &str,
        condition: Option<&str>,
    ) -> Statement {
        let name = ident(&stamp.name);
        let text = |from: &str, until: &str| {
            let (from, until) = (self.comparable(stamp, from), self.comparable(stamp, until));
            let range = format!("{name} >= {from} AND {name} < {until}");
            let condition = condition.map_or(range.clone(), |it| format!("{range} AND {it}"));
            format!(
                "SELECT {queue} AS queue, {state} AS state, \
                 floor(extract(epoch FROM {at}) / 60)::int8 AS minute, count(*) AS jobs \
                 FROM {table} WHERE {condition} GROUP BY 1, 2, 3",
                queue = self.queue(),
                at = self.instant(stamp),
                table = self.table(),
                condition = self.with_filter(&condition),
            )
        };
        Statement {
            text: text("to_timestamp($1)", "to_timestamp($2)"),
            sample: text("(now() - interval '1 hour')", "now()"),
            index: Some(self.index(stamp)),
        }
    }

    /// The state column.
    pub(crate) fn state(&self) -> String {
        ident(&self.resolved.state.name)
    }

    /// The condition that a job is in one of the states; `None` without states.
    pub(crate) fn in_states<T: AsRef<str>>(&self, states: &[T]) -> Option<String> {
        match states {
            [] => None,
            [state] => Some(format!("{} = {}", self.state(), literal(state.as_ref()))),
            states => Some(format!("{} IN ({})", self.state(), literals(states))),
        }
    }

    /// A partial index on the column for the rows that meet the condition.
    pub(crate) fn partial_index(&self, column: Option<&Column>, condition: &str) -> String {
        let column = column.or(self.resolved.queue.as_ref()).unwrap_or(&self.resolved.state);
        format!("{} ({}) WHERE {condition}", self.table(), ident(&column.name))
    }

    /// The first of the columns that is not NULL, as a `timestamptz`.
    pub(crate) fn first_instant<const N: usize>(&self, columns: [&Option<Column>; N]) -> String {
        let columns = columns.into_iter().flatten();
        let parts: Vec<_> = columns.map(|it| self.instant(it)).collect();
        match parts.as_slice() {
            [] => "NULL::timestamptz".to_owned(),
            [one] => one.clone(),
            many => format!("coalesce({})", many.join(", ")),
        }
    }

    /// A `timestamptz` expression, converted so that it compares with the bare column.
    pub(crate) fn comparable(&self, column: &Column, instant: &str) -> String {
        match column.kind {
            ColumnKind::LocalTime => {
                format!("({instant} AT TIME ZONE {})", literal(&self.mapping.timezone))
            }
            _ => instant.to_owned(),
        }
    }

    /// A column as a `timestamptz`.
    fn instant(&self, column: &Column) -> String {
        instant(column, &self.mapping.timezone)
    }

    fn index(&self, column: &Column) -> String {
        format!("{} ({})", self.table(), ident(&column.name))
    }

    fn table(&self) -> String {
        self.resolved.relation.quoted()
    }

    fn queue(&self) -> String {
        match &self.resolved.queue {
            Some(column) => format!("{}::text", ident(&column.name)),
            None => "''::text".to_owned(),
        }
    }

    fn with_filter(&self, condition: &str) -> String {
        let filters = self.mapping.filter.iter();
        let filters =
            filters.map(|(column, it)| format!(" AND {} IN ({})", ident(column), literals(&it.0)));
        format!("{condition}{}", filters.collect::<String>())
    }
}

/// A column as a `timestamptz`.
pub(crate) fn instant(column: &Column, timezone: &str) -> String {
    let name = ident(&column.name);
    match column.kind {
        ColumnKind::LocalTime => format!("({name} AT TIME ZONE {})", literal(timezone)),
        _ => name,
    }
}

/// A `timestamptz` expression as seconds since 1970.
pub(crate) fn epoch(instant: &str) -> String {
    format!("extract(epoch FROM {instant})::float8")
}

/// A duration as an `interval`.
pub(crate) fn interval(duration: Duration) -> String {
    format!("interval '{} seconds'", duration.as_secs_f64())
}
