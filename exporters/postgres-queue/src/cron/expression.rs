//! Cron expressions, as `pg_cron` reads them.
//!
//! The grammar is that of Vixie cron: five fields of lists, ranges, steps and names, `@daily` and
//! its like, and `$` for the last day of the month. As there, a day matches if it is in both day
//! fields when one of them starts with `*`, and if it is in either of them otherwise.

/// A cron expression: each field is a bit set of the values that match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CronExpression {
    minutes: u64,
    hours: u64,
    days: u64,
    last_day: bool,
    months: u64,
    weekdays: u64,
    /// Whether both day fields must match.
    both_days: bool,
}

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/// How many days to search: an expression that matches none of them is never due (30 February).
const DAYS: i64 = 8 * 366;

impl CronExpression {
    /// `None` if it is no cron expression. `pg_cron` also takes an interval of seconds, but only
    /// the scheduler knows when that is due.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = match text.trim() {
            "@yearly" | "@annually" => "0 0 1 1 *",
            "@monthly" => "0 0 1 * *",
            "@weekly" => "0 0 * * 0",
            "@daily" | "@midnight" => "0 0 * * *",
            "@hourly" => "0 * * * *",
            text => text,
        };
        let fields: Vec<&str> = text.split_ascii_whitespace().collect();
        let [minutes, hours, days, months, weekdays] = fields.as_slice() else { return None };
        let last_day = *days == "$";
        let sundays = field(weekdays, 0, 7, &WEEKDAYS)?;
        Some(Self {
            minutes: field(minutes, 0, 59, &[])?,
            hours: field(hours, 0, 23, &[])?,
            days: if last_day { 0 } else { field(days, 1, 31, &[])? },
            last_day,
            months: field(months, 1, 12, &MONTHS)?,
            // Both 0 and 7 are Sunday.
            weekdays: (sundays | (sundays >> 7)) & 0x7f,
            both_days: days.starts_with('*') || weekdays.starts_with('*'),
        })
    }

    /// The first match after `now`, both in seconds since 1970 by the scheduler's clock.
    pub(crate) fn next_after(&self, now: i64) -> Option<i64> {
        let start = now.div_euclid(60) + 1;
        let today = start.div_euclid(1440);
        for day in today..today + DAYS {
            if !self.matches(day) {
                continue;
            }
            let first = if day == today { start.rem_euclid(1440) } else { 0 };
            let minute =
                (first..1440).find(|it| has(self.hours, it / 60) && has(self.minutes, it % 60));
            if let Some(minute) = minute {
                return Some((day * 1440 + minute) * 60);
            }
        }
        None
    }

    fn matches(&self, day: i64) -> bool {
        let (month, of_month) = civil(day);
        let last = civil(day + 1).1 == 1;
        let in_month = has(self.days, of_month) || (self.last_day && last);
        // 1 January 1970 was a Thursday.
        let in_week = has(self.weekdays, (day + 4).rem_euclid(7));
        let day_matches = if self.both_days { in_month && in_week } else { in_month || in_week };
        has(self.months, month) && day_matches
    }
}

const fn has(set: u64, value: i64) -> bool {
    set >> value & 1 == 1
}

/// A list of `*`, `a`, `a-b`, each with `/step`.
fn field(text: &str, least: u32, most: u32, names: &[&str]) -> Option<u64> {
    let value = |text: &str| {
        let text = text.to_ascii_lowercase();
        let index = names.iter().position(|it| *it == text).and_then(|it| u32::try_from(it).ok());
        let number = || text.chars().all(|it| it.is_ascii_digit()).then(|| text.parse().ok());
        let value = index.map(|it| it + least).or_else(|| number().flatten())?;
        (least..=most).contains(&value).then_some(value)
    };
    let mut set = 0;
    for item in text.split(',') {
        let (range, step) = item.split_once('/').map_or((item, None), |(a, b)| (a, Some(b)));
        let (from, until) = match range.split_once('-') {
            _ if range == "*" => (least, most),
            Some((from, until)) => (value(from)?, value(until)?),
            None if step.is_some() => (value(range)?, most),
            None => (value(range)?, value(range)?),
        };
        let step = step.map_or(Some(1), |it| it.parse::<u32>().ok())?;
        if step == 0 || from > until {
            return None;
        }
        for value in (from..=until).step_by(step as usize) {
            set |= 1 << value;
        }
    }
    Some(set)
}

/// The month and day of month of a day since 1 January 1970.
fn civil(day: i64) -> (i64, i64) {
    // In a year that starts in March the leap day comes last; an era is 400 such years.
    let day = day + 719_468;
    let of_era = day.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let of_month = of_year - (153 * month + 2) / 5 + 1;
    (if month < 10 { month + 3 } else { month - 9 }, of_month)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-22 02:30:15, a Sunday.
    const NOW: i64 = 1_795_314_615;

    #[test]
    fn the_next_match_is_found() {
        let cases = [
            ("* * * * *", "2026-11-22 02:31"),
            ("30 2 * * *", "2026-11-23 02:30"),
            ("*/15 * * * *", "2026-11-22 02:45"),
            ("0 3 * * *", "2026-11-22 03:00"),
            ("0 2 * * *", "2026-11-23 02:00"),
            ("0 0 1 * *", "2026-12-01 00:00"),
            ("0 0 1 jan *", "2027-01-01 00:00"),
            ("5-10/5,50 22-23 * * Mon-fri", "2026-11-23 22:05"),
            ("0 0 29 2 *", "2028-02-29 00:00"),
            ("0 0 $ * *", "2026-11-30 00:00"),
            ("0 0 * * 7", "2026-11-29 00:00"),
            ("0 0 13 * 5", "2026-11-27 00:00"),
            ("0 0 */2 * 5", "2026-11-27 00:00"),
            ("@daily", "2026-11-23 00:00"),
            ("59 23 31 12 *", "2026-12-31 23:59"),
        ];
        for (expression, expected) in cases {
            let next = CronExpression::parse(expression).unwrap().next_after(NOW).unwrap();
            assert_eq!(written(next), expected, "{expression}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "* * * *",
            "60 * * * *",
            "* 24 * * *",
            "* * 0 * *",
            "* * * 13 *",
            "* * * * 8",
            "30 seconds",
            "*/0 * * * *",
            "5-1 * * * *",
            "a * * * *",
            "-1 * * * *",
            "@reboot",
            "* * * * * *",
            "+1 * * * *",
        ] {
            assert_eq!(CronExpression::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_day_that_never_comes_is_never_due() {
        assert_eq!(CronExpression::parse("0 0 30 2 *").unwrap().next_after(NOW), None);
    }

    fn written(at: i64) -> String {
        let day = at.div_euclid(86_400);
        let (month, of_month) = civil(day);
        let minute = at.rem_euclid(86_400) / 60;
        // The first day of each year.
        let firsts = [(2026, 20_454), (2027, 20_819), (2028, 21_184), (2029, 21_550)];
        let year = firsts.iter().rev().find(|(_, first)| *first <= day).unwrap().0;
        format!("{year}-{month:02}-{of_month:02} {:02}:{:02}", minute / 60, minute % 60)
    }
}
