//! Waiting for a condition.

use std::{
    fmt::Display,
    future::Future,
    panic::Location,
    time::{Duration, Instant},
};

/// The timeout of conditions that should become true within seconds. It is long because a busy
/// machine is slow, and costs nothing if the condition becomes true.
pub const SOON: Duration = Duration::from_mins(2);

/// The timeout of slow conditions, such as a reading that pauses a hundred times as long as it
/// takes.
pub const LATER: Duration = Duration::from_mins(5);

/// Probes until the answer is `Ok`, and panics with the last `Err` at the timeout.
///
/// The error describes the actual state, so that a failure explains itself:
/// ```no_run
/// # use std::time::Duration;
/// # async fn depth() -> u64 { 0 }
/// # async fn test() {
/// e2e::eventually(Duration::from_secs(10), || async {
///     let depth = depth().await;
///     if depth == 0 { Ok(()) } else { Err(format!("the queue still holds {depth} jobs")) }
/// })
/// .await;
/// # }
/// ```
#[track_caller]
pub fn eventually<T, E, Probe, Answer>(
    within: Duration,
    mut probe: Probe,
) -> impl Future<Output = T>
where
    E: Display,
    Probe: FnMut() -> Answer,
    Answer: Future<Output = Result<T, E>>,
{
    let asked_at = Location::caller();
    async move {
        let deadline = Instant::now() + within;
        let mut last = None;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            // A probe that hangs must not outlast the timeout.
            match tokio::time::timeout(left, probe()).await {
                Ok(Ok(value)) => return value,
                Ok(Err(error)) => last = Some(error.to_string()),
                Err(_) => {}
            }
            if Instant::now() >= deadline {
                let last = last.as_deref().unwrap_or("nothing: no probe ever answered");
                panic!("{asked_at}: not within {within:?}; at the end there was {last}");
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn gives_the_first_good_answer() {
        let mut asked = 0;
        let answer = eventually(Duration::from_secs(5), || {
            asked += 1;
            let answer = if asked == 3 { Ok(asked) } else { Err("too early") };
            async move { answer }
        })
        .await;
        assert_eq!(answer, 3);
    }

    #[tokio::test]
    #[should_panic(expected = "at the end there was the queue holds 7")]
    async fn says_what_was_there() {
        eventually(Duration::from_millis(20), || async { Err::<(), _>("the queue holds 7") }).await;
    }

    #[tokio::test]
    #[should_panic(expected = "no probe ever answered")]
    async fn a_probe_that_hangs_is_given_up() {
        eventually(Duration::from_millis(20), std::future::pending::<Result<(), String>>).await;
    }
}
