//! `check --grants`: the role with the fewest privileges that suffices, as SQL.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use common::{
    process::{Exporter, check::TIMEOUT},
    source::postgres::{Postgres, Session, column, create_role},
};
use tokio::time::Instant;

use crate::{
    PostgresQueue,
    cron::PRESENT,
    mapping::Mapping,
    quote::{self, ident},
    relation::Relation,
};

/// The statements for one database, to be run in it by its owner or a superuser. `user` is the role
/// that the settings name; `cron` is whether jobs of `pg_cron` are read.
pub(crate) async fn grants(
    postgres: &Postgres,
    user: Option<&str>,
    queues: &BTreeMap<String, Mapping>,
    cron: bool,
) -> String {
    let session = postgres.session(Instant::now() + TIMEOUT).await.ok();
    let role = session.as_ref().map(Session::user).or(user).unwrap_or("pulso").to_owned();
    let address = postgres.address();
    let name = address.rsplit_once('/').map_or(role.as_str(), |(_, name)| name);
    let mut sql = Sql { role: ident(&role), schemas: BTreeSet::new(), text: String::new() };

    sql.comment(&format!("For {} on {address}; run it there as a superuser.", PostgresQueue::NAME));
    if session.is_none() {
        sql.comment(
            "The database could not be queried, so whole tables are granted. Run this \
                     again",
        );
        sql.comment("once the role can connect, to grant only the columns that are read.");
    }
    sql.text += &create_role(&role);
    sql.grant(&format!("CONNECT ON DATABASE {}", ident(name)));
    sql.comment("Other roles' open transactions, without which counting is not exact.");
    sql.grant("pg_read_all_stats");
    for mapping in queues.values() {
        sql.table(session.as_ref(), &mapping.table, &columns(mapping)).await;
        if let Some(workers) = &mapping.workers {
            sql.table(session.as_ref(), &workers.table, &[&workers.last_seen]).await;
        }
        if let Some(paused) = &mapping.paused {
            let columns: Vec<&str> =
                [Some(&paused.queue), paused.paused_at.as_ref(), paused.flag.as_ref()]
                    .into_iter()
                    .flatten()
                    .map(String::as_str)
                    .collect();
            sql.table(session.as_ref(), &paused.table, &columns).await;
        }
    }
    if cron && has_cron(session.as_ref()).await != Some(false) {
        sql.comment("Scheduled jobs, where pg_cron is installed; the role itself may not look.");
        let _ = writeln!(
            sql.text,
            "DO $$ BEGIN\n  IF to_regclass('cron.job') IS NOT NULL THEN\n    \
             GRANT USAGE ON SCHEMA cron TO {role};\n    \
             GRANT SELECT ON cron.job, cron.job_run_details TO {role};\n  END IF;\nEND $$;",
            role = sql.role
        );
        sql.comment("pg_cron shows a role its own jobs only; to see all of them:");
        sql.comment(&format!("ALTER ROLE {} BYPASSRLS;", sql.role));
    }
    sql.text
}

struct Sql {
    role: String,
    schemas: BTreeSet<String>,
    text: String,
}

impl Sql {
    fn comment(&mut self, text: &str) {
        let _ = writeln!(self.text, "-- {}", text.replace(['\n', '\r'], " "));
    }

    fn grant(&mut self, what: &str) {
        let _ = writeln!(self.text, "GRANT {what} TO {};", self.role);
    }

    async fn table(&mut self, session: Option<&Session>, name: &str, columns: &[&str]) {
        let Some(quoted) = quote::table(name) else { return };
        let relation = match session {
            Some(session) => Relation::read(session, &quoted).await.ok(),
            None => None,
        };
        let Some(relation) = relation else {
            if let Some((schema, _)) = quoted.split_once("\".\"") {
                self.schema(&format!("{schema}\""));
            }
            return self.grant(&format!("SELECT ON {quoted}"));
        };
        self.schema(&ident(&relation.schema));
        let there: BTreeSet<_> =
            columns.iter().filter(|it| relation.columns.contains_key(**it)).collect();
        let there: Vec<_> = there.into_iter().map(|it| ident(it)).collect();
        self.grant(&format!("SELECT ({}) ON {}", there.join(", "), relation.quoted()));
        if relation.row_security {
            self.comment("Row-level security hides rows from the role; to see all of them:");
            self.comment(&format!("ALTER ROLE {} BYPASSRLS;", self.role));
        }
    }

    fn schema(&mut self, schema: &str) {
        if self.schemas.insert(schema.to_owned()) {
            self.grant(&format!("USAGE ON SCHEMA {schema}"));
        }
    }
}

fn columns(mapping: &Mapping) -> Vec<&str> {
    let columns = mapping.columns().into_iter().flat_map(|(_, columns)| &columns.0);
    columns.chain(mapping.filter.keys()).map(String::as_str).collect()
}

/// `None` if that is unknown: the role cannot connect, or may not use the schema.
async fn has_cron(session: Option<&Session>) -> Option<bool> {
    let rows = session?.query("looking for pg_cron", PRESENT, &[]).await.ok()?;
    column(rows.first()?, "present").ok()
}
