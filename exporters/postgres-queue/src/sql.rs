//! The statements, made once of a mapping and the table it fits.
//!
//! States stand in them as literals, so that partial indexes serve; what is compared with the
//! present is the bare column, so that any index on it does. Every result is cast to `text`,
//! `float8` or `int8`: what types the table uses stays the table's affair.

use std::{collections::BTreeMap, time::Duration};

use crate::{
    mapping::Mapping,
    metrics::Query,
    quote::{ident, literal, literals},
    relation::{Column, ColumnKind},
    shape::Shape,
};

/// A statement about the table.
#[derive(Clone, Debug)]
pub struct Statement {
    /// Its text, with `$1` for where to begin and `$2` for where to end or how many.
    pub text: String,
    /// The same with usual values in the parameters' place, to be explained.
    pub sample: String,
    /// The index that would serve it: what stands behind `ON table`.
    pub index: String,
}

/// The statements that the mapping and its table allow.
pub fn statements(mapping: &Mapping, shape: &Shape) -> BTreeMap<Query, Statement> {
    let sql = Sql { mapping, shape };
    let all = [
        (Query::Waiting, sql.waiting()),
        (Query::Retrying, sql.retrying()),
        (Query::Running, sql.running()),
        (Query::Kept, sql.kept()),
        (Query::Finished, sql.finished()),
        (Query::Enqueued, sql.enqueued()),
        (Query::Window, sql.window()),
        (Query::WindowErrors, sql.window_errors()),
        (Query::LateFinished, sql.late_finished()),
        (Query::LateEnqueued, sql.late_enqueued()),
        (Query::Table, sql.table()),
    ];
    all.into_iter().filter_map(|(query, statement)| Some((query, statement?))).collect()
}

struct Sql<'a> {
    mapping: &'a Mapping,
    shape: &'a Shape,
}

impl Sql<'_> {
    fn waiting(&self) -> Option<Statement> {
        let (states, shape) = (&self.shape.states.waiting, self.shape);
        let due = shape.ready_at.as_ref().map(|column| {
            let name = ident(&column.name);
            format!("({name} IS NULL OR {name} <= {})", self.now(column))
        });
        let due = due.as_deref().unwrap_or("true");
        let tried = match &shape.attempts {
            Some(attempts) => format!("coalesce({}::int8, 0) > 0", ident(&attempts.name)),
            None => "false".to_owned(),
        };
        let since = self.instants([&shape.ready_at, &shape.created_at]);
        let next = self.instants([&shape.ready_at]);
        let select = format!(
            "count(*) FILTER (WHERE {due}) AS ready, \
             count(*) FILTER (WHERE NOT {due} AND NOT {tried}) AS scheduled, \
             count(*) FILTER (WHERE NOT {due} AND {tried}) AS retrying, \
             extract(epoch FROM now() - min({since}) FILTER (WHERE {due} AND isfinite({since})))::float8 AS oldest, \
             extract(epoch FROM min({next}) FILTER (WHERE NOT {due} AND isfinite({next})))::float8 AS next"
        );
        let index = shape.ready_at.as_ref().map(|it| ident(&it.name));
        self.depth(states, &select, index)
    }

    fn retrying(&self) -> Option<Statement> {
        let next = self.instants([&self.shape.ready_at]);
        let select = format!(
            "count(*) AS retrying, \
             extract(epoch FROM min({next}) FILTER (WHERE {next} > now() AND isfinite({next})))::float8 AS next"
        );
        let index = self.shape.ready_at.as_ref().map(|it| ident(&it.name));
        self.depth(&self.shape.states.retrying, &select, index)
    }

    fn running(&self) -> Option<Statement> {
        let since = self.instants([&self.shape.started_at, &self.shape.stuck_since]);
        let limit = seconds(self.mapping.stuck_after.get());
        let select = format!(
            "count(*) AS running, \
             count(*) FILTER (WHERE {since} < now() - {limit}) AS stuck, \
             extract(epoch FROM now() - min({since}) FILTER (WHERE isfinite({since})))::float8 AS longest"
        );
        let columns = [&self.shape.started_at, &self.shape.stuck_since];
        let index = columns.into_iter().flatten().next().map(|it| ident(&it.name));
        self.depth(&self.shape.states.running, &select, index)
    }

    fn kept(&self) -> Option<Statement> {
        let states = self.shape.kept(self.mapping);
        if states.is_empty() {
            return None;
        }
        let text = format!(
            "SELECT {queue} AS queue, {state}::text AS state, count(*) AS jobs FROM {table} \
             WHERE {condition} GROUP BY 1, 2",
            queue = self.queue(),
            state = self.state(),
            table = self.table_name(),
            condition = self.with_filter(&self.in_state(&states)),
        );
        Some(plain(text, self.partial_index(None, &states)))
    }

    /// Jobs by queue; `select` are the aggregates.
    fn depth(&self, states: &[String], select: &str, index: Option<String>) -> Option<Statement> {
        if states.is_empty() {
            return None;
        }
        let text = format!(
            "SELECT {queue} AS queue, {select} FROM {table} WHERE {condition} GROUP BY 1",
            queue = self.queue(),
            table = self.table_name(),
            condition = self.with_filter(&self.in_state(states)),
        );
        Some(plain(text, self.partial_index(index, states)))
    }

    fn finished(&self) -> Option<Statement> {
        let shape = self.shape;
        let at = shape.finished_at.as_ref()?;
        let ends = shape.ends();
        if ends.is_empty() {
            return None;
        }
        let failed = &shape.states.failed;
        let error = match &shape.error {
            Some(error) if !failed.is_empty() => format!(
                "CASE WHEN {} THEN left({}::text, 1000) END",
                self.in_state(failed),
                ident(&error.name)
            ),
            _ => "NULL::text".to_owned(),
        };
        let attempts = match &shape.attempts {
            Some(attempts) => format!("{}::int8", ident(&attempts.name)),
            None => "NULL::int8".to_owned(),
        };
        let ready = self.instants([&shape.ready_at, &shape.created_at]);
        let select = format!(
            "{state}::text AS state, {created} AS created, {ready} AS ready, {started} AS started, \
             {attempts} AS attempts, {error} AS error",
            state = self.state(),
            created = epoch(&self.instants([&shape.created_at])),
            ready = epoch(&ready),
            started = epoch(&self.instants([&shape.started_at])),
        );
        Some(self.since(at, &select, Some(&self.in_state(&ends))))
    }

    fn enqueued(&self) -> Option<Statement> {
        let at = self.shape.created_at.as_ref()?;
        Some(self.since(at, "NULL::text AS state", None))
    }

    /// Rows stamped at or after `$1`, the oldest first, at most `$2`.
    fn since(&self, at: &Column, select: &str, condition: Option<&str>) -> Statement {
        let name = ident(&at.name);
        let text = |from: &str, limit: &str| {
            let from = self.local(at, from);
            let range = format!("{name} >= {from} AND {name} < 'infinity'");
            let condition = condition.map_or(range.clone(), |it| format!("{range} AND {it}"));
            format!(
                "SELECT {id}::text AS id, {queue} AS queue, {stamp} AS at, {select} FROM {table} \
                 WHERE {condition} ORDER BY {name} LIMIT {limit}",
                id = ident(&self.shape.id.name),
                queue = self.queue(),
                stamp = epoch(&instant(at, &self.mapping.timezone)),
                table = self.table_name(),
                condition = self.with_filter(&condition),
            )
        };
        Statement {
            text: text("to_timestamp($1)", "$2"),
            sample: text("(now() - interval '30 seconds')", "10000"),
            index: format!("({name})"),
        }
    }

    fn window(&self) -> Option<Statement> {
        self.in_window(&format!("{}::text AS state", self.state()), &self.shape.ends())
    }

    fn window_errors(&self) -> Option<Statement> {
        let error = ident(&self.shape.error.as_ref()?.name);
        self.in_window(&format!("left({error}::text, 1000) AS error"), &self.shape.states.failed)
    }

    /// Jobs created in the window that ended so, by queue and `by`.
    fn in_window<T: AsRef<str>>(&self, by: &str, ends: &[T]) -> Option<Statement> {
        let at = self.shape.created_at.as_ref()?;
        // With finish times the counters tell more.
        if self.shape.finished_at.is_some() || ends.is_empty() {
            return None;
        }
        let from = format!("(now() - {})", seconds(self.mapping.window.get()));
        let condition = format!(
            "{name} >= {from} AND {states}",
            name = ident(&at.name),
            from = self.local(at, &from),
            states = self.in_state(ends),
        );
        let text = format!(
            "SELECT {queue} AS queue, {by}, count(*) AS jobs FROM {table} \
             WHERE {condition} GROUP BY 1, 2",
            queue = self.queue(),
            table = self.table_name(),
            condition = self.with_filter(&condition),
        );
        Some(plain(text, format!("({})", ident(&at.name))))
    }

    fn late_finished(&self) -> Option<Statement> {
        let (at, ends) = (self.shape.finished_at.as_ref()?, self.shape.ends());
        if ends.is_empty() {
            return None;
        }
        let state = format!("{}::text", self.state());
        Some(self.by_minute(at, &state, Some(&self.in_state(&ends))))
    }

    fn late_enqueued(&self) -> Option<Statement> {
        Some(self.by_minute(self.shape.created_at.as_ref()?, "NULL::text", None))
    }

    /// Rows by the minute of their stamp, from `$1` to before `$2`.
    fn by_minute(&self, at: &Column, state: &str, condition: Option<&str>) -> Statement {
        let name = ident(&at.name);
        let text = |from: &str, until: &str| {
            let (from, until) = (self.local(at, from), self.local(at, until));
            let range = format!("{name} >= {from} AND {name} < {until}");
            let condition = condition.map_or(range.clone(), |it| format!("{range} AND {it}"));
            let stamp = instant(at, &self.mapping.timezone);
            format!(
                "SELECT {queue} AS queue, {state} AS state, \
                 floor(extract(epoch FROM {stamp}) / 60)::int8 AS minute, count(*) AS jobs \
                 FROM {table} WHERE {condition} GROUP BY 1, 2, 3",
                queue = self.queue(),
                table = self.table_name(),
                condition = self.with_filter(&condition),
            )
        };
        Statement {
            text: text("to_timestamp($1)", "to_timestamp($2)"),
            sample: text("(now() - interval '1 hour')", "now()"),
            index: format!("({name})"),
        }
    }

    /// The statistics of the table, and of its partitions.
    fn table(&self) -> Option<Statement> {
        let relation = &self.shape.relation;
        if !relation.is_table {
            return None;
        }
        let text = format!(
            "SELECT sum(s.n_live_tup)::float8 AS live, sum(s.n_dead_tup)::float8 AS dead, \
             sum(pg_total_relation_size(s.relid))::float8 AS size, \
             CASE WHEN bool_and(s.last_autovacuum IS NOT NULL) \
             THEN extract(epoch FROM min(s.last_autovacuum))::float8 END AS vacuumed \
             FROM pg_catalog.pg_stat_all_tables s \
             JOIN pg_catalog.pg_class c ON c.oid = s.relid AND c.relkind <> 'p' \
             WHERE s.relid = {oid} \
             OR s.relid IN (SELECT p.relid FROM pg_partition_tree({oid}) p)",
            oid = relation.oid
        );
        Some(plain(text, String::new()))
    }

    fn table_name(&self) -> String {
        self.shape.relation.quoted()
    }

    fn queue(&self) -> String {
        match &self.shape.queue {
            Some(column) => format!("{}::text", ident(&column.name)),
            None => "''::text".to_owned(),
        }
    }

    fn state(&self) -> String {
        ident(&self.shape.state.name)
    }

    fn in_state<T: AsRef<str>>(&self, values: &[T]) -> String {
        match values {
            [value] => format!("{} = {}", self.state(), literal(value.as_ref())),
            values => format!("{} IN ({})", self.state(), literals(values)),
        }
    }

    fn with_filter(&self, condition: &str) -> String {
        let filters = self.mapping.filter.iter();
        let filters =
            filters.map(|(column, it)| format!(" AND {} IN ({})", ident(column), literals(&it.0)));
        format!("{condition}{}", filters.collect::<String>())
    }

    fn partial_index<T: AsRef<str>>(&self, column: Option<String>, states: &[T]) -> String {
        let column = column.unwrap_or_else(|| match &self.shape.queue {
            Some(queue) => ident(&queue.name),
            None => self.state(),
        });
        format!("({column}) WHERE {}", self.in_state(states))
    }

    /// The first of the columns that is not NULL, as a point in time.
    fn instants<const N: usize>(&self, columns: [&Option<Column>; N]) -> String {
        let columns = columns.into_iter().flatten();
        let parts: Vec<_> = columns.map(|it| instant(it, &self.mapping.timezone)).collect();
        match parts.as_slice() {
            [] => "NULL::timestamptz".to_owned(),
            [one] => one.clone(),
            many => format!("coalesce({})", many.join(", ")),
        }
    }

    fn now(&self, column: &Column) -> String {
        self.local(column, "now()")
    }

    /// A point in time as it compares with the bare column.
    fn local(&self, column: &Column, instant: &str) -> String {
        match column.kind {
            ColumnKind::LocalTime => {
                format!("({instant} AT TIME ZONE {})", literal(&self.mapping.timezone))
            }
            _ => instant.to_owned(),
        }
    }
}

/// A statement without parameters.
fn plain(text: String, index: String) -> Statement {
    Statement { sample: text.clone(), text, index }
}

/// A column as a point in time.
fn instant(column: &Column, timezone: &str) -> String {
    let name = ident(&column.name);
    match column.kind {
        ColumnKind::LocalTime => format!("({name} AT TIME ZONE {})", literal(timezone)),
        _ => name,
    }
}

fn epoch(instant: &str) -> String {
    format!("extract(epoch FROM {instant})::float8")
}

fn seconds(span: Duration) -> String {
    format!("interval '{} seconds'", span.as_secs_f64())
}
