//! Panels of PostgreSQL's writes: transactions, checkpoints, write-ahead log, temporary files,
//! disks.

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
            "Transactions each second, by database. Many rollbacks are errors of the application \
             or of the database.",
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
            "Rows read and changed each second. If many more are scanned than fetched by an index, \
             large tables are scanned sequentially.",
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
            "Checkpoints by cause. Many `requested` ones mean that `max_wal_size` is small for the \
             amount of writing, and whole pages are written to the log more often.",
            [PanelQuery::new(
                "",
                CHECKPOINTS.increase(RATE_INTERVAL).sum().by(CheckpointLabels::trigger),
            )],
        ),
        Panel::lines(
            "Time in checkpoints",
            "Seconds that checkpoints spend in each second, by server. Writing is spread over time \
             on purpose; time in syncing means that the disk is slow.",
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
            "Blocks written each second by checkpoints and by the background writer. Sessions have \
             to write the blocks that neither writes in time.",
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
            "Bytes written to the write-ahead log each second, by server. Archiving and standbys \
             have to keep up with this rate.",
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
            "Size of the log's files that are kept, by server. If it only grows, a slot is not \
             read or archiving fails.",
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
            "Size of each database on disk, without the log. It is read in the background, because \
             reading it is expensive.",
            [PanelQuery::new("", DATABASE_SIZE.max().by(DatabaseLabels::datname))],
        ),
        Panel::lines(
            disk::panels::DISKS,
            "The share in use of each disk on the exporter's machine; space reserved for root \
             counts as used. When the log's disk is full, PostgreSQL stops.",
            [PanelQuery::new("", used.max().by(FilesystemLabels::mountpoint))],
        )
        .no_value("The settings have no [host]"),
        Panel::lines(
            postgres::panels::READING_AGE,
            "Age of the background readings of tables, indexes and sizes. If the age only grows, \
             the readings fail.",
            [PanelQuery::new("", READING_TIMESTAMP.min().by(ReadingLabels::reading).age())],
        ),
    ];
    Row { title: "Disk", panels }
}
