//! Grafana's variables, with `All` chosen everywhere.

use super::{Options, model::Dashboard};

/// The time that is shown, in seconds since the epoch.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    pub from: f64,
    pub to: f64,
}

impl Window {
    /// The time range of the options, or the dashboard's default.
    pub fn of(dashboard: &Dashboard, options: &Options) -> Self {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        let to = options.to.unwrap_or_else(|| now.unwrap_or_default().as_secs_f64());
        let range = options.range.map(|it| it.as_secs_f64());
        let own = || dashboard.time.from.strip_prefix("now-").and_then(seconds);
        let range = range.or_else(own).unwrap_or(6.0 * 3600.0);
        Self { from: to - range, to }
    }

    pub fn length(&self) -> f64 {
        self.to - self.from
    }
}

/// `6h` in seconds.
fn seconds(text: &str) -> Option<f64> {
    let (count, unit) = text.split_at(text.len().checked_sub(1)?);
    let unit = match unit {
        "s" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        "d" => 86_400.0,
        _ => return None,
    };
    Some(count.parse::<f64>().ok()? * unit)
}

/// The expression as Grafana would send it.
pub(super) fn substituted(
    expr: &str,
    dashboard: &Dashboard,
    window: &Window,
    step: f64,
    options: &Options,
) -> String {
    let scrape = options.scrape_interval.as_secs_f64();
    let rate_interval = (step + scrape).max(4.0 * scrape);
    let whole = |seconds: f64| format!("{}ms", (seconds * 1e3).round());
    let mut values = vec![
        ("__rate_interval".to_owned(), whole(rate_interval)),
        ("__interval".to_owned(), whole(step)),
        ("__range".to_owned(), whole(window.length())),
    ];
    for variable in &dashboard.templating.list {
        let all = variable.all_value.clone().unwrap_or_else(|| ".+".to_owned());
        values.push((variable.name.clone(), all));
    }
    // The longest name first, because a name may be the prefix of another.
    values.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
    values.iter().fold(expr.to_owned(), |expr, (name, value)| {
        expr.replace(&format!("${{{name}}}"), value).replace(&format!("${name}"), value)
    })
}
