//! One target: a database and its queues.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use common::{
    process::{ConfiguredTarget, Exporter, Report, SectionOf, Up},
    scrape::{BoxedCollector, Snapshot, label_limit::LabelLimit},
    settings::SettingsError,
    source::postgres::{PG_UP, Postgres, Server},
};

use crate::{
    PostgresQueue, check,
    collector::TableCollector,
    cron::Cron,
    mapping::Mapping,
    settings::{self, PgCron, TargetSettings},
};

/// A database and its queues.
#[derive(Debug)]
pub struct Database {
    name: String,
    postgres: Postgres,
    user: Option<String>,
    queues: BTreeMap<String, Mapping>,
    cron: bool,
    state_dir: Option<PathBuf>,
}

impl Database {
    /// From checked settings; `None` when they name no database. A target without queues has those
    /// of the default target.
    pub(crate) fn new(
        name: &str,
        settings: &TargetSettings,
        section: &SectionOf<PostgresQueue>,
    ) -> Result<Option<Self>, SettingsError> {
        settings::check_queues(&settings.queues)?;
        let Some(postgres) = &settings.postgres else { return Ok(None) };
        let postgres = postgres.clone().for_exporter(PostgresQueue::NAME);
        let inherits = settings.queues.is_empty();
        let queues = if inherits { &section.default.queues } else { &settings.queues };
        Ok(Some(Self {
            name: name.to_owned(),
            user: postgres.user.clone(),
            postgres: Postgres::new(&postgres).map_err(|it| it.in_table("postgres"))?,
            queues: queues.clone(),
            cron: settings.pg_cron == PgCron::Auto,
            state_dir: section.shared.state_dir.clone(),
        }))
    }

    /// The statements that create the least privileged role for it.
    pub(crate) async fn grants(&self) -> String {
        check::grants(&self.postgres, self.user.as_deref(), &self.queues, self.cron).await
    }

    fn tables(&self) -> Result<Vec<TableCollector>, SettingsError> {
        let queue_limits: Arc<[Arc<LabelLimit>]> =
            self.queues.values().map(|it| Arc::new(LabelLimit::new(it.max_queues))).collect();
        let table = |(index, (name, mapping)): (usize, (&String, &Mapping))| {
            let file = |folder: &Path| folder.join(format!("{}.{name}.json", self.name));
            let file = self.state_dir.as_deref().map(file);
            TableCollector::new(name, mapping, (index, Arc::clone(&queue_limits)), file)
                .map_err(|it| it.in_table(&format!("queues.{name}")))
        };
        self.queues.iter().enumerate().map(table).collect()
    }
}

impl ConfiguredTarget for Database {
    fn address(&self) -> String {
        self.postgres.address()
    }

    fn up(&self) -> Option<Up> {
        Some((&PG_UP, Server::NAME))
    }

    fn collectors(&self) -> Result<Vec<BoxedCollector>, SettingsError> {
        let mut collectors: Vec<BoxedCollector> = vec![self.postgres.collector(Server)];
        for table in self.tables()? {
            collectors.push(self.postgres.collector(table));
        }
        if self.cron {
            collectors.push(Box::new(Cron::new(&self.postgres)));
        }
        Ok(collectors)
    }

    async fn inspect(&self, report: &mut Report) {
        check::inspect(report, &self.postgres, &self.queues).await;
    }

    fn summarize(&self, report: &mut Report, snapshot: &Snapshot) {
        report.samples(snapshot);
    }

    async fn close(&self) {
        self.postgres.close().await;
    }
}
