//! What a PostgreSQL role may see.

use common::{
    collector::CollectError,
    postgres::{Postgres, Privileges, create_role, ident, role},
};
use tokio::time::Instant;

use super::{PATIENCE, Report};
use crate::{Source, postgres::Database};

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
    let role = role(Some(database.postgres()), Instant::now() + PATIENCE.get()).await;
    let (made, rights) = (create_role(&role), GRANTS.replace("{role}", &ident(&role)));
    format!("-- Run as a superuser, in any database of the server.\n{made}{rights}")
}

impl Report {
    pub(super) async fn privileges(&mut self, database: &Database) {
        match privileges(database.postgres()).await {
            Ok((version, user, privileges)) => {
                let (major, minor) = (version / 10_000, version % 10_000);
                self.line(&format!("  PostgreSQL {major}.{minor}, as {user}"));
                if !privileges.pg_monitor {
                    let user = user.replace('"', "\"\"");
                    self.trouble(
                        "sizes of databases that it may not connect to, of tablespaces and of \
                         the log, and autovacuum's workers are hidden",
                        &format!("GRANT pg_monitor TO \"{user}\""),
                    );
                }
            }
            Err(error) => self.failure("privileges", &error),
        }
    }
}

async fn privileges(postgres: &Postgres) -> Result<(u32, String, Privileges), CollectError> {
    let session = postgres.session(Instant::now() + PATIENCE.get()).await?;
    let privileges = session.privileges().await?;
    Ok((session.server_version(), session.user().to_owned(), privileges))
}
