//! `check` beyond the collectors: the role's privileges, and `pg_stat_statements`.

use common::{
    process::Report,
    scrape::Snapshot,
    source::postgres::{self, Postgres, ident},
};

use crate::metrics::statements::STATEMENTS_AVAILABLE;

/// The privileges of the role.
const GRANTS: &str = "\
-- Without this, counts are right, but states, ages, busy application pools, standbys' positions and
-- other roles' statements are unknown.
GRANT pg_read_all_stats TO {role};
-- For statements (shared_preload_libraries must name it); the exporter's own are not counted:
CREATE EXTENSION IF NOT EXISTS pg_stat_statements;
ALTER ROLE {role} SET pg_stat_statements.track = 'none';
";
const CONSOLE_GRANTS: &str = "\
; In pgbouncer.ini; the user must be in auth_file, or come from auth_query.
; From 1.24.0 to 1.25.1 such a user may also run KILL_CLIENT (CVE-2026-6667): update those.
stats_users = pulso
";

/// The role with the fewest privileges that suffices, and for a `pgbouncer` such a user too.
pub(crate) async fn grants(database: Option<&Postgres>, pgbouncer: bool) -> String {
    let mut text = postgres::grants(database, "the database that the settings name", GRANTS).await;
    if pgbouncer {
        text += CONSOLE_GRANTS;
    }
    text
}

/// Reports the privileges that the role lacks.
pub(crate) async fn privileges(report: &mut Report, postgres: &Postgres) {
    if let Some((role, privileges)) = report.role(postgres).await
        && !privileges.read_all_stats
    {
        report.problem(
            "other roles' sessions are hidden: states, ages and busy pools are unknown",
            &format!("GRANT pg_read_all_stats TO {}", ident(&role)),
        );
    }
}

/// Notes that the extension is not installed, which may be intended.
pub(crate) fn statements(report: &mut Report, snapshot: &Snapshot) {
    if snapshot.value(STATEMENTS_AVAILABLE.definition().name, &[]) == Some(0.0) {
        report.note(
            "pg_stat_statements is not installed, so nothing is known of statements; `check \
             --grants` shows how to add it, `statements.enabled = false` turns statements off",
        );
    }
}
