//! `alertmanager.yml` from a profile's routes, in the keys that Alertmanager 0.25 knows.
//!
//! Order of the routes: the watchdog, alerts that are never sent, steps of escalation, pages,
//! warnings. Alerts that match none go to the default receiver.

use std::time::Duration;

use profiles::Profile;
use serde::Serialize;

use super::{
    artifact::Artifact,
    yaml::{self, duration},
};

/// Alerts on a server that is down, each with the matchers of the symptoms that it inhibits on the
/// same instance. An instance may watch several servers, and one that is down inhibits no alert on
/// another.
pub const DOWN: [(&str, &[&str]); 4] = [
    // Nothing about its targets is known, not even which servers are down.
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
    /// PagerDuty and Slack.
    Services {
        /// The folder with the files `pagerduty-routing-key` and `slack-api-url`.
        secrets: String,
        /// The web hook of the dead man's switch, and of alerts that match no route. Alertmanager
        /// 0.25 cannot read the address of a web hook from a file.
        local: String,
    },
    /// One web hook for every receiver, whose name follows the address: for tests and the demo.
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

/// The profile's `alertmanager.yml`. Every duration is divided by `scale`, so that a drill takes
/// seconds.
pub fn configuration(profile: &Profile, endpoints: &Endpoints, scale: f64) -> String {
    let time = |value: Duration| duration(value.div_f64(scale).max(Duration::from_millis(100)));
    let routes = &profile.routes;
    let services = matches!(endpoints, Endpoints::Services { .. });
    let mut children = vec![
        Route {
            group_wait: Some("0s".to_owned()),
            group_interval: Some(time(Duration::from_mins(1))),
            repeat_interval: Some(time(Duration::from_mins(5))),
            ..Route::to("watchdog", "alertname=\"Watchdog\"")
        },
        Route::to("nowhere", "severity=\"info\""),
    ];
    for escalation in profile.escalation {
        let matcher = format!("escalation=\"{}\"", escalation.step);
        children.push(Route::to(&receiver_of(escalation.step), &matcher));
    }
    children.push(Route::to("critical", "severity=\"critical\""));
    children.push(Route {
        active_time_intervals: if services { strings(&["working-hours"]) } else { Vec::new() },
        ..Route::to("warning", "severity=\"warning\"")
    });
    let config = Configuration {
        route: Route {
            receiver: "default".to_owned(),
            group_by: strings(routes.group_by),
            group_wait: Some(time(routes.group_wait)),
            group_interval: Some(time(routes.group_interval)),
            repeat_interval: Some(time(routes.repeat_interval)),
            routes: children,
            ..Route::default()
        },
        inhibit_rules: inhibitions(profile),
        time_intervals: vec![working_hours(profile)],
        receivers: receivers(profile, endpoints),
        templates: if services { strings(&["pulso.tmpl"]) } else { Vec::new() },
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

fn strings(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

impl Route {
    fn to(receiver: &str, matcher: &str) -> Self {
        Self { receiver: receiver.to_owned(), matchers: strings(&[matcher]), ..Self::default() }
    }
}

fn receiver_of(step: &str) -> String {
    format!("escalation-{step}")
}

fn inhibitions(profile: &Profile) -> Vec<Inhibition> {
    let rule = |source: &[&str], target: &[&str], equal: &[&str]| Inhibition {
        source_matchers: strings(source),
        target_matchers: strings(target),
        equal: strings(equal),
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
    for (down, symptoms) in DOWN {
        let down = format!("alertname={:?}", profile.own_name(down).unwrap_or(down));
        rules.push(rule(&[&down], symptoms, &["system", "component", "instance"]));
    }
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
    let steps: Vec<String> =
        profile.escalation.iter().map(|escalation| receiver_of(escalation.step)).collect();
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

/// Titles and texts of notifications, with links to runbook and dashboard.
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
