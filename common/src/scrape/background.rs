//! Background readings: reads that take too long for a scrape run in a task, at their own interval.
//!
//! There is no timer: a scrape that finds a reading due starts it and does not wait for it. The
//! last reading is served with its time, until it is too old.

use std::{
    future::Future,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime},
};

use tokio::{
    sync::{Mutex as AsyncMutex, Notify},
    task::AbortHandle,
    time::{Instant, timeout},
};

use crate::scrape::{CollectError, Reason, schedule::Schedule};

/// The pause after a reading, as a multiple of its duration: a reading uses at most a twentieth
/// of one connection's time.
const REST_FACTOR: u32 = 20;

/// A reading that is older than this many intervals is no longer served.
const FRESH_INTERVALS: u32 = 5;

/// A reading that runs in a background task.
#[derive(Debug)]
pub struct Background<T> {
    every: Duration,
    lock: Arc<AsyncMutex<()>>,
    shared: Arc<Shared<T>>,
}

/// The last reading.
#[derive(Debug)]
pub struct LastReading<T> {
    /// When it ended.
    pub at: SystemTime,
    /// How long it took.
    pub took: Duration,
    /// The value; `None` once it is too old to be served.
    pub reading: Option<Arc<T>>,
}

#[derive(Debug)]
struct Shared<T> {
    state: Mutex<State<T>>,
    ended: Notify,
}

#[derive(Debug)]
struct State<T> {
    schedule: Schedule,
    running: Option<AbortHandle>,
    last: Option<Last<T>>,
}

#[derive(Debug)]
struct Last<T> {
    at: SystemTime,
    ended: Instant,
    took: Duration,
    reading: Arc<T>,
}

impl<T: Send + Sync + 'static> Background<T> {
    /// A reading that is due at the interval `every`. Readings that share a `lock` run one at a
    /// time.
    pub fn new(every: Duration, lock: &Arc<AsyncMutex<()>>) -> Self {
        let state =
            State { schedule: Schedule::new(every, REST_FACTOR), running: None, last: None };
        let shared = Shared { state: Mutex::new(state), ended: Notify::new() };
        Self { every, lock: Arc::clone(lock), shared: Arc::new(shared) }
    }

    /// Begins the reading if it is due and not running.
    pub fn begin_if_due<F>(&self, read: impl FnOnce() -> F)
    where
        F: Future<Output = Result<T, CollectError>> + Send + 'static,
    {
        let mut state = self.shared.lock();
        if state.running.is_some() || !state.schedule.is_due(Instant::now()) {
            return;
        }
        let (read, every) = (read(), self.every);
        let (lock, shared) = (Arc::clone(&self.lock), Arc::clone(&self.shared));
        let task = tokio::spawn(async move {
            let _guard = Ended(&shared, every);
            let _exclusive = lock.lock().await;
            let started = Instant::now();
            let outcome = read.await;
            shared.lock().record(outcome, started.elapsed(), every);
        });
        state.running = Some(task.abort_handle());
    }

    /// Waits for the very first reading, at most `wait` long: the first scrape of a small source
    /// is then complete, and a large source does not delay it.
    pub async fn wait_first(&self, wait: Duration) {
        let ended = self.shared.ended.notified();
        if self.shared.lock().is_awaited() {
            // No reading in time is no error.
            let _ = timeout(wait, ended).await;
        }
    }

    /// The last reading.
    pub fn last(&self) -> Option<LastReading<T>> {
        let state = self.shared.lock();
        let last = state.last.as_ref()?;
        let limit = (self.every + state.schedule.rest(last.took)) * FRESH_INTERVALS;
        let reading = (last.ended.elapsed() <= limit).then(|| Arc::clone(&last.reading));
        Some(LastReading { at: last.at, took: last.took, reading })
    }

    /// The error of the last reading, until one succeeds.
    pub fn last_error(&self) -> Result<(), CollectError> {
        self.shared.lock().schedule.last_error()
    }
}

impl<T> Drop for Background<T> {
    fn drop(&mut self) {
        if let Some(running) = self.shared.lock().running.take() {
            running.abort();
        }
    }
}

impl<T> Shared<T> {
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> State<T> {
    fn is_awaited(&self) -> bool {
        self.running.is_some() && self.last.is_none() && self.schedule.last_error().is_ok()
    }

    fn record(&mut self, outcome: Result<T, CollectError>, took: Duration, every: Duration) {
        let ended = Instant::now();
        match outcome {
            Ok(reading) => {
                let reading = Arc::new(reading);
                self.last = Some(Last { at: SystemTime::now(), ended, took, reading });
                self.schedule.succeeded(ended, took);
            }
            Err(error) => self.schedule.failed(ended + every, &error),
        }
    }
}

/// Marks the reading as ended on drop, also after a panic.
struct Ended<'a, T>(&'a Shared<T>, Duration);

impl<T> Drop for Ended<'_, T> {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.running = None;
        if std::thread::panicking() {
            let error = CollectError::new(Reason::Internal, "a background reading panicked")
                .with_hint("this is a bug of the exporter; please report it");
            state.schedule.failed(Instant::now() + self.1, &error);
        }
        drop(state);
        self.0.ended.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVERY: Duration = Duration::from_secs(30);
    const SECOND: Duration = Duration::from_secs(1);

    fn background() -> Background<u32> {
        Background::new(EVERY, &Arc::default())
    }

    async fn read(background: &Background<u32>, answer: u32) {
        background.begin_if_due(|| async move { Ok(answer) });
        background.wait_first(SECOND).await;
        tokio::task::yield_now().await;
    }

    fn last(background: &Background<u32>) -> Option<u32> {
        background.last().and_then(|it| it.reading).map(|it| *it)
    }

    #[tokio::test(start_paused = true)]
    async fn it_runs_only_when_it_is_due() {
        let background = background();
        read(&background, 1).await;
        read(&background, 2).await;
        assert_eq!(last(&background), Some(1));
        tokio::time::advance(EVERY).await;
        read(&background, 3).await;
        assert_eq!(last(&background), Some(3));
    }

    #[tokio::test(start_paused = true)]
    async fn a_long_reading_pauses_twenty_times_its_duration() {
        let background = background();
        background.begin_if_due(|| async {
            tokio::time::sleep(2 * SECOND).await;
            Ok(1)
        });
        background.wait_first(3 * SECOND).await;
        tokio::time::advance(39 * SECOND).await;
        read(&background, 2).await;
        assert_eq!(last(&background), Some(1));
        tokio::time::advance(SECOND).await;
        read(&background, 2).await;
        assert_eq!(last(&background), Some(2));
    }

    #[tokio::test(start_paused = true)]
    async fn a_hanging_reading_delays_nobody() {
        let background = background();
        background.begin_if_due(std::future::pending);
        let asked = Instant::now();
        background.wait_first(SECOND).await;
        assert_eq!(asked.elapsed(), SECOND);
        tokio::time::advance(EVERY).await;
        background.begin_if_due(|| async { Ok(1) });
        background.wait_first(SECOND).await;
        assert_eq!(last(&background), None, "one at a time");
    }

    #[tokio::test(start_paused = true)]
    async fn after_a_failure_the_last_reading_is_served_until_it_is_too_old() {
        let background = background();
        read(&background, 1).await;
        for _ in 0..5 {
            tokio::time::advance(EVERY).await;
            background.begin_if_due(|| async { Err(CollectError::new(Reason::Lock, "reading")) });
            tokio::task::yield_now().await;
            tokio::task::yield_now().await;
        }
        assert_eq!(background.last_error().unwrap_err().reason, Reason::Lock);
        assert_eq!(last(&background), Some(1));
        tokio::time::advance(SECOND).await;
        assert_eq!(last(&background), None);
        assert!(background.last().is_some(), "its time is still known");

        tokio::time::advance(EVERY).await;
        read(&background, 2).await;
        tokio::task::yield_now().await;
        assert!(background.last_error().is_ok());
        assert_eq!(last(&background), Some(2));
    }

    #[tokio::test(start_paused = true)]
    async fn readings_that_share_a_lock_run_one_at_a_time() {
        let lock = Arc::default();
        let (one, other) = (Background::new(EVERY, &lock), Background::new(EVERY, &lock));
        let held = AsyncMutex::lock_owned(Arc::clone(&lock)).await;
        one.begin_if_due(|| async { Ok(1) });
        other.begin_if_due(|| async { Ok(2) });
        one.wait_first(SECOND).await;
        assert_eq!((last(&one), last(&other)), (None, None));
        drop(held);
        one.wait_first(SECOND).await;
        other.wait_first(SECOND).await;
        assert_eq!((last(&one), last(&other)), (Some(1), Some(2)));
        assert_eq!(
            one.last().map(|it| it.took),
            Some(Duration::ZERO),
            "the wait for the lock is not counted"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn dropping_it_ends_the_reading() {
        let (alive, background) = (Arc::new(()), background());
        let held = Arc::clone(&alive);
        background.begin_if_due(|| async move {
            std::future::pending::<()>().await;
            drop(held);
            Ok(1)
        });
        tokio::task::yield_now().await;
        drop(background);
        tokio::task::yield_now().await;
        assert_eq!(Arc::strong_count(&alive), 1);
    }
}
