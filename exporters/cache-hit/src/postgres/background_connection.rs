//! The second connection, for readings that take longer than a scrape may.

use std::{sync::Arc, time::Duration};

use common::{
    scrape::{
        BoxedCollector, CollectError, Collector, Snapshot,
        background::{Background, LastReading},
    },
    settings::{HumanDuration, SettingsError},
    source::postgres::{Postgres, PostgresSettings, Session},
};
use tokio::{sync::Mutex, time::Instant};

use crate::metrics::postgres::{READING_DURATION, READING_TIMESTAMP, Reading, ReadingLabels};

/// A collector whose query and render are separate: the query runs in the background, and each
/// scrape renders the last reading.
pub(super) trait DeferredCollector: Send + Sync + 'static {
    type Output: Send + Sync + 'static;

    /// The name of the collector and of its reading.
    const READING: Reading;

    fn read(
        &self,
        session: &Session,
    ) -> impl Future<Output = Result<Self::Output, CollectError>> + Send;

    fn render(&self, output: &Self::Output, out: &mut Snapshot) -> Result<(), CollectError>;
}

/// A connection that is open only during a reading. Readings run one at a time.
#[derive(Debug)]
pub(super) struct BackgroundConnection {
    postgres: Postgres,
    lock: Arc<Mutex<()>>,
    timeout: HumanDuration,
}

impl BackgroundConnection {
    /// `timeout` is the limit of one reading.
    pub(super) fn new(
        settings: &PostgresSettings,
        timeout: HumanDuration,
    ) -> Result<Self, SettingsError> {
        let settings = PostgresSettings { statement_timeout: timeout, ..settings.clone() };
        Ok(Self { postgres: Postgres::new(&settings)?, lock: Arc::default(), timeout })
    }

    /// The collector, read at its interval. A scrape waits at most `first_timeout` for the very
    /// first reading.
    pub(super) fn collector(
        self: &Arc<Self>,
        collector: impl DeferredCollector,
        every: HumanDuration,
        first_timeout: Duration,
    ) -> BoxedCollector {
        Box::new(Deferred {
            connection: Arc::clone(self),
            background: Background::new(every.get(), &self.lock),
            collector: Arc::new(collector),
            first_timeout,
        })
    }

    /// Reads, and closes the connection.
    async fn read<C: DeferredCollector>(&self, collector: &C) -> Result<C::Output, CollectError> {
        let deadline = Instant::now() + self.timeout.get();
        let output = async { collector.read(&self.postgres.session(deadline).await?).await }.await;
        self.postgres.close().await;
        output
    }
}

struct Deferred<C: DeferredCollector> {
    connection: Arc<BackgroundConnection>,
    background: Background<C::Output>,
    collector: Arc<C>,
    first_timeout: Duration,
}

impl<C: DeferredCollector> Collector for Deferred<C> {
    fn name(&self) -> &str {
        C::READING.as_str()
    }

    async fn collect(&self, _: Instant, out: &mut Snapshot) -> Result<(), CollectError> {
        self.background.begin_if_due(|| {
            let (connection, collector) =
                (Arc::clone(&self.connection), Arc::clone(&self.collector));
            async move { connection.read(&*collector).await }
        });
        self.background.wait_first(self.first_timeout).await;
        if let Some(LastReading { at, took, reading: output }) = self.background.last() {
            let labels = ReadingLabels { reading: C::READING };
            let at = at.duration_since(std::time::UNIX_EPOCH).ok().map(|it| it.as_secs_f64());
            out.gauge(&READING_TIMESTAMP, labels.clone(), at);
            out.gauge(&READING_DURATION, labels, took.as_secs_f64());
            // A reading that is too old is no longer served.
            if let Some(output) = output {
                self.collector.render(&output, out)?;
            }
        }
        self.background.last_error()
    }
}
