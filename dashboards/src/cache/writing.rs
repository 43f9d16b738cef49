//! What PostgreSQL writes, and where it goes.

use alerts::cache::{disk, postgres};
use cache_hit::metrics::{
    postgres::{READING_TIMESTAMP, ReadingLabels},
    postgres_databases::{
        COMMITS, DATABASE_SIZE, DatabaseLabels, ROLLBACKS, ROWS_DELETED, ROWS_FETCHED,
        ROWS_INSERTED, ROWS_RETURNED, ROWS_UPDATED, TEMPORARY_BYTES,
    },
    postgres_io::{
        BUFFERS_CLEAN, CHECKPOINT_BUFFERS, CHECKPOINT_SYNC_SECONDS, CHECKPOINT_WRITE_SECONDS,
        CHECKPOINTS, CheckpointLabels, WAL_SIZE, WAL_WRITTEN,
    },
};
use common::host::{FILESYSTEM_AVAILABLE, FILESYSTEM_SIZE, FilesystemLabels};
use promql::prelude::*;

use crate::{Panel, PanelQuery, Row};

pub(super) fn work() -> Row {
    let panels = vec![
        Panel::lines(
            "Transactions",
            "Transactions each second, by database. Many that are rolled back are errors of the \
             application, or of the database.",
            [
                PanelQuery::new(
                    "committed",
                    COMMITS.rate(RATE_INTERVAL).sum().by(DatabaseLabels::datname),
                ),
                PanelQuery::new(
                    "rolled back",
                    ROLLBACKS.rate(RATE_INTERVAL).sum().by(DatabaseLabels::datname),
                ),
            ],
        ),
        Panel::lines(
            "Rows",
            "Rows read and changed each second. Many more scanned than fetched by an index: large \
             tables are read from end to end.",
            [
                PanelQuery::new("scanned", ROWS_RETURNED.rate(RATE_INTERVAL).sum().by(())),
                PanelQuery::new("fetched by index", ROWS_FETCHED.rate(RATE_INTERVAL).sum().by(())),
                PanelQuery::new("inserted", ROWS_INSERTED.rate(RATE_INTERVAL).sum().by(())),
                PanelQuery::new("updated", ROWS_UPDATED.rate(RATE_INTERVAL).sum().by(())),
                PanelQuery::new("deleted", ROWS_DELETED.rate(RATE_INTERVAL).sum().by(())),
            ],
        ),
    ];
    Row { title: "Work", panels }
}

pub(super) fn checkpoints() -> Row {
    let panels = vec![
        Panel::stacked(
            postgres::panels::CHECKPOINTS,
            "Checkpoints by what began them. Many `requested` ones: `max_wal_size` is small for \
             what is written, and pages go to the log as a whole again and again.",
            [PanelQuery::new(
                "",
                CHECKPOINTS.increase(RATE_INTERVAL).sum().by(CheckpointLabels::trigger),
            )],
        ),
        Panel::lines(
            "Time in checkpoints",
            "Seconds that checkpoints spend in each second, by server. Writing is spread on \
             purpose; time in syncing means that the disk is slow.",
            [
                PanelQuery::new(
                    "writing",
                    CHECKPOINT_WRITE_SECONDS.rate(RATE_INTERVAL).sum().by(INSTANCE),
                ),
                PanelQuery::new(
                    "syncing",
                    CHECKPOINT_SYNC_SECONDS.rate(RATE_INTERVAL).sum().by(INSTANCE),
                ),
            ],
        ),
        Panel::lines(
            "Blocks written",
            "Blocks written each second by checkpoints and by the background writer. What neither \
             writes in time, the sessions have to write themselves.",
            [
                PanelQuery::new("checkpoints", CHECKPOINT_BUFFERS.rate(RATE_INTERVAL).sum().by(())),
                PanelQuery::new(
                    "background writer",
                    BUFFERS_CLEAN.rate(RATE_INTERVAL).sum().by(()),
                ),
            ],
        ),
        Panel::lines(
            "Log written",
            "Bytes that go to the write-ahead log each second, by server. Backups, standbys and \
             slots have to take as much.",
            [PanelQuery::new("", WAL_WRITTEN.rate(RATE_INTERVAL).sum().by(INSTANCE))],
        ),
        Panel::lines(
            postgres::panels::TEMPORARY_FILES,
            "Bytes that queries write to temporary files each second, by database: sorts and \
             hashes that do not fit into `work_mem`.",
            [PanelQuery::new(
                "",
                TEMPORARY_BYTES.rate(RATE_INTERVAL).sum().by(DatabaseLabels::datname),
            )],
        ),
        Panel::lines(
            "Log kept",
            "Size of the log's files that are kept, by server. Growth without end is a slot that \
             nobody reads, or an archive that fails.",
            [PanelQuery::new("", WAL_SIZE.max().by(INSTANCE))],
        )
        .no_value("Needs pg_monitor"),
    ];
    Row { title: "Writing", panels }
}

pub(super) fn disk() -> Row {
    let used = Scalar::from(1.0) - FILESYSTEM_AVAILABLE.div_nonzero(&FILESYSTEM_SIZE);
    let panels = vec![
        Panel::lines(
            "Size of databases",
            "What each database takes on disk, without the log. It is read in the background, for \
             it is costly.",
            [PanelQuery::new("", DATABASE_SIZE.max().by(DatabaseLabels::datname))],
        ),
        Panel::lines(
            disk::panels::DISKS,
            "The share of each disk beside the exporter that is taken, as one who is not root sees \
             it. When the log's disk is full, PostgreSQL stops.",
            [PanelQuery::new("", used.max().by(FilesystemLabels::mountpoint))],
        )
        .no_value("The settings have no [host]"),
        Panel::lines(
            postgres::panels::READING_AGE,
            "How old the background readings are, from which tables, indexes and sizes come. One \
             that grows without end has failed since.",
            [PanelQuery::new("", READING_TIMESTAMP.min().by(ReadingLabels::reading).age())],
        ),
    ];
    Row { title: "Disk", panels }
}
