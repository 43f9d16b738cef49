//! What is asked of a table, made anew now and then, for tables and indexes change.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use common::{scrape::CollectError, source::postgres::Session};
use futures::future;
use tokio::time::Instant;

use crate::{
    explain::{self, LARGE, explain},
    mapping::Mapping,
    metrics::Query,
    quote,
    relation::{Column, ColumnKind, Relation},
    shape::Shape,
    sql::{self, Statement},
};

/// How long a plan is trusted.
const LIFE: Duration = Duration::from_mins(10);

/// The statements that a mapping makes on the table as it was found.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) made: Instant,
    pub(crate) shape: Shape,
    pub(crate) statements: BTreeMap<Query, Statement>,
    /// What the database makes of each: the first line of its plan.
    pub(crate) summaries: BTreeMap<Query, String>,
    /// Those that read a large table whole, with the index that would help.
    pub(crate) unindexed: BTreeMap<Query, String>,
}

impl Plan {
    pub(crate) async fn make(
        session: &Session,
        mapping: &Mapping,
    ) -> Result<Arc<Self>, CollectError> {
        // The settings were checked, so the name is one.
        let name = quote::table(&mapping.table).unwrap_or_else(|| quote::ident(&mapping.table));
        let relation = Relation::read(session, &name).await?;
        let shape = Shape::new(mapping, relation, session.user())?;
        let mut statements = sql::statements(mapping, &shape);
        let (workers, paused) = futures::join!(workers(session, mapping), paused(session, mapping));
        if let Some(statement) = workers? {
            statements.insert(Query::Workers, statement);
        }
        if let Some(statement) = paused? {
            statements.insert(Query::Paused, statement);
        }
        let mut plan = Self {
            made: Instant::now(),
            shape,
            statements,
            summaries: BTreeMap::new(),
            unindexed: BTreeMap::new(),
        };
        plan.explain(session).await?;
        Ok(Arc::new(plan))
    }

    pub(crate) fn is_fresh(&self) -> bool {
        self.made.elapsed() < LIFE
    }

    /// The questions about the present that are asked at each scrape.
    pub(crate) fn prompt(&self) -> impl Iterator<Item = Query> {
        self.gauges().filter(|it| *it != Query::Table && !self.unindexed.contains_key(it))
    }

    /// Those that are asked now and then.
    pub(crate) fn at_leisure(&self) -> impl Iterator<Item = Query> {
        self.gauges().filter(|it| *it == Query::Table || self.unindexed.contains_key(it))
    }

    /// Those whose answers are gauges; the others bring rows to count.
    fn gauges(&self) -> impl Iterator<Item = Query> {
        use Query::{Enqueued, Finished, LateEnqueued, LateFinished};
        let rows = [Finished, Enqueued, LateFinished, LateEnqueued];
        self.statements.keys().copied().filter(move |it| !rows.contains(it))
    }

    /// What people should know.
    pub(crate) fn notes(&self) -> Vec<String> {
        let unindexed = self.unindexed.iter().map(|(query, index)| {
            format!(
                "`{}` reads all of {}, so it is asked less often: {index}",
                query.as_str(),
                self.shape.relation.quoted()
            )
        });
        self.shape.notes.iter().cloned().chain(unindexed).collect()
    }

    async fn explain(&mut self, session: &Session) -> Result<(), CollectError> {
        let asked = self.statements.iter().filter(|(query, _)| **query != Query::Table);
        let asked = asked.map(|(query, it)| async { (*query, explain(session, &it.sample).await) });
        let plans = future::join_all(asked).await;
        let mut whole = BTreeMap::new();
        for (query, plan) in plans {
            // A statement that cannot be explained cannot be run; its run will say why.
            let Ok(plan) = plan else { continue };
            self.summaries.insert(query, plan.summary);
            if !plan.whole.is_empty() {
                whole.insert(query, plan.whole);
            }
        }
        let asked = whole.into_iter().map(|(query, tables)| async move {
            explain::rows(session, &tables).await.map(|rows| (query, rows))
        });
        for found in future::join_all(asked).await {
            let (query, rows) = found?;
            if rows > LARGE
                && let Some(statement) = self.statements.get(&query)
            {
                let table = self.shape.relation.quoted();
                let index = format!("CREATE INDEX CONCURRENTLY ON {table} {}", statement.index);
                self.unindexed.insert(query, index);
            }
        }
        Ok(())
    }
}

async fn workers(session: &Session, mapping: &Mapping) -> Result<Option<Statement>, CollectError> {
    let Some(workers) = &mapping.workers else { return Ok(None) };
    let Some(name) = quote::table(&workers.table) else { return Ok(None) };
    let relation = Relation::read(session, &name).await?;
    let seen = quote::ident(&workers.last_seen);
    let seen = if is_local(relation.columns.get(&workers.last_seen)) {
        format!("({seen} AT TIME ZONE {})", quote::literal(&mapping.timezone))
    } else {
        seen
    };
    let text = format!(
        "SELECT count(*) AS alive FROM {} WHERE {seen} > now() - interval '{} seconds'",
        relation.quoted(),
        workers.alive_within.get().as_secs_f64()
    );
    Ok(Some(Statement { sample: text.clone(), text, index: format!("({seen})") }))
}

async fn paused(session: &Session, mapping: &Mapping) -> Result<Option<Statement>, CollectError> {
    let Some(paused) = &mapping.paused else { return Ok(None) };
    let Some(name) = quote::table(&paused.table) else { return Ok(None) };
    let relation = Relation::read(session, &name).await?;
    let state = match (&paused.paused_at, &paused.flag) {
        (Some(at), _) => format!("{} IS NOT NULL", quote::ident(at)),
        (None, Some(flag)) => format!("coalesce({}::boolean, false)", quote::ident(flag)),
        (None, None) => "true".to_owned(),
    };
    let text = format!(
        "SELECT {}::text AS queue, bool_or({state}) AS paused FROM {} GROUP BY 1",
        quote::ident(&paused.queue),
        relation.quoted()
    );
    Ok(Some(Statement { sample: text.clone(), text, index: String::new() }))
}

fn is_local(column: Option<&Column>) -> bool {
    column.is_some_and(|it| it.kind == ColumnKind::LocalTime)
}
