//! The PostgreSQL role's privileges.

use common::{
    process::Report,
    source::postgres::{self, Postgres, ident},
};

/// The privileges of the role.
const GRANTS: &str = "\
-- Without this, the sizes of databases that the role may not connect to, of tablespaces and of the
-- log are unknown, and so is how many autovacuum workers there are. It reads no table.
GRANT pg_monitor TO {role};
";

/// The role with the fewest privileges that suffices.
pub(crate) async fn grants(database: Option<&Postgres>) -> String {
    match database {
        Some(_) => postgres::grants(database, "any database of the server", GRANTS).await,
        None => String::new(),
    }
}

pub(crate) async fn privileges(report: &mut Report, postgres: &Postgres) {
    if let Some((role, privileges)) = report.role(postgres).await
        && !privileges.pg_monitor
    {
        report.problem(
            "sizes of databases that it may not connect to, of tablespaces and of the log, and \
             autovacuum's workers are hidden",
            &format!("GRANT pg_monitor TO {}", ident(&role)),
        );
    }
}
