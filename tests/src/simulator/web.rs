//! A web application: short questions, one after the other, through whatever pooler there is.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::{sync::watch, task::JoinSet, time::sleep};

use crate::postgres::connect;

/// What it calls itself at the database.
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
    /// Lets it run on a database.
    pub fn run(url: String) -> Self {
        let (question, asked) = watch::channel(USUAL.to_owned());
        let mut clients = JoinSet::new();
        for _ in 0..CLIENTS {
            clients.spawn(client(url.clone(), asked.clone()));
        }
        Self { url, question, leaks: Mutex::default(), _clients: clients }
    }

    /// From now on each question takes the database so long; nothing makes it usual again.
    pub fn slow_down(&self, by: Duration) {
        let question = match by {
            Duration::ZERO => USUAL.to_owned(),
            _ => format!("select pg_sleep({})", by.as_secs_f64()),
        };
        self.question.send_replace(question);
    }

    /// Begins so many transactions that nobody ends, as code does that forgets them in an error's
    /// path: each keeps a connection of the pool.
    pub fn leak(&self, transactions: usize) {
        let mut leaks = self.leaks.lock().unwrap_or_else(PoisonError::into_inner);
        for _ in 0..transactions {
            leaks.spawn(forget(self.url.clone()));
        }
    }

    /// Restarts what leaks: its connections close.
    pub fn heal(&self) {
        self.leaks.lock().unwrap_or_else(PoisonError::into_inner).abort_all();
    }
}

/// Transaction mode knows no prepared statements: every question is a simple query.
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
        // A pool that is full lets it wait, and in the end throws it out.
        if let Ok(client) = connect(&url).await
            && client.batch_execute("begin; select count(*) from queue_jobs").await.is_ok()
        {
            std::future::pending::<()>().await;
        }
        sleep(PAUSE).await;
    }
}
