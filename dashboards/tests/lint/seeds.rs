//! One violation of each rule, put into a valid dashboard.

use serde_json::{Value, json};

type Seed = fn(&mut Value);

pub(crate) const SEEDS: &[(&str, Seed)] = &[
    ("template-datasource-rule", |it| it["templating"]["list"][0]["label"] = json!("Source")),
    ("template-job-rule", |it| it["templating"]["list"][1]["multi"] = json!(false)),
    ("template-instance-rule", |it| it["templating"]["list"][2]["allValue"] = json!(".*")),
    ("template-label-promql-rule", |it| {
        it["templating"]["list"][3]["query"]["query"] = json!("label_values(queue_jobs{, queue)");
    }),
    ("template-on-time-change-reload-rule", |it| {
        it["templating"]["list"][1]["refresh"] = json!(1);
    }),
    ("panel-datasource-rule", |it| first(it, "heatmap")["datasource"]["uid"] = json!("abc")),
    ("panel-title-description-rule", |it| first(it, "stat")["description"] = json!(" ")),
    ("panel-units-rule", |it| {
        first(it, "bargauge")["fieldConfig"]["defaults"]["unit"] = json!("parsecs");
    }),
    ("panel-no-targets-rule", |it| first(it, "table")["targets"] = json!([])),
    ("target-promql-rule", |it| set_expr(it, "sum(rate(queue_jobs_finished_total[5m])")),
    ("target-rate-interval-rule", |it| {
        set_expr(it, r#"rate(a_total{job=~"$job",instance=~"$instance"}[5m])"#);
    }),
    ("target-job-rule", |it| set_expr(it, r#"queue_jobs{instance=~"$instance"}"#)),
    ("target-instance-rule", |it| {
        set_expr(it, r#"queue_jobs{job=~"$job",instance="10.0.0.1:9801"}"#);
    }),
    ("target-counter-agg-rule", |it| {
        set_expr(it, r#"sum(a_total{job=~"$job",instance=~"$instance"})"#);
    }),
    ("uneditable-dashboard", |it| it["editable"] = json!(true)),
    ("no-hard-coded-datasource", |it| {
        it["annotations"]["list"][1]["datasource"]["uid"] = json!("prometheus");
    }),
    ("normal-form", |it| it["refresh"] = json!(false)),
    ("thresholds", |it| {
        first(it, "stat")["fieldConfig"]["defaults"]["thresholds"]["steps"][0]["value"] = json!(0);
    }),
    ("unique-ref-ids", |it| first(it, "table")["targets"][1]["refId"] = json!("A")),
    ("legend-labels", |it| {
        first(it, "timeseries")["targets"][0]["legendFormat"] = json!("{{spider}}");
    }),
    ("variables-exist", |it| set_expr(it, r#"up{job=~"$job",instance=~"$instance",a="$b"}"#)),
    ("no-overlaps", |it| first(it, "heatmap")["gridPos"]["h"] = json!(9)),
    ("inside-the-grid", |it| first(it, "heatmap")["gridPos"]["x"] = json!(20)),
    ("unique-ids", |it| {
        let taken = it["panels"][0]["id"].clone();
        first(it, "heatmap")["id"] = taken;
    }),
    ("summary-first", |it| first(it, "stat")["gridPos"]["w"] = json!(3)),
    ("uid", |it| it["uid"] = json!("wGgaPlciz")),
    ("link-targets", |it| it["links"][0]["tags"] = json!(["nowhere"])),
    ("runbooks-exist", |it| {
        first(it, "stat")["links"][0]["url"] = json!("https://x.example.com/generic/Lost.md");
    }),
];

/// The first panel of the kind.
fn first<'a>(dashboard: &'a mut Value, kind: &str) -> &'a mut Value {
    let panels = dashboard["panels"].as_array_mut().expect("a dashboard has panels");
    panels.iter_mut().find(|it| it["type"] == kind).expect("there is a panel of each kind")
}

fn set_expr(dashboard: &mut Value, expr: &str) {
    first(dashboard, "timeseries")["targets"][0]["expr"] = json!(expr);
}
