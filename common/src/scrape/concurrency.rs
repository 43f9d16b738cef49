//! Turns: how many targets are read at the same time.

use std::sync::{Arc, Weak};

use futures::{FutureExt, future::BoxFuture};
use tokio::{
    sync::{Mutex, OwnedSemaphorePermit, Semaphore},
    time::Instant,
};

use crate::scrape::{CollectError, Collector, DEFAULT_TARGET, Reason, Snapshot, Target};

/// A target's turn, shared by its collectors: the first of them to run takes a place, the last to
/// end gives it back.
#[derive(Debug)]
pub struct Turn {
    places: Arc<Semaphore>,
    held: Mutex<Weak<OwnedSemaphorePermit>>,
}

impl Turn {
    fn new(places: &Arc<Semaphore>) -> Arc<Self> {
        Arc::new(Self { places: Arc::clone(places), held: Mutex::default() })
    }

    /// Lets up to `most` further targets be read at the same time. The default one never waits.
    pub fn share(most: usize, targets: Vec<Target>) -> Vec<Target> {
        let places = Arc::new(Semaphore::new(most));
        let waiting = |target: Target| {
            if target.name == DEFAULT_TARGET {
                return target;
            }
            Target { collectors: Self::queue(&places, target.collectors), ..target }
        };
        targets.into_iter().map(waiting).collect()
    }

    /// The collectors of one target, each waiting for the target's turn.
    fn queue(
        places: &Arc<Semaphore>,
        collectors: Vec<Box<dyn Collector>>,
    ) -> Vec<Box<dyn Collector>> {
        let turn = Self::new(places);
        let in_turn = |collector| -> Box<dyn Collector> {
            Box::new(InTurn { turn: Arc::clone(&turn), collector })
        };
        collectors.into_iter().map(in_turn).collect()
    }

    async fn take(&self) -> Result<Arc<OwnedSemaphorePermit>, CollectError> {
        let mut held = self.held.lock().await;
        if let Some(place) = held.upgrade() {
            return Ok(place);
        }
        let place = Arc::clone(&self.places).acquire_owned().await.map_err(|closed| {
            CollectError::new(Reason::Internal, "waiting for a turn").with_source(closed)
        })?;
        let place = Arc::new(place);
        *held = Arc::downgrade(&place);
        Ok(place)
    }
}

/// A collector that waits for its target's turn.
struct InTurn {
    turn: Arc<Turn>,
    collector: Box<dyn Collector>,
}

impl Collector for InTurn {
    fn name(&self) -> &'static str {
        self.collector.name()
    }

    fn collect<'a>(
        &'a self,
        deadline: Instant,
        out: &'a mut Snapshot,
    ) -> BoxFuture<'a, Result<(), CollectError>> {
        async move {
            let _place = self.turn.take().await?;
            self.collector.collect(deadline, out).await
        }
        .boxed()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures::future;

    use super::*;

    #[tokio::test]
    async fn collectors_of_one_target_share_a_place_and_give_it_back() {
        let places = Arc::new(Semaphore::new(1));
        let (one, other) = (Turn::new(&places), Turn::new(&places));

        let first = one.take().await.unwrap();
        let second = one.take().await.unwrap();
        assert!(other.take().now_or_never().is_none(), "the only place is taken");
        drop(first);
        assert!(other.take().now_or_never().is_none(), "the target's other collector runs on");
        drop(second);
        assert!(other.take().now_or_never().is_some());
    }

    /// Counts who was let in, and never ends.
    struct Endless(Arc<AtomicUsize>);

    impl Collector for Endless {
        fn name(&self) -> &'static str {
            "endless"
        }

        fn collect<'a>(
            &'a self,
            _: Instant,
            _: &'a mut Snapshot,
        ) -> BoxFuture<'a, Result<(), CollectError>> {
            async {
                self.0.fetch_add(1, Ordering::Relaxed);
                future::pending().await
            }
            .boxed()
        }
    }

    #[tokio::test]
    async fn further_targets_wait_and_the_default_one_does_not() {
        let begun = Arc::new(AtomicUsize::new(0));
        let target = |name: &str| Target {
            name: name.to_owned(),
            address: String::new(),
            up: None,
            collectors: vec![Box::new(Endless(Arc::clone(&begun)))],
        };
        let targets = Turn::share(1, [DEFAULT_TARGET, "a", "b"].map(target).into());
        let mut snapshots: Vec<_> = targets.iter().map(|_| Snapshot::default()).collect();
        let mut reading: Vec<_> = targets
            .iter()
            .zip(&mut snapshots)
            .map(|(target, out)| target.collectors[0].collect(Instant::now(), out))
            .collect();

        let mut begun_after = |index: usize| {
            assert!((&mut reading[index]).now_or_never().is_none());
            begun.load(Ordering::Relaxed)
        };
        assert_eq!(begun_after(1), 1, "the only place is free");
        assert_eq!(begun_after(2), 1, "the only place is taken");
        assert_eq!(begun_after(0), 2, "the default target takes none");
    }
}
