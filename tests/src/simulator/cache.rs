//! A program with a Redis as its cache: it reads a key, and sets it after a miss.

use std::time::Duration;

use tokio::{sync::watch, task::JoinSet, time::sleep};

use super::chance::Chance;
use crate::redis::connect;

/// Number of keys that it reads on a usual day.
const USUAL: usize = 200;

/// Number of keys that it reads in one batch.
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
    /// Starts it on a server.
    pub fn run(url: String) -> Self {
        let (keys, asked) = watch::channel(USUAL);
        let mut client = JoinSet::new();
        client.spawn(work(url, asked));
        Self { keys, _client: client }
    }

    /// From now on it reads this many keys, each equally often: if they do not fit in memory, keys
    /// are evicted before they are read again.
    pub fn scan(&self, keys: usize) {
        self.keys.send_replace(keys);
    }

    /// It reads the keys of a usual day again.
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
