//! The second connection: for what takes longer than a scrape may.

use std::{future::Future, sync::Arc};

use common::{
    scrape::{
        CollectError, Snapshot,
        background::{Background, LastReading},
    },
    settings::{HumanDuration, SettingsError},
    source::postgres::{Postgres, PostgresSettings, Session},
};
use tokio::{sync::Mutex, time::Instant};

use crate::metrics::postgres::{READING_DURATION, READING_TIMESTAMP, Reading, ReadingLabels};

/// A connection that is open only while something is read, and the turn of those who read.
#[derive(Debug)]
pub(super) struct Leisure {
    postgres: Postgres,
    turn: Arc<Mutex<()>>,
    timeout: HumanDuration,
}

impl Leisure {
    pub(super) fn new(
        settings: &PostgresSettings,
        timeout: HumanDuration,
    ) -> Result<Self, SettingsError> {
        let settings = PostgresSettings { statement_timeout: timeout, ..settings.clone() };
        Ok(Self { postgres: Postgres::new(&settings)?, turn: Arc::default(), timeout })
    }

    /// A reading that is taken over this connection every so often.
    pub(super) fn background<T: Send + Sync + 'static>(
        &self,
        every: HumanDuration,
    ) -> Background<T> {
        Background::new(every.get(), &self.turn)
    }

    /// Reads, and closes the connection.
    pub(super) async fn read<T, F: Future<Output = Result<T, CollectError>>>(
        &self,
        read: impl FnOnce(Session) -> F,
    ) -> Result<T, CollectError> {
        let deadline = Instant::now() + self.timeout.get();
        let reading = async { read(self.postgres.session(deadline).await?).await }.await;
        self.postgres.close().await;
        reading
    }
}

/// Says when the reading was taken, and gives it as long as it tells how things are.
pub(super) fn last<T: Send + Sync + 'static>(
    background: &Background<T>,
    reading: Reading,
    out: &mut Snapshot,
) -> Option<Arc<T>> {
    let LastReading { at, took, reading: taken } = background.last()?;
    let at = at.duration_since(std::time::UNIX_EPOCH).ok().map(|it| it.as_secs_f64());
    out.gauge(&READING_TIMESTAMP, ReadingLabels { reading }, at);
    out.gauge(&READING_DURATION, ReadingLabels { reading }, took.as_secs_f64());
    taken
}
