//! The generated rules before the tools that load them: promtool and amtool of Debian's packages.

#![allow(clippy::unwrap_used, reason = "without its files the test has failed")]

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    thread,
};

use alerts::{
    alert::Severity,
    case::Series,
    rules::{Group, Rules},
    scope::Urls,
    write::{
        alertmanager::{self, Endpoints},
        rule_tests::{rule_tests, trend_tests},
        rules::rule_file,
    },
};
use pool_usage::metrics::connections::{CLIENT_BACKENDS, MAX_CONNECTIONS};
use profiles::Profile;
use promql::Style;

fn generated(profile: &Profile) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../alerts/generated").join(profile.slug)
}

/// Runs the tool and gives what it printed; fails with all of it when the tool does.
#[track_caller]
fn run(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| {
        panic!("{command:?}: {error}; install Debian's `prometheus` and `prometheus-alertmanager`")
    });
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text).into_owned();
    assert!(output.status.success(), "{command:?}:\n{text}");
    text
}

#[test]
fn prometheus_loads_the_rules() {
    for profile in profiles::ALL {
        let mut promtool = Command::new("promtool");
        promtool.args(["check", "rules", "--lint=all", "--lint-fatal", "rules.yml"]);
        let text = run(promtool.current_dir(generated(profile)));
        assert!(text.contains("rules found") && !text.contains(" 0 rules"), "{text}");
    }
}

/// The committed tests hold the same cases. There promtool evaluates every rule in each of them,
/// which takes it minutes for all profiles; here each case meets its own alert only.
#[test]
fn every_alert_fires_only_in_its_case() {
    thread::scope(|scope| {
        for profile in profiles::ALL {
            scope.spawn(|| each_alert_by_itself(profile));
        }
    });
}

fn each_alert_by_itself(profile: &Profile) {
    let folder = temporary(profile.slug);
    let committed = |name| fs::read_to_string(generated(profile).join(name)).unwrap_or_default();
    let committed = committed("rules.test.yml") + &committed("trends.test.yml");
    let Rules { records, groups } = alerts::rules(profile);
    let mut promtool = Command::new("promtool");
    promtool.args(["test", "rules"]).current_dir(&folder);
    let alerts = groups.into_iter().flat_map(|Group { component, history, alerts }| {
        let alone =
            move |alert| Group { component: component.clone(), history, alerts: vec![alert] };
        alerts.into_iter().map(alone)
    });
    for group in alerts {
        let name = group.alerts[0].name.clone();
        if name == "Watchdog" {
            continue;
        }
        for case in ["fires", "stays quiet"] {
            let test = format!("name: {name} {case}\n");
            assert!(committed.contains(&test), "{}: no test `{}`", profile.slug, test.trim());
        }
        let rules = Rules { records: records.clone(), groups: vec![group] };
        promtool.arg(write_tests(&folder, profile, &name, &rules));
    }
    run(&mut promtool);
    fs::remove_dir_all(&folder).unwrap();
}

/// Writes the rules and their tests, and gives the tests' file.
fn write_tests(folder: &Path, profile: &Profile, name: &str, rules: &Rules) -> String {
    let (file, tests) = (format!("{name}.yml"), format!("{name}.test.yml"));
    fs::write(folder.join(&file), rule_file(profile, rules, &Urls::default(), Style::default()))
        .unwrap();
    let text = trend_tests(profile, rules, &file);
    let text = text.unwrap_or_else(|| rule_tests(profile, rules, &file));
    fs::write(folder.join(&tests), text).unwrap();
    tests
}

fn temporary(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("pulso-{name}-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    folder
}

#[test]
fn a_rule_test_that_is_wrong_is_caught() {
    let profile = &profiles::hv_consultores::PROFILE;
    let folder = temporary("broken");
    let mut rules = alerts::rules(profile);
    rules.retain(|it| it.name == "QueueBackup");
    fs::write(
        folder.join("rules.yml"),
        rule_file(profile, &rules, &Urls::default(), Style::default()),
    )
    .unwrap();
    // Its quiet case, 99 ready and 1 scheduled, with one job more.
    let tests = rule_tests(profile, &rules, "rules.yml");
    let broken = tests.replacen("values: 99x400", "values: 100x400", 1);
    assert_ne!(tests, broken);
    let passes = |text: &str| {
        fs::write(folder.join("rules.test.yml"), text).unwrap();
        let mut promtool = Command::new("promtool");
        promtool.args(["test", "rules", "rules.test.yml"]).current_dir(&folder);
        promtool.output().unwrap().status.success()
    };
    let (sound, broken) = (passes(&tests), passes(&broken));
    fs::remove_dir_all(&folder).unwrap();
    assert!(sound, "promtool refuses the test as it is");
    assert!(!broken, "promtool passed a test that expects silence above the threshold");
}

/// Growth that is fast enough to reach the limit alerts after four weeks, and not before.
#[test]
fn trend_alert_needs_four_weeks() {
    let profile = &profiles::generic::PROFILE;
    let folder = temporary("trend");
    let day = |day: u32| format!("{}+0.5x20 _x3 ", day * 12);
    let restarts: String = (0..36).map(day).collect();
    let peaks = "100x8 700x11 100x3 ".repeat(36);
    // So much an hour reaches 85 % of 1000 in seven weeks; a case is looked at after 841 hours.
    let cases = [
        ("five weeks", "0+0.5x850", true),
        ("four weeks and a day", "_x140 70+0.5x710", true),
        ("four weeks less a day", "_x193 97+0.5x657", false),
        ("one week", "_x673 337+0.5x177", false),
        ("an outage of four days", "0+0.5x300 _x96 199+0.5x454", true),
        ("a week at the beginning and one at the end", "0+0.5x168 _x505 337+0.5x177", false),
        ("three hours down each day", &restarts, true),
        ("flat", "420x850", false),
        ("flat with a peak each day", &peaks, false),
        ("less and less", "800-0.5x850", false),
    ];
    let mut promtool = Command::new("promtool");
    promtool.args(["test", "rules"]).current_dir(&folder);
    for (name, connections, fires) in cases {
        let mut rules = alerts::rules(profile);
        rules.retain(|it| it.name == "ConnectionsTrendToLimit");
        let alert = rules.alerts_mut().next().unwrap();
        let case = if fires { &mut alert.fires } else { &mut alert.silent };
        *case = vec![
            Series::of(&CLIENT_BACKENDS, (), connections),
            Series::of(&MAX_CONNECTIONS, (), "1000x850"),
        ];
        promtool.arg(write_tests(&folder, profile, name, &rules));
    }
    run(&mut promtool);
    fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn drill_rules_differ_only_in_durations() {
    let profile = &profiles::hv_consultores::PROFILE;
    let rules = alerts::rules(profile);
    let text = rule_file(profile, &rules, &Urls::default(), Style { scale: 60.0 });
    assert!(text.contains("for: 5s\n") && text.contains("[1s]"), "{text}");

    let path = std::env::temp_dir().join(format!("pulso-drill-{}.yml", std::process::id()));
    fs::write(&path, text).unwrap();
    run(Command::new("promtool").args(["check", "rules"]).arg(&path));
    fs::remove_file(&path).unwrap();
}

#[test]
fn alertmanager_loads_its_configuration() {
    for profile in profiles::ALL {
        let mut amtool = Command::new("amtool");
        run(amtool.args(["check-config", "alertmanager.yml"]).current_dir(generated(profile)));
    }
    let sink = Endpoints::Sink("http://127.0.0.1:1".to_owned());
    let text = alertmanager::configuration(&profiles::hv_consultores::PROFILE, &sink, 60.0);
    let path = std::env::temp_dir().join(format!("pulso-sink-{}.yml", std::process::id()));
    fs::write(&path, text).unwrap();
    run(Command::new("amtool").arg("check-config").arg(&path));
    fs::remove_file(&path).unwrap();
}

#[test]
fn every_alert_reaches_the_receiver_of_its_severity() {
    for profile in profiles::ALL {
        for alert in alerts::rules(profile).into_alerts() {
            let receiver = match (&*alert.name, alert.severity) {
                ("Watchdog", _) => "watchdog",
                (_, Severity::Critical) => "critical",
                (_, Severity::Warning) => "warning",
                (_, Severity::Info) => "nowhere",
            };
            route(profile, &alert.name, alert.severity.as_str(), "", receiver);
            if alert.severity == Severity::Critical {
                for step in profile.escalation {
                    let receiver = format!("escalation-{}", step.step);
                    route(profile, &alert.name, "critical", step.step, &receiver);
                }
            }
        }
        route(profile, "SomebodyElsesAlert", "", "", "default");
    }
}

fn route(profile: &Profile, alert: &str, severity: &str, escalation: &str, receiver: &str) {
    let mut amtool = Command::new("amtool");
    amtool.args(["config", "routes", "test", "--config.file=alertmanager.yml"]);
    amtool.arg(format!("--verify.receivers={receiver}"));
    amtool.args([
        format!("alertname={alert}"),
        format!("severity={severity}"),
        format!("escalation={escalation}"),
        format!("system={}", profile.slug),
    ]);
    run(amtool.current_dir(generated(profile)));
}
