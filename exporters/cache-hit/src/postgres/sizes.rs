//! Sizes of databases, tablespaces and the write-ahead log. They are read in the background,
//! because the server reads its folders for them.

use std::{collections::BTreeMap, sync::Arc};

use common::{
    metric::LabelText,
    scrape::{CollectError, Snapshot},
    source::postgres::{NO_PARAMS, Session, column},
};

use super::{Caps, background_connection::DeferredCollector};
use crate::metrics::{
    postgres::Reading,
    postgres_databases::{DATABASE_SIZE, DatabaseLabels, TABLESPACE_SIZE, TablespaceLabels},
    postgres_io::{WAL_SEGMENTS, WAL_SIZE},
};

const DATABASES: &str = "SELECT datname::text AS name, \
         CASE WHEN has_database_privilege(oid, 'CONNECT') \
             OR pg_has_role('pg_read_all_stats', 'USAGE') \
         THEN pg_database_size(oid)::float8 END AS size \
     FROM pg_catalog.pg_database WHERE datallowconn AND NOT datistemplate \
     ORDER BY size DESC NULLS LAST, name LIMIT 1000";

/// The default tablespaces are left out: the sizes of the databases contain them.
const TABLESPACES: &str = "SELECT spcname::text AS name, \
         CASE WHEN has_tablespace_privilege(oid, 'CREATE') \
             OR pg_has_role('pg_read_all_stats', 'USAGE') \
         THEN pg_tablespace_size(oid)::float8 END AS size \
     FROM pg_catalog.pg_tablespace WHERE spcname NOT IN ('pg_default', 'pg_global') \
     ORDER BY name LIMIT 100";

const MAY_LIST_LOG: &str =
    "SELECT has_function_privilege('pg_catalog.pg_ls_waldir()', 'EXECUTE') AS may";

const LOG: &str = "SELECT count(*)::float8 AS segments, sum(size)::float8 AS size \
     FROM pg_catalog.pg_ls_waldir() WHERE name ~ '^[0-9A-F]{24}$'";

#[derive(Debug)]
pub(super) struct Sizes {
    pub(super) caps: Arc<Caps>,
}

/// A size is `None` if the role is not permitted to read it.
#[derive(Debug)]
pub(super) struct Output {
    databases: Vec<(String, Option<f64>)>,
    tablespaces: Vec<(String, Option<f64>)>,
    segments: Option<f64>,
    log: Option<f64>,
}

impl DeferredCollector for Sizes {
    type Output = Output;

    const READING: Reading = Reading::Sizes;

    async fn read(&self, session: &Session) -> Result<Output, CollectError> {
        let databases = named(session, "measuring databases", DATABASES).await?;
        let tablespaces = named(session, "measuring tablespaces", TABLESPACES).await?;
        let doing = "checking the privilege to list the log's files";
        let rows = session.query(doing, MAY_LIST_LOG, NO_PARAMS).await?;
        let may = rows.first().map(|row| column::<bool>(row, "may")).transpose()?;
        let (mut segments, mut log) = (None, None);
        if may == Some(true) {
            let rows = session.query("listing the log's files", LOG, NO_PARAMS).await?;
            if let Some(row) = rows.first() {
                (segments, log) = (column(row, "segments")?, column(row, "size")?);
            }
        }
        Ok(Output { databases, tablespaces, segments, log })
    }

    fn render(&self, output: &Output, out: &mut Snapshot) -> Result<(), CollectError> {
        let mut sums = BTreeMap::<LabelText, f64>::new();
        for (name, size) in &output.databases {
            if let Some(size) = size {
                *sums.entry(self.caps.fold(name)).or_default() += size;
            }
        }
        for (datname, size) in sums {
            out.gauge(&DATABASE_SIZE, DatabaseLabels { datname }, size);
        }
        for (name, size) in &output.tablespaces {
            let labels = TablespaceLabels { spcname: name.clone().into() };
            out.gauge(&TABLESPACE_SIZE, labels, *size);
        }
        out.gauge(&WAL_SEGMENTS, (), output.segments);
        out.gauge(&WAL_SIZE, (), output.log);
        Ok(())
    }
}

async fn named(
    session: &Session,
    doing: &str,
    sql: &str,
) -> Result<Vec<(String, Option<f64>)>, CollectError> {
    let rows = session.query(doing, sql, NO_PARAMS).await?;
    rows.iter().map(|row| Ok((column(row, "name")?, column(row, "size")?))).collect()
}
