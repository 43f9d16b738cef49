//! Values as Grafana writes them.

use super::model::Panel;

/// A value in its unit; `decimals`: fixed, else as many as distinguish it from its neighbours.
pub(super) fn value(value: f64, unit: &str, decimals: Option<usize>) -> String {
    if value == 0.0 && !unit.starts_with("bool") && unit != "percentunit" {
        return zero(unit).to_owned();
    }
    match unit {
        "percentunit" => format!("{}%", digits(value * 100.0, decimals)),
        "s" => scaled(value, &SECONDS, decimals),
        "bytes" => scaled(value, &BYTES, decimals),
        "binBps" => scaled(value, &BYTES, decimals) + "/s",
        "cps" => short(value, decimals) + " c/s",
        "cpm" => short(value, decimals) + " c/m",
        "bool_yes_no" => if value == 0.0 { "No" } else { "Yes" }.to_owned(),
        _ => short(value, decimals),
    }
}

/// The value as the panel shows it: a word where a mapping has one.
pub(super) fn shown(panel: &Panel, ref_id: &str, name: &str, number: f64) -> String {
    match panel.word(number) {
        Some(word) => word.text.clone(),
        None => value(number, panel.unit(ref_id, name), panel.field_config.defaults.decimals),
    }
}

/// The number by which a value in the unit is divided near `top`, for ticks that are round.
pub(super) fn divisor(top: f64, unit: &str) -> f64 {
    let table: &[(f64, &str)] = match unit {
        "percentunit" => return 0.01,
        "s" => &SECONDS,
        "bytes" | "binBps" => &BYTES,
        _ => &COUNTS,
    };
    pick(top, table).0
}

const SECONDS: [(f64, &str); 8] = [
    (1e-6, " µs"),
    (1e-3, " ms"),
    (1.0, " s"),
    (60.0, " mins"),
    (3600.0, " hours"),
    (86_400.0, " days"),
    (604_800.0, " weeks"),
    (31_536_000.0, " years"),
];
const BYTES: [(f64, &str); 5] = [
    (1.0, " B"),
    (1024.0, " KiB"),
    (1_048_576.0, " MiB"),
    (1_073_741_824.0, " GiB"),
    (1_099_511_627_776.0, " TiB"),
];
const COUNTS: [(f64, &str); 4] = [(1.0, ""), (1e3, " K"), (1e6, " Mil"), (1e9, " Bil")];

fn zero(unit: &str) -> &'static str {
    match unit {
        "s" => "0 s",
        "bytes" => "0 B",
        "binBps" => "0 B/s",
        "cps" => "0 c/s",
        "cpm" => "0 c/m",
        _ => "0",
    }
}

fn short(value: f64, decimals: Option<usize>) -> String {
    scaled(value, &COUNTS, decimals)
}

fn pick(value: f64, table: &[(f64, &'static str)]) -> (f64, &'static str) {
    let fits = table.iter().rev().find(|(size, _)| value.abs() >= *size);
    *fits.unwrap_or(&table[0])
}

fn scaled(value: f64, table: &[(f64, &'static str)], decimals: Option<usize>) -> String {
    let (size, suffix) = pick(value, table);
    digits(value / size, decimals) + suffix
}

fn digits(value: f64, decimals: Option<usize>) -> String {
    let decimals = decimals.unwrap_or_else(|| telling(value));
    format!("{value:.decimals$}")
}

/// About three significant digits, none for a whole number.
fn telling(value: f64) -> usize {
    if value.fract() == 0.0 || !value.is_finite() {
        return 0;
    }
    let magnitude = value.abs().log10().floor();
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is between 0 and 9"
    )]
    let decimals = (2.0 - magnitude).clamp(0.0, 9.0) as usize;
    decimals.min(if value.abs() < 1.0 { 9 } else { 2 })
}

/// `14:05` of a time in seconds since the epoch, in UTC; with seconds where a step needs them.
pub(super) fn clock(time: f64, step: f64) -> String {
    let of_day = time.rem_euclid(86_400.0);
    let (hours, minutes) = ((of_day / 3600.0).floor(), (of_day / 60.0).floor() % 60.0);
    if step < 60.0 {
        return format!("{hours:02}:{minutes:02}:{:02}", of_day.floor() % 60.0);
    }
    format!("{hours:02}:{minutes:02}")
}

/// Text that HTML and SVG leave as it is.
pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_read_as_in_grafana() {
        let cases = [
            (0.0, "s", "0 s"),
            (0.25, "s", "250 ms"),
            (90.0, "s", "1.50 mins"),
            (7200.0, "s", "2 hours"),
            (0.995, "percentunit", "99.5%"),
            (1.0, "percentunit", "100%"),
            (1536.0, "bytes", "1.50 KiB"),
            (12_345.0, "short", "12.3 K"),
            (3.456, "cps", "3.46 c/s"),
            (0.0, "bool_yes_no", "No"),
        ];
        for (number, unit, expected) in cases {
            assert_eq!(value(number, unit, None), expected, "{number} {unit}");
        }
        assert_eq!(value(0.987_65, "percentunit", Some(2)), "98.77%");
    }

    #[test]
    fn the_clock_has_seconds_where_ticks_are_close() {
        assert_eq!(clock(3725.0, 300.0), "01:02");
        assert_eq!(clock(3725.0, 15.0), "01:02:05");
    }
}
