//! `check`: connects, asks each question once, and says what it found, what it costs and what is
//! missing, with the SQL that mends it.

mod grants;

use std::io::Write;

use common::{
    error_chain::ErrorChain,
    metric::{Definition, Kind},
    process::{
        check::{TIMEOUT, print},
        exporter::CheckOptions,
    },
    scrape::{BoxedCollector, CollectError, Snapshot, Value},
    settings::SettingsError,
    source::postgres::{Server, Session},
};
use tokio::time::Instant;
use tokio_postgres::types::{ToSql, Type};

use crate::{
    Database,
    collector::plan::Plan,
    cron::Cron,
    mapping::{Clock, Mapping},
    metrics::Query,
    quote,
};

/// Checks the databases one by one. True when nothing is to be mended.
pub(crate) async fn check(
    databases: Vec<Database>,
    options: CheckOptions,
    out: &mut (dyn Write + Send),
) -> Result<bool, SettingsError> {
    let mut well = true;
    for database in databases {
        let text = if options.grants {
            grants::grants(&database).await
        } else {
            let mut report = Report::default();
            report.database(&database).await?;
            well &= report.troubles == 0;
            report.text
        };
        print(&text, out)?;
    }
    Ok(well)
}

#[derive(Default)]
struct Report {
    text: String,
    troubles: usize,
}

impl Report {
    async fn database(&mut self, database: &Database) -> Result<(), SettingsError> {
        self.line(format!("{}: {}", database.name, database.postgres.address()));
        let session = match database.postgres.session(Instant::now() + TIMEOUT).await {
            Ok(session) => session,
            Err(error) => {
                self.failure(&error);
                return Ok(());
            }
        };
        let version = session.server_version();
        self.line(format!(
            "  PostgreSQL {}.{}, as {}",
            version / 10_000,
            version % 10_000,
            session.user()
        ));
        match session.privileges().await {
            Ok(it) if !it.read_all_stats => {
                let by_clock = |it: &Mapping| it.clock == Clock::Database;
                if database.queues.values().any(by_clock) {
                    self.mend(
                        "other roles' transactions cannot be seen, so counting is not exact",
                        &format!("GRANT pg_read_all_stats TO {}", quote::ident(session.user())),
                    );
                }
            }
            Ok(_) => {}
            Err(error) => self.failure(&error),
        }
        for (name, mapping) in &database.queues {
            let deadline = Instant::now() + TIMEOUT;
            match database.postgres.session(deadline).await {
                Ok(session) => self.queue(&session, name, mapping).await,
                Err(error) => self.failure(&error),
            }
        }
        self.line("  what would be exported:");
        let mut collectors: Vec<BoxedCollector> = vec![database.postgres.collector(Server)];
        for source in database.sources()? {
            collectors.push(database.postgres.collector(source));
        }
        if database.cron {
            collectors.push(Box::new(Cron::new(&database.postgres)));
        }
        let mut snapshot = Snapshot::default();
        for collector in collectors {
            let deadline = Instant::now() + TIMEOUT;
            if let Err(error) = collector.collect(deadline, &mut snapshot).await {
                self.line(format!("    {}:", collector.name()));
                self.failure(&error);
            }
        }
        self.samples(&snapshot);
        Ok(())
    }

    async fn queue(&mut self, session: &Session, name: &str, mapping: &Mapping) {
        self.line(format!("  {name}: table {}", mapping.table));
        let plan = match Box::pin(Plan::make(session, mapping)).await {
            Ok(plan) => plan,
            Err(error) => return self.failure(&error),
        };
        for (key, columns) in mapping.columns() {
            if plan.resolved.present.contains(&(key, false)) {
                let names = columns.0.join(", ");
                self.line(format!(
                    "    {key}: the table has no {names}; what it would give is left out"
                ));
            }
        }
        for note in &plan.resolved.notes {
            self.mend("to mend", note);
        }
        for (query, statement) in &plan.statements {
            let started = Instant::now();
            let mut rows = 0_u64;
            let doing = format!("asking for `{}` of `{name}`", query.as_str());
            let count = |_: &tokio_postgres::Row| {
                rows += 1;
                Ok(())
            };
            let asked = session.query_each(&doing, &statement.sample, &NOTHING, count).await;
            if let Err(error) = asked {
                self.failure(&error);
            } else {
                let took = started.elapsed().as_secs_f64() * 1e3;
                let summary = plan.summaries.get(query).map_or("", String::as_str);
                let query = query.as_str();
                self.line(format!("    {query:<14} {took:>8.2} ms {rows:>6} rows  {summary}"));
            }
            if let Some(index) = plan.unindexed.get(query).filter(|_| *query != Query::Table) {
                self.mend("it reads a large table whole, and is asked less often", index);
            }
        }
    }

    fn samples(&mut self, snapshot: &Snapshot) {
        for family in snapshot.families() {
            for (labels, value) in family.samples.iter() {
                let value = match value {
                    Value::Number(number) => number.to_string(),
                    Value::Histogram(it) => {
                        format!("{} observations, sum {}", it.count(), it.sum())
                    }
                };
                self.line(format!("    {} {value}", series(family.definition, labels)));
            }
        }
    }

    fn line(&mut self, line: impl AsRef<str>) {
        self.text.push_str(line.as_ref());
        self.text.push('\n');
    }

    fn failure(&mut self, error: &CollectError) {
        self.troubles += 1;
        self.line(format!("    TROUBLE {}: {}", error.reason.as_str(), ErrorChain(error)));
        if let Some(hint) = &error.hint {
            self.line(format!("            {hint}"));
        }
    }

    fn mend(&mut self, what: &str, how: &str) {
        self.troubles += 1;
        self.line(format!("    TROUBLE {what}:"));
        self.line(format!("            {how}"));
    }
}

const NOTHING: [(&(dyn ToSql + Sync), Type); 0] = [];

fn series(definition: &Definition, labels: &[common::metric::LabelText]) -> String {
    let kind = if definition.kind == Kind::Histogram { " (histogram)" } else { "" };
    let labels = definition.labels.iter().zip(labels);
    let labels: Vec<_> = labels.map(|(name, value)| format!("{name}={value:?}")).collect();
    match labels.as_slice() {
        [] => format!("{}{kind}", definition.name),
        labels => format!("{}{{{}}}{kind}", definition.name, labels.join(",")),
    }
}
