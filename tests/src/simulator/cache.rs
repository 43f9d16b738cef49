//! A program that keeps what is costly to compute in a Redis: it asks for a key, and puts it there
//! when it was not.

use std::time::Duration;

use tokio::{sync::watch, task::JoinSet, time::sleep};

use super::chance::Chance;
use crate::redis::connect;

/// Keys that it asks for on a usual day.
const USUAL: usize = 200;

/// Keys that it asks for at once.
const BATCH: usize = 50;

/// Bytes of a value.
const SIZE: usize = 1000;

/// Between two batches.
const PAUSE: Duration = Duration::from_millis(50);

/// The running program; it stops when it is dropped.
#[derive(Debug)]
pub struct Cache {
    keys: watch::Sender<usize>,
    _client: JoinSet<()>,
}

impl Cache {
    /// Lets it run on a server.
    pub fn run(url: String) -> Self {
        let (keys, asked) = watch::channel(USUAL);
        let mut client = JoinSet::new();
        client.spawn(work(url, asked));
        Self { keys, _client: client }
    }

    /// From now on it asks for so many keys, each as often as the others: more than the memory
    /// holds are evicted before they are asked for again.
    pub fn scan(&self, keys: usize) {
        self.keys.send_replace(keys);
    }

    /// It asks for the few of a usual day again.
    pub fn settle(&self) {
        self.scan(USUAL);
    }
}

async fn work(url: String, keys: watch::Receiver<usize>) {
    let chance = Chance::new(7);
    loop {
        // A server that is gone or refuses is tried again, as long as it takes.
        let _ = converse(&url, &keys, &chance).await;
        sleep(PAUSE).await;
    }
}

async fn converse(
    url: &str,
    keys: &watch::Receiver<usize>,
    chance: &Chance,
) -> redis::RedisResult<()> {
    let mut connection = connect(url).await?;
    loop {
        let count = *keys.borrow();
        let wanted: Vec<_> = (0..BATCH).map(|_| chance.below(count)).collect();
        let mut ask = redis::pipe();
        for key in &wanted {
            ask.get(key);
        }
        let found: Vec<Option<Vec<u8>>> = ask.query_async(&mut connection).await?;
        let mut put = redis::pipe();
        for (key, _) in wanted.iter().zip(&found).filter(|(_, found)| found.is_none()) {
            put.set(key, vec![b'x'; SIZE]).ignore();
        }
        put.query_async::<()>(&mut connection).await?;
        sleep(PAUSE).await;
    }
}
