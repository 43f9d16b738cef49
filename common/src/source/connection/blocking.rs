//! Files that connecting needs.

use crate::{scrape::Reason, source::connection::error::SharedError};

/// Runs `read` on a blocking thread: on a disk that hangs it would stop the runtime, which has one
/// thread.
pub(crate) async fn read_files<T: Send + 'static>(
    read: impl FnOnce() -> Result<T, SharedError> + Send + 'static,
) -> Result<T, SharedError> {
    tokio::task::spawn_blocking(read)
        .await
        .map_err(|panic| SharedError::new(Reason::Internal).with_source(panic))?
}
