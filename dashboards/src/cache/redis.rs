//! Redis and Valkey.

use alerts::cache::redis::{memory, service};
use alerts::cache::redis_hit_ratio;
use cache_hit::metrics::redis::{
    commands::{COMMAND_DURATION, COMMANDS, COMMANDS_DURATION, CommandLabels, ERRORS, ErrorLabels},
    keyspace::{DB_KEYS, DB_KEYS_EXPIRING, DbLabels, EVICTED_KEYS, EXPIRED_KEYS, HITS, MISSES},
    memory::{FRAGMENTATION, MAX, USED, USED_DATASET, USED_PEAK, USED_RSS},
    persistence::{AOF_LAST_WRITE_STATUS, RDB_CHANGES, RDB_LAST_SAVE, RDB_LAST_STATUS},
    replication::{
        CONNECTED_SLAVES, MASTER_LINK_UP, REPLICA_LAG_BYTES, ROLE, ReplicaLabels, Role, RoleLabels,
    },
    server::{
        BLOCKED_CLIENTS, CONNECTED_CLIENTS, CONNECTIONS_RECEIVED, CPU_SYS, CPU_USER,
        NET_INPUT_BYTES, NET_OUTPUT_BYTES, REJECTED_CONNECTIONS, SLOWLOG_LAST_ID,
    },
};
use common::source::redis::REDIS_UP;
use promql::prelude::*;

use crate::{Colour, Panel, PanelQuery, Row, UP_DOWN, ValueMapping};

fn of_limit() -> Vector<()> {
    USED.div_nonzero(&MAX)
}

pub(super) fn summary() -> Vec<Panel> {
    vec![
        Panel::up(
            "All Redis up",
            "Whether every chosen server answers (`redis_up`). While one is down, its metrics are \
             unknown, not zero.",
            &REDIS_UP,
        ),
        Panel::firing(
            "Alerts on caches that fire now. Each has a runbook; the red spans over the graphs \
             show when they fire.",
        ),
        Panel::stat(
            memory::panels::HIT_RATIO,
            "The share of reads that find their key, on the primary where it is lowest. Absent \
             where nothing is read, and right after a restart.",
            PanelQuery::new("", redis_hit_ratio(RATE_INTERVAL).min().by(())),
        )
        .no_value("Nothing was read"),
        Panel::stat(
            memory::panels::MEMORY,
            "The share of `maxmemory` in use, on the fullest server. A cache that evicts is full \
             by design; others refuse writes at 100 %.",
            PanelQuery::new("", of_limit().max().by(())),
        )
        .no_value("No limit is set"),
        Panel::stat(
            "Commands",
            "Commands that the chosen servers run each second.",
            PanelQuery::new("", COMMANDS.rate(RATE_INTERVAL).sum().by(())),
        ),
        Panel::stat(
            "Clients",
            "Client connections of the chosen servers. A rise without more work means that an \
             application does not close them.",
            PanelQuery::new("", CONNECTED_CLIENTS.sum().by(())),
        ),
    ]
}

pub(super) fn keys() -> Row {
    let rate = |counter: Vector<()>| counter.sum().by(());
    let panels = vec![
        Panel::lines(
            memory::panels::HIT_RATIO,
            "The share of reads that find their key, by primary. Absent where nothing is read, on \
             replicas, and right after a restart, a failover or `CONFIG RESETSTAT`.",
            [PanelQuery::new("", redis_hit_ratio(RATE_INTERVAL).min().by(INSTANCE))],
        )
        .no_value("Nothing was read"),
        Panel::lines(
            "Reads",
            "Reads each second that found their key, and reads that did not. Misses that rise \
             while hits stay the same are reads of keys that nobody stores.",
            [
                PanelQuery::new("hits", rate(HITS.rate(RATE_INTERVAL))).color(Colour::Good),
                PanelQuery::new("misses", rate(MISSES.rate(RATE_INTERVAL))).color(Colour::Warning),
            ],
        ),
        Panel::lines(
            memory::panels::EVICTIONS,
            "Keys each second that were evicted to free memory, and that expired, by server. \
             Evictions together with misses mean that the memory is too small.",
            [
                PanelQuery::new("evicted", EVICTED_KEYS.rate(RATE_INTERVAL).sum().by(INSTANCE)),
                PanelQuery::new("expired", EXPIRED_KEYS.rate(RATE_INTERVAL).sum().by(INSTANCE)),
            ],
        ),
        Panel::lines(
            "Keys",
            "Keys of each database: all, and those with a time to live. Keys without one stay \
             until they are deleted.",
            [
                PanelQuery::new("all", DB_KEYS.sum().by(DbLabels::db)),
                PanelQuery::new("expiring", DB_KEYS_EXPIRING.sum().by(DbLabels::db)),
            ],
        )
        .no_value("No keys"),
    ];
    Row { title: "Keys", panels }
}

pub(super) fn memory() -> Row {
    let panels = vec![
        Panel::lines(
            memory::panels::MEMORY,
            "The share of `maxmemory` in use, by server. A cache that evicts is full by design; \
             others refuse writes at 100 %.",
            [PanelQuery::new("", of_limit().max().by(INSTANCE))],
        )
        .no_value("No limit is set"),
        Panel::lines(
            "Memory",
            "Memory of the chosen servers: used, the part of it that holds data, resident, and the \
             peak of used. Resident far above used means fragmentation.",
            [
                PanelQuery::new("used", USED.sum().by(())),
                PanelQuery::new("data", USED_DATASET.sum().by(())),
                PanelQuery::new("resident", USED_RSS.sum().by(())),
                PanelQuery::new("peak", USED_PEAK.sum().by(())),
            ],
        ),
        Panel::lines(
            memory::panels::FRAGMENTATION,
            "Resident memory divided by used memory, by server. Far above 100 % memory is lost to \
             fragmentation; the ratio means nothing where little memory is used.",
            [PanelQuery::new("", FRAGMENTATION.max().by(INSTANCE))],
        ),
        Panel::lines(
            "Processor",
            "Share of one core that each server uses. One command runs at a time: near 100 % the \
             server can do no more.",
            [PanelQuery::new(
                "",
                CPU_USER.rate(RATE_INTERVAL).add(CPU_SYS.rate(RATE_INTERVAL)).max().by(INSTANCE),
            )],
        )
        .decimals(2),
    ];
    Row { title: "Memory and processor", panels }
}

pub(super) fn commands() -> Row {
    let calls = || COMMANDS.rate(RATE_INTERVAL).sum().by(CommandLabels::cmd);
    let time = || COMMANDS_DURATION.rate(RATE_INTERVAL).sum().by(CommandLabels::cmd);
    let slowest = COMMAND_DURATION.buckets().rate(RATE_INTERVAL).sum_by(INSTANCE).quantile(0.99);
    let panels = vec![
        Panel::stacked(
            "Commands by kind",
            "Commands each second, by command. A new command after a deployment is a change in the \
             application.",
            [PanelQuery::new("", calls())],
        ),
        Panel::lines(
            service::panels::LATENCY,
            "The 99th percentile of the time that commands take in the server, by server. The time \
             that a command waits for others is not included.",
            [PanelQuery::new("", slowest)],
        )
        .no_value("Needs Redis 7"),
        Panel::lines(
            service::panels::SLOW_COMMANDS,
            "Commands that were added to the slow log, by server; `SLOWLOG GET` shows them. Each \
             one blocked all others.",
            [PanelQuery::new("", SLOWLOG_LAST_ID.range(RATE_INTERVAL).delta().max().by(INSTANCE))],
        )
        .no_value("None"),
        Panel::stacked(
            "Errors",
            "Error replies each second, by their first word. `OOM`: memory is full; `NOPERM`: a \
             client lacks a privilege; `LOADING`: the server has just started.",
            [PanelQuery::new("", ERRORS.rate(RATE_INTERVAL).sum().by(ErrorLabels::err))],
        )
        .no_value("None"),
        Panel::table(
            "Commands that take most time",
            "Every command with the time spent in it each second, its calls each second and the \
             mean time of a call.",
            [
                PanelQuery::new("Time", time()),
                PanelQuery::new("Calls", calls()),
                PanelQuery::new("Mean", time().div_nonzero(calls())),
            ],
        ),
    ];
    Row { title: "Commands", panels }
}

pub(super) fn clients() -> Row {
    let panels = vec![
        Panel::lines(
            "Connected clients",
            "Clients by server, and those that wait in a blocking command such as `BLPOP`.",
            [
                PanelQuery::new("connected", CONNECTED_CLIENTS.max().by(INSTANCE)),
                PanelQuery::new("blocked", BLOCKED_CLIENTS.max().by(INSTANCE)),
            ],
        ),
        Panel::lines(
            service::panels::REJECTED,
            "Connections that the server rejected because `maxclients` was reached.",
            [PanelQuery::new("", REJECTED_CONNECTIONS.increase(RATE_INTERVAL).sum().by(INSTANCE))],
        ),
        Panel::lines(
            "New connections",
            "Connections accepted each second, by server. If there are as many as commands, the \
             application opens a connection for each command, which costs more than the command.",
            [PanelQuery::new("", CONNECTIONS_RECEIVED.rate(RATE_INTERVAL).sum().by(INSTANCE))],
        ),
        Panel::lines(
            "Network",
            "Bytes each second from and to clients. Many bytes out for few commands are large \
             values.",
            [
                PanelQuery::new("in", NET_INPUT_BYTES.rate(RATE_INTERVAL).sum().by(())),
                PanelQuery::new("out", NET_OUTPUT_BYTES.rate(RATE_INTERVAL).sum().by(())),
            ],
        ),
    ];
    Row { title: "Clients", panels }
}

pub(super) fn replication() -> Row {
    let most = CONNECTED_SLAVES.max_over_time(hours(1)).max().by(INSTANCE);
    let lost = most.sub(CONNECTED_SLAVES.max().by(INSTANCE));
    let panels = vec![
        Panel::timeline(
            service::panels::UP,
            "Whether each server answers (`redis_up`). While it is down, its metrics are unknown, \
             not zero.",
            PanelQuery::new("", REDIS_UP.min().by(INSTANCE)).yes_no(),
            UP_DOWN,
        ),
        Panel::timeline(
            "Roles",
            "Whether each server is a primary or a replica. A change is a failover.",
            PanelQuery::new("", ROLE.filter(RoleLabels::role.eq(Role::Master)).max().by(INSTANCE))
                .yes_no(),
            [
                ValueMapping { value: 0, text: "Replica", color: Colour::Info },
                ValueMapping { value: 1, text: "Primary", color: Colour::Good },
            ],
        ),
        Panel::timeline(
            service::panels::LINKS,
            "Whether each replica is connected to its primary. While it is not, the data it serves \
             is stale.",
            PanelQuery::new("", MASTER_LINK_UP.min().by(INSTANCE)).yes_no(),
            UP_DOWN,
        )
        .no_value("No replica"),
        Panel::lines(
            "Replicas",
            "Replicas that are connected to each server. A step down is a replica that was lost.",
            [PanelQuery::new("", CONNECTED_SLAVES.max().by(INSTANCE))],
        ),
        Panel::lines(
            service::panels::REPLICAS_LOST,
            "How many fewer replicas are connected than the most within the last hour, by server.",
            [PanelQuery::new("", lost)],
        ),
        Panel::lines(
            service::panels::REPLICA_LAG,
            "Bytes of the replication stream that each replica has not confirmed. A steady rise \
             means that the replica does not keep up and will need a full resynchronisation.",
            [PanelQuery::new(
                "",
                REPLICA_LAG_BYTES.max().by((ReplicaLabels::slave_ip, ReplicaLabels::slave_port)),
            )],
        )
        .no_value("No replica"),
    ];
    Row { title: "Servers and replication", panels }
}

pub(super) fn persistence() -> Row {
    let panels = vec![
        Panel::timeline(
            service::panels::SAVES,
            "Whether the last snapshot and the last write to the append-only file succeeded. When \
             one fails, Redis refuses writes by default.",
            PanelQuery::new(
                "",
                RDB_LAST_STATUS.min().by(INSTANCE).mul(AOF_LAST_WRITE_STATUS.min().by(INSTANCE)),
            )
            .yes_no(),
            [
                ValueMapping { value: 0, text: "Failed", color: Colour::Critical },
                ValueMapping { value: 1, text: "OK", color: Colour::Good },
            ],
        )
        .height(8),
        Panel::lines(
            "Age of the last snapshot",
            "Time since the last snapshot was written, by server. Later changes are lost in a \
             crash, unless there is an append-only file.",
            [PanelQuery::new("", RDB_LAST_SAVE.max().by(INSTANCE).age())],
        ),
        Panel::lines(
            "Changes since the last snapshot",
            "Changes since the last snapshot, by server. If they only rise, snapshots are off or \
             fail.",
            [PanelQuery::new("", RDB_CHANGES.max().by(INSTANCE))],
        ),
    ];
    Row { title: "Persistence", panels }
}
