//! Stopping: requests in flight are answered, new ones are refused.

use std::{sync::Arc, time::Duration};

use common::server::{App, Limits};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    sync::Notify,
    time::Instant,
};

use crate::support::{Does, Reply, app_that, get, read_to_end, soon, start};

#[tokio::test]
async fn the_scrape_in_flight_finishes_while_readiness_is_gone() {
    let (began, end) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let mut server = start(app_that(Does::Waits(Arc::clone(&began), Arc::clone(&end)))).await;

    let mut idle = server.connect().await;
    idle.write_all(b"GET /-/healthy HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    assert_ne!(soon(idle.read(&mut [0; 1024])).await.unwrap(), 0);
    let mut busy = server.connect().await;
    // Without `Connection: close`: the server must still close the connection.
    busy.write_all(b"GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    soon(began.notified()).await;

    server.ask_to_stop();
    assert_eq!(soon(idle.read(&mut [0; 1])).await.unwrap(), 0, "an idle connection is closed");
    server.get("/-/healthy").await.status(200);
    server.get("/-/ready").await.status(503).has("stopping");
    server.get("/metrics").await.status(503);

    end.notify_one();
    let reply = Reply::parse(&read_to_end(&mut busy).await);
    reply.status(200).has("after the wait");
    let address = server.address;
    server.stopped().await;
    let refused = tokio::net::TcpStream::connect(address).await;
    assert!(refused.is_err(), "no listener is left");
}

#[tokio::test]
async fn a_scrape_that_does_not_end_does_not_hold_the_process() {
    let stop = Duration::from_millis(300);
    let limits = Limits { stop, ..Limits::default() };
    let mut server = start(App { limits, ..app_that(Does::Hangs) }).await;
    let mut busy = server.connect().await;
    busy.write_all(get("/metrics", "").as_bytes()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    let began = Instant::now();
    server.ask_to_stop();
    server.stopped().await;
    assert!((stop..stop * 20).contains(&began.elapsed()), "{:?}", began.elapsed());
    assert!(read_to_end(&mut busy).await.is_empty());
}

#[tokio::test]
async fn a_server_that_does_nothing_stops_at_once() {
    let mut server = start(app_that(Does::Writes(1))).await;
    let mut half = server.connect().await;
    half.write_all(b"GET /met").await.unwrap();
    server.get("/-/healthy").await.status(200);
    let began = Instant::now();
    server.ask_to_stop();
    server.stopped().await;
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}
