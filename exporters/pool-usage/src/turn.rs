//! Turns: how many targets are read at the same time.

use std::sync::{Arc, Weak};

use common::{
    collector::{CollectError, Collector, Reason},
    snapshot::Snapshot,
};
use futures::{FutureExt, future::BoxFuture};
use tokio::{
    sync::{Mutex, OwnedSemaphorePermit, Semaphore},
    time::Instant,
};

/// A target's turn, shared by its collectors: the first of them to run takes a place, the last to
/// end gives it back.
#[derive(Debug)]
pub(crate) struct Turn {
    places: Arc<Semaphore>,
    held: Mutex<Weak<OwnedSemaphorePermit>>,
}

impl Turn {
    pub(crate) fn new(places: &Arc<Semaphore>) -> Arc<Self> {
        Arc::new(Self { places: Arc::clone(places), held: Mutex::default() })
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
pub(crate) struct InTurn {
    pub(crate) turn: Arc<Turn>,
    pub(crate) collector: Box<dyn Collector>,
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
}
