//! Reads and writes by kind of process (`pg_stat_io`), and the SLRU caches.

use std::fmt::Write as _;

use common::{
    metric::Counter,
    scrape::{CollectError, Snapshot},
    source::postgres::{NO_PARAMS, Session, SessionCollector, column},
};
use futures::{FutureExt, future::try_join};
use tokio_postgres::Row;

use crate::metrics::postgres_io::{self as metrics, IoLabels, SlruLabels};

const SLRU: &str = "SELECT name, blks_hit::float8 AS hit, blks_read::float8 AS read, \
         blks_written::float8 AS written, blks_zeroed::float8 AS zeroed, \
         flushes::float8 AS flushes, truncates::float8 AS truncates \
     FROM pg_catalog.pg_stat_slru";

/// Names of SLRU caches before PostgreSQL 17, and since.
const RENAMED: &[(&str, &str)] = &[
    ("CommitTs", "commit_timestamp"),
    ("MultiXactMember", "multixact_member"),
    ("MultiXactOffset", "multixact_offset"),
    ("Notify", "notify"),
    ("Serial", "serializable"),
    ("Subtrans", "subtransaction"),
    ("Xact", "transaction"),
];

const IO_COUNTS: &[(&str, &Counter<IoLabels>)] = &[
    ("reads", &metrics::IO_READS),
    ("read_bytes", &metrics::IO_READ_BYTES),
    ("read_time", &metrics::IO_READ_SECONDS),
    ("writes", &metrics::IO_WRITES),
    ("write_bytes", &metrics::IO_WRITE_BYTES),
    ("write_time", &metrics::IO_WRITE_SECONDS),
    ("extends", &metrics::IO_EXTENDS),
    ("extend_bytes", &metrics::IO_EXTEND_BYTES),
    ("extend_time", &metrics::IO_EXTEND_SECONDS),
    ("writebacks", &metrics::IO_WRITEBACKS),
    ("writeback_time", &metrics::IO_WRITEBACK_SECONDS),
    ("fsyncs", &metrics::IO_FSYNCS),
    ("fsync_time", &metrics::IO_FSYNC_SECONDS),
    ("hits", &metrics::IO_HITS),
    ("evictions", &metrics::IO_EVICTIONS),
    ("reuses", &metrics::IO_REUSES),
];

const SLRU_COUNTS: &[(&str, &Counter<SlruLabels>)] = &[
    ("hit", &metrics::SLRU_HIT),
    ("read", &metrics::SLRU_READ),
    ("written", &metrics::SLRU_WRITTEN),
    ("zeroed", &metrics::SLRU_ZEROED),
    ("flushes", &metrics::SLRU_FLUSHES),
    ("truncates", &metrics::SLRU_TRUNCATES),
];

/// `None` before PostgreSQL 16. Before 18 every operation had the size of a block. Rows without any
/// operation are left out, because there are many.
fn io(version: u32) -> Option<String> {
    let (bytes, wal_timing): (fn(&str) -> String, _) = match version / 10_000 {
        ..16 => return None,
        16 | 17 => (|it| format!("{it}s * op_bytes"), "track_io_timing"),
        18.. => (|it| format!("{it}_bytes"), "track_wal_io_timing"),
    };
    let mut columns = String::new();
    for (name, _) in IO_COUNTS {
        let value = match name.rsplit_once('_') {
            Some((operation, "bytes")) => bytes(operation),
            Some((_, "time")) => format!("CASE WHEN timed THEN {name} / 1000 END"),
            _ => (*name).to_owned(),
        };
        let _ = write!(columns, ", ({value})::float8 AS {name}");
    }
    Some(format!(
        "SELECT backend_type, object, context{columns} \
         FROM (SELECT *, current_setting(CASE object WHEN 'wal' THEN '{wal_timing}' \
                   ELSE 'track_io_timing' END)::bool AS timed FROM pg_catalog.pg_stat_io) i \
         WHERE coalesce(reads, 0) + coalesce(writes, 0) + coalesce(extends, 0) \
             + coalesce(hits, 0) + coalesce(evictions, 0) + coalesce(fsyncs, 0) > 0"
    ))
}

#[derive(Debug)]
pub(super) struct Io;

impl SessionCollector<Session> for Io {
    fn name(&self) -> &'static str {
        "io"
    }

    async fn collect(&self, session: &Session, out: &mut Snapshot) -> Result<(), CollectError> {
        let io = io(session.server_version());
        let (rows, slru) = try_join(
            async {
                match &io {
                    Some(sql) => session.query("reading pg_stat_io", sql, NO_PARAMS).await,
                    None => Ok(Vec::new()),
                }
            }
            .boxed(),
            session.query("reading pg_stat_slru", SLRU, NO_PARAMS).boxed(),
        )
        .await?;
        for row in &rows {
            render_io(row, out)?;
        }
        for row in &slru {
            let name: String = column(row, "name")?;
            let renamed = RENAMED.iter().find(|(before, _)| *before == name);
            let name = renamed.map_or(name.into(), |(_, since)| (*since).into());
            let labels = SlruLabels { name };
            for (source, metric) in SLRU_COUNTS {
                out.counter(metric, labels.clone(), column::<Option<f64>>(row, source)?);
            }
        }
        Ok(())
    }
}

fn render_io(row: &Row, out: &mut Snapshot) -> Result<(), CollectError> {
    let labels = IoLabels {
        backend_type: column::<String>(row, "backend_type")?.into(),
        object: column::<String>(row, "object")?.into(),
        context: column::<String>(row, "context")?.into(),
    };
    for (source, metric) in IO_COUNTS {
        out.counter(metric, labels.clone(), column::<Option<f64>>(row, source)?);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_version_is_asked_for_what_it_has() {
        assert_eq!(io(150_018), None);
        assert!(io(170_010).unwrap().contains("(reads * op_bytes)::float8 AS read_bytes"));
        let eighteen = io(180_004).unwrap();
        assert!(eighteen.contains("(read_bytes)::float8 AS read_bytes"));
        assert!(!eighteen.contains("op_bytes"));
    }
}
