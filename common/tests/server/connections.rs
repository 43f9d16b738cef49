//! Connections of slow, greedy and broken clients.

use std::{sync::Arc, time::Duration};

use common::server::{App, Limits};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::Notify,
    time::{Instant, sleep},
};

use crate::support::{Does, Reply, app_that, get, read_to_end, soon, start};

const SHORT: Duration = Duration::from_millis(300);

fn with(limits: Limits, does: Does) -> App {
    App { limits, ..app_that(does) }
}

#[tokio::test]
async fn a_request_that_trickles_in_is_cut_off() {
    let server = start(with(Limits { head: SHORT, ..Limits::default() }, Does::Writes(1))).await;
    let began = Instant::now();
    let mut stream = server.connect().await;
    let (mut read, mut write) = stream.split();
    let trickle = async {
        loop {
            // A read shows that the server closed the connection.
            let _ = write.write_all(b"x").await;
            sleep(SHORT / 10).await;
        }
    };
    tokio::select! {
        bytes = read_to_end(&mut read) => assert!(bytes.is_empty(), "{bytes:?}"),
        () = trickle => {}
    }
    assert!((SHORT..SHORT * 20).contains(&began.elapsed()), "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_connection_that_says_nothing_is_closed() {
    let server = start(with(Limits { head: SHORT, ..Limits::default() }, Does::Writes(1))).await;
    let mut stream = server.connect().await;
    assert!(read_to_end(&mut stream).await.is_empty());
}

#[tokio::test]
async fn a_resting_connection_has_the_idle_time_and_not_the_head_s() {
    let limits = Limits { head: SHORT, idle: SHORT * 6, ..Limits::default() };
    let server = start(with(limits, Does::Writes(1))).await;
    let mut stream = server.connect().await;
    for _ in 0..2 {
        ask(&mut stream).await;
        sleep(SHORT * 2).await;
    }
    ask(&mut stream).await;
    let rest = Instant::now();
    assert!(read_to_end(&mut stream).await.is_empty());
    assert!(rest.elapsed() >= SHORT * 5, "{:?}", rest.elapsed());

    // A request after an idle time has the full timeout for its head.
    let mut stream = server.connect().await;
    ask(&mut stream).await;
    let began = Instant::now();
    stream.write_all(b"GET /").await.unwrap();
    assert!(read_to_end(&mut stream).await.is_empty());
    assert!(began.elapsed() < SHORT * 5, "{:?}", began.elapsed());
}

/// One request on a connection that stays open.
async fn ask(stream: &mut TcpStream) {
    stream.write_all(b"GET /-/healthy HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    let mut seen = Vec::new();
    while !seen.ends_with(b"healthy\n") {
        assert_ne!(
            soon(stream.read_buf(&mut seen)).await.unwrap(),
            0,
            "the server closed the \
                                                                        connection"
        );
    }
}

#[tokio::test]
async fn pipelined_requests_are_answered_in_order() {
    let server = start(app_that(Does::Writes(1))).await;
    let healthy = "GET /-/healthy HTTP/1.1\r\nHost: a\r\n\r\n";
    let metrics = "GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n";
    let reply = server.send(format!("{healthy}{metrics}{}", get("/-/ready", "")).as_bytes()).await;
    let text = String::from_utf8_lossy(&reply.bytes);
    assert_eq!(text.matches("HTTP/1.1 200 OK").count(), 2, "and the first, which was parsed off");
    assert!(text.find("thing 0").unwrap() < text.find("ready\n").unwrap(), "{text}");
}

#[tokio::test]
async fn garbage_is_refused_and_other_requests_are_served() {
    let server = start(app_that(Does::Writes(1))).await;
    for garbage in [
        &b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 hello TLS\r\n\r\n"[..],
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET / HTTP/1.1\r\nno colon\r\n\r\n",
        b"\0\0\0\0\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ] {
        let mut stream = server.connect().await;
        stream.write_all(garbage).await.unwrap();
        let answer = read_to_end(&mut stream).await;
        assert!(answer.is_empty() || Reply::parse(&answer).status == 400, "{garbage:?}");
    }
    let both = b"GET /-/healthy HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\
        Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n0\r\n\r\n";
    let mut stream = server.connect().await;
    stream.write_all(both).await.unwrap();
    let answer = String::from_utf8(read_to_end(&mut stream).await).unwrap();
    assert!(answer.matches("HTTP/1.1").count() <= 1, "no second request is smuggled in: {answer}");
    server.get("/-/healthy").await.status(200);
}

#[tokio::test]
async fn oversized_heads_are_refused() {
    let server = start(app_that(Does::Writes(1))).await;
    let long = "x".repeat(20_000);
    server.get_with("/metrics", &format!("X-Long: {long}\r\n")).await.status(431);
    server.get(&format!("/metrics?{long}")).await.status(431);
    server.get_with("/metrics", &"X-Many: 1\r\n".repeat(200)).await.status(431);
    server.get(&format!("/metrics?{}", &long[..8_000])).await.status(200);

    // A head that never ends is refused long before it fills the memory.
    let mut stream = server.connect().await;
    let mut sent = 0;
    stream.write_all(b"GET / HTTP/1.1\r\nX-Endless: ").await.unwrap();
    while stream.write_all(&[b'x'; 4096]).await.is_ok() {
        sent += 4096;
        assert!(sent < 64 << 20, "the server reads on");
    }
}

#[tokio::test]
async fn a_body_is_not_waited_for() {
    let server = start(app_that(Does::Writes(1))).await;
    // Announced and never sent.
    let lengthy = "Content-Length: 1000000000\r\n";
    server.get_with("/-/healthy", lengthy).await.status(200);
    server
        .get_with("/-/healthy", "Expect: 100-continue\r\nContent-Length: 9\r\n")
        .await
        .status(200);

    // Sent without end: the connection is ended after the answer.
    let mut stream = server.connect().await;
    let head = b"POST /metrics HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    stream.write_all(head).await.unwrap();
    let chunk = [b"1000\r\n".as_slice(), &[b'x'; 4096], b"\r\n"].concat();
    let mut sent = 0;
    while soon(stream.write_all(&chunk)).await.is_ok() {
        sent += chunk.len();
        assert!(sent < 64 << 20, "the server reads on");
    }
}

#[tokio::test]
async fn a_reader_that_does_not_read_is_cut_off() {
    let limits = Limits { write: SHORT, ..Limits::default() };
    let server = start(with(limits, Does::Writes(9_000))).await;
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let mut stream = socket.connect(server.address).await.unwrap();
    // Enough answers to fill the system's socket buffers.
    let metrics = "GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n";
    stream.write_all(metrics.repeat(100).as_bytes()).await.unwrap();
    sleep(SHORT * 10).await;
    let bytes = read_to_end(&mut stream).await;
    let whole = String::from_utf8_lossy(&bytes).matches("thing 8999").count();
    assert!(whole < 100, "all answers were held for a reader that did not read");
    server.get("/-/healthy").await.status(200);
}

#[tokio::test]
async fn a_full_house_lets_go_of_who_has_waited_longest() {
    let limits = Limits { connections: 2, ..Limits::default() };
    let server = start(with(limits, Does::Writes(1))).await;
    let mut first = server.connect().await;
    ask(&mut first).await;
    let mut second = server.connect().await;
    ask(&mut second).await;
    server.get("/-/healthy").await.status(200);
    assert!(read_to_end(&mut first).await.is_empty(), "the first has waited longest");
    ask(&mut second).await;
}

#[tokio::test]
async fn a_house_full_of_work_takes_no_more() {
    let (began, end) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let limits = Limits { connections: 1, ..Limits::default() };
    let server = start(with(limits, Does::Waits(Arc::clone(&began), Arc::clone(&end)))).await;
    let mut busy = server.connect().await;
    busy.write_all(get("/metrics", "").as_bytes()).await.unwrap();
    soon(began.notified()).await;
    let mut refused = server.connect().await;
    assert!(read_to_end(&mut refused).await.is_empty());
    end.notify_one();
    let reply = Reply::parse(&read_to_end(&mut busy).await);
    reply.status(200).has("after the wait");
    server.get("/-/healthy").await.status(200);
}

#[tokio::test]
async fn callers_that_hang_up_leave_nothing_behind() {
    let limits = Limits { connections: 4, requests: 2, ..Limits::default() };
    let timeout = Duration::from_millis(200);
    let server = start(App { timeout, ..with(limits, Does::Hangs) }).await;
    for _ in 0..20 {
        let mut stream = server.connect().await;
        stream.write_all(get("/metrics", "").as_bytes()).await.unwrap();
        sleep(Duration::from_millis(5)).await;
    }
    server.get("/metrics").await.status(200).has("thing_up 0\n");
}
