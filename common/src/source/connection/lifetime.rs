//! The age, the last use and the end of one connection.

use std::{
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    time::Duration,
};

use tokio::{sync::watch, time::Instant};

pub(crate) struct Lifetime {
    opened: Instant,
    /// Milliseconds from `opened` to the last use.
    used: AtomicU64,
    broken: AtomicBool,
    /// The driver's task owns the sender, so it is closed when the task ends.
    driver_alive: watch::Receiver<()>,
}

impl Lifetime {
    /// Of a connection that is opened now. The task that drives it must own the sender.
    pub(crate) fn start() -> (Self, watch::Sender<()>) {
        let (alive, driver_alive) = watch::channel(());
        let lifetime = Self {
            opened: Instant::now(),
            used: AtomicU64::new(0),
            broken: AtomicBool::new(false),
            driver_alive,
        };
        (lifetime, alive)
    }

    pub(crate) fn age(&self) -> Duration {
        self.opened.elapsed()
    }

    pub(crate) fn mark_used(&self) {
        let now = u64::try_from(self.opened.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.used.store(now, Ordering::Relaxed);
    }

    pub(crate) fn last_use(&self) -> Instant {
        self.opened + Duration::from_millis(self.used.load(Ordering::Relaxed))
    }

    /// No new query is sent over a broken connection.
    pub(crate) fn mark_broken(&self) {
        self.broken.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_broken(&self) -> bool {
        self.broken.load(Ordering::Relaxed)
    }

    /// Completes when the connection is closed.
    pub(crate) fn closed(&self) -> impl Future<Output = ()> + Send + use<> {
        let mut alive = self.driver_alive.clone();
        async move { while alive.changed().await.is_ok() {} }
    }
}
