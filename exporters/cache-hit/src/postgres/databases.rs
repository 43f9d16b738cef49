//! Databases: `pg_stat_database`, and how far each is from wraparound.

use std::{collections::BTreeMap, sync::Arc};

use common::{
    metric::{Counter, LabelText},
    scrape::{CollectError, Snapshot, label_limit::OTHER},
    source::postgres::{NO_PARAMS, PostgresCollector, Session, column},
};
use tokio_postgres::Row;

use super::{Caps, since};
use crate::metrics::{
    postgres_aliases as old,
    postgres_databases::{self as m, DatabaseLabels, StatDatabaseLabels},
};

/// Counts by database: the column, our name, the old name and what it is multiplied with there.
type Counts = (&'static str, &'static Counter<DatabaseLabels>, Alias);
type Alias = Option<(&'static Counter<StatDatabaseLabels>, f64)>;

const COUNTS: &[Counts] = &[
    ("blks_hit", &m::BLOCKS_HIT, Some((&old::BLKS_HIT, 1.0))),
    ("blks_read", &m::BLOCKS_READ, Some((&old::BLKS_READ, 1.0))),
    ("blk_read_time", &m::READ_SECONDS, Some((&old::BLK_READ_TIME, 1e3))),
    ("blk_write_time", &m::WRITE_SECONDS, Some((&old::BLK_WRITE_TIME, 1e3))),
    ("temp_files", &m::TEMPORARY_FILES, Some((&old::TEMP_FILES, 1.0))),
    ("temp_bytes", &m::TEMPORARY_BYTES, Some((&old::TEMP_BYTES, 1.0))),
    ("xact_commit", &m::COMMITS, Some((&old::XACT_COMMIT, 1.0))),
    ("xact_rollback", &m::ROLLBACKS, Some((&old::XACT_ROLLBACK, 1.0))),
    ("tup_returned", &m::ROWS_RETURNED, Some((&old::TUP_RETURNED, 1.0))),
    ("tup_fetched", &m::ROWS_FETCHED, Some((&old::TUP_FETCHED, 1.0))),
    ("tup_inserted", &m::ROWS_INSERTED, Some((&old::TUP_INSERTED, 1.0))),
    ("tup_updated", &m::ROWS_UPDATED, Some((&old::TUP_UPDATED, 1.0))),
    ("tup_deleted", &m::ROWS_DELETED, Some((&old::TUP_DELETED, 1.0))),
    ("conflicts", &m::CONFLICTS, Some((&old::CONFLICTS, 1.0))),
    ("checksum_failures", &m::CHECKSUM_FAILURES, None),
];

/// The largest first, so that they have a place under the cap. Templates work little, but they
/// grow old like the others.
fn sql(version: u32) -> String {
    let active = since(version, 14, "s.active_time / 1000");
    format!(
        "SELECT d.oid::text AS datid, d.datname::text AS datname, d.datistemplate AS template, \
             s.blks_hit::float8, s.blks_read::float8, s.xact_commit::float8, \
             s.xact_rollback::float8, s.tup_returned::float8, s.tup_fetched::float8, \
             s.tup_inserted::float8, s.tup_updated::float8, s.tup_deleted::float8, \
             s.conflicts::float8, s.temp_files::float8, s.temp_bytes::float8, \
             s.checksum_failures::float8, {active}::float8 AS active, \
             CASE WHEN t.timing THEN s.blk_read_time / 1000 END AS blk_read_time, \
             CASE WHEN t.timing THEN s.blk_write_time / 1000 END AS blk_write_time, \
             extract(epoch FROM s.stats_reset)::float8 AS reset, \
             age(d.datfrozenxid)::float8 AS transactions, \
             mxid_age(d.datminmxid)::float8 AS multixacts \
         FROM pg_catalog.pg_database d \
         CROSS JOIN (SELECT current_setting('track_io_timing')::bool AS timing) t \
         LEFT JOIN pg_catalog.pg_stat_database s ON s.datid = d.oid \
         ORDER BY s.blks_hit + s.blks_read DESC NULLS LAST, d.datname LIMIT 1000"
    )
}

/// Reads databases.
#[derive(Debug)]
pub(super) struct Databases {
    pub(super) caps: Arc<Caps>,
    pub(super) aliases: bool,
}

impl PostgresCollector for Databases {
    fn name(&self) -> &'static str {
        "databases"
    }

    async fn collect(&self, session: &Session, out: &mut Snapshot) -> Result<(), CollectError> {
        let sql = sql(session.server_version());
        let rows = session.query("reading pg_stat_database", &sql, NO_PARAMS).await?;
        // What folds into `other` is summed; of ages the worst counts.
        let mut sums = BTreeMap::<(&str, LabelText), f64>::new();
        let mut ages = BTreeMap::<LabelText, (f64, f64)>::new();
        for row in &rows {
            let name: &str = column(row, "datname")?;
            let template: bool = column(row, "template")?;
            let datname = if template { name.to_owned().into() } else { self.caps.fold(name) };
            let age = (column(row, "transactions")?, column(row, "multixacts")?);
            let worst = ages.entry(datname.clone()).or_insert(age);
            *worst = (worst.0.max(age.0), worst.1.max(age.1));
            if template {
                continue;
            }
            for (source, ..) in COUNTS {
                if let Some(count) = column::<Option<f64>>(row, source)? {
                    *sums.entry((source, datname.clone())).or_default() += count;
                }
            }
            if datname != OTHER {
                self.one(row, &datname, out)?;
            }
        }
        for (source, metric, _) in COUNTS {
            let of_source = sums.iter().filter(|((it, _), _)| it == source);
            for ((_, datname), sum) in of_source {
                out.counter(metric, DatabaseLabels { datname: datname.clone() }, *sum);
            }
        }
        for (datname, (transactions, multixacts)) in ages {
            let labels = DatabaseLabels { datname };
            if self.aliases {
                out.gauge(&old::AGE_DATFROZENXID, labels.clone(), transactions);
                out.gauge(&old::AGE_DATMINMXID, labels.clone(), multixacts);
            }
            out.gauge(&m::TRANSACTION_AGE, labels.clone(), transactions);
            out.gauge(&m::MULTIXACT_AGE, labels, multixacts);
        }
        self.caps.write(out);
        Ok(())
    }
}

impl Databases {
    /// What is said of a database that has a place of its own.
    fn one(&self, row: &Row, datname: &LabelText, out: &mut Snapshot) -> Result<(), CollectError> {
        let reset: Option<f64> = column(row, "reset")?;
        let labels = DatabaseLabels { datname: datname.clone() };
        out.gauge(&m::STATISTICS_RESET, labels, reset);
        let datid: String = column(row, "datid")?;
        let labels = StatDatabaseLabels { datid: datid.into(), datname: datname.clone() };
        if self.aliases {
            out.gauge(&old::STATS_RESET, labels.clone(), reset);
            for (source, _, alias) in COUNTS {
                let Some((metric, factor)) = alias else { continue };
                let count = column::<Option<f64>>(row, source)?;
                out.counter(metric, labels.clone(), count.map(|it| it * factor));
            }
        }
        out.counter(&m::ACTIVE_SECONDS, labels, column::<Option<f64>>(row, "active")?);
        Ok(())
    }
}
