use std::collections::BTreeMap;

use expect_test::expect;
use proptest::prelude::*;
use serde::Deserialize;

use super::*;

/// The keys of a target.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Target {
    postgres: Postgres,
    queues: Vec<Queue>,
    kind: Kind,
}

/// The keys that hold for every target.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Shared {
    enabled: bool,
    share: f64,
    limit: Option<u32>,
    ignore: Vec<String>,
    even: Option<Even>,
}

type Exporter = Section<Target, Shared>;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Postgres {
    url: Option<Secret>,
    host: String,
    port: u16,
    password: Option<Secret>,
    connect_timeout: Option<HumanDuration>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Queue {
    name: String,
    #[serde(default)]
    size: Option<i8>,
}

#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    #[default]
    Plain,
    Fancy {
        colour: String,
    },
}

/// A type whose error quotes the value, as those of other crates do.
#[derive(Debug, Deserialize)]
#[serde(try_from = "String")]
struct Even;

impl TryFrom<String> for Even {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Err(format!("`{text}` is odd"))
    }
}

const URL: UrlSource = UrlSource { variable: "DATABASE_URL", key: "postgres.url" };

fn env(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn load(text: &str, pairs: &[(&str, &str)], flags: &[Flag]) -> Result<Exporter, SettingsError> {
    let file = Some((Path::new("pulso.toml"), text));
    let mut settings = Settings::merge("postgres-queue", file, &env(pairs), flags)?;
    settings.web()?;
    settings.log()?;
    settings.scrape()?;
    settings.exporter("postgres-queue", &[URL])
}

fn in_file(text: &str) -> String {
    load(text, &[], &[]).unwrap_err().to_string()
}

fn in_env(pairs: &[(&str, &str)]) -> String {
    load("", pairs, &[]).unwrap_err().to_string()
}

#[test]
fn the_later_layer_wins() {
    let text = "
        [web]
        telemetry_path = '/a'
        max_requests = 1
        [log]
        level = 'warn'
        [cache-hit.redis]
        nobody = 'looks here'
    ";
    let pairs = [
        ("PULSO_WEB__TELEMETRY_PATH", "/b"),
        ("PULSO_WEB__MAX_REQUESTS", "2"),
        ("PULSO_WEB__LISTEN_ADDRESS", "127.0.0.1:1, [::1]:2"),
        ("PULSO_WEB__ENABLE_LIFECYCLE", "true"),
        ("PULSO_CONFIG__FILE", "pulso.toml"),
        ("PULSO_CACHE_HIT__REDIS__NOBODY", "looks here"),
        ("PULSO_POSTGRES_QUEUE_SERVICE_HOST", "10.0.0.1"),
        ("PULSO_POSTGRES_QUEUE_PORT_9801_TCP", "tcp://10.0.0.1:9801"),
        ("PULSO_LOG__LEVEL", ""),
        ("HOME", "/root"),
    ];
    let flag = Flag {
        name: "web.telemetry-path",
        key: "web.telemetry_path",
        value: FlagValue::One("/c".to_owned()),
    };
    let file = Some((Path::new("pulso.toml"), text));
    let settings = Settings::merge("postgres-queue", file, &env(&pairs), &[flag]).unwrap();
    let web = settings.web().unwrap();
    assert_eq!(web.telemetry_path, "/c");
    assert_eq!(web.max_requests, 2);
    assert_eq!(web.listen_address, ["127.0.0.1:1", "[::1]:2"]);
    assert!(web.enable_lifecycle && !web.systemd_socket);
    assert_eq!(settings.log().unwrap().level, LogLevel::Warn);
    assert_eq!(settings.scrape().unwrap().timeout, HumanDuration::seconds(10));
}

#[test]
fn variables_reach_every_depth_and_type() {
    let read = load(
        "[postgres-queue.targets.main.postgres]\nhost = 'a'\n[[postgres-queue.queues]]\nname = 'q'\nsize = -1",
        &[
            ("PULSO_POSTGRES_QUEUE__POSTGRES__PORT", "5433"),
            ("PULSO_POSTGRES_QUEUE__POSTGRES__PASSWORD", "12345"),
            ("PULSO_POSTGRES_QUEUE__POSTGRES__CONNECT_TIMEOUT", "500ms"),
            ("PULSO_POSTGRES_QUEUE__SHARE", "0.5"),
            ("PULSO_POSTGRES_QUEUE__ENABLED", "on"),
            ("PULSO_POSTGRES_QUEUE__LIMIT", "7"),
            ("PULSO_POSTGRES_QUEUE__IGNORE", "a,b"),
            ("PULSO_POSTGRES_QUEUE__TARGETS__MAIN__POSTGRES__PORT", "6432"),
            ("PULSO_POSTGRES_QUEUE__KIND__FANCY__COLOUR", "red"),
        ],
        &[],
    )
    .unwrap();
    let Section { default, shared, targets, .. } = read;
    assert_eq!(default.postgres.port, 5433);
    assert_eq!(default.postgres.password.unwrap().expose(), "12345");
    assert_eq!(default.postgres.connect_timeout, Some(HumanDuration::millis(500)));
    assert!(shared.enabled && (shared.share - 0.5).abs() < f64::EPSILON);
    assert_eq!((shared.limit, shared.ignore.join("+").as_str()), (Some(7), "a+b"));
    let main = &targets["main"].postgres;
    assert_eq!((main.host.as_str(), main.port), ("a", 6432));
    assert_eq!((default.queues[0].name.as_str(), default.queues[0].size), ("q", Some(-1)));
    assert_eq!(default.kind, Kind::Fancy { colour: "red".to_owned() });
}

#[test]
fn the_platforms_variable_overrides_the_file_only() {
    let file = "[postgres-queue.postgres]\nurl = 'from-file'";
    let platform = ("DATABASE_URL", "from-platform");
    let own = ("PULSO_POSTGRES_QUEUE__POSTGRES__URL", "from-own");
    let url = |text, pairs: &[_]| load(text, pairs, &[]).unwrap().default.postgres.url;
    assert_eq!(url(file, &[]), Some(Secret::new("from-file")));
    assert_eq!(url(file, &[platform]), Some(Secret::new("from-platform")));
    assert_eq!(url(file, &[platform, own]), Some(Secret::new("from-own")));
    assert_eq!(url("", &[platform]), Some(Secret::new("from-platform")));
    assert_eq!(url("", &[("DATABASE_URL", "")]), None);

    let path = std::env::temp_dir().join(format!("pulso-url-{}", std::process::id()));
    fs::write(&path, "from-its-file\n").unwrap();
    let by_file = ("DATABASE_URL_FILE", path.to_str().unwrap());
    assert_eq!(url(file, &[by_file]), Some(Secret::new("from-its-file")));
    let missing = ("DATABASE_URL_FILE", "/nowhere/url");
    let mut errors = vec![in_env(&[by_file, platform]), in_env(&[missing])];
    fs::remove_file(&path).unwrap();

    let mut settings = Settings::merge("postgres-queue", None, &env(&[platform]), &[]).unwrap();
    let _: Exporter = settings.exporter("postgres-queue", &[URL]).unwrap();
    let error = SettingsError::at("postgres.url", "no host in it");
    errors.push(settings.locate("postgres-queue", error).to_string());
    expect![[r#"
        environment variable DATABASE_URL_FILE: `DATABASE_URL` is set as well; set one of them
        environment variable DATABASE_URL_FILE: cannot read the file `/nowhere/url`
        environment variable DATABASE_URL: postgres-queue.postgres.url: no host in it"#]]
    .assert_eq(&errors.join("\n"));
}

#[test]
fn an_unknown_key_is_located_and_similar_keys_are_named() {
    let errors = [
        in_file("[postgres-queue.postgres]\nhost = 'a'\nprot = 5432"),
        in_file("\n[postgres-que]\nhost = 'a'"),
        in_file("[web]\nListen-Address = ['a']"),
        in_file("[[postgres-queue.queues]]\nname = 'a'\nsise = 1"),
        in_file("[postgres-queue]\nmax_concurrent_probe = 1"),
        in_file("[postgres-queue.targets.a]\nenabled = true"),
        in_env(&[("PULSO_POSTGRES_QUEUE__POSTGRES__HOTS", "a")]),
        in_env(&[("PULSO_POSTGRES__HOST", "a")]),
        in_env(&[("PULSO_WEB_LISTEN_ADDRESS", "a")]),
        in_env(&[("PULSO_WEB__CONFIG_FILE", "a"), ("PULSO_WEB__CONFIG_FILE__X", "b")]),
    ];
    expect![[r#"
        pulso.toml:3: postgres-queue.postgres.prot: unknown key; did you mean `port`? known: `url`, `host`, `port`, `password`, `connect_timeout`
        pulso.toml:3: postgres-que: unknown key; did you mean `postgres-queue`? known: `web`, `log`, `scrape`, `host`, `postgres-queue`
        pulso.toml:2: web.Listen-Address: unknown key; did you mean `listen_address`? known: `listen_address`, `telemetry_path`, `config_file`, `systemd_socket`, `max_requests`, `enable_lifecycle`
        pulso.toml:3: postgres-queue.queues[0].sise: unknown key; did you mean `size`? known: `name`, `size`
        pulso.toml:2: postgres-queue.max_concurrent_probe: unknown key; did you mean `max_concurrent_probes`? known: `postgres`, `queues`, `kind`, `enabled`, `share`, `limit`, `ignore`, `even`, `max_concurrent_probes`, `targets`
        pulso.toml:2: postgres-queue.targets.a.enabled: unknown key; known: `postgres`, `queues`, `kind`
        environment variable PULSO_POSTGRES_QUEUE__POSTGRES__HOTS: postgres-queue.postgres.hots: unknown key; did you mean `host`? known: `url`, `host`, `port`, `password`, `connect_timeout`
        environment variable PULSO_POSTGRES__HOST: postgres: unknown key; did you mean `postgres-queue`? known: `web`, `log`, `scrape`, `host`, `postgres-queue`
        environment variable PULSO_WEB_LISTEN_ADDRESS: names no setting; two underscores separate sections and keys, as in `PULSO_WEB__LISTEN_ADDRESS`
        environment variable PULSO_WEB__CONFIG_FILE__X: web.config_file.x: another variable sets this key or one inside it"#]].assert_eq(&errors.join("\n"));
}

#[test]
fn a_table_with_a_hyphen_is_another_exporters() {
    load("[pool-usage.postgres]\nhost = 1\n[some-other]\na = 1", &[], &[]).unwrap();
    load("", &[("PULSO_SOME_OTHER__A__B", "1")], &[]).unwrap();
    let errors = [
        // Almost the running exporter's own name.
        in_file("[postgres-queues]\nlimit = 1"),
        in_file("[postgres_queue]\nlimit = 1"),
        in_file("[Postgres-Queue]\nlimit = 1"),
        in_env(&[("PULSO_POSTGRES_QUEU__LIMIT", "1")]),
        // Not a table, or without a hyphen.
        in_file("some-other = 1"),
        in_file("[other]\na = 1"),
        in_env(&[("PULSO_OTHER__A", "1")]),
    ];
    expect![[r#"
        pulso.toml:2: postgres-queues: unknown key; did you mean `postgres-queue`? known: `web`, `log`, `scrape`, `host`, `postgres-queue`
        pulso.toml:2: postgres_queue: unknown key; did you mean `postgres-queue`? known: `web`, `log`, `scrape`, `host`, `postgres-queue`
        pulso.toml:2: Postgres-Queue: unknown key; did you mean `postgres-queue`? known: `web`, `log`, `scrape`, `host`, `postgres-queue`
        environment variable PULSO_POSTGRES_QUEU__LIMIT: postgres-queu: unknown key; did you mean `postgres-queue`? known: `web`, `log`, `scrape`, `host`, `postgres-queue`
        pulso.toml:1: some-other: unknown key; known: `web`, `log`, `scrape`, `host`, `postgres-queue`
        pulso.toml:2: other: unknown key; known: `web`, `log`, `scrape`, `host`, `postgres-queue`
        environment variable PULSO_OTHER__A: other: unknown key; known: `web`, `log`, `scrape`, `host`, `postgres-queue`"#]].assert_eq(&errors.join("\n"));
}

#[test]
fn a_wrong_value_names_what_is_allowed() {
    let errors = [
        in_file("[postgres-queue.postgres]\nport = 'a'"),
        in_file("[postgres-queue.postgres]\nport = '5432'"),
        in_file("[postgres-queue.postgres]\nport = 70000"),
        in_env(&[("PULSO_POSTGRES_QUEUE__POSTGRES__PORT", "-1")]),
        in_env(&[("PULSO_POSTGRES_QUEUE__ENABLED", "maybe")]),
        in_file("[postgres-queue.postgres]\npassword = 4711"),
        in_file("[postgres-queue.postgres]\nconnect_timeout = 5"),
        in_file("[postgres-queue.postgres]\nconnect_timeout = '5 s'"),
        in_file("[postgres-queue]\npostgres = 'a'"),
        in_file("postgres-queue = 1"),
        in_file("[postgres-queue]\nmax_concurrent_probes = 'many'"),
        in_file("[[postgres-queue.queues]]\nsize = 1"),
        in_file("[[postgres-queue.queues]]\nname = 'a'\nsize = 200"),
        in_file("[postgres-queue]\nqueues = 1"),
        in_file("[postgres-queue]\nkind = 'plane'"),
        in_file("[postgres-queue]\nkind = 1"),
        in_file("[postgres-queue]\neven = 'seventeen'"),
        in_file("[postgres-queue]\nlimit = 99999999999999999999"),
        in_file("[log]\nlevel = 'verbose'"),
        in_file("[web]\ntelemetry_path = '/probe'"),
        in_file("[scrape]\ntimeout = '1h'"),
    ];
    expect![[r#"
        pulso.toml:2: postgres-queue.postgres.port: expected a whole number from 0 to 65535, found text
        pulso.toml:2: postgres-queue.postgres.port: expected a whole number from 0 to 65535, found text
        pulso.toml:2: postgres-queue.postgres.port: out of range; expected a whole number from 0 to 65535
        environment variable PULSO_POSTGRES_QUEUE__POSTGRES__PORT: postgres-queue.postgres.port: out of range; expected a whole number from 0 to 65535
        environment variable PULSO_POSTGRES_QUEUE__ENABLED: postgres-queue.enabled: expected true or false, found text
        pulso.toml:2: postgres-queue.postgres.password: expected text in quotes, found a whole number
        pulso.toml:2: postgres-queue.postgres.connect_timeout: expected a duration such as "500ms", "5s", "1m30s" or "1h", found a whole number
        pulso.toml:2: postgres-queue.postgres.connect_timeout: not allowed; expected a duration such as "500ms", "5s", "1m30s" or "1h"
        pulso.toml:2: postgres-queue.postgres: expected a table, found text
        pulso.toml:1: postgres-queue: expected a table, found a whole number
        pulso.toml:2: postgres-queue.max_concurrent_probes: expected a whole number from 0 to 18446744073709551615, found text
        pulso.toml:1: postgres-queue.queues[0].name: missing; it has no default
        pulso.toml:3: postgres-queue.queues[0].size: out of range; expected a whole number from -128 to 127
        pulso.toml:2: postgres-queue.queues: expected a list, found a whole number
        pulso.toml:2: postgres-queue.kind: not allowed; did you mean `plain`? allowed: `plain`, `fancy`
        pulso.toml:2: postgres-queue.kind: expected one of `plain`, `fancy`, found a whole number
        pulso.toml:2: postgres-queue.even: `…` is odd
        pulso.toml:2: postgres-queue.limit: a whole number has at most 64 bits
        pulso.toml:2: log.level: not allowed; allowed: `error`, `warn`, `info`, `debug`
        pulso.toml:2: web.telemetry_path: expected a path such as "/metrics"; `/probe` and paths below `/-/` are reserved
        pulso.toml:2: scrape.timeout: out of range; expected "100ms" to "2m""#]].assert_eq(&errors.join("\n"));
}

#[test]
fn invalid_toml_is_not_quoted() {
    let errors = [in_file("[postgres-queue]\npassword = \"hunter2\n"), in_file("a = 1\na = 2")];
    expect![[r#"
        pulso.toml:2: this is not TOML: invalid basic string, expected `"`
        pulso.toml:2: this is not TOML: duplicate key"#]]
    .assert_eq(&errors.join("\n"));
}

#[test]
fn an_exporters_own_error_is_located() {
    let text = "[postgres-queue.postgres]\nhost = 'a'\n[[postgres-queue.queues]]\nname = 'x'";
    let settings = Settings::parse("postgres-queue", "pulso.toml", text).unwrap();
    let place = |key| settings.locate("postgres-queue", SettingsError::at(key, "no")).to_string();
    assert_eq!(place("postgres.host"), "pulso.toml:2: postgres-queue.postgres.host: no");
    assert_eq!(place("queues[0].name"), "pulso.toml:4: postgres-queue.queues[0].name: no");
    let error = SettingsError::at("port", "no").in_table("postgres");
    let error = settings.locate("postgres-queue", error).to_string();
    assert_eq!(error, "pulso.toml:2: postgres-queue.postgres.port: no");
}

#[test]
fn a_missing_file_is_named_with_its_cause() {
    let path = Path::new("/nowhere/pulso.toml");
    let error = Settings::load("postgres-queue", Some(path), &env(&[]), &[]).unwrap_err();
    assert_eq!(error.to_string(), "/nowhere/pulso.toml: cannot read the settings file");
    assert!(std::error::Error::source(&error).is_some());
}

#[test]
fn the_shared_example_shows_the_defaults() {
    let text = crate::process::example::uncommented(EXAMPLE);
    for text in [EXAMPLE, &text] {
        let settings = Settings::parse("postgres-queue", "example.toml", text).unwrap();
        // No file is the default of this one, and the example has to name some file.
        let web = Web { config_file: None, ..settings.web().unwrap() };
        assert_eq!(format!("{web:?}"), format!("{:?}", Web::default()));
        assert_eq!(format!("{:?}", settings.log().unwrap()), format!("{:?}", Log::default()));
        assert_eq!(settings.scrape().unwrap().timeout, Scrape::default().timeout);
    }
    assert!(text.contains("\nconfig_file = \"web.yml\""), "{text}");
}

/// A value that no error may quote, whichever setting has it.
const PLANTED: &str = "hunter2";

fn planted() -> impl Strategy<Value = String> {
    let pieces =
        ["", "x", "'", "\"", "\\", "@", ":", "/", "://", "[", "=", " ", ",", "\n", "#", "é"];
    let piece = prop::sample::select(pieces.to_vec());
    (piece.clone(), piece).prop_map(|(before, after)| format!("{before}{PLANTED}{after}"))
}

proptest! {
    #[test]
    fn a_secret_in_the_file_is_in_no_error(
        secret in planted(),
        key in prop::sample::select(vec![
            "web.telemetry_path", "web.max_requests", "web.listen_address", "web.nothing",
            "log.level", "scrape.timeout", "web", "nothing.password",
            "postgres-queue.postgres.password", "postgres-queue.postgres.port",
            "postgres-queue.postgres.connect_timeout", "postgres-queue.postgres",
            "postgres-queue.postgres.pasword", "postgres-queue.enabled", "postgres-queue.share",
            "postgres-queue.kind", "postgres-queue.even", "postgres-queue.queues",
            "postgres-queue.targets", "postgres-queue.targets.a.port", "postgres-queue.ignore",
        ]),
        wrap in prop::sample::select(vec![
            ("", ""), ("[", "]"), ("{ name = ", " }"), ("{ colour = ", ", x = 1 }"),
            ("[{ name = 'a', size = ", " }]"), ("1", ""), ("", "]"),
        ]),
        quote in prop::sample::select(vec!["\"", "'", "\"\"\"", ""]),
        end in prop::sample::select(vec!["", "\n", "\nx", "\n[", "'"]),
    ) {
        let text = format!("{key} = {}{quote}{secret}{quote}{}{end}", wrap.0, wrap.1);
        assert_not_quoted(load(&text, &[], &[]));
    }

    #[test]
    fn a_secret_in_the_environment_is_in_no_error(
        secret in planted(),
        name in prop::sample::select(vec![
            "DATABASE_URL", "PULSO_WEB__MAX_REQUESTS", "PULSO_WEB__NOTHING", "PULSO_WEB",
            "PULSO_NOTHING", "PULSO_WEB__TELEMETRY_PATH", "PULSO_POSTGRES_QUEUE__POSTGRES",
            "PULSO_POSTGRES_QUEUE__POSTGRES__PASSWORD", "PULSO_POSTGRES_QUEUE__POSTGRES__PORT",
            "PULSO_POSTGRES_QUEUE__EVEN", "PULSO_POSTGRES_QUEUE__KIND",
            "PULSO_POSTGRES_QUEUE__QUEUES", "PULSO_POSTGRES_QUEUE__SHARE",
            "PULSO_POSTGRES_QUEUE__TARGETS__A__CONNECT_TIMEOUT",
        ]),
    ) {
        assert_not_quoted(load("", &[(name, &secret)], &[]));
    }
}

/// Checks errors and `Secret`s only: values of flags and of plain text settings may be printed.
#[track_caller]
fn assert_not_quoted(result: Result<Exporter, SettingsError>) {
    let shown = match result {
        Ok(Section { default: Target { postgres, .. }, .. }) => {
            format!("{:?} {:?}", postgres.password, postgres.url)
        }
        Err(error) => {
            let source = std::error::Error::source(&error).map(ToString::to_string);
            format!("{error} {error:?} {source:?}")
        }
    };
    assert!(!shown.contains(PLANTED), "{shown}");
}
