//! Limits of connections: of the server, each database and each role.

use std::collections::BTreeMap;

use common::{
    metric::LabelText,
    scrape::{CollectError, Snapshot, label_limit::OTHER},
    source::postgres::{NO_PARAMS, Session, column},
};
use futures::future::try_join;
use tokio_postgres::Row;

use super::{Connections, activity::Sessions};
use crate::metrics::{
    aliases,
    connections::{
        AVAILABLE, CLIENT_BACKENDS, DATABASE_CONNECTIONS, DATABASE_LIMIT, DEADLOCKS,
        DatabaseLabels, MAX_CONNECTIONS, NUMBACKENDS, RESERVED, ROLE_CONNECTIONS, ROLE_LIMIT,
        RoleLabels, SUPERUSER_RESERVED, StatDatabaseLabels,
    },
};

/// `reserved_connections` came with PostgreSQL 16. Reading `pg_settings` would cost far more.
const SETTINGS: &str = "SELECT current_setting('max_connections')::float8 AS most, \
     current_setting('superuser_reserved_connections')::float8 AS superuser_reserved, \
     current_setting('reserved_connections', true)::float8 AS reserved";

const DATABASES: &str = "SELECT d.oid::text AS datid, d.datname, d.datconnlimit, \
         s.numbackends, s.deadlocks \
     FROM pg_catalog.pg_database d \
     LEFT JOIN pg_catalog.pg_stat_database s ON s.datid = d.oid \
     WHERE d.datallowconn AND NOT d.datistemplate \
     ORDER BY s.numbackends DESC NULLS LAST, d.datname LIMIT 1000";

/// Roles with a limit come first, so that they are within the limit of label values.
const ROLES: &str = "SELECT rolname, rolconnlimit FROM pg_catalog.pg_roles \
     WHERE rolcanlogin ORDER BY rolconnlimit < 0, rolname LIMIT 200";

#[derive(Debug)]
pub(super) struct Database {
    pub(super) name: String,
    datid: String,
    limit: i32,
    numbackends: Option<i32>,
    deadlocks: Option<i64>,
}

#[derive(Debug)]
pub(super) struct Limits {
    most: f64,
    superuser_reserved: f64,
    reserved: Option<f64>,
    roles: Vec<(String, i32)>,
}

pub(super) async fn databases(session: &Session) -> Result<Vec<Database>, CollectError> {
    let rows = session.query("reading pg_stat_database", DATABASES, NO_PARAMS).await?;
    let database = |row: &Row| {
        Ok(Database {
            name: column(row, "datname")?,
            datid: column(row, "datid")?,
            limit: column(row, "datconnlimit")?,
            numbackends: column(row, "numbackends")?,
            deadlocks: column(row, "deadlocks")?,
        })
    };
    rows.iter().map(database).collect()
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
    render_databases(databases, collector, out);

    for (name, limit) in &limits.roles {
        let rolname = collector.caps.users.fold(name);
        // Several roles together have no limit of their own.
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

fn render_databases(databases: &[Database], collector: &Connections, out: &mut Snapshot) {
    let mut deadlocks = BTreeMap::<LabelText, i64>::new();
    for database in databases {
        let datname = collector.database(&database.name);
        if let Some(count) = database.deadlocks {
            *deadlocks.entry(datname.clone()).or_default() += count;
        }
        if datname == OTHER {
            continue;
        }
        let labels = DatabaseLabels { datname: datname.clone() };
        out.gauge(&DATABASE_LIMIT, labels, f64::from(database.limit));
        let labels = StatDatabaseLabels { datid: database.datid.clone().into(), datname };
        if collector.aliases {
            let count = database.deadlocks.map(|it| it as f64);
            out.counter(&aliases::DEADLOCKS, labels.clone(), count);
        }
        out.gauge(&NUMBACKENDS, labels, database.numbackends.map(f64::from));
    }
    for (datname, count) in deadlocks {
        out.counter(&DEADLOCKS, DatabaseLabels { datname }, count as f64);
    }
}
