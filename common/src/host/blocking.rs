//! Readings that may hang, as on a dead NFS server: limited in time, and one at a time per file
//! system.

use std::{
    borrow::Cow,
    collections::BTreeSet,
    panic,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::{
    task::spawn_blocking,
    time::{Instant, timeout_at},
};

use crate::scrape::{CollectError, Reason};

/// Runs blocking readings on threads.
#[derive(Debug, Default)]
pub(super) struct Blocking {
    /// The readings that are running.
    busy: Arc<Mutex<BTreeSet<String>>>,
}

impl Blocking {
    /// Runs `read` on its own thread and waits for it until `until`. A reading that hangs keeps its
    /// thread, and `what` is not read again until it returns.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        what: impl Into<Cow<'static, str>>,
        until: Instant,
        read: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, CollectError> {
        let what = what.into();
        let Some(guard) = BusyGuard::take(&self.busy, &what) else {
            return Err(hangs(format!("reading {what}: an earlier reading still hangs")));
        };
        let reading = spawn_blocking(move || {
            let _guard = guard;
            read()
        });
        match timeout_at(until, reading).await {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => match error.try_into_panic() {
                Ok(panic) => panic::resume_unwind(panic),
                Err(_) => Err(CollectError::new(
                    Reason::Unavailable,
                    format!("reading {what}: the exporter is shutting down"),
                )),
            },
            Err(_) => Err(hangs(format!("reading {what}: no answer in time"))),
        }
    }
}

fn hangs(doing: String) -> CollectError {
    CollectError::new(Reason::Timeout, doing)
        .with_hint("a file system does not answer; check network disks")
}

/// Marks a reading as running until it is dropped.
struct BusyGuard {
    busy: Arc<Mutex<BTreeSet<String>>>,
    what: String,
}

impl BusyGuard {
    fn take(busy: &Arc<Mutex<BTreeSet<String>>>, what: &str) -> Option<Self> {
        let free = lock(busy).insert(what.to_owned());
        free.then(|| Self { busy: Arc::clone(busy), what: what.to_owned() })
    }
}

impl Drop for BusyGuard {
    fn drop(&mut self) {
        lock(&self.busy).remove(&self.what);
    }
}

fn lock(busy: &Mutex<BTreeSet<String>>) -> MutexGuard<'_, BTreeSet<String>> {
    busy.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::{sync::mpsc, time::Duration};

    use super::*;

    #[tokio::test]
    async fn a_hanging_reading_is_not_repeated_until_it_returns() {
        let blocking = Blocking::default();
        let soon = || Instant::now() + Duration::from_millis(20);
        let (release, held) = mpsc::channel::<()>();

        let hung = blocking.run("a disk", soon(), move || held.recv()).await;
        assert_eq!(hung.expect_err("it hangs").reason, Reason::Timeout);
        let again = blocking.run("a disk", soon(), || ()).await;
        assert!(again.expect_err("it still hangs").to_string().contains("earlier reading"));
        assert!(
            blocking.run("another", soon(), || 7).await.is_ok(),
            "other readings are not delayed"
        );

        release.send(()).unwrap();
        let later = Instant::now() + Duration::from_secs(10);
        while blocking.run("a disk", soon(), || ()).await.is_err() {
            assert!(Instant::now() < later, "it has returned");
            tokio::task::yield_now().await;
        }
    }
}
