//! The statements that a scrape runs. The plan is rebuilt regularly, because tables and indexes
//! change.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use common::{scrape::CollectError, source::postgres::Session};
use futures::future;
use tokio::time::Instant;

use crate::{
    explain::{self, LARGE_TABLE, explain},
    mapping::Mapping,
    questions::Query,
    resolved::ResolvedMapping,
    sql::{SqlBuilder, Statement},
};

/// How long a plan is used.
const LIFETIME: Duration = Duration::from_mins(10);

/// The statements about the table as it is now.
#[derive(Debug)]
pub(crate) struct Plan {
    made: Instant,
    pub(crate) resolved: ResolvedMapping,
    pub(crate) statements: BTreeMap<Query, Statement>,
    /// The first line of each statement's query plan.
    pub(crate) summaries: BTreeMap<Query, String>,
    /// The statements that scan a large table, each with its fix: usually a `CREATE INDEX`.
    pub(crate) unindexed: BTreeMap<Query, String>,
}

impl Plan {
    pub(crate) async fn make(
        session: &Session,
        mapping: &Mapping,
    ) -> Result<Arc<Self>, CollectError> {
        let resolved = ResolvedMapping::read(session, mapping).await?;
        let sql = SqlBuilder { mapping, resolved: &resolved };
        let statements = Query::ALL
            .into_iter()
            .filter_map(|query| Some((query, query.question().statement(&sql)?)))
            .collect();
        let mut plan = Self {
            made: Instant::now(),
            resolved,
            statements,
            summaries: BTreeMap::new(),
            unindexed: BTreeMap::new(),
        };
        plan.explain(session).await?;
        Ok(Arc::new(plan))
    }

    pub(crate) fn is_fresh(&self) -> bool {
        self.made.elapsed() < LIFETIME
    }

    /// The questions for gauges that are asked at each scrape.
    pub(crate) fn each_scrape(&self, mapping: &Mapping) -> impl Iterator<Item = Query> {
        self.gauges().filter(|it| !self.is_deferred(*it, mapping))
    }

    /// The questions for gauges that are asked only when their schedule allows it.
    pub(crate) fn deferred(&self, mapping: &Mapping) -> impl Iterator<Item = Query> {
        self.gauges().filter(|it| self.is_deferred(*it, mapping))
    }

    fn is_deferred(&self, query: Query, mapping: &Mapping) -> bool {
        self.unindexed.contains_key(&query) || query.question().interval(mapping).is_some()
    }

    fn gauges(&self) -> impl Iterator<Item = Query> {
        self.statements.keys().copied().filter(|it| it.question().answer().is_some())
    }

    /// The notes for the landing page and `check`.
    pub(crate) fn notes(&self) -> Vec<String> {
        let unindexed = self.unindexed.iter().map(|(query, fix)| {
            format!("`{}` scans a large table, so it runs less often: {fix}", query.as_str())
        });
        self.resolved.notes.iter().cloned().chain(unindexed).collect()
    }

    async fn explain(&mut self, session: &Session) -> Result<(), CollectError> {
        let explained = self.statements.iter().filter(|(query, _)| query.question().is_explained());
        let explained =
            explained.map(|(query, it)| async { (*query, explain(session, &it.sample).await) });
        let mut scans = BTreeMap::new();
        for (query, explained) in future::join_all(explained).await {
            // A statement that cannot be explained cannot be run either; its run reports why.
            let Ok(explained) = explained else { continue };
            self.summaries.insert(query, explained.summary);
            if !explained.scanned_tables.is_empty() {
                scans.insert(query, explained.scanned_tables);
            }
        }
        let scans = scans.into_iter().map(|(query, tables)| async move {
            explain::rows(session, &tables).await.map(|rows| (query, rows))
        });
        for scan in future::join_all(scans).await {
            let (query, rows) = scan?;
            if rows > LARGE_TABLE
                && let Some(statement) = self.statements.get(&query)
            {
                let fix = match &statement.index {
                    Some(index) => format!("CREATE INDEX CONCURRENTLY ON {index}"),
                    None => "it needs every row, so no index helps".to_owned(),
                };
                self.unindexed.insert(query, fix);
            }
        }
        Ok(())
    }
}
