//! Panels of dead rows, vacuum, wraparound and unused indexes.

use alerts::cache::vacuum;
use cache_hit::metrics::{
    postgres::AUTOVACUUM_WORKERS,
    postgres_databases::{DatabaseLabels, MULTIXACT_AGE, TRANSACTION_AGE},
    postgres_relations::{
        INVALID_INDEXES, IndexLabels, TABLE_DEAD_ROWS, TABLE_LIVE_ROWS, TABLES_ANALYZE_DUE,
        TABLES_VACUUM_DUE, TableLabels, UNUSED_INDEX_SIZE, UNUSED_INDEXES, UNUSED_INDEXES_SIZE,
        VACUUM_BACKLOG,
    },
};
use promql::prelude::*;

use crate::{Colour, Panel, PanelQuery, Row};

pub(super) fn rows() -> Row {
    let table = || (TableLabels::schemaname, TableLabels::relname);
    let dead = || TABLE_DEAD_ROWS.max().by(table());
    let share = dead().div_nonzero(dead().add(TABLE_LIVE_ROWS.max().by(table())));
    let panels = vec![
        Panel::lines(
            vacuum::panels::DEAD_ROWS,
            "The share of rows that are dead, in the tables with most of them. Each vacuum lowers \
             it; a table whose share only rises is not vacuumed.",
            [PanelQuery::new("", share)],
        )
        .no_value("No table has dead rows"),
        Panel::lines(
            vacuum::panels::VACUUM_BACKLOG,
            "Dead rows divided by the number that triggers autovacuum, of the worst table of each \
             database. Above 1 a vacuum is due; far above 1 autovacuum does not keep up.",
            [PanelQuery::new("", VACUUM_BACKLOG.max().by(DatabaseLabels::datname))],
        ),
        Panel::lines(
            "Tables that are due",
            "Tables that are due for vacuum or analyze, by database, and the autovacuum workers \
             that run. If many tables are due and few workers run, autovacuum is off or too slow.",
            [
                PanelQuery::new("vacuum", TABLES_VACUUM_DUE.max().by(DatabaseLabels::datname)),
                PanelQuery::new("analysis", TABLES_ANALYZE_DUE.max().by(DatabaseLabels::datname)),
                PanelQuery::new("running", AUTOVACUUM_WORKERS.sum().by(())).color(Colour::Good),
            ],
        ),
        Panel::lines(
            vacuum::panels::TRANSACTION_AGE,
            "Transactions and multixacts since the oldest that is not yet frozen, by database. At \
             2.1 billion the server refuses to write.",
            [
                PanelQuery::new("transactions", TRANSACTION_AGE.max().by(DatabaseLabels::datname)),
                PanelQuery::new("multixacts", MULTIXACT_AGE.max().by(DatabaseLabels::datname)),
            ],
        ),
    ];
    Row { title: "Vacuum", panels }
}

pub(super) fn indexes() -> Row {
    let panels = vec![
        Panel::lines(
            vacuum::panels::UNUSED_INDEXES,
            "Size of the indexes that no query has used, by database; unique indexes are not \
             included. They make every write slower.",
            [PanelQuery::new("", UNUSED_INDEXES_SIZE.max().by(DatabaseLabels::datname))],
        )
        .no_value("The statistics are too young to tell"),
        Panel::lines(
            "Number of useless indexes",
            "Indexes that no query has used, and invalid ones, which a failed build left behind: \
             no query can use these, but every write updates them.",
            [
                PanelQuery::new("unused", UNUSED_INDEXES.max().by(DatabaseLabels::datname)),
                PanelQuery::new("invalid", INVALID_INDEXES.max().by(DatabaseLabels::datname))
                    .color(Colour::Warning),
            ],
        )
        .no_value("The statistics are too young to tell"),
        Panel::table(
            "Largest unused indexes",
            "The largest indexes that no query has used since the statistics began. Before you \
             drop one, check whether a standby or a yearly report uses it.",
            [PanelQuery::new(
                "Size",
                UNUSED_INDEX_SIZE.max().by((
                    IndexLabels::schemaname,
                    IndexLabels::relname,
                    IndexLabels::indexrelname,
                )),
            )],
        )
        .no_value("None, or the statistics are too young to tell"),
    ];
    Row { title: "Indexes", panels }
}
