//! Access: ACL users, passwords that change, TLS, Unix sockets, `check`.

use std::{fs, path::PathBuf, process::Command};

use e2e::{Exporter, Redis, Server, eventually, exporter::build, redis::Flavor};

use crate::{
    NAME, SOON,
    redis_support::{exporter, failures, until_up_is},
    scrape,
};

/// Runs `check` with the settings in the environment.
fn check(url: &str, arguments: &[&str]) -> (bool, String) {
    let program: PathBuf = build(NAME).expect("the exporter runs");
    let done = Command::new(program)
        .arg("check")
        .args(arguments)
        .env("REDIS_URL", url)
        .output()
        .expect("the exporter runs");
    let output = String::from_utf8_lossy(&done.stdout).into_owned();
    (done.status.success(), output + &String::from_utf8_lossy(&done.stderr))
}

/// Makes the user that `check --grants` prints, with `changes` to its rule.
fn grant(server: &Redis, old: bool, changes: &[&str]) {
    let (ok, output) = check(&server.url(), &["--grants"]);
    assert!(ok, "{output}");
    let start = if old { "# ACL SETUSER pulso reset" } else { "ACL SETUSER pulso reset" };
    let rule = output.lines().find(|it| it.starts_with(start)).expect("a rule is printed");
    let rule = rule.trim_start_matches("# ").replace("PASSWORD", "hunter2");
    let words: Vec<_> = rule.split(' ').chain(changes.iter().copied()).collect();
    server.cli(&words).expect("the rule is accepted");
}

fn url_as(server: &Redis, password: &str) -> String {
    format!("redis://pulso:{password}@127.0.0.1:{}", server.port())
}

async fn the_printed_rule_suffices(flavor: Flavor, old: bool) {
    let server = Redis::builder().flavor(flavor).start().await.expect("the stack runs");
    grant(&server, old, &[]);
    let url = url_as(&server, "hunter2");
    let (ok, output) = check(&url, &[]);
    assert!(ok && output.contains("as pulso") && !output.contains("FAIL"), "{output}");
    let settings = format!("[cache-hit.redis]\nurl = \"{url}\"\n");
    let exporter = Exporter::start(NAME, &settings).await.expect("the stack runs");
    let samples = scrape(&exporter).await;
    assert_eq!(samples.sum("redis_up", &[]), Some(1.0));
    assert_eq!(samples.sum("pulso_collector_success", &[]), Some(4.0), "{}", exporter.log());
    assert!(samples.sum("redis_slowlog_length", &[]).is_some());
    assert_eq!(samples.sum("redis_slowlog_last_id", &[]), None, "it is not permitted");
    let durations = samples.sum("redis_command_duration_seconds_count", &[]);
    assert_eq!(durations.is_some(), !old);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_printed_rule_suffices_on_redis_6() {
    the_printed_rule_suffices(Flavor::Redis62, true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_printed_rule_suffices_on_redis_7() {
    the_printed_rule_suffices(Flavor::Debian, false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_printed_rule_suffices_on_valkey_9() {
    the_printed_rule_suffices(Flavor::Valkey9, false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn forbidden_commands_are_skipped() {
    let server = Redis::start().await.unwrap();
    grant(&server, false, &["-latency|histogram", "-slowlog|len"]);
    let url = url_as(&server, "hunter2");
    let settings = format!("[cache-hit.redis]\nurl = \"{url}\"\n");
    let exporter = Exporter::start(NAME, &settings).await.unwrap();
    for used in ["set a 1", "get a", "incr a", "del a", "exists a"] {
        // Another command takes time, so that other histograms are wanted.
        server.commands(&[used.to_owned()]).unwrap();
        scrape(&exporter).await;
    }
    let samples = scrape(&exporter).await;
    assert_eq!(samples.sum("redis_up", &[]), Some(1.0));
    assert!(samples.sum("redis_commands_total", &[("cmd", "info")]).is_some(), "the rest is there");
    assert_eq!(samples.sum("redis_command_duration_seconds_count", &[]), None);
    assert_eq!(samples.sum("redis_slowlog_length", &[]), None);
    for collector in ["redis_commands", "redis_slowlog"] {
        let labels = [("collector", collector), ("reason", "permission")];
        assert_eq!(samples.sum("pulso_collector_failures_total", &labels), Some(6.0));
        let warnings = exporter.log().lines().filter(|it| it.contains(collector)).count();
        assert_eq!(warnings, 1, "{}", exporter.log());
    }
    // LATENCY HISTOGRAM, SLOWLOG LEN and SLOWLOG GET, once each.
    assert_eq!(samples.sum("redis_acl_access_denied_cmd_total", &[]), None, "7.0 does not count");
    let log = server.cli(&["acl", "log"]).unwrap();
    let refusals: Vec<_> = log.lines().filter(|it| it.contains('|') && !it.contains(' ')).collect();
    assert_eq!(refusals.len(), 3, "{log}");
    let counts = log.lines().collect::<Vec<_>>();
    let counts = counts.windows(2).filter(|it| it[0] == "count" && it[1] != "1").count();
    assert_eq!(counts, 0, "{log}");

    let (ok, output) = check(&url, &[]);
    assert!(
        !ok && output.contains("FAIL redis_commands") && output.contains("--grants"),
        "{output}"
    );
    assert!(!output.contains("hunter2"), "{output}");
}

#[tokio::test]
async fn user_without_info_is_down() {
    let server = Redis::start().await.unwrap();
    server.cli(&["acl", "setuser", "pulso", "on", ">hunter2", "+ping"]).unwrap();
    let settings = format!("[cache-hit.redis]\nurl = \"{}\"\n", url_as(&server, "hunter2"));
    let exporter = Exporter::start(NAME, &settings).await.unwrap();
    let samples = scrape(&exporter).await;
    assert_eq!(samples.sum("redis_up", &[]), Some(0.0));
    assert_eq!(failures(&samples, "permission"), 1.0, "{}", exporter.log());
}

#[tokio::test]
async fn changed_password_is_reread_and_not_shown() {
    let server = Redis::builder().password("first-secret").start().await.unwrap();
    let settings = format!(
        "[cache-hit.redis]\nhost = \"127.0.0.1\"\nport = {}\npassword_file = \"password\"\n\
         [cache-hit.targets.none.redis]\nhost = \"127.0.0.1\"\nport = {}\n",
        server.port(),
        server.port()
    );
    // The settings name the file by its place.
    let folder = server.folder().join("password");
    fs::write(&folder, "first-secret\n").unwrap();
    let settings = settings.replace("\"password\"", &format!("{:?}", folder.display().to_string()));
    let exporter = Exporter::start(NAME, &settings).await.unwrap();
    until_up_is(&exporter, 1.0).await;

    // With a connection that is there a password may change; with a new one it must be right.
    server.cli(&["config", "set", "requirepass", "second-secret"]).unwrap();
    let kill = ["-a", "second-secret", "client", "kill", "type", "normal", "skipme", "yes"];
    server.cli(&kill).unwrap();
    let samples = until_up_is(&exporter, 0.0).await;
    assert!(failures(&samples, "auth") >= 1.0);
    fs::write(&folder, "second-secret\n").unwrap();
    until_up_is(&exporter, 1.0).await;

    let without = exporter.get("/probe?target=none", &[]).await.unwrap().text();
    assert!(without.contains("redis_up 0"), "{without}");
    let output = exporter.get("/", &[]).await.unwrap().text() + &exporter.log();
    assert!(!output.contains("-secret"), "{output}");
}

#[tokio::test]
async fn tls_verifies_the_server() {
    let server = Redis::builder().tls().start().await.unwrap();
    let certificates = server.certificates().unwrap();
    let (port, ca) = (server.tls_port().unwrap(), certificates.ca());
    let settings = format!(
        "[cache-hit.redis]\nurl = \"rediss://127.0.0.1:{port}\"\ntls_ca_cert = {ca:?}\n\
         tls_cert = {:?}\ntls_key = {:?}\n\
         [cache-hit.targets.stranger.redis]\nurl = \"rediss://127.0.0.1:{port}\"\n\
         [cache-hit.targets.anyone.redis]\nurl = \"rediss://127.0.0.1:{port}\"\ntls_skip_verify = true\n\
         [cache-hit.targets.name.redis]\nurl = \"rediss://127.0.0.1:{port}\"\ntls_ca_cert = {ca:?}\n\
         tls_server_name = \"elsewhere\"\n\
         [cache-hit.targets.plain.redis]\nurl = \"rediss://127.0.0.1:{}\"\ntls_ca_cert = {ca:?}\n",
        certificates.client_cert(),
        certificates.client_key(),
        server.port(),
    );
    let exporter = Exporter::start(NAME, &settings).await.unwrap();
    until_up_is(&exporter, 1.0).await;
    for (target, up) in [("anyone", true), ("stranger", false), ("name", false), ("plain", false)] {
        let path = format!("/probe?target={target}");
        let page = exporter.get(&path, &[("accept", "text/plain")]).await.unwrap();
        let samples = e2e::Samples::parse(&page.text());
        assert_eq!(samples.sum("redis_up", &[]), Some(f64::from(u8::from(up))), "{target}");
        // A plain port waits for the rest of what it takes for a command.
        let reason = if target == "plain" { "timeout" } else { "tls" };
        let failed = failures(&samples, reason);
        assert_eq!(failed, f64::from(u8::from(!up)), "{target}: {}", exporter.log());
    }
}

#[tokio::test]
async fn unix_socket_connects() {
    let folder = std::env::temp_dir().join(format!("pulso-redis-{}.sock", std::process::id()));
    let line = format!("unixsocket {}\nunixsocketperm 777", folder.display());
    let server = Redis::builder().line(&line).start().await.unwrap();
    let settings = format!("[cache-hit.redis]\nunix_socket = {folder:?}\n");
    let by_path = Exporter::start(NAME, &settings).await.unwrap();
    until_up_is(&by_path, 1.0).await;
    let by_port = exporter(&server, "").await;
    let run = |samples: &e2e::Samples| samples.sum("redis_start_time_seconds", &[]);
    assert_eq!(run(&scrape(&by_path).await), run(&scrape(&by_port).await));
    server.kill();
    eventually(SOON, || async {
        let samples = scrape(&by_path).await;
        if samples.sum("redis_up", &[]) == Some(0.0) { Ok(()) } else { Err("it is up") }
    })
    .await;
    let _ = fs::remove_file(folder);
}
