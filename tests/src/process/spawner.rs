//! The thread that starts every process.
//!
//! The kernel sends a child its parent-death signal when the *thread* that started it ends. A test's
//! thread or a runtime's may end long before the process does, so one thread that stays starts them all.

use std::{
    io,
    process::{Child, Command},
    sync::{
        LazyLock,
        mpsc::{self, Sender},
    },
    thread,
};

type Request = (Command, Sender<io::Result<Child>>);

static SPAWNER: LazyLock<Sender<Request>> = LazyLock::new(|| {
    let (requests, incoming) = mpsc::channel::<Request>();
    thread::spawn(move || {
        for (mut command, reply) in incoming {
            // If the caller is gone, the child is dropped here.
            let _ = reply.send(command.spawn());
        }
    });
    requests
});

pub(super) fn spawn(command: Command) -> io::Result<Child> {
    let (reply, answer) = mpsc::channel();
    let gone = |_| io::Error::other("the thread that starts servers has ended");
    SPAWNER.send((command, reply)).map_err(|_| gone(mpsc::RecvError))?;
    answer.recv().map_err(gone)?
}
