//! What a PostgreSQL role may see.

use common::{
    process::check::Report,
    source::postgres::{self, Postgres, ident},
};

use crate::Source;

/// What the role needs beside being there.
const GRANTS: &str = "\
-- Without this, the sizes of databases that the role may not connect to, of tablespaces and of the
-- log are unknown, and so is how many autovacuum workers there are. It reads no table.
GRANT pg_monitor TO {role};
";

/// The role with the fewest privileges that suffices.
pub(super) async fn grants(sources: &[Source]) -> String {
    let Some(database) = sources.iter().find_map(|it| it.postgres.as_ref()) else {
        return String::new();
    };
    postgres::grants(Some(database.postgres()), "any database of the server", GRANTS).await
}

pub(super) async fn privileges(report: &mut Report, postgres: &Postgres) {
    if let Some((role, privileges)) = report.role(postgres).await
        && !privileges.pg_monitor
    {
        report.trouble(
            "sizes of databases that it may not connect to, of tablespaces and of the log, and \
             autovacuum's workers are hidden",
            &format!("GRANT pg_monitor TO {}", ident(&role)),
        );
    }
}
