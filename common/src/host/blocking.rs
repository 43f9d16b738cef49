//! Readings that may hang, as one of a dead NFS server does: bounded in time, and never two of
//! the same thing at once.

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

/// Knows which readings are under way.
#[derive(Debug, Default)]
pub(super) struct Blocking {
    busy: Arc<Mutex<BTreeSet<String>>>,
}

impl Blocking {
    /// Runs `read` on a thread of its own, and waits for it until then. One that hangs keeps its
    /// thread, but `what` it reads is not tried again before it comes back.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        what: impl Into<Cow<'static, str>>,
        until: Instant,
        read: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, CollectError> {
        let what = what.into();
        let Some(ticket) = Ticket::take(&self.busy, &what) else {
            return Err(hangs(format!("reading {what}: an earlier reading has not come back")));
        };
        let reading = spawn_blocking(move || {
            let _ticket = ticket;
            read()
        });
        match timeout_at(until, reading).await {
            Ok(Ok(seen)) => Ok(seen),
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
        .with_hint("a file system does not answer; see whether a network disk is gone")
}

/// The place of one reading; given back when the reading is done or was never begun.
struct Ticket {
    busy: Arc<Mutex<BTreeSet<String>>>,
    what: String,
}

impl Ticket {
    fn take(busy: &Arc<Mutex<BTreeSet<String>>>, what: &str) -> Option<Self> {
        let free = lock(busy).insert(what.to_owned());
        free.then(|| Self { busy: Arc::clone(busy), what: what.to_owned() })
    }
}

impl Drop for Ticket {
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
    async fn what_hangs_is_not_tried_again_until_it_comes_back() {
        let blocking = Blocking::default();
        let soon = || Instant::now() + Duration::from_millis(20);
        let (release, held) = mpsc::channel::<()>();

        let hung = blocking.run("a disk", soon(), move || held.recv()).await;
        assert_eq!(hung.expect_err("it hangs").reason, Reason::Timeout);
        let again = blocking.run("a disk", soon(), || ()).await;
        assert!(again.expect_err("it still hangs").to_string().contains("earlier reading"));
        assert!(blocking.run("another", soon(), || 7).await.is_ok(), "others are not held up");

        release.send(()).unwrap();
        let later = Instant::now() + Duration::from_secs(10);
        while blocking.run("a disk", soon(), || ()).await.is_err() {
            assert!(Instant::now() < later, "it has come back");
            tokio::task::yield_now().await;
        }
    }
}
