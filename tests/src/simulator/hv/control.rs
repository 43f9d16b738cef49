//! State that the tasks of the system share: the database, the commands of the test, random
//! numbers.

use std::{collections::HashMap, sync::Arc, time::Duration};

use tokio::{sync::watch, time::timeout};
use tokio_postgres::{Client, Row, types::ToSql};

use super::super::chance::Chance;
use crate::postgres::connect;

/// The test's commands so far.
#[derive(Debug, Clone)]
pub(super) struct State {
    pub(super) stalled: bool,
    pub(super) stopped: bool,
    pub(super) slowness: f64,
    pub(super) demand: f64,
    pub(super) failures: HashMap<&'static str, f64>,
}

impl Default for State {
    fn default() -> Self {
        Self {
            stalled: false,
            stopped: false,
            slowness: 1.0,
            demand: 1.0,
            failures: HashMap::new(),
        }
    }
}

pub(super) struct Control {
    url: String,
    state: watch::Receiver<State>,
    pub(super) chance: Arc<Chance>,
    client: Option<Client>,
}

impl Control {
    pub(super) fn new(url: &str, state: &watch::Receiver<State>, chance: &Arc<Chance>) -> Self {
        Self { url: url.to_owned(), state: state.clone(), chance: Arc::clone(chance), client: None }
    }

    pub(super) fn state(&self) -> State {
        self.state.borrow().clone()
    }

    /// Waits, and returns false if the system is stopped before the end.
    pub(super) async fn wait(&mut self, time: Duration) -> bool {
        // A simulator that was dropped has stopped as well.
        timeout(time, self.state.wait_for(|state| state.stopped)).await.is_err()
    }

    /// Like `wait`, but ends early at a command of the test.
    pub(super) async fn wait_or_command(&mut self, time: Duration) -> bool {
        self.state.mark_unchanged();
        let woken = timeout(time, self.state.changed()).await;
        !matches!(woken, Ok(Err(_))) && !self.state.borrow().stopped
    }

    /// Retries a statement until it succeeds, as the real processor does while the server is down.
    /// `None` if the system was stopped.
    pub(super) async fn run(
        &mut self,
        sql: &str,
        values: &[&(dyn ToSql + Sync)],
    ) -> Option<Vec<Row>> {
        loop {
            let client = match self.client.take() {
                Some(client) => Some(client),
                None => connect(&self.url).await.ok(),
            };
            if let Some(client) = client
                && let Ok(rows) = client.query(sql, values).await
            {
                self.client = Some(client);
                return Some(rows);
            }
            if !self.wait(Duration::from_millis(200)).await {
                return None;
            }
        }
    }
}
