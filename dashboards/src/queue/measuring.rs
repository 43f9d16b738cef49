//! Panels of the table's health, and of how exact the metrics are.

use alerts::queue::trust;
use postgres_queue::metrics::{
    COUNTED_LATE, EXACT, OLDEST_SNAPSHOT_AGE, QueryLabels, READING, SourceLabels, TABLE_DEAD_ROWS,
    TABLE_LAST_AUTOVACUUM, TABLE_LIVE_ROWS, TABLE_SIZE, UNINDEXED,
};
use promql::prelude::*;

use crate::{Colour, Panel, PanelQuery, Row, ValueMapping};

pub(super) fn table() -> Row {
    let source = || SourceLabels::source;
    let panels = vec![
        Panel::lines(
            "Rows of the table",
            "Live and dead rows of each table of jobs, by the statistics. Every poll of the queue \
             has to read the dead rows too.",
            [
                PanelQuery::new("live", TABLE_LIVE_ROWS.sum().by(source())).color(Colour::Good),
                PanelQuery::new("dead", TABLE_DEAD_ROWS.sum().by(source())).color(Colour::Warning),
            ],
        ),
        Panel::lines(
            "Size of the table",
            "Size of each table of jobs on disk, indexes and TOAST included. Growth without more \
             jobs is bloat, or finished jobs that are not deleted.",
            [PanelQuery::new("", TABLE_SIZE.sum().by(source()))],
        ),
        Panel::lines(
            "Time since autovacuum",
            "How long ago autovacuum last finished with each table. On a table of jobs it should \
             be minutes; hours mean that it is blocked or switched off.",
            [PanelQuery::new("", TABLE_LAST_AUTOVACUUM.max().by(source()).age())],
        )
        .no_value("Autovacuum never ran"),
        Panel::lines(
            "Oldest open transaction",
            "Age of the oldest transaction of the database. While it is open, vacuum cannot remove \
             rows that died since it began, and every poll of the queue becomes slower.",
            [PanelQuery::new("", OLDEST_SNAPSHOT_AGE.max().by(INSTANCE))],
        ),
    ];
    Row { title: "The table's health", panels }
}

pub(super) fn counting() -> Row {
    let late = || COUNTED_LATE.increase(RATE_INTERVAL).sum().by(SourceLabels::source);
    let panels = vec![
        Panel::lines(
            trust::panels::COUNTING,
            "Rows that were committed after the look-back had passed and were counted later. If \
             there are any, raise the look-back, or let the exporter see all transactions.",
            [PanelQuery::new("", late())],
        ),
        Panel::timeline(
            "Exactness",
            "Whether each row is certain to be counted exactly once. `Look-back`: the exporter \
             cannot see other roles' transactions, so a very late commit may be missed for a \
             while.",
            PanelQuery::new("", EXACT.min().by(SourceLabels::source)).yes_no(),
            [
                ValueMapping { value: 0, text: "Look-back", color: Colour::Warning },
                ValueMapping { value: 1, text: "Exact", color: Colour::Good },
            ],
        )
        .height(8),
        Panel::lines(
            trust::panels::READING_AGE,
            "Age of the results of expensive queries, which do not run at each scrape. If the age \
             only grows, the query fails.",
            [PanelQuery::new("", READING.min().by(QueryLabels::query).age())],
        )
        .no_value("Every query is cheap enough for each scrape"),
        Panel::timeline(
            "Queries without an index",
            "Whether a query of the exporter scans a large table. The exporter's landing page has \
             the `CREATE INDEX` that helps; it often helps the workers too.",
            PanelQuery::new("", UNINDEXED.max().by(QueryLabels::query)).yes_no(),
            [
                ValueMapping { value: 0, text: "Index", color: Colour::Good },
                ValueMapping { value: 1, text: "Whole table", color: Colour::Warning },
            ],
        )
        .height(8),
    ];
    Row { title: "Trust in these figures", panels }
}
