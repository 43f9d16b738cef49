//! Panels of PostgreSQL's cache: hit ratios, and the processes that read from disk.

use alerts::cache::{disk, postgres, vacuum};
use alerts::cache::{hit_ratio, table_hit_ratio};
use cache_hit::metrics::{
    postgres::{EFFECTIVE_CACHE_SIZE, SHARED_BUFFERS},
    postgres_databases::{BLOCKS_HIT, BLOCKS_READ, DatabaseLabels},
    postgres_io::{IO_EVICTIONS, IO_READ_BYTES, IoLabels, SLRU_HIT, SLRU_READ, SlruLabels},
    postgres_relations::{TABLE_BLOCKS_READ, TablePartLabels, VACUUM_BACKLOG},
};
use common::host::{FILESYSTEM_AVAILABLE, FILESYSTEM_SIZE};
use promql::prelude::*;

use crate::{Panel, PanelQuery, Row};

/// The first version with `pg_stat_io`.
const SIXTEEN: &str = "Needs PostgreSQL 16";

pub(super) fn summary() -> Vec<Panel> {
    let fullest = Scalar::from(1.0) - FILESYSTEM_AVAILABLE.div_nonzero(&FILESYSTEM_SIZE);
    vec![
        Panel::postgres_up(),
        Panel::firing(
            "Alerts on caches, vacuum and disks that fire now. Each has a runbook; the red spans \
             over the graphs show when they fire.",
        ),
        Panel::stat(
            postgres::panels::HIT_RATIO,
            "The share of blocks found in the server's own cache, in the database where it is \
             lowest. A fall means that the data in use no longer fits, or that a plan changed.",
            PanelQuery::new("", hit_ratio(RATE_INTERVAL).min().by(())),
        )
        .no_value("Nothing was read"),
        Panel::stat(
            "Blocks read",
            "Blocks that the chosen servers asked the operating system for each second. Each is \
             8 KiB, from its cache or from the disk.",
            PanelQuery::new("", BLOCKS_READ.rate(RATE_INTERVAL).sum().by(())),
        ),
        Panel::stat(
            vacuum::panels::VACUUM_BACKLOG,
            "Dead rows divided by the number that triggers autovacuum, of the worst table. Above 1 \
             a vacuum is due; far above 1 autovacuum does not keep up.",
            PanelQuery::new("", VACUUM_BACKLOG.max().by(())),
        ),
        Panel::stat(
            disk::panels::DISKS,
            "The share in use of the fullest disk on the exporter's machine. When it is full, \
             nothing can be written.",
            PanelQuery::new("", fullest.max().by(())),
        )
        .no_value("No [host]"),
    ]
}

pub(super) fn blocks() -> Row {
    let hit = || BLOCKS_HIT.rate(RATE_INTERVAL).sum().by(DatabaseLabels::datname);
    let read = || BLOCKS_READ.rate(RATE_INTERVAL).sum().by(DatabaseLabels::datname);
    let table = || (TablePartLabels::schemaname, TablePartLabels::relname);
    let panels = vec![
        Panel::lines(
            postgres::panels::HIT_RATIO,
            "The share of blocks found in the server's own cache, by database. Absent where \
             nothing was read, on a standby, and right after a restart.",
            [PanelQuery::new("", hit_ratio(RATE_INTERVAL).min().by(DatabaseLabels::datname))],
        )
        .no_value("Nothing was read"),
        Panel::lines(
            "Blocks asked for",
            "Blocks found in the server's own cache and blocks read, each second, by database. If \
             reads rise without more work, a plan changed or a query is new.",
            [PanelQuery::new("found", hit()), PanelQuery::new("read", read())],
        ),
        Panel::lines(
            "Tables found in memory",
            "The share of blocks found in the cache, of the tables with most reads, indexes and \
             TOAST included. A table with many reads and a low share has outgrown the cache.",
            [PanelQuery::new("", table_hit_ratio(RATE_INTERVAL).min().by(table()))],
        )
        .no_value("Nothing was read"),
        Panel::lines(
            "Tables read most",
            "Blocks read from outside the cache each second, of the tables with most. A table that \
             suddenly comes first is probably scanned sequentially.",
            [PanelQuery::new("", TABLE_BLOCKS_READ.rate(RATE_INTERVAL).sum().by(table()))],
        ),
        Panel::lines(
            "Memory for the cache",
            "The size of the server's own cache, and the planner's assumption about all caches \
             together. A quarter and three quarters of the machine's memory are usual.",
            [
                PanelQuery::new("shared_buffers", SHARED_BUFFERS.min().by(INSTANCE)),
                PanelQuery::new("effective_cache_size", EFFECTIVE_CACHE_SIZE.min().by(INSTANCE)),
            ],
        ),
        Panel::lines(
            "Small caches",
            "The share of pages found in the server's small caches: transactions' outcomes, \
             multixacts, subtransactions. A low share slows every query.",
            [PanelQuery::new("", {
                let hit = || SLRU_HIT.rate(RATE_INTERVAL).sum().by(SlruLabels::name);
                let read = SLRU_READ.rate(RATE_INTERVAL).sum().by(SlruLabels::name);
                hit().div_nonzero(hit().add(read))
            })],
        )
        .no_value("Nothing was read"),
    ];
    Row { title: "Memory", panels }
}

pub(super) fn readers() -> Row {
    let who = || (IoLabels::backend_type, IoLabels::context);
    let panels = vec![
        Panel::stacked(
            "Who reads",
            "Bytes read each second, by kind of process and kind of access. `bulkread` is a scan \
             of a large table, `vacuum` is vacuum, `normal` the rest.",
            [PanelQuery::new("", IO_READ_BYTES.rate(RATE_INTERVAL).sum().by(who()))],
        )
        .no_value(SIXTEEN),
        Panel::lines(
            "Blocks pushed out",
            "Blocks evicted from the cache each second, by the kind of process that needed the \
             space. Many by `client backend` mean that the cache is too small for the work.",
            [PanelQuery::new(
                "",
                IO_EVICTIONS.rate(RATE_INTERVAL).sum().by(IoLabels::backend_type),
            )],
        )
        .no_value(SIXTEEN),
    ];
    Row { title: "Readers", panels }
}
