//! The generated rules before the tools that load them: promtool and amtool of Debian's packages.

#![allow(clippy::unwrap_used, reason = "without its files the test has failed")]

use std::{fs, path::PathBuf, process::Command, thread};

use alerts::{
    alert::Severity,
    alertmanager::{self, Endpoints},
    rules::{Options, Rules, rule_file, rule_tests},
};
use profiles::Profile;

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
fn prometheus_takes_the_rules() {
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
fn every_alert_fires_in_its_case_and_is_quiet_a_step_below() {
    thread::scope(|scope| {
        for profile in profiles::ALL {
            scope.spawn(|| each_alert_by_itself(profile));
        }
    });
}

fn each_alert_by_itself(profile: &Profile) {
    let folder = temporary(profile.slug);
    let committed = fs::read_to_string(generated(profile).join("rules.test.yml")).unwrap();
    let Rules { records, mut alerts } = alerts::rules(profile);
    alerts.retain(|it| it.name != "Watchdog");
    let mut promtool = Command::new("promtool");
    promtool.args(["test", "rules"]).current_dir(&folder);
    for alert in alerts {
        for case in ["fires", "stays quiet"] {
            let name = format!("name: {} {case}\n", alert.name);
            assert!(committed.contains(&name), "{}: no test `{}`", profile.slug, name.trim());
        }
        let (file, tests) = (format!("{}.yml", alert.name), format!("{}.test.yml", alert.name));
        let rules = Rules { records: records.clone(), alerts: vec![alert] };
        fs::write(folder.join(&file), rule_file(profile, &rules, &Options::default())).unwrap();
        fs::write(folder.join(&tests), rule_tests(profile, &rules, &file)).unwrap();
        promtool.arg(tests);
    }
    run(&mut promtool);
    fs::remove_dir_all(&folder).unwrap();
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
    rules.alerts.retain(|it| it.name == "QueueBackup");
    fs::write(folder.join("rules.yml"), rule_file(profile, &rules, &Options::default())).unwrap();
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

#[test]
fn rules_of_a_drill_are_the_same_rules_in_less_time() {
    let profile = &profiles::hv_consultores::PROFILE;
    let rules = alerts::rules(profile);
    let options = Options { scale: 60.0, ..Options::default() };
    let text = rule_file(profile, &rules, &options);
    assert!(text.contains("for: 5s\n") && text.contains("[1s]"), "{text}");

    let path = std::env::temp_dir().join(format!("pulso-drill-{}.yml", std::process::id()));
    fs::write(&path, text).unwrap();
    run(Command::new("promtool").args(["check", "rules"]).arg(&path));
    fs::remove_file(&path).unwrap();
}

#[test]
fn alertmanager_takes_its_configuration() {
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
        for alert in alerts::rules(profile).alerts {
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
