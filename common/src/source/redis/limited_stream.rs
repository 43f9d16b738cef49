//! A stream that fails when an answer is too long, and records the server's first bytes.

use std::{
    io,
    pin::Pin,
    sync::{Arc, OnceLock},
    task::{Context, Poll, ready},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// The longest answer, in bytes. All of `INFO` with a thousand commands is 0.3 MB.
pub(super) const ANSWER_LIMIT: usize = 8 << 20;
/// How many of the first bytes are recorded.
const GREETING_LIMIT: usize = 256;

/// The first bytes that the server sent. A server that rejects a client sends an error before any
/// command and closes the connection; the driver has no command to report that error for.
pub(super) type Greeting = Arc<OnceLock<Vec<u8>>>;

pub(super) struct LimitedStream<S> {
    stream: S,
    left: usize,
    greeting: Greeting,
}

impl<S> LimitedStream<S> {
    pub(super) fn new(stream: S) -> (Self, Greeting) {
        let greeting = Greeting::default();
        let recorded = Arc::clone(&greeting);
        (Self { stream, left: ANSWER_LIMIT, greeting }, recorded)
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for LimitedStream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        let new = &buffer.filled()[before..];
        if !new.is_empty() {
            self.greeting.get_or_init(|| new[..new.len().min(GREETING_LIMIT)].to_vec());
        }
        match self.left.checked_sub(new.len()) {
            Some(left) => self.left = left,
            None => return Poll::Ready(Err(io::Error::other("the answer is longer than 8 MiB"))),
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for LimitedStream<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.left = ANSWER_LIMIT;
        Pin::new(&mut self.stream).poll_write(context, buffer)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    #[tokio::test]
    async fn an_endless_answer_fails_and_a_command_resets_the_limit() {
        let endless = tokio::io::join(tokio::io::repeat(b'x'), tokio::io::sink());
        let (mut stream, greeting) = LimitedStream::new(endless);
        let mut half = vec![0; ANSWER_LIMIT / 2];
        stream.read_exact(&mut half).await.unwrap();
        stream.write_all(b"PING\r\n").await.unwrap();
        stream.read_exact(&mut half).await.unwrap();
        stream.read_exact(&mut half).await.unwrap();

        stream.read_exact(&mut [0]).await.expect_err("the limit is reached");
        assert!(greeting.get().unwrap().iter().all(|it| *it == b'x'));
    }
}
