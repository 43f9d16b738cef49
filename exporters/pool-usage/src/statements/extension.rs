//! The schema and the columns of `pg_stat_statements`.

use common::{
    scrape::CollectError,
    source::postgres::{NO_PARAMS, Session, column},
};

/// The columns depend on the extension's version, which may be older than the server's.
const FIND: &str = "SELECT quote_ident(n.nspname) AS schema, e.extversion AS version \
     FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace \
     WHERE e.extname = 'pg_stat_statements'";

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Extension {
    schema: String,
    /// 1.8 is 8.
    version: u32,
}

impl Extension {
    pub(super) async fn find(session: &Session) -> Result<Option<Self>, CollectError> {
        let rows = session.query("looking for pg_stat_statements", FIND, NO_PARAMS).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        let version: &str = column(row, "version")?;
        Ok(Some(Self { schema: column(row, "schema")?, version: minor(version) }))
    }

    /// Every entry without its text, which the server would read from a file.
    pub(super) fn entries(&self) -> String {
        // 1.8 separates planning from execution, 1.9 marks statements that ran inside another,
        // 1.11 has the start of each entry.
        let time = if self.version >= 8 { "total_exec_time" } else { "total_time" };
        let top_level = if self.version >= 9 { "toplevel" } else { "true" };
        let since = if self.version >= 11 { "extract(epoch FROM stats_since)" } else { "NULL" };
        format!(
            "SELECT userid, dbid, queryid, {top_level} AS toplevel, calls, \
                 {time} / 1000 AS seconds, rows, shared_blks_hit, shared_blks_read, \
                 temp_blks_written, {since}::float8 AS since \
             FROM {}.pg_stat_statements(false)",
            self.schema
        )
    }

    /// When the view was last reset; `None` before 1.9.
    pub(super) fn reset(&self) -> Option<String> {
        (self.version >= 9).then(|| {
            format!(
                "SELECT extract(epoch FROM stats_reset)::float8 AS reset \
                 FROM {}.pg_stat_statements_info",
                self.schema
            )
        })
    }

    /// The texts of the statements `$1`, cut to `$2` characters.
    pub(super) fn texts(&self) -> String {
        format!(
            "SELECT queryid, left(regexp_replace(min(query), '\\s+', ' ', 'g'), $2) AS query \
             FROM {}.pg_stat_statements(true) WHERE queryid = ANY($1) GROUP BY queryid",
            self.schema
        )
    }
}

fn minor(version: &str) -> u32 {
    version.split('.').nth(1).and_then(|it| it.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_version_has_its_columns() {
        let of = |version: &str| Extension { schema: "public".into(), version: minor(version) };
        assert!(of("1.7").entries().contains("total_time"));
        assert!(of("1.8").entries().contains("true AS toplevel"));
        assert_eq!(of("1.8").reset(), None);
        assert!(of("1.10").entries().contains("total_exec_time"));
        assert!(of("1.10").entries().contains("NULL::float8 AS since"));
        assert!(of("1.11").entries().contains("stats_since"));
    }
}
