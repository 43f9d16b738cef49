//! Panels of connections, limits and pools.

use alerts::pool::capacity;
use common::metric::{Label, LabelText};
use pool_usage::metrics::{
    connections::{
        ACTIVITY, AVAILABLE, ActivityLabels, CLIENT_BACKENDS, DATABASE_CONNECTIONS, DATABASE_LIMIT,
        DatabaseLabels, LONGEST_TRANSACTION, MAX_CONNECTIONS, POOL_AVAILABLE, POOL_BUSY, POOL_SIZE,
        PoolLabels, ROLE_CONNECTIONS, ROLE_LIMIT, RoleLabels,
    },
    pgbouncer::{
        CLIENT_ACTIVE, CLIENT_MAXWAIT, CLIENT_WAITING, PAIR_SATURATION, PGBOUNCER_UP, PairLabels,
        SERVER_ACTIVE, SERVER_IDLE, TRAFFIC_QUERIES, TRAFFIC_WAITED, TrafficLabels,
    },
};
use promql::prelude::*;

use crate::{Colour, Panel, PanelQuery, Row};

fn used() -> Vector<()> {
    CLIENT_BACKENDS.div_nonzero(&MAX_CONNECTIONS)
}

/// Sessions by a label, without those that have no value for it.
fn named(label: Label<ActivityLabels, LabelText>) -> Vector<ActivityLabels> {
    ACTIVITY.filter(label.ne("")).sum().by(label)
}

pub(super) fn summary() -> Vec<Panel> {
    vec![
        Panel::postgres_up(),
        Panel::up(
            capacity::panels::PGBOUNCER_UP,
            "Whether the console of every chosen PgBouncer answers (`pgbouncer_up`). While it is \
             down, its clients may not reach the database.",
            &PGBOUNCER_UP,
        )
        .no_value("There is none"),
        Panel::firing(
            "Alerts on connections that fire now. Each has a runbook; the red spans over the \
             graphs show when they fire.",
        ),
        Panel::stat(
            capacity::panels::CONNECTIONS,
            "The share of `max_connections` in use, on the fullest server. At 100 % every new \
             connection is refused.",
            PanelQuery::new("", used().max().by(())),
        ),
        Panel::stat(
            "Clients waiting",
            "Clients of PgBouncer that wait for a server connection, over all pools. If clients \
             wait for longer than a moment, a pool is too small or its connections are blocked.",
            PanelQuery::new("", CLIENT_WAITING.sum().by(())),
        )
        .no_value("No PgBouncer"),
        Panel::stat(
            "Longest transaction",
            "Age of the oldest open transaction. While it is open, it holds its locks, and vacuum \
             cannot remove rows that died since it began.",
            PanelQuery::new("", LONGEST_TRANSACTION.max().by(())),
        ),
    ]
}

pub(super) fn limits() -> Row {
    let role = ROLE_CONNECTIONS.div_nonzero(&ROLE_LIMIT);
    let database = DATABASE_CONNECTIONS.div_nonzero(&DATABASE_LIMIT);
    let pool = POOL_BUSY.div_nonzero(&POOL_SIZE);
    let panels = vec![
        Panel::lines(
            capacity::panels::CONNECTIONS,
            "The share of `max_connections` in use, by server. A steady rise is a leak; a step is \
             a deployment with larger pools.",
            [PanelQuery::new("", used().max().by(INSTANCE))],
        ),
        Panel::lines(
            capacity::panels::CONNECTIONS_LEFT,
            "Connections that an ordinary role may still open, by server; those reserved for \
             superusers are not included. At zero, applications are refused.",
            [PanelQuery::new("", AVAILABLE.min().by(INSTANCE))],
        ),
        Panel::lines(
            capacity::panels::ROLES,
            "The share of its own limit that each role has in use. A role at its limit is refused \
             while the server has room for others.",
            [PanelQuery::new("", role.max().by(RoleLabels::rolname))],
        )
        .no_value("No role has a limit"),
        Panel::lines(
            capacity::panels::DATABASES,
            "The share of its own limit that each database has in use. A database at its limit \
             refuses everyone but superusers.",
            [PanelQuery::new("", database.max().by(DatabaseLabels::datname))],
        )
        .no_value("No database has a limit"),
        Panel::lines(
            capacity::panels::APPLICATION_POOLS,
            "The share of each application pool that is busy: running a query or holding a \
             transaction open. Near 100 %, the next request waits.",
            [PanelQuery::new("", pool.max().by(PoolLabels::pool))],
        )
        .no_value("The settings name no pool"),
        Panel::lines(
            capacity::panels::APPLICATION_POOLS_LEFT,
            "Size of each application pool less its busy connections, as far as the database shows \
             them. At zero, the next request waits.",
            [PanelQuery::new("", POOL_AVAILABLE.min().by(PoolLabels::pool))],
        )
        .no_value("The settings name no pool"),
    ];
    Row { title: "Limits", panels }
}

pub(super) fn holders() -> Row {
    let panels = vec![
        Panel::stacked(
            "Sessions by state",
            "Sessions by state. Many `idle in transaction`: an application does not commit; many \
             `active`: statements are slow or blocked.",
            [PanelQuery::new("", ACTIVITY.sum().by(ActivityLabels::state))],
        ),
        Panel::stacked(
            "Sessions by application",
            "Sessions by `application_name`, without those that set none; `other` is the \
             applications over the label's limit. Look first at the application whose sessions \
             grow.",
            [PanelQuery::new("", named(ActivityLabels::application_name))],
        ),
        Panel::stacked(
            "Sessions by role",
            "Sessions by role; `other` is the roles over the label's limit. Applications that \
             share a role cannot be limited one by one.",
            [PanelQuery::new("", named(ActivityLabels::usename))],
        ),
        Panel::stacked(
            "Sessions by what they wait for",
            "Sessions by the type of event they wait for: `Client` is idle, `Lock` is blocked, \
             `IO` reads from disk; sessions that do not wait are left out. A new type is a new \
             bottleneck.",
            [PanelQuery::new("", named(ActivityLabels::wait_event_type))],
        ),
    ];
    Row { title: "Who holds them", panels }
}

pub(super) fn pooler() -> Row {
    let pair = || (PairLabels::database, PairLabels::user);
    let panels = vec![
        Panel::lines(
            capacity::panels::PGBOUNCER_POOLS,
            "The share of each pool's size in use, by database and user. At 100 % the next client \
             waits; above 100 % the reserve pool is in use.",
            [PanelQuery::new("", PAIR_SATURATION.max().by(pair()))],
        )
        .no_value("No PgBouncer"),
        Panel::lines(
            capacity::panels::PGBOUNCER_CLIENTS,
            "Clients that have a server connection or are idle, and clients that wait. Clients \
             that wait have sent a query that has no server connection yet.",
            [
                PanelQuery::new("active", CLIENT_ACTIVE.sum().by(())).color(Colour::Good),
                PanelQuery::new("waiting", CLIENT_WAITING.sum().by(())).color(Colour::Warning),
            ],
        )
        .no_value("No PgBouncer"),
        Panel::lines(
            capacity::panels::PGBOUNCER_WAIT,
            "How long the first client in each pool's queue has been waiting, to the microsecond. \
             If the pool is blocked, it grows by a second each second.",
            [PanelQuery::new("", CLIENT_MAXWAIT.max().by(pair()))],
        )
        .no_value("No PgBouncer"),
        Panel::lines(
            "Server connections of PgBouncer",
            "Server connections that work for a client, and those that are free. If none is free \
             while clients wait, the pool is too small or its connections are blocked.",
            [
                PanelQuery::new("active", SERVER_ACTIVE.sum().by(())).color(Colour::Info),
                PanelQuery::new("idle", SERVER_IDLE.sum().by(())).color(Colour::Good),
            ],
        )
        .no_value("No PgBouncer"),
        Panel::lines(
            "Queries through PgBouncer",
            "Queries each second by database. A fall while clients wait means that the server is \
             slow or blocked; a rise means more work.",
            [PanelQuery::new(
                "",
                TRAFFIC_QUERIES.rate(RATE_INTERVAL).sum().by(TrafficLabels::database),
            )],
        )
        .no_value("No PgBouncer"),
        Panel::lines(
            "Time waited for PgBouncer",
            "Seconds that clients waited in each second, by database. A wait counts when it ends, \
             so the value does not change while the pool is blocked.",
            [PanelQuery::new(
                "",
                TRAFFIC_WAITED.rate(RATE_INTERVAL).sum().by(TrafficLabels::database),
            )],
        )
        .no_value("No PgBouncer"),
    ];
    Row { title: "PgBouncer", panels }
}
