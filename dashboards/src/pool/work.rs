//! Panels of transactions, locks, statements and replication.

use alerts::pool::work;
use pool_usage::metrics::{
    connections::{
        BLOCKED, DEADLOCKS, DatabaseLabels, LOCKS, LONGEST_IDLE_IN_TRANSACTION, LONGEST_LOCK_WAIT,
        LONGEST_QUERY, LONGEST_TRANSACTION, LockLabels, WORST_BLOCKER,
    },
    replication::{
        RECEIVER_UP, SLOT_RETAINED, STANDBY_LAG_BYTES, STANDBY_LAG_SECONDS, SlotLabels, Stage,
        StandbyLabels,
    },
    statements::{
        STATEMENT_BLOCKS_HIT, STATEMENT_BLOCKS_READ, STATEMENT_CALLS, STATEMENT_DURATION,
        STATEMENT_SECONDS, StatementLabels, TOP_CALLS, TOP_SECONDS,
    },
};
use profiles::Pools;
use promql::prelude::*;

use crate::{Colour, Panel, PanelQuery, Row, UP_DOWN};

pub(super) fn transactions() -> Row {
    let panels = vec![
        Panel::lines(
            work::panels::TRANSACTIONS,
            "Age of the oldest open transaction, and how long a session has been idle in one. A \
             steady rise is a transaction that does not end and keeps its locks.",
            [
                PanelQuery::new("open", LONGEST_TRANSACTION.max().by(DatabaseLabels::datname)),
                PanelQuery::new(
                    "idle",
                    LONGEST_IDLE_IN_TRANSACTION.max().by(DatabaseLabels::datname),
                ),
            ],
        ),
        Panel::lines(
            "Longest running query",
            "How long the query that runs longest has been running, by database. A steady rise is \
             one query that does not end.",
            [PanelQuery::new("", LONGEST_QUERY.max().by(DatabaseLabels::datname))],
        ),
    ];
    Row { title: "Transactions", panels }
}

pub(super) fn locks() -> Row {
    let panels = vec![
        Panel::lines(
            work::panels::BLOCKED,
            "Backends that wait for a lock, by database, and those blocked by the worst blocker. \
             If most are behind one blocker, end it to free the rest.",
            [
                PanelQuery::new("blocked", BLOCKED.sum().by(DatabaseLabels::datname)),
                PanelQuery::new("behind the worst", WORST_BLOCKER.max().by(()))
                    .color(Colour::Critical),
            ],
        ),
        Panel::lines(
            work::panels::LOCK_WAIT,
            "The longest time that a backend has been waiting for a lock, by database. A long wait \
             is usually for a migration or a forgotten transaction.",
            [PanelQuery::new("", LONGEST_LOCK_WAIT.max().by(DatabaseLabels::datname))],
        ),
        Panel::stacked(
            "Locks by mode",
            "Locks that are held or waited for, by mode. `accessexclusivelock` blocks everyone, \
             readers too, so it should be short.",
            [PanelQuery::new("", LOCKS.sum().by(LockLabels::mode))],
        ),
        Panel::lines(
            work::panels::DEADLOCKS,
            "Deadlocks that the server broke by ending one of the transactions, by database. Each \
             one is described in the server's log, with both statements.",
            [PanelQuery::new(
                "",
                DEADLOCKS.increase(RATE_INTERVAL).sum().by(DatabaseLabels::datname),
            )],
        ),
    ];
    Row { title: "Locks", panels }
}

pub(super) fn statements(pools: &Pools) -> Row {
    let p95 = STATEMENT_DURATION.buckets().rate(RATE_INTERVAL).sum_by(INSTANCE).quantile(0.95);
    let hit = || STATEMENT_BLOCKS_HIT.rate(RATE_INTERVAL).sum().by(DatabaseLabels::datname);
    let read = STATEMENT_BLOCKS_READ.rate(RATE_INTERVAL).sum().by(DatabaseLabels::datname);
    let keys = || (StatementLabels::datname, StatementLabels::queryid);
    let time = || TOP_SECONDS.rate(RATE_INTERVAL).sum().by(keys());
    let calls = || TOP_CALLS.rate(RATE_INTERVAL).sum().by(keys());
    let panels = vec![
        Panel::lines(
            work::panels::STATEMENT_LATENCY,
            &format!(
                "The 95th percentile of the time of statements, estimated from each statement's \
                 mean. Above the line: {}.",
                pools.limits.query_latency.source
            ),
            [PanelQuery::new("", p95)],
        )
        .no_value("No pg_stat_statements"),
        Panel::heatmap(
            "Spread of statement time",
            "Calls of statements by duration; each call counts at its statement's mean. If a whole \
             band moves up, all statements are slower; a new band above it is one kind of \
             statement.",
            PanelQuery::buckets(STATEMENT_DURATION.buckets().increase(RATE_INTERVAL).sum()),
        )
        .no_value("No pg_stat_statements"),
        Panel::lines(
            "Statements",
            "Calls each second by database. More calls at the same time per call mean more work; \
             see which application sends them.",
            [PanelQuery::new(
                "",
                STATEMENT_CALLS.rate(RATE_INTERVAL).sum().by(DatabaseLabels::datname),
            )],
        )
        .no_value("No pg_stat_statements"),
        Panel::lines(
            "Time in statements",
            "Seconds spent executing in each second, by database: how many backends are busy on \
             average. Near the number of processors, the machine is full.",
            [PanelQuery::new(
                "",
                STATEMENT_SECONDS.rate(RATE_INTERVAL).sum().by(DatabaseLabels::datname),
            )],
        )
        .no_value("No pg_stat_statements"),
        Panel::lines(
            "Blocks found in the cache",
            "The share of blocks that statements found in the server's cache, by database. A fall \
             means that the data in use no longer fits, or that a plan reads whole tables.",
            [PanelQuery::new("", hit().div_nonzero(hit().add(read)))],
        )
        .no_value("No pg_stat_statements"),
        Panel::table(
            "Statements that take most time",
            "The statements with most total time, by query id: time spent in each second, calls \
             each second and the mean time of a call. Their texts are in `pg_stat_statements`.",
            [
                PanelQuery::new("Time", time()),
                PanelQuery::new("Calls", calls()),
                PanelQuery::new("Mean", time().div_nonzero(calls())),
            ],
        )
        .no_value("No pg_stat_statements"),
    ];
    Row { title: "Statements", panels }
}

pub(super) fn replication() -> Row {
    let replay = StandbyLabels::stage.eq(Stage::Replay);
    let panels = vec![
        Panel::lines(
            work::panels::STANDBY_LAG,
            "The replay lag of each standby, by its name. If it rises while the log to replay \
             stays small, nothing is written; if both rise, the standby does not keep up.",
            [PanelQuery::new(
                "",
                STANDBY_LAG_SECONDS
                    .filter(replay)
                    .max()
                    .by((StandbyLabels::application_name, StandbyLabels::client_addr)),
            )],
        )
        .no_value("No standby"),
        Panel::lines(
            "Log that standbys lack",
            "Log that the primary has written and the standby has not confirmed, by stage. Many \
             bytes to write point to the network; many to replay point to the standby's disk or a \
             query on it.",
            [PanelQuery::new("", STANDBY_LAG_BYTES.max().by(StandbyLabels::stage))],
        )
        .no_value("No standby"),
        Panel::timeline(
            work::panels::STANDBYS,
            "Whether each standby is connected to the server it follows. While it is not, its lag \
             is unknown.",
            PanelQuery::new("", RECEIVER_UP.min().by(INSTANCE)).yes_no(),
            UP_DOWN,
        )
        .no_value("No standby"),
        Panel::lines(
            "Log kept by slots",
            "Log that the server keeps because a slot has not read it. A slot that nobody reads \
             grows until the disk is full.",
            [PanelQuery::new("", SLOT_RETAINED.max().by(SlotLabels::slot_name))],
        )
        .no_value("No slot"),
    ];
    Row { title: "Replication", panels }
}
