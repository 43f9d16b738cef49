//! A web application: short queries, one after another, possibly through a pooler.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::{sync::watch, task::JoinSet, time::sleep};

use crate::postgres::connect;

/// Its `application_name`.
pub const NAME: &str = "web";

/// Requests that it serves at the same time.
const CLIENTS: usize = 3;

/// Between two requests of one client.
const PAUSE: Duration = Duration::from_millis(200);

/// The running application; it stops when it is dropped.
#[derive(Debug)]
pub struct Web {
    url: String,
    question: watch::Sender<String>,
    leaks: Mutex<JoinSet<()>>,
    _clients: JoinSet<()>,
}

impl Web {
    /// Starts it on a database.
    pub fn run(url: String) -> Self {
        let (question, asked) = watch::channel(USUAL.to_owned());
        let mut clients = JoinSet::new();
        for _ in 0..CLIENTS {
            clients.spawn(client(url.clone(), asked.clone()));
        }
        Self { url, question, leaks: Mutex::default(), _clients: clients }
    }

    /// From now on each query takes this long; it cannot be reset.
    pub fn slow_down(&self, by: Duration) {
        let question = match by {
            Duration::ZERO => USUAL.to_owned(),
            _ => format!("select pg_sleep({})", by.as_secs_f64()),
        };
        self.question.send_replace(question);
    }

    /// Begins transactions that are never ended, as a bug in an error path does: each keeps a
    /// connection of the pool.
    pub fn leak(&self, transactions: usize) {
        let mut leaks = self.leaks.lock().unwrap_or_else(PoisonError::into_inner);
        for _ in 0..transactions {
            leaks.spawn(forget(self.url.clone()));
        }
    }

    /// Closes the connections of the leaked transactions.
    pub fn heal(&self) {
        self.leaks.lock().unwrap_or_else(PoisonError::into_inner).abort_all();
    }
}

/// Transaction mode has no prepared statements, so each query is a simple query.
const USUAL: &str = "select count(*) from queue_jobs where estado = 'pending'";

async fn client(url: String, question: watch::Receiver<String>) {
    loop {
        if let Ok(client) = connect(&url).await {
            loop {
                let sql = question.borrow().clone();
                if client.batch_execute(&sql).await.is_err() {
                    break;
                }
                sleep(PAUSE).await;
            }
        }
        sleep(PAUSE).await;
    }
}

async fn forget(url: String) {
    loop {
        // A full pool makes it wait, and closes its connection at the timeout.
        if let Ok(client) = connect(&url).await
            && client.batch_execute("begin; select count(*) from queue_jobs").await.is_ok()
        {
            std::future::pending::<()>().await;
        }
        sleep(PAUSE).await;
    }
}
