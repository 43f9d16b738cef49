//! A stream that gives up when an answer grows without end, and remembers how the server began.

use std::{
    io,
    pin::Pin,
    sync::{Arc, OnceLock},
    task::{Context, Poll, ready},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// How many bytes may come after a question. All of `INFO` with a thousand commands is 0.3 MB.
pub(super) const ANSWER_LIMIT: usize = 8 << 20;
/// How much is kept of the first answer.
const FIRST_WORDS: usize = 256;

/// The first thing that the server sent. One that turns the client away sends an error unasked
/// and closes, so that no question is left for it to be the answer to.
pub(super) type FirstWords = Arc<OnceLock<Vec<u8>>>;

pub(super) struct Bounded<S> {
    stream: S,
    left: usize,
    first_words: FirstWords,
}

impl<S> Bounded<S> {
    pub(super) fn new(stream: S) -> (Self, FirstWords) {
        let first_words = FirstWords::default();
        let kept = Arc::clone(&first_words);
        (Self { stream, left: ANSWER_LIMIT, first_words }, kept)
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Bounded<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        let new = &buffer.filled()[before..];
        if !new.is_empty() {
            self.first_words.get_or_init(|| new[..new.len().min(FIRST_WORDS)].to_vec());
        }
        match self.left.checked_sub(new.len()) {
            Some(left) => self.left = left,
            None => return Poll::Ready(Err(io::Error::other("the answer is longer than 8 MiB"))),
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Bounded<S> {
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
    async fn an_endless_answer_ends_and_a_question_makes_room() {
        let endless = tokio::io::join(tokio::io::repeat(b'x'), tokio::io::sink());
        let (mut stream, first_words) = Bounded::new(endless);
        let mut half = vec![0; ANSWER_LIMIT / 2];
        stream.read_exact(&mut half).await.unwrap();
        stream.write_all(b"PING\r\n").await.unwrap();
        stream.read_exact(&mut half).await.unwrap();
        stream.read_exact(&mut half).await.unwrap();

        stream.read_exact(&mut [0]).await.expect_err("the limit is reached");
        assert!(first_words.get().unwrap().iter().all(|it| *it == b'x'));
    }
}
