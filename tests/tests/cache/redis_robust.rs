//! What must not happen: an answer that is too late, more than one connection, one dead server
//! that costs the others, a page that a broken server spoils.

use std::{
    fmt::Write as _,
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use e2e::{Exporter, Redis, Server, eventually, redis::Flavor};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use crate::{
    NAME, SOON,
    redis_support::{exporter, failures, until_up_is},
    scrape,
};

#[tokio::test]
async fn frozen_server_is_down_and_others_stay_up() {
    let (server, spare) = (Redis::start().await.unwrap(), Redis::start().await.unwrap());
    let more = format!("[cache-hit.targets.spare.redis]\nurl = \"{}\"\n", spare.url());
    let exporter = exporter(&server, &more).await;
    until_up_is(&exporter, 1.0).await;

    server.freeze();
    // The kept connection first, then new ones.
    for _ in 0..4 {
        let samples = exporter.in_two_seconds("/metrics").await;
        assert_eq!(samples.sum("redis_up", &[]), Some(0.0));
        assert_eq!(samples.sum("redis_keyspace_hits_total", &[]), None, "unknown is absent");
        let samples = exporter.in_two_seconds("/probe?target=spare").await;
        assert_eq!(samples.sum("redis_up", &[]), Some(1.0));
    }
    let samples = exporter.in_two_seconds("/metrics").await;
    assert!(failures(&samples, "timeout") >= 1.0);

    server.thaw();
    until_up_is(&exporter, 1.0).await;
}

#[tokio::test]
async fn killed_server_recovers() {
    let server = Redis::start().await.unwrap();
    let exporter = exporter(&server, "").await;
    let before = until_up_is(&exporter, 1.0).await.sum("redis_start_time_seconds", &[]);
    server.kill();
    let samples = exporter.in_two_seconds("/metrics").await;
    assert_eq!(samples.sum("redis_up", &[]), Some(0.0));
    let samples = scrape(&exporter).await;
    assert!(failures(&samples, "connect") + failures(&samples, "unavailable") >= 1.0);

    tokio::time::sleep(Duration::from_millis(1100)).await;
    server.restart().await.unwrap();
    let samples = until_up_is(&exporter, 1.0).await;
    assert!(samples.sum("redis_start_time_seconds", &[]) > before, "it is another start");
}

/// A place that takes no connection and refuses none: its queue is full.
async fn black_hole() -> (std::net::TcpListener, Vec<TcpStream>, SocketAddr) {
    let socket = tokio::net::TcpSocket::new_v4().expect("the stack runs");
    socket.bind((Ipv4Addr::LOCALHOST, 0).into()).expect("the stack runs");
    let listener = socket.listen(1).expect("the stack runs");
    let address = listener.local_addr().expect("the stack runs");
    let mut queue = Vec::new();
    for _ in 0..8 {
        let connect = TcpStream::connect(address);
        match tokio::time::timeout(Duration::from_millis(200), connect).await {
            Ok(stream) => queue.push(stream.expect("the stack runs")),
            Err(_) => break,
        }
    }
    (listener.into_std().expect("the stack runs"), queue, address)
}

#[tokio::test]
async fn unaccepted_connection_times_out() {
    let (_listener, _queue, address) = black_hole().await;
    let settings = format!("[cache-hit.redis]\nurl = \"redis://{address}\"\n");
    let exporter = Exporter::start(NAME, &settings).await.expect("the stack runs");
    for _ in 0..3 {
        let samples = exporter.in_two_seconds("/metrics").await;
        assert_eq!(samples.sum("redis_up", &[]), Some(0.0));
        assert!(failures(&samples, "timeout") >= 1.0);
    }
}

/// A server that answers each connection with `answer`, endlessly or once.
async fn rubbish(answer: &'static [u8], endless: bool) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("the stack runs");
    let address = listener.local_addr().expect("the stack runs");
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut question = [0; 64];
                let _ = stream.read(&mut question).await;
                while stream.write_all(answer).await.is_ok() && endless {}
                // It stays on the line.
                let _ = stream.read_to_end(&mut Vec::new()).await;
            });
        }
    });
    address
}

#[tokio::test]
async fn invalid_replies_do_not_break_the_exporter() {
    let good = Redis::start().await.unwrap();
    let cases: [(&'static [u8], bool); 7] = [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", false),
        (b"\xff\xfe\x00\x01", true),
        (b"$900000000\r\nxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", true),
        (b"*1\r\n*1\r\n*1\r\n", true),
        (b"*2000000000\r\n", true),
        (b"+OK\r\n", true),
        (b"$-5\r\n:99999999999999999999999\r\n", false),
    ];
    let mut settings = format!("[cache-hit.redis]\nurl = \"{}\"\n", good.url());
    for (i, (answer, endless)) in cases.iter().enumerate() {
        let address = rubbish(answer, *endless).await;
        let _ = write!(settings, "[cache-hit.targets.r{i}.redis]\nurl = \"redis://{address}\"\n");
    }
    let exporter = Exporter::start(NAME, &settings).await.expect("the stack runs");
    for _ in 0..2 {
        for (i, case) in cases.iter().enumerate() {
            let path = format!("/probe?target=r{i}");
            let samples = exporter.in_two_seconds(&path).await;
            assert_eq!(samples.sum("redis_up", &[]), Some(0.0), "{case:?}");
        }
    }
    assert_eq!(scrape(&exporter).await.sum("redis_up", &[]), Some(1.0));
    let most = exporter.peak_resident().expect("the stack runs");
    assert!(most < 200 << 20, "{most} bytes for 8 MiB answers of seven servers");
    assert!(!exporter.log().contains("panicked"), "{}", exporter.log());
}

#[tokio::test]
async fn concurrent_scrapes_share_one_connection() {
    let server = Redis::start().await.unwrap();
    let exporter = exporter(&server, "").await;
    scrape(&exporter).await;
    let connections = async || {
        let clients = server.cli(&["client", "list"]).unwrap();
        let ours = clients.lines().filter(|it| it.contains("name=pulso-cache-hit"));
        i64::try_from(ours.count()).unwrap()
    };
    assert_eq!(exporter.storm(connections).await, 1, "connections at the same time");
    let received = scrape(&exporter).await.sum("redis_connections_received_total", &[]).unwrap();
    // The fixture's, those of redis-cli, and ours.
    assert!(received < 70.0, "{received}");
}

#[tokio::test]
async fn full_server_fails_with_slots() {
    let server = Redis::builder().line("maxclients 5").start().await.unwrap();
    let mut guests = Vec::new();
    for _ in 0..5 {
        guests.push(TcpStream::connect((Ipv4Addr::LOCALHOST, server.port())).await.unwrap());
    }
    let exporter = exporter(&server, "").await;
    let samples = eventually(SOON, || async {
        let samples = scrape(&exporter).await;
        if failures(&samples, "slots") >= 1.0 { Ok(samples) } else { Err(exporter.log()) }
    })
    .await;
    assert_eq!(samples.sum("redis_up", &[]), Some(0.0));
    drop(guests);
    let samples = until_up_is(&exporter, 1.0).await;
    assert!(samples.sum("redis_rejected_connections_total", &[]) >= Some(1.0));
}

#[tokio::test]
async fn loading_server_is_up() {
    let builder = Redis::builder().line("enable-debug-command yes").line("key-load-delay 2000");
    let server = builder.line("loading-process-events-interval-bytes 1024").start().await.unwrap();
    server.cli(&["debug", "populate", "4000"]).unwrap();
    server.cli(&["config", "set", "save", "3600 1"]).unwrap();
    let exporter = exporter(&server, "").await;
    until_up_is(&exporter, 1.0).await;
    // It saves, empties itself and loads, 2 ms for each key.
    let loading = tokio::task::spawn_blocking({
        let port = server.port().to_string();
        move || {
            std::process::Command::new("redis-cli").args(["-p", &port, "debug", "reload"]).output()
        }
    });
    let samples = eventually(SOON, || async {
        let samples = scrape(&exporter).await;
        match samples.sum("redis_loading_dump_file", &[]) {
            Some(1.0) => Ok(samples),
            other => Err(format!("loading {other:?}")),
        }
    })
    .await;
    assert_eq!(samples.sum("redis_up", &[]), Some(1.0));
    loading.await.unwrap().unwrap();
    let samples = scrape(&exporter).await;
    assert_eq!(samples.sum("redis_loading_dump_file", &[]), Some(0.0));
}

#[tokio::test]
async fn busy_script_makes_the_server_unavailable() {
    let server =
        Redis::builder().flavor(Flavor::Debian).line("lua-time-limit 100").start().await.unwrap();
    let exporter = exporter(&server, "").await;
    until_up_is(&exporter, 1.0).await;
    let port = server.port().to_string();
    let script = std::process::Command::new("redis-cli")
        .args(["-p", &port, "eval", "while true do end", "0"])
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn();
    let mut script = script.unwrap();
    eventually(SOON, || async {
        let samples = exporter.in_two_seconds("/metrics").await;
        if samples.sum("redis_up", &[]) == Some(0.0) && failures(&samples, "unavailable") >= 1.0 {
            Ok(())
        } else {
            Err(exporter.log())
        }
    })
    .await;
    server.cli(&["script", "kill"]).unwrap();
    script.wait().unwrap();
    until_up_is(&exporter, 1.0).await;
}
