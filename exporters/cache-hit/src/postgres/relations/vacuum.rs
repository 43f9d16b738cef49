//! Dead rows, and the backlog of autovacuum.

use std::collections::BTreeMap;

use common::{
    scrape::CollectError,
    source::postgres::{NO_PARAMS, Session, column},
};

/// A table with fewer dead rows does not count as backlog, because autovacuum runs once a minute.
const MIN_DEAD_ROWS: i64 = 1000;

/// The settings of the table override those of the server. PostgreSQL 18 has a maximum as well.
const SQL: &str = "SELECT c.oid, c.reltoastrelid AS toast, pg_stat_get_live_tuples(c.oid) AS live, \
         pg_stat_get_dead_tuples(c.oid) AS dead, \
         pg_stat_get_mod_since_analyze(c.oid) AS changed, \
         least(coalesce(o.base, s.base) + coalesce(o.scale, s.scale) * greatest(c.reltuples, 0), \
             nullif(coalesce(o.most, s.most), -1))::float8 AS vacuum, \
         (coalesce(o.a_base, s.a_base) \
             + coalesce(o.a_scale, s.a_scale) * greatest(c.reltuples, 0))::float8 AS analyze, \
         coalesce(o.enabled, true) AS enabled \
     FROM (SELECT current_setting('autovacuum_vacuum_threshold')::float8 AS base, \
             current_setting('autovacuum_vacuum_scale_factor')::float8 AS scale, \
             current_setting('autovacuum_vacuum_max_threshold', true)::float8 AS most, \
             current_setting('autovacuum_analyze_threshold')::float8 AS a_base, \
             current_setting('autovacuum_analyze_scale_factor')::float8 AS a_scale \
             OFFSET 0) s \
     CROSS JOIN pg_catalog.pg_class c \
     LEFT JOIN LATERAL (SELECT \
         max(option_value) FILTER (WHERE option_name = 'autovacuum_vacuum_threshold')::float8 \
             AS base, \
         max(option_value) FILTER (WHERE option_name = 'autovacuum_vacuum_scale_factor')::float8 \
             AS scale, \
         max(option_value) FILTER (WHERE option_name = 'autovacuum_vacuum_max_threshold')::float8 \
             AS most, \
         max(option_value) FILTER (WHERE option_name = 'autovacuum_analyze_threshold')::float8 \
             AS a_base, \
         max(option_value) FILTER (WHERE option_name = 'autovacuum_analyze_scale_factor')::float8 \
             AS a_scale, \
         bool_and(option_value::bool) FILTER (WHERE option_name = 'autovacuum_enabled') \
             AS enabled \
         FROM pg_catalog.pg_options_to_table(c.reloptions)) o ON c.reloptions IS NOT NULL \
     WHERE c.relkind IN ('r', 'm') AND c.oid >= 16384 AND c.relpersistence <> 't'";

/// Sums over all tables.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Vacuum {
    pub(super) tables: u32,
    pub(super) live: i64,
    pub(super) dead: i64,
    pub(super) due: u32,
    pub(super) analyze_due: u32,
    pub(super) worst: f64,
}

/// One table.
#[derive(Clone, Copy, Debug)]
pub(super) struct Table {
    pub(super) oid: u32,
    /// Its TOAST relation; 0 for none.
    toast: u32,
    live: i64,
    dead: i64,
    changed: i64,
    /// The number of dead rows at which autovacuum starts.
    pub(super) threshold: f64,
    analyze: f64,
    /// Whether autovacuum is enabled for the table.
    pub(super) enabled: bool,
}

impl Vacuum {
    fn add(&mut self, table: &Table) {
        self.tables += 1;
        self.live += table.live;
        self.dead += table.dead;
        self.due += u32::from(table.dead as f64 > table.threshold);
        self.analyze_due += u32::from(table.changed as f64 > table.analyze);
        if table.dead >= MIN_DEAD_ROWS && table.threshold > 0.0 {
            self.worst = self.worst.max(table.dead as f64 / table.threshold);
        }
    }
}

#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) vacuum: Vacuum,
    /// The table of each TOAST relation.
    pub(super) toast: BTreeMap<u32, u32>,
    /// By dead rows, changed rows and OID, ascending: the tables with most dead rows.
    ranked: BTreeMap<(i64, i64, u32), Table>,
}

impl Found {
    /// Adds a table to the sums, and keeps the `most` tables with most dead rows.
    fn add(&mut self, table: Table, most: usize) {
        self.vacuum.add(&table);
        if table.toast != 0 {
            self.toast.insert(table.toast, table.oid);
        }
        self.ranked.insert((table.dead, table.changed, table.oid), table);
        if self.ranked.len() > most {
            self.ranked.pop_first();
        }
    }

    /// The tables with most dead rows, in descending order.
    pub(super) fn most_dead(&self) -> impl Iterator<Item = &Table> {
        self.ranked.values().rev()
    }
}

/// Reads all tables, and keeps the `most` tables with most dead rows.
pub(super) async fn read(session: &Session, most: usize) -> Result<Found, CollectError> {
    let mut found = Found::default();
    let each = |row: &tokio_postgres::Row| {
        let table = Table {
            oid: column(row, "oid")?,
            toast: column(row, "toast")?,
            live: column(row, "live")?,
            dead: column(row, "dead")?,
            changed: column(row, "changed")?,
            threshold: column(row, "vacuum")?,
            analyze: column(row, "analyze")?,
            enabled: column(row, "enabled")?,
        };
        found.add(table, most);
        Ok(())
    };
    session.query_each("reading the dead rows of tables", SQL, NO_PARAMS, each).await?;
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(oid: u32, dead: i64, threshold: f64) -> Table {
        Table { oid, toast: 0, live: 10, dead, changed: 0, threshold, analyze: 50.0, enabled: true }
    }

    #[test]
    fn the_worst_backlog_ignores_small_tables() {
        let tables = [table(1, 900, 50.0), table(2, 3000, 1000.0), table(3, 5000, 50_000.0)];
        let mut found = Found::default();
        for table in tables {
            found.add(table, 2);
        }
        let expected =
            Vacuum { tables: 3, live: 30, dead: 8900, due: 2, analyze_due: 0, worst: 3.0 };
        assert_eq!(found.vacuum, expected);
        assert_eq!(found.most_dead().map(|it| it.oid).collect::<Vec<_>>(), [3, 2]);
    }
}
