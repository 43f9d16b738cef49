//! The databases: their connection limits, backends and deadlocks.

use std::collections::BTreeMap;

use common::{
    metric::LabelText,
    scrape::{CollectError, Snapshot, label_limit::OTHER},
    source::postgres::{NO_PARAMS, Session, column},
};
use tokio_postgres::Row;

use super::Connections;
use crate::metrics::{
    aliases,
    connections::{DATABASE_LIMIT, DEADLOCKS, DatabaseLabels, NUMBACKENDS, StatDatabaseLabels},
};

const SQL: &str = "SELECT d.oid::text AS datid, d.datname, d.datconnlimit, \
         s.numbackends, s.deadlocks \
     FROM pg_catalog.pg_database d \
     LEFT JOIN pg_catalog.pg_stat_database s ON s.datid = d.oid \
     WHERE d.datallowconn AND NOT d.datistemplate \
     ORDER BY s.numbackends DESC NULLS LAST, d.datname LIMIT 1000";

#[derive(Debug)]
pub(super) struct Database {
    pub(super) name: String,
    datid: String,
    limit: i32,
    numbackends: Option<i32>,
    deadlocks: Option<i64>,
}

pub(super) async fn fetch(session: &Session) -> Result<Vec<Database>, CollectError> {
    let rows = session.query("reading pg_stat_database", SQL, NO_PARAMS).await?;
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

pub(super) fn render(databases: &[Database], collector: &Connections, out: &mut Snapshot) {
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
