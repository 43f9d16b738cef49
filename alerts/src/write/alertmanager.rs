//! `alertmanager.yml` from a profile's routes, in the keys that Alertmanager 0.25 knows.
//!
//! Order of the routes: the watchdog, what is never sent, steps of escalation, pages, warnings.
//! What matches none goes to the default receiver.

use std::time::Duration;

use profiles::Profile;
use serde::Serialize;

use super::{
    artifact::Artifact,
    yaml::{self, duration},
};

/// What is down explains symptoms of the same instance: the alert, and which others it holds back.
/// An instance may watch several servers, and none is excused by another's silence.
pub const DOWN: [(&str, &[&str]); 4] = [
    // Nothing of it is known, not even what else is down.
    ("ExporterDown", &["alertname!~\"ExporterDown|MaintenanceMode|Watchdog\""]),
    (
        "PostgresDown",
        &[
            "alertname!~\"ExporterDown|PostgresDown|PgBouncerDown|Redis.*|MaintenanceMode|Watchdog\"",
            "collector!~\"pgbouncer|redis.*\"",
        ],
    ),
    (
        "PgBouncerDown",
        &["alertname=~\"PgBouncer.*|CollectorFailing\"", "collector=~\"(pgbouncer)?\""],
    ),
    ("RedisDown", &["alertname=~\"Redis.*|CollectorFailing\"", "collector=~\"(redis.*)?\""]),
];

/// Where notifications go.
#[derive(Clone, Debug)]
pub enum Endpoints {
    /// To the services that people read; each secret is a file in this folder.
    Services {
        /// The folder that holds `pagerduty-routing-key` and `slack-api-url`.
        secrets: String,
        /// The dead man's switch that the watchdog keeps from ringing, and what hears alerts that
        /// no route names. Alertmanager 0.25 reads a web hook's address from no file.
        local: String,
    },
    /// To one web hook, the receiver's name behind its address: for tests and the demo.
    Sink(String),
}

impl Default for Endpoints {
    fn default() -> Self {
        Self::Services {
            secrets: "/etc/alertmanager/secrets".to_owned(),
            local: "http://127.0.0.1:9096".to_owned(),
        }
    }
}

/// The profile's `alertmanager.yml`. Every time is divided by `scale`, so that a drill takes
/// seconds.
pub fn configuration(profile: &Profile, endpoints: &Endpoints, scale: f64) -> String {
    let time = |value: Duration| duration(value.div_f64(scale).max(Duration::from_millis(100)));
    let routes = &profile.routes;
    let child = |receiver: &str, matchers: &[&str]| Route {
        receiver: receiver.to_owned(),
        matchers: matchers.iter().map(|it| (*it).to_owned()).collect(),
        ..Route::default()
    };
    let steps: Vec<Route> = profile
        .escalation
        .iter()
        .map(|step| child(&receiver_of(step.step), &[&format!("escalation=\"{}\"", step.step)]))
        .collect();
    let mut children = vec![
        Route {
            group_wait: Some("0s".to_owned()),
            group_interval: Some(time(Duration::from_mins(1))),
            repeat_interval: Some(time(Duration::from_mins(5))),
            ..child("watchdog", &["alertname=\"Watchdog\""])
        },
        child("nowhere", &["severity=\"info\""]),
    ];
    children.extend(steps);
    children.push(child("critical", &["severity=\"critical\""]));
    children.push(Route {
        active_time_intervals: match endpoints {
            Endpoints::Services { .. } => vec!["working-hours".to_owned()],
            Endpoints::Sink(_) => Vec::new(),
        },
        ..child("warning", &["severity=\"warning\""])
    });
    let config = Configuration {
        route: Route {
            receiver: "default".to_owned(),
            group_by: routes.group_by.iter().map(|it| (*it).to_owned()).collect(),
            group_wait: Some(time(routes.group_wait)),
            group_interval: Some(time(routes.group_interval)),
            repeat_interval: Some(time(routes.repeat_interval)),
            routes: children,
            ..Route::default()
        },
        inhibit_rules: inhibitions(profile),
        time_intervals: vec![working_hours(profile)],
        receivers: receivers(profile, endpoints),
        templates: match endpoints {
            Endpoints::Services { .. } => vec!["pulso.tmpl".to_owned()],
            Endpoints::Sink(_) => Vec::new(),
        },
    };
    yaml::document(&format!("Alertmanager for {}.", profile.title), &config)
}

/// The files that the profile's Alertmanager loads.
pub fn artifacts(profile: &Profile) -> Vec<Artifact> {
    let folder = std::path::Path::new(profile.slug);
    vec![
        Artifact::new(
            folder.join("alertmanager.yml"),
            configuration(profile, &Endpoints::default(), 1.0),
        ),
        Artifact::new(folder.join("pulso.tmpl"), TEMPLATE),
    ]
}

fn receiver_of(step: &str) -> String {
    format!("escalation-{step}")
}

fn inhibitions(profile: &Profile) -> Vec<Inhibition> {
    let rule = |source: &[&str], target: &[&str], equal: &[&str]| Inhibition {
        source_matchers: source.iter().map(|it| (*it).to_owned()).collect(),
        target_matchers: target.iter().map(|it| (*it).to_owned()).collect(),
        equal: equal.iter().map(|it| (*it).to_owned()).collect(),
    };
    let mut rules = vec![
        // Maintenance silences everything of its system, but not the watchdog.
        rule(
            &["alertname=\"MaintenanceMode\""],
            &["alertname!~\"MaintenanceMode|Watchdog\""],
            &["system"],
        ),
        rule(
            &["severity=\"critical\""],
            &["severity=~\"warning|info\""],
            &["alertname", "system", "service", "instance"],
        ),
    ];
    rules.extend(DOWN.iter().map(|(alert, explained)| {
        let equal = ["system", "component", "instance"];
        rule(
            &[&format!("alertname={:?}", profile.own_name(alert).unwrap_or(alert))],
            explained,
            &equal,
        )
    }));
    rules
}

fn working_hours(profile: &Profile) -> TimeInterval {
    let hours = &profile.routes.working_hours;
    TimeInterval {
        name: "working-hours".to_owned(),
        time_intervals: vec![Interval {
            times: vec![Times {
                start_time: hours.start.to_owned(),
                end_time: hours.end.to_owned(),
            }],
            weekdays: vec![hours.weekdays.to_owned()],
            location: hours.time_zone.to_owned(),
        }],
    }
}

fn receivers(profile: &Profile, endpoints: &Endpoints) -> Vec<Receiver> {
    let routes = &profile.routes;
    let bare = |name: &str| Receiver { name: name.to_owned(), ..Receiver::default() };
    let mut names = vec!["default", "watchdog", "nowhere", "critical", "warning"];
    let steps: Vec<String> = profile.escalation.iter().map(|it| receiver_of(it.step)).collect();
    names.extend(steps.iter().map(String::as_str));
    let one = |name: &str| match (endpoints, name) {
        (_, "nowhere") => bare(name),
        (Endpoints::Sink(address), _) => Receiver {
            webhook_configs: vec![Webhook {
                url: format!("{address}/{name}"),
                send_resolved: name != "watchdog",
            }],
            ..bare(name)
        },
        (Endpoints::Services { local, .. }, "default" | "watchdog") => Receiver {
            webhook_configs: vec![Webhook {
                url: format!("{local}/{name}"),
                send_resolved: name != "watchdog",
            }],
            ..bare(name)
        },
        (Endpoints::Services { secrets, .. }, "warning") => {
            Receiver { slack_configs: vec![slack(secrets, routes.warning_channel)], ..bare(name) }
        }
        (Endpoints::Services { secrets, .. }, "critical") => Receiver {
            pagerduty_configs: vec![pager_duty(secrets, "pagerduty-routing-key")],
            slack_configs: vec![slack(secrets, routes.critical_channel)],
            ..bare(name)
        },
        (Endpoints::Services { secrets, .. }, step) => Receiver {
            pagerduty_configs: vec![pager_duty(secrets, &format!("pagerduty-routing-key-{step}"))],
            slack_configs: vec![slack(secrets, routes.critical_channel)],
            ..bare(name)
        },
    };
    names.into_iter().map(one).collect()
}

fn slack(secrets: &str, channel: &str) -> Slack {
    Slack {
        api_url_file: format!("{secrets}/slack-api-url"),
        channel: channel.to_owned(),
        send_resolved: true,
        color: "{{ if eq .Status \"firing\" }}{{ if eq .CommonLabels.severity \"critical\" }}danger{{ else }}warning{{ end }}{{ else }}good{{ end }}".to_owned(),
        title: "{{ template \"pulso.title\" . }}".to_owned(),
        title_link: "{{ .CommonAnnotations.runbook_url }}".to_owned(),
        text: "{{ template \"pulso.text\" . }}".to_owned(),
    }
}

fn pager_duty(secrets: &str, key: &str) -> PagerDuty {
    let link =
        |href: &str, text: &str| PagerDutyLink { href: href.to_owned(), text: text.to_owned() };
    PagerDuty {
        routing_key_file: format!("{secrets}/{key}"),
        severity: "{{ .CommonLabels.severity }}".to_owned(),
        class: "{{ .CommonLabels.alertname }}".to_owned(),
        component: "{{ .CommonLabels.component }}".to_owned(),
        group: "{{ .CommonLabels.service }}".to_owned(),
        description: "{{ template \"pulso.title\" . }}".to_owned(),
        links: vec![
            link("{{ .CommonAnnotations.runbook_url }}", "Runbook"),
            link("{{ .CommonAnnotations.dashboard_url }}", "Dashboard"),
        ],
    }
}

/// Titles and texts of notifications, with the way to runbook and dashboard.
const TEMPLATE: &str = r#"{{/* Generated by `cargo generate`; edit the definitions instead. */}}
{{ define "pulso.title" -}}
[{{ .Status | toUpper }}{{ if eq .Status "firing" }}:{{ .Alerts.Firing | len }}{{ end }}] {{ .CommonLabels.level }} {{ .CommonLabels.alertname }}{{ with .CommonLabels.system }} ({{ . }}){{ end }}
{{- end }}

{{ define "pulso.text" -}}
{{ range .Alerts -}}
*{{ .Annotations.summary }}*
{{ .Annotations.description }}
{{ with .Annotations.runbook_url }}<{{ . }}|Runbook>{{ end }}{{ with .Annotations.dashboard_url }} · <{{ . }}|Dashboard>{{ end }}
{{ end -}}
{{- end }}

{{ define "pulso.email" -}}
{{ range .Alerts -}}
<h3>{{ .Annotations.summary }}</h3>
<p>{{ .Annotations.description }}</p>
<p>{{ with .Annotations.runbook_url }}<a href="{{ . }}">Runbook</a>{{ end }}{{ with .Annotations.dashboard_url }} · <a href="{{ . }}">Dashboard</a>{{ end }}</p>
{{ end -}}
{{- end }}
"#;

#[derive(Serialize)]
struct Configuration {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    templates: Vec<String>,
    route: Route,
    inhibit_rules: Vec<Inhibition>,
    time_intervals: Vec<TimeInterval>,
    receivers: Vec<Receiver>,
}

#[derive(Default, Serialize)]
struct Route {
    receiver: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    matchers: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    group_by: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    group_wait: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    group_interval: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    repeat_interval: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    active_time_intervals: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    routes: Vec<Self>,
}

#[derive(Serialize)]
struct Inhibition {
    source_matchers: Vec<String>,
    target_matchers: Vec<String>,
    equal: Vec<String>,
}

#[derive(Serialize)]
struct TimeInterval {
    name: String,
    time_intervals: Vec<Interval>,
}

#[derive(Serialize)]
struct Interval {
    times: Vec<Times>,
    weekdays: Vec<String>,
    location: String,
}

#[derive(Serialize)]
struct Times {
    start_time: String,
    end_time: String,
}

#[derive(Default, Serialize)]
struct Receiver {
    name: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    webhook_configs: Vec<Webhook>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pagerduty_configs: Vec<PagerDuty>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    slack_configs: Vec<Slack>,
}

#[derive(Serialize)]
struct Webhook {
    url: String,
    send_resolved: bool,
}

#[derive(Serialize)]
struct PagerDuty {
    routing_key_file: String,
    severity: String,
    class: String,
    component: String,
    group: String,
    description: String,
    links: Vec<PagerDutyLink>,
}

#[derive(Serialize)]
struct PagerDutyLink {
    href: String,
    text: String,
}

#[derive(Serialize)]
struct Slack {
    api_url_file: String,
    channel: String,
    send_resolved: bool,
    color: String,
    title: String,
    title_link: String,
    text: String,
}
