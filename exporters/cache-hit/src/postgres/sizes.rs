//! Sizes of databases, tablespaces and the log: a background reading, for the server walks through
//! its folders to know them.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use common::{
    metric::LabelText,
    scrape::{CollectError, Collector, Snapshot, background::Background},
    source::postgres::{NO_PARAMS, Session, column},
};
use tokio::time::Instant;

use super::{
    Caps,
    leisure::{Leisure, last},
};
use crate::{
    metrics::{
        postgres::Reading,
        postgres_databases::{DATABASE_SIZE, DatabaseLabels, TABLESPACE_SIZE, TablespaceLabels},
        postgres_io::{WAL_SEGMENTS, WAL_SIZE},
    },
    settings::SizeSettings,
};

const DATABASES: &str = "SELECT datname::text AS name, \
         CASE WHEN has_database_privilege(oid, 'CONNECT') \
             OR pg_has_role('pg_read_all_stats', 'USAGE') \
         THEN pg_database_size(oid)::float8 END AS size \
     FROM pg_catalog.pg_database WHERE datallowconn AND NOT datistemplate \
     ORDER BY size DESC NULLS LAST, name LIMIT 1000";

/// What is not in a tablespace of its own is in the databases' sizes, and walked through for them.
const TABLESPACES: &str = "SELECT spcname::text AS name, \
         CASE WHEN has_tablespace_privilege(oid, 'CREATE') \
             OR pg_has_role('pg_read_all_stats', 'USAGE') \
         THEN pg_tablespace_size(oid)::float8 END AS size \
     FROM pg_catalog.pg_tablespace WHERE spcname NOT IN ('pg_default', 'pg_global') \
     ORDER BY name LIMIT 100";

const MAY_SEE_LOG: &str =
    "SELECT has_function_privilege('pg_catalog.pg_ls_waldir()', 'EXECUTE') AS may";

const LOG: &str = "SELECT count(*)::float8 AS segments, sum(size)::float8 AS size \
     FROM pg_catalog.pg_ls_waldir() WHERE name ~ '^[0-9A-F]{24}$'";

/// Reads sizes in the background.
#[derive(Debug)]
pub(super) struct Sizes {
    leisure: Arc<Leisure>,
    caps: Arc<Caps>,
    patience: Duration,
    background: Background<LastReading>,
}

/// What was read; a size is `None` where the role may not know it.
#[derive(Debug)]
struct LastReading {
    databases: Vec<(String, Option<f64>)>,
    tablespaces: Vec<(String, Option<f64>)>,
    segments: Option<f64>,
    log: Option<f64>,
}

impl Sizes {
    pub(super) fn new(
        leisure: &Arc<Leisure>,
        settings: &SizeSettings,
        caps: &Arc<Caps>,
        patience: Duration,
    ) -> Self {
        let background = leisure.background(settings.every);
        Self { leisure: Arc::clone(leisure), caps: Arc::clone(caps), patience, background }
    }
}

async fn read(session: Session) -> Result<LastReading, CollectError> {
    let databases = named(&session, "measuring databases", DATABASES).await?;
    let tablespaces = named(&session, "measuring tablespaces", TABLESPACES).await?;
    let rows = session.query("asking who may list the log's files", MAY_SEE_LOG, NO_PARAMS).await?;
    let may = rows.first().map(|row| column::<bool>(row, "may")).transpose()?;
    let (mut segments, mut log) = (None, None);
    if may == Some(true) {
        let rows = session.query("listing the log's files", LOG, NO_PARAMS).await?;
        if let Some(row) = rows.first() {
            (segments, log) = (column(row, "segments")?, column(row, "size")?);
        }
    }
    Ok(LastReading { databases, tablespaces, segments, log })
}

async fn named(
    session: &Session,
    doing: &str,
    sql: &str,
) -> Result<Vec<(String, Option<f64>)>, CollectError> {
    let rows = session.query(doing, sql, NO_PARAMS).await?;
    rows.iter().map(|row| Ok((column(row, "name")?, column(row, "size")?))).collect()
}

impl Collector for Sizes {
    fn name(&self) -> &'static str {
        "sizes"
    }

    async fn collect(&self, _deadline: Instant, out: &mut Snapshot) -> Result<(), CollectError> {
        let leisure = Arc::clone(&self.leisure);
        self.background.begin_if_due(|| async move { leisure.read(read).await });
        self.background.wait_first(self.patience).await;
        if let Some(taken) = last(&self.background, Reading::Sizes, out) {
            let mut sums = BTreeMap::<LabelText, f64>::new();
            for (name, size) in &taken.databases {
                if let Some(size) = size {
                    *sums.entry(self.caps.fold(name)).or_default() += size;
                }
            }
            for (datname, size) in sums {
                out.gauge(&DATABASE_SIZE, DatabaseLabels { datname }, size);
            }
            for (name, size) in &taken.tablespaces {
                let labels = TablespaceLabels { spcname: name.clone().into() };
                out.gauge(&TABLESPACE_SIZE, labels, *size);
            }
            out.gauge(&WAL_SEGMENTS, (), taken.segments);
            out.gauge(&WAL_SIZE, (), taken.log);
        }
        self.background.last_error()
    }
}
