//! An exporter as a process: exit codes, signals, reload, output. Drives the example `smallest`,
//! which `cargo test` builds.

#![allow(clippy::unwrap_used, reason = "clippy knows a test by its attribute, not its helpers")]

use std::{
    env, fs,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::PathBuf,
    process::{Child, ChildStderr, Command, Output, Stdio},
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};

fn command(arguments: &[&str]) -> Command {
    let test = env::current_exe().unwrap();
    let built = test.parent().and_then(|it| it.parent()).unwrap().join("examples/smallest");
    assert!(
        built.exists(),
        "`cargo build --package common --example smallest` makes {}",
        built.display()
    );
    let mut command = Command::new(built);
    command.args(arguments).env_clear();
    command
}

fn output(arguments: &[&str]) -> (i32, String, String) {
    let Output { status, stdout, stderr } = command(arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code().unwrap(), text(stdout), text(stderr))
}

/// An exporter on a free port; it ends with the test.
struct Exporter {
    process: Child,
    log: BufReader<ChildStderr>,
    address: String,
}

impl Exporter {
    fn start(arguments: &[&str]) -> Self {
        let mut all = vec!["--web.listen-address=127.0.0.1:0"];
        all.extend(arguments);
        let mut process = command(&all).stderr(Stdio::piped()).spawn().unwrap();
        let log = BufReader::new(process.stderr.take().unwrap());
        let mut exporter = Self { process, log, address: String::new() };
        let line = exporter.logged("message=listening");
        let (_, rest) = line.split_once("address=").unwrap();
        rest.split(' ').next().unwrap().clone_into(&mut exporter.address);
        exporter
    }

    /// Reads the log up to a line that has `part`.
    fn logged(&mut self, part: &str) -> String {
        let mut all = String::new();
        loop {
            let start = all.len();
            let read = self.log.read_line(&mut all).unwrap();
            assert_ne!(read, 0, "it ended without logging `{part}`:\n{all}");
            if all[start..].contains(part) {
                return all[start..].to_owned();
            }
        }
    }

    fn ask(&self, method: &str, path: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        write!(stream, "{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.process), signal).unwrap();
    }
}

impl Drop for Exporter {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn file(name: &str, text: &str) -> PathBuf {
    let path = env::temp_dir().join(format!("pulso-{}-{name}", std::process::id()));
    fs::write(&path, text).unwrap();
    path
}

#[test]
fn wrong_flags_and_settings_exit_with_64() {
    let (code, out, err) = output(&["--web.listen-adress=:1"]);
    assert_eq!((code, out.as_str()), (64, ""));
    assert!(err.contains("'--web.listen-address'"), "{err}");
    let cases = [
        (
            vec!["--config.file=/nowhere.toml"],
            "/nowhere.toml: cannot read the settings file: No such",
        ),
        (vec!["--log.level=loud"], "flag --log.level: log.level: not allowed; allowed: `error`"),
        (vec!["--web.listen-address=a:b"], "flag --web.listen-address: web.listen_address[0]: not"),
        (
            vec!["--web.config.file=/nowhere.yml"],
            "web configuration `/nowhere.yml`: cannot read it",
        ),
    ];
    for (arguments, expected) in cases {
        let (code, out, err) = output(&arguments);
        assert_eq!((code, out.as_str()), (64, ""), "{arguments:?}: {err}");
        assert!(err.starts_with(&format!("smallest: {expected}")), "{err}");
    }
}

#[test]
fn a_port_in_use_exits_with_1() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let flag = format!("--web.listen-address={}", taken.local_addr().unwrap());
    let (code, _, err) = output(&[&flag]);
    assert_eq!(code, 1, "{err}");
    assert!(err.contains("another program listens there"), "{err}");
}

#[test]
fn help_and_version_go_to_standard_output() {
    let (code, out, _) = output(&["--help"]);
    assert!(code == 0 && out.contains("127.0.0.1:9899]"), "{out}");
    let (code, out, _) = output(&["--version"]);
    assert!(code == 0 && out.starts_with(concat!("smallest ", env!("CARGO_PKG_VERSION"))), "{out}");
}

#[test]
fn init_writes_valid_settings_and_overwrites_nothing() {
    let path = env::temp_dir().join(format!("pulso-init-{}.toml", std::process::id()));
    let name = path.to_str().unwrap();
    assert_eq!(output(&["init", name]).0, 0);
    let (_, printed, _) = output(&["init"]);
    assert_eq!(fs::read_to_string(&path).unwrap(), printed);
    assert!(printed.contains("\n[web]\n") && printed.contains("\n[smallest]\n"), "{printed}");
    let (code, _, err) = output(&["init", name]);
    assert!(code == 64 && err.contains("File exists"), "{err}");

    let (code, out, err) = output(&["--config.check", "--config.file", name]);
    assert_eq!(
        (code, out.as_str()),
        (0, "the settings are valid; targets: default (nowhere)\n"),
        "{err}"
    );
    let (code, out, err) = output(&["check", "--config.file", name]);
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    assert!(
        out.starts_with("default: nowhere\n  answer ") && out.ends_with(" 1 series\n"),
        "{out}"
    );
    fs::write(&path, "[smallest]\nanswer = 0").unwrap();
    let (code, out, _) = output(&["--config.file", name, "check"]);
    let problem = "\n  FAIL the number is zero\n    fix: set `answer` to another one\n";
    assert!(code == 1 && out.ends_with(problem), "{out}");
    let grants = output(&["--config.file", name, "check", "--grants"]);
    assert_eq!(grants, (0, "-- No privileges are needed.\n".to_owned(), String::new()));
    fs::write(&path, "[smallest]\nanswer = -1").unwrap();
    let (code, _, err) = output(&["--config.check", "--config.file", name]);
    let place =
        format!("smallest: {name}:2: smallest.answer: expected a number that is not negative\n");
    assert_eq!((code, err), (64, place));
    fs::remove_file(path).unwrap();
}

#[test]
fn a_signal_stops_it() {
    for signal in [Signal::TERM, Signal::INT] {
        let mut exporter = Exporter::start(&[]);
        let answer = exporter.ask("GET", "/metrics");
        for part in ["\nsmallest_answer 42", "\npulso_build_info{", "\nprocess_open_fds "] {
            assert!(answer.contains(part), "{part}: {answer}");
        }
        assert!(exporter.ask("POST", "/-/reload").starts_with("HTTP/1.1 404"), "it is off");
        exporter.signal(signal);
        assert_eq!(exporter.process.wait().unwrap().code(), Some(0));
        exporter.logged("message=stopped");
    }
}

#[test]
fn the_machine_belongs_to_the_default_target() {
    let path = file("host.toml", "[host]\nenabled = true");
    let exporter = Exporter::start(&["--config.file", path.to_str().unwrap()]);
    let answer = exporter.ask("GET", "/metrics");
    for part in ["\nsmallest_answer 42\n", "\nhost_memory_total_bytes ", "{collector=\"host\"} "] {
        assert!(answer.contains(part), "{part}: {answer}");
    }
    fs::write(&path, "[host]\nenabled = true\nrootfs = 'here'").unwrap();
    let (code, _, err) = output(&["--config.check", "--config.file", path.to_str().unwrap()]);
    assert!(code == 64 && err.contains(".toml:3: host.rootfs: expected an absolute path"), "{err}");
    fs::remove_file(path).unwrap();
}

#[test]
fn a_blocked_collector_delays_neither_the_response_nor_the_stop() {
    // Opening a pipe without a writer blocks, as a call to a disk that is gone does.
    let proc = env::temp_dir().join(format!("pulso-{}-proc", std::process::id()));
    fs::create_dir_all(proc.join("pressure")).unwrap();
    rustix::fs::mknodat(
        rustix::fs::CWD,
        proc.join("pressure/cpu"),
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::RUSR,
        0,
    )
    .unwrap();
    let settings = format!(
        "[scrape]\ntimeout = '500ms'\n[host]\nenabled = true\nprocfs = '{}'\n",
        proc.display()
    );
    let settings = file("hanging.toml", &settings);
    let mut exporter = Exporter::start(&["--config.file", settings.to_str().unwrap()]);

    let started = Instant::now();
    let answer = exporter.ask("GET", "/metrics");
    for part in ["\nsmallest_answer 42", "pulso_collector_success{collector=\"host\"} 0"] {
        assert!(answer.contains(part), "{part} in {answer}");
    }
    exporter.signal(Signal::TERM);
    let status = loop {
        if let Some(status) = exporter.process.try_wait().unwrap() {
            break status;
        }
        assert!(started.elapsed() < Duration::from_secs(10), "it does not stop");
        std::thread::yield_now();
    };
    assert_eq!(status.code(), Some(0));
    fs::remove_file(settings).unwrap();
    fs::remove_dir_all(proc).unwrap();
}

#[test]
fn it_is_ready_at_once() {
    // Of an unoptimized build on a busy machine: the fastest of a few runs is measured.
    let start = || {
        let begin = Instant::now();
        let exporter = Exporter::start(&[]);
        assert!(exporter.ask("GET", "/-/ready").starts_with("HTTP/1.1 200"));
        begin.elapsed()
    };
    let quickest = (0..5).map(|_| start()).min().unwrap();
    assert!(quickest < Duration::from_millis(500), "{quickest:?}");
}

#[test]
fn health_reports_whether_the_exporter_is_ready() {
    let exporter = Exporter::start(&[]);
    let flag = format!("--web.listen-address={}", exporter.address);
    assert_eq!(output(&["health", &flag]), (0, "ready\n".to_owned(), String::new()));
    drop(exporter);
    let (code, _, err) = output(&["health", &flag]);
    assert!(code == 1 && err.contains("Connection refused"), "{err}");
}

#[test]
fn health_counts_a_refusal_as_alive() {
    let certified = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let cert = file("cert.pem", &certified.cert.pem());
    let key = file("key.pem", &certified.signing_key.serialize_pem());
    let tls = format!(
        "tls_server_config:\n  cert_file: {}\n  key_file: {}\n",
        cert.display(),
        key.display()
    );
    // Any hash will do: no request is authorized.
    let users = "basic_auth_users:\n  prometheus: $2y$04$QOauhQNbBCuQDKes6eFzPeMqBSjb7Mr5DUmpZ/VcEd00UAV/LDeSi\n";
    for (text, guard) in [(tls.as_str(), "TLS"), (users, "a password")] {
        let web = file("web.yml", text);
        let exporter = Exporter::start(&["--web.config.file", web.to_str().unwrap()]);
        let flag = format!("--web.listen-address={}", exporter.address);
        let expected = format!("alive; {guard} hides whether it is ready\n");
        assert_eq!(output(&["health", &flag]), (0, expected, String::new()));
        fs::remove_file(web).unwrap();
    }
    fs::remove_file(cert).unwrap();
    fs::remove_file(key).unwrap();
}

#[test]
fn a_reload_applies_valid_settings_and_keeps_the_old_ones_otherwise() {
    let path = file("reload.toml", "[smallest]\nanswer = 1");
    let flag = format!("--config.file={}", path.display());
    let mut exporter = Exporter::start(&[&flag, "--web.enable-lifecycle"]);
    let answers = |exporter: &Exporter, number: u32, valid: u32| {
        let answer = exporter.ask("GET", "/metrics");
        assert!(answer.contains(&format!("\nsmallest_answer {number}\n")), "{number}: {answer}");
        assert!(answer.contains(&format!("\npulso_settings_valid {valid}\n")), "{answer}");
    };
    answers(&exporter, 1, 1);

    fs::write(&path, "[smallest]\nanswer = 2").unwrap();
    exporter.signal(Signal::HUP);
    exporter.logged("reloaded the settings");
    answers(&exporter, 2, 1);

    fs::write(&path, "[smallest]\nanswr = 3").unwrap();
    exporter.signal(Signal::HUP);
    let line = exporter.logged("level=error");
    assert!(line.contains("smallest.answr: unknown key; did you mean `answer`?"), "{line}");
    assert!(line.contains("the old ones remain in effect"), "{line}");
    answers(&exporter, 2, 0);
    let refused = exporter.ask("POST", "/-/reload");
    assert!(refused.starts_with("HTTP/1.1 500") && refused.contains("smallest.answr"), "{refused}");

    fs::write(&path, "[smallest]\nanswer = 4\n[log]\nlevel = 'debug'").unwrap();
    assert!(exporter.ask("POST", "/-/reload").starts_with("HTTP/1.1 200"));
    exporter.logged("take effect at the next start");
    answers(&exporter, 4, 1);
    fs::remove_file(path).unwrap();
}
