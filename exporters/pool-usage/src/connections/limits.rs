//! Limits of connections of the server and of each role, and how many of them are in use.

use std::collections::BTreeMap;

use common::{
    metric::LabelText,
    scrape::{CollectError, Snapshot, label_limit::OTHER},
    source::postgres::{NO_PARAMS, Session, column},
};
use futures::future::try_join;
use tokio_postgres::Row;

use super::{Connections, activity::Sessions, databases::Database};
use crate::metrics::connections::{
    AVAILABLE, CLIENT_BACKENDS, DATABASE_CONNECTIONS, DatabaseLabels, MAX_CONNECTIONS, RESERVED,
    ROLE_CONNECTIONS, ROLE_LIMIT, RoleLabels, SUPERUSER_RESERVED,
};

/// `reserved_connections` came with PostgreSQL 16. Reading `pg_settings` would cost far more.
const SETTINGS: &str = "SELECT current_setting('max_connections')::float8 AS most, \
     current_setting('superuser_reserved_connections')::float8 AS superuser_reserved, \
     current_setting('reserved_connections', true)::float8 AS reserved";

/// Roles with a limit come first, so that they are within the limit of label values.
const ROLES: &str = "SELECT rolname, rolconnlimit FROM pg_catalog.pg_roles \
     WHERE rolcanlogin ORDER BY rolconnlimit < 0, rolname LIMIT 200";

#[derive(Debug)]
pub(super) struct Limits {
    most: f64,
    superuser_reserved: f64,
    reserved: Option<f64>,
    roles: Vec<(String, i32)>,
}

pub(super) async fn fetch(session: &Session) -> Result<Limits, CollectError> {
    let (settings, roles) = try_join(
        session.query_one("reading the server's limits", SETTINGS, NO_PARAMS),
        session.query("reading the roles' limits", ROLES, NO_PARAMS),
    )
    .await?;
    let role = |row: &Row| Ok((column(row, "rolname")?, column(row, "rolconnlimit")?));
    Ok(Limits {
        most: column(&settings, "most")?,
        superuser_reserved: column(&settings, "superuser_reserved")?,
        reserved: column(&settings, "reserved")?,
        roles: roles.iter().map(role).collect::<Result<_, CollectError>>()?,
    })
}

pub(super) fn render(
    limits: &Limits,
    databases: &[Database],
    sessions: &[Sessions],
    collector: &Connections,
    out: &mut Snapshot,
) {
    let clients = || sessions.iter().filter(|it| it.are_clients());
    let taken = clients().map(|it| it.count).sum::<i64>() as f64;
    out.gauge(&MAX_CONNECTIONS, (), limits.most);
    out.gauge(&SUPERUSER_RESERVED, (), limits.superuser_reserved);
    out.gauge(&RESERVED, (), limits.reserved);
    out.gauge(&CLIENT_BACKENDS, (), taken);
    let reserved = limits.superuser_reserved + limits.reserved.unwrap_or(0.0);
    out.gauge(&AVAILABLE, (), (limits.most - reserved - taken).max(0.0));

    let mut per_database = BTreeMap::<LabelText, i64>::new();
    for database in databases {
        per_database.entry(collector.database(&database.name)).or_default();
    }
    for row in clients() {
        *per_database.entry(collector.database(&row.datname)).or_default() += row.count;
    }
    for (datname, count) in per_database {
        out.gauge(&DATABASE_CONNECTIONS, DatabaseLabels { datname }, count as f64);
    }

    for (name, limit) in &limits.roles {
        let rolname = collector.caps.users.fold(name);
        // The roles folded into `other` have no common limit.
        if rolname == OTHER {
            continue;
        }
        let labels = RoleLabels { rolname };
        if *limit >= 0 {
            let of_role = clients().filter(|it| it.usename == *name).map(|it| it.count);
            out.gauge(&ROLE_CONNECTIONS, labels.clone(), of_role.sum::<i64>() as f64);
        }
        out.gauge(&ROLE_LIMIT, labels, f64::from(*limit));
    }
}
