//! A kept, read-only, bounded connection to PostgreSQL.
//!
//! An exporter never hurts the database: one connection per target however many ask, read-only,
//! under statement, lock and idle time-outs, without parallel workers; what is given up is
//! cancelled; a server that refuses is asked again with growing pauses.

mod ask;
mod collector;
mod connect;
mod dsn;
mod endpoint;
mod error;
mod flight;
mod handle;
mod pooled;
mod privileges;
mod role;
mod server;
mod session;
mod settings;
mod sqlstate;
mod statements;
mod tls;

pub use self::{
    collector::PostgresCollector,
    handle::Postgres,
    privileges::{Privilege, PrivilegeLabels, Privileges},
    role::{create_role, grants, ident, literal},
    server::{
        ALL, PG_POSTMASTER_START_TIME, PG_REPLICATION_IS_REPLICA, PG_STATIC, PG_UP, Server,
        StaticLabels,
    },
    session::{NO_PARAMS, Parameter, Session, column},
    settings::{PostgresSettings, SslMode},
};
