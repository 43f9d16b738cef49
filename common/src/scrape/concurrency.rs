//! A limit on how many targets are read at the same time.

use std::sync::{Arc, Weak};

use tokio::{
    sync::{Mutex, OwnedSemaphorePermit, Semaphore},
    time::Instant,
};

use crate::scrape::{
    BoxedCollector, CollectError, Collector, DEFAULT_TARGET, Reason, Snapshot, Target,
};

/// Reads at most `limit` of the targets at the same time. The default target never waits.
pub fn limit_concurrency(limit: usize, targets: Vec<Target>) -> Vec<Target> {
    let semaphore = Arc::new(Semaphore::new(limit));
    let limited = |target: Target| {
        if target.name == DEFAULT_TARGET {
            return target;
        }
        let permit = SharedPermit::new(&semaphore);
        let limited = |collector| -> BoxedCollector {
            Box::new(Limited { permit: Arc::clone(&permit), collector })
        };
        Target { collectors: target.collectors.into_iter().map(limited).collect(), ..target }
    };
    targets.into_iter().map(limited).collect()
}

/// One target's permit, shared by its collectors: the first to run acquires it, the last to end
/// releases it.
#[derive(Debug)]
struct SharedPermit {
    semaphore: Arc<Semaphore>,
    held: Mutex<Weak<OwnedSemaphorePermit>>,
}

impl SharedPermit {
    fn new(semaphore: &Arc<Semaphore>) -> Arc<Self> {
        Arc::new(Self { semaphore: Arc::clone(semaphore), held: Mutex::default() })
    }

    async fn acquire(&self) -> Result<Arc<OwnedSemaphorePermit>, CollectError> {
        let mut held = self.held.lock().await;
        if let Some(permit) = held.upgrade() {
            return Ok(permit);
        }
        let permit = Arc::clone(&self.semaphore).acquire_owned().await.map_err(|closed| {
            CollectError::new(Reason::Internal, "waiting for other targets").with_source(closed)
        })?;
        let permit = Arc::new(permit);
        *held = Arc::downgrade(&permit);
        Ok(permit)
    }
}

/// A collector that waits for its target's permit.
struct Limited {
    permit: Arc<SharedPermit>,
    collector: BoxedCollector,
}

impl Collector for Limited {
    fn name(&self) -> &str {
        self.collector.name()
    }

    async fn collect(&self, deadline: Instant, out: &mut Snapshot) -> Result<(), CollectError> {
        let _permit = self.permit.acquire().await?;
        self.collector.collect(deadline, out).await
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures::{FutureExt, future};

    use super::*;

    #[tokio::test]
    async fn collectors_of_one_target_share_one_permit() {
        let semaphore = Arc::new(Semaphore::new(1));
        let (target, other) = (SharedPermit::new(&semaphore), SharedPermit::new(&semaphore));

        let first = target.acquire().await.unwrap();
        let second = target.acquire().await.unwrap();
        assert!(other.acquire().now_or_never().is_none(), "the only permit is taken");
        drop(first);
        assert!(other.acquire().now_or_never().is_none(), "the second collector still runs");
        drop(second);
        assert!(other.acquire().now_or_never().is_some());
    }

    /// Counts its runs, and never ends.
    struct Endless(Arc<AtomicUsize>);

    impl Collector for Endless {
        fn name(&self) -> &'static str {
            "endless"
        }

        async fn collect(&self, _: Instant, _: &mut Snapshot) -> Result<(), CollectError> {
            self.0.fetch_add(1, Ordering::Relaxed);
            future::pending().await
        }
    }

    #[tokio::test]
    async fn only_further_targets_wait() {
        let started = Arc::new(AtomicUsize::new(0));
        let target = |name: &str| Target {
            name: name.to_owned(),
            address: String::new(),
            up: None,
            collectors: vec![Box::new(Endless(Arc::clone(&started)))],
        };
        let targets = limit_concurrency(1, [DEFAULT_TARGET, "a", "b"].map(target).into());
        let mut snapshots: Vec<_> = targets.iter().map(|_| Snapshot::default()).collect();
        let mut reading: Vec<_> = targets
            .iter()
            .zip(&mut snapshots)
            .map(|(target, out)| target.collectors[0].collect(Instant::now(), out))
            .collect();

        let mut started_after = |index: usize| {
            assert!((&mut reading[index]).now_or_never().is_none());
            started.load(Ordering::Relaxed)
        };
        assert_eq!(started_after(1), 1, "the only permit is free");
        assert_eq!(started_after(2), 1, "the only permit is taken");
        assert_eq!(started_after(0), 2, "the default target needs no permit");
    }
}
