//! `check`: connects, runs each collector once, and says what it found and what is missing.

use std::io::Write;

use common::{
    chain::Chain,
    collector::CollectError,
    exporter::CheckOptions,
    postgres::{Postgres, Privileges, create_role, ident, role},
    settings::{SettingsError, Span},
    snapshot::Snapshot,
};
use tokio::time::Instant;

use crate::{Source, settings::Settings};

/// How long one step may take.
const PATIENCE: Span = Span::seconds(30);

/// The role with the fewest privileges that suffices.
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
    let mut report = Report::default();
    if options.grants {
        report.text += &grants(sources).await;
        if sources.iter().any(|it| it.pgbouncer.is_some()) {
            report.text += CONSOLE_GRANTS;
        }
    } else {
        for source in sources {
            report.source(source, settings).await;
        }
    }
    out.write_all(report.text.as_bytes()).map_err(|error| {
        SettingsError::at("", "the report cannot be written").with_source(error)
    })?;
    Ok(report.troubles == 0)
}

/// [`GRANTS`] for the role that connects, where one can.
async fn grants(sources: &[Source]) -> String {
    let postgres = sources.iter().find_map(|it| it.postgres.as_ref());
    let role = role(postgres, Instant::now() + PATIENCE.get()).await;
    let (made, rights) = (create_role(&role), GRANTS.replace("{role}", &ident(&role)));
    format!("-- Run as a superuser, in the database that the settings name.\n{made}{rights}")
}

#[derive(Default)]
struct Report {
    text: String,
    troubles: usize,
}

impl Report {
    async fn source(&mut self, source: &Source, settings: &Settings) {
        self.line(&format!("{}: {}", source.name, source.address()));
        if let Some(postgres) = &source.postgres {
            self.privileges(postgres).await;
        }
        for collector in source.collectors(settings) {
            let mut snapshot = Snapshot::default();
            let started = Instant::now();
            let outcome = collector.collect(started + PATIENCE.get(), &mut snapshot).await;
            let (name, took) = (collector.name(), started.elapsed().as_secs_f64() * 1e3);
            match outcome {
                Ok(()) => {
                    let series: usize = snapshot.families().map(|it| it.samples.len()).sum();
                    self.line(&format!("  {name:<12} {took:>8.1} ms {series:>6} series"));
                }
                Err(error) => self.failure(name, &error),
            }
            if snapshot.value("pool_statements_available", &[]) == Some(0.0) {
                self.line(
                    "  note: pg_stat_statements is not there, so nothing is known of statements; \
                     `check --grants` says how to add it, `statements.enabled = false` that it is \
                     not wanted",
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

    async fn privileges(&mut self, postgres: &Postgres) {
        match privileges(postgres).await {
            Ok((version, user, privileges)) => {
                let (major, minor) = (version / 10_000, version % 10_000);
                self.line(&format!("  PostgreSQL {major}.{minor}, as {user}"));
                if !privileges.read_all_stats {
                    self.troubles += 1;
                    self.line(&format!(
                        "  TROUBLE other roles' sessions are hidden: states, ages and busy pools \
                         are unknown\n          GRANT pg_read_all_stats TO \"{}\"",
                        user.replace('"', "\"\"")
                    ));
                }
            }
            Err(error) => self.failure("privileges", &error),
        }
    }

    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn failure(&mut self, name: &str, error: &CollectError) {
        self.troubles += 1;
        self.line(&format!("  TROUBLE {name}: {} ({})", Chain(error), error.reason.as_str()));
        if let Some(hint) = &error.hint {
            self.line(&format!("          {hint}"));
        }
    }
}

async fn privileges(postgres: &Postgres) -> Result<(u32, String, Privileges), CollectError> {
    let session = postgres.session(Instant::now() + PATIENCE.get()).await?;
    let privileges = session.privileges().await?;
    Ok((session.server_version(), session.user().to_owned(), privileges))
}
