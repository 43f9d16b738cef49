//! Databases: `pg_stat_database`, and the age of the oldest transaction.

use std::{collections::BTreeMap, sync::Arc};

use common::{
    metric::{Counter, LabelText},
    scrape::{CollectError, Snapshot, label_limit::OTHER},
    source::postgres::{NO_PARAMS, Session, SessionCollector, column},
};
use tokio_postgres::Row;

use super::{Caps, since};
use crate::metrics::{
    postgres_aliases as aliases,
    postgres_databases::{self as metrics, DatabaseLabels, StatDatabaseLabels},
};

/// A counter of each database: the column, the metric, and its alias with the factor of its unit.
type Counts = (&'static str, &'static Counter<DatabaseLabels>, Alias);
type Alias = Option<(&'static Counter<StatDatabaseLabels>, f64)>;

const COUNTS: &[Counts] = &[
    ("blks_hit", &metrics::BLOCKS_HIT, Some((&aliases::BLKS_HIT, 1.0))),
    ("blks_read", &metrics::BLOCKS_READ, Some((&aliases::BLKS_READ, 1.0))),
    ("blk_read_time", &metrics::READ_SECONDS, Some((&aliases::BLK_READ_TIME, 1e3))),
    ("blk_write_time", &metrics::WRITE_SECONDS, Some((&aliases::BLK_WRITE_TIME, 1e3))),
    ("temp_files", &metrics::TEMPORARY_FILES, Some((&aliases::TEMP_FILES, 1.0))),
    ("temp_bytes", &metrics::TEMPORARY_BYTES, Some((&aliases::TEMP_BYTES, 1.0))),
    ("xact_commit", &metrics::COMMITS, Some((&aliases::XACT_COMMIT, 1.0))),
    ("xact_rollback", &metrics::ROLLBACKS, Some((&aliases::XACT_ROLLBACK, 1.0))),
    ("tup_returned", &metrics::ROWS_RETURNED, Some((&aliases::TUP_RETURNED, 1.0))),
    ("tup_fetched", &metrics::ROWS_FETCHED, Some((&aliases::TUP_FETCHED, 1.0))),
    ("tup_inserted", &metrics::ROWS_INSERTED, Some((&aliases::TUP_INSERTED, 1.0))),
    ("tup_updated", &metrics::ROWS_UPDATED, Some((&aliases::TUP_UPDATED, 1.0))),
    ("tup_deleted", &metrics::ROWS_DELETED, Some((&aliases::TUP_DELETED, 1.0))),
    ("conflicts", &metrics::CONFLICTS, Some((&aliases::CONFLICTS, 1.0))),
    ("checksum_failures", &metrics::CHECKSUM_FAILURES, None),
];

/// The busiest first, so that they are within the limit of label values. Templates are read for their
/// age only.
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

#[derive(Debug)]
pub(super) struct Databases {
    pub(super) caps: Arc<Caps>,
    pub(super) aliases: bool,
}

impl SessionCollector<Session> for Databases {
    fn name(&self) -> &'static str {
        "databases"
    }

    async fn collect(&self, session: &Session, out: &mut Snapshot) -> Result<(), CollectError> {
        let sql = sql(session.server_version());
        let rows = session.query("reading pg_stat_database", &sql, NO_PARAMS).await?;
        // Databases that fold into `other` are summed; of ages the highest counts.
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
                out.gauge(&aliases::AGE_DATFROZENXID, labels.clone(), transactions);
                out.gauge(&aliases::AGE_DATMINMXID, labels.clone(), multixacts);
            }
            out.gauge(&metrics::TRANSACTION_AGE, labels.clone(), transactions);
            out.gauge(&metrics::MULTIXACT_AGE, labels, multixacts);
        }
        self.caps.write(out);
        Ok(())
    }
}

impl Databases {
    /// Samples that cannot be summed, of a database that is not folded into `other`.
    fn one(&self, row: &Row, datname: &LabelText, out: &mut Snapshot) -> Result<(), CollectError> {
        let reset: Option<f64> = column(row, "reset")?;
        let labels = DatabaseLabels { datname: datname.clone() };
        out.gauge(&metrics::STATISTICS_RESET, labels, reset);
        let datid: String = column(row, "datid")?;
        let labels = StatDatabaseLabels { datid: datid.into(), datname: datname.clone() };
        if self.aliases {
            out.gauge(&aliases::STATS_RESET, labels.clone(), reset);
            for (source, _, alias) in COUNTS {
                let Some((metric, factor)) = alias else { continue };
                let count = column::<Option<f64>>(row, source)?;
                out.counter(metric, labels.clone(), count.map(|it| it * factor));
            }
        }
        out.counter(&metrics::ACTIVE_SECONDS, labels, column::<Option<f64>>(row, "active")?);
        Ok(())
    }
}
