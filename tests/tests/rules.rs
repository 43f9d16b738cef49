//! The generated rules before the tools that load them: promtool and amtool of Debian's packages.

use std::{fs, path::PathBuf, process::Command};

use alerts::{
    alert::Severity,
    alertmanager::{self, Endpoints},
    rules::{Options, rule_file},
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

#[test]
fn every_alert_fires_in_its_case_and_is_quiet_a_step_below() {
    for profile in profiles::ALL {
        let mut promtool = Command::new("promtool");
        run(promtool.args(["test", "rules", "rules.test.yml"]).current_dir(generated(profile)));

        // Each alert has both of its cases in the file.
        let tests = fs::read_to_string(generated(profile).join("rules.test.yml")).unwrap();
        for alert in alerts::rules(profile).alerts.iter().filter(|it| it.name != "Watchdog") {
            for case in ["fires", "stays quiet"] {
                let name = format!("name: {} {case}\n", alert.name);
                assert!(tests.contains(&name), "{}: no test `{}`", profile.slug, name.trim());
            }
        }
    }
}

#[test]
fn a_rule_test_that_is_wrong_is_caught() {
    let profile = &profiles::hv_consultores::PROFILE;
    let folder = std::env::temp_dir().join(format!("pulso-rules-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let tests = fs::read_to_string(generated(profile).join("rules.test.yml")).unwrap();
    fs::copy(generated(profile).join("rules.yml"), folder.join("rules.yml")).unwrap();
    // QueueBackup's quiet case, 99 ready and 1 scheduled, with one job more.
    let broken = tests.replacen("values: 99x400", "values: 100x400", 1);
    assert_ne!(tests, broken);
    fs::write(folder.join("rules.test.yml"), broken).unwrap();
    let status = Command::new("promtool")
        .args(["test", "rules", "rules.test.yml"])
        .current_dir(&folder)
        .output()
        .unwrap()
        .status;
    fs::remove_dir_all(&folder).unwrap();
    assert!(!status.success(), "promtool passed a test that expects silence above the threshold");
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
