//! `check`: connects, runs each collector once, and says what it found and what is missing.

use std::io::Write;

use common::{
    process::{
        check::{Report, print},
        exporter::CheckOptions,
    },
    settings::SettingsError,
    source::postgres::{Postgres, grants, ident},
};

use crate::{Source, settings::Settings};

/// What the role needs beside being there.
const GRANTS: &str = "\
-- Without this, counts stay right; states, ages, application pools at work, standbys' positions and
-- other roles' statements are unknown.
GRANT pg_read_all_stats TO {role};
-- For statements (shared_preload_libraries must hold it), of which the exporter's own are none:
CREATE EXTENSION IF NOT EXISTS pg_stat_statements;
ALTER ROLE {role} SET pg_stat_statements.track = 'none';
";
const CONSOLE_GRANTS: &str = "\
; In pgbouncer.ini; the user must be in auth_file, or come from auth_query.
; From 1.24.0 to 1.25.1 such a user may also run KILL_CLIENT (CVE-2026-6667): update those.
stats_users = pulso
";

/// Checks the targets one by one. True when nothing is to be mended.
pub(crate) async fn check(
    sources: &[Source],
    settings: &Settings,
    options: CheckOptions,
    out: &mut (dyn Write + Send),
) -> Result<bool, SettingsError> {
    if options.grants {
        let postgres = sources.iter().find_map(|it| it.postgres.as_ref());
        let mut text = grants(postgres, "the database that the settings name", GRANTS).await;
        if sources.iter().any(|it| it.pgbouncer.is_some()) {
            text += CONSOLE_GRANTS;
        }
        return print(&text, out).map(|()| true);
    }
    let mut report = Report::default();
    for source in sources {
        read(&mut report, source, settings).await;
    }
    report.print(out)
}

async fn read(report: &mut Report, source: &Source, settings: &Settings) {
    report.line(&format!("{}: {}", source.name, source.address()));
    if let Some(postgres) = &source.postgres {
        privileges(report, postgres).await;
    }
    for collector in source.collectors(settings) {
        let snapshot = report.collector(&*collector).await;
        if snapshot.value("pool_statements_available", &[]) == Some(0.0) {
            report.note(
                "pg_stat_statements is not there, so nothing is known of statements; `check \
                 --grants` says how to add it, `statements.enabled = false` that it is not wanted",
            );
        }
    }
    if let Some(postgres) = &source.postgres {
        postgres.close().await;
    }
    if let Some(console) = &source.pgbouncer {
        console.close().await;
    }
}

async fn privileges(report: &mut Report, postgres: &Postgres) {
    if let Some((role, privileges)) = report.role(postgres).await
        && !privileges.read_all_stats
    {
        report.trouble(
            "other roles' sessions are hidden: states, ages and busy pools are unknown",
            &format!("GRANT pg_read_all_stats TO {}", ident(&role)),
        );
    }
}
