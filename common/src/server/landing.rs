//! The landing page: targets, collectors, their last outcome, and what to fix.

use std::{
    fmt::{self, Write},
    time::{Duration, SystemTime},
};

use crate::scrape::{
    DEFAULT_TARGET,
    runner::{CollectorStatus, Outcome, TargetStatus},
};

const STYLE: &str = include_str!("landing.css");

/// The content of the page.
pub(super) struct Landing<'a> {
    pub(super) exporter: &'a str,
    pub(super) about: &'a str,
    pub(super) version: &'a str,
    pub(super) telemetry_path: &'a str,
    pub(super) targets: &'a [TargetStatus],
    /// The error of the web configuration on disk.
    pub(super) web_problem: Option<&'a str>,
    pub(super) now: SystemTime,
}

impl Landing<'_> {
    /// The page as HTML; it loads no other file.
    pub(super) fn render(&self) -> String {
        let mut page = String::with_capacity(8 * 1024);
        // Writing to a String never fails.
        let _ = self.write(&mut page);
        page
    }

    fn write(&self, page: &mut String) -> fmt::Result {
        let Self { exporter, about, version, .. } = self;
        let (class, state) = self.state();
        // Links are relative, so that the page works behind a proxy that adds a prefix.
        let metrics = Escape(self.telemetry_path.trim_start_matches('/'));
        write!(
            page,
            r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{name}: {state}</title>
<link rel="icon" href="data:,">
<style>
{STYLE}</style>
</head>
<body>
<header>
<h1>{name}<small>{version}</small></h1>
<p>{about}</p>
<p class="pill {class}">{state}</p>
</header>
<nav><a href="{metrics}">Metrics</a> <a href="-/healthy">Healthy</a> <a href="-/ready">Ready</a></nav>
"#,
            name = Escape(exporter),
            version = Escape(version),
            about = Escape(about),
        )?;
        if let Some(problem) = self.web_problem {
            write!(
                page,
                r#"<section>
<div class="head"><h2>Web configuration</h2><span class="pill bad">invalid</span></div>
<p class="from">The file on disk is invalid; the previous configuration remains in effect.</p>
<pre>{}</pre>
</section>
"#,
                Escape(problem)
            )?;
        }
        // The default target comes first; the others are in the order of their names.
        let (default, others): (Vec<_>, Vec<_>) =
            self.targets.iter().partition(|it| it.name == DEFAULT_TARGET);
        for target in default.into_iter().chain(others) {
            self.write_target(page, target)?;
        }
        if self.targets.is_empty() {
            page.write_str("<section><p>No target is configured.</p></section>\n")?;
        }
        page.write_str("</body>\n</html>\n")
    }

    /// The state in one sentence, and the CSS class that colours it.
    fn state(&self) -> (&'static str, String) {
        let last =
            || self.targets.iter().flat_map(|it| &it.collectors).filter_map(|it| it.last.as_ref());
        let total: usize = self.targets.iter().map(|it| it.collectors.len()).sum();
        let failing = last().filter(|it| it.failure.is_some()).count();
        match (last().count(), failing) {
            (0, _) => ("wait", "not read yet: the first scrape reads it".to_owned()),
            (ok, 0) => ("good", format!("{ok} of {total} collectors OK")),
            (_, 1) => ("bad", format!("1 of {total} collectors fails")),
            (_, failing) => ("bad", format!("{failing} of {total} collectors fail")),
        }
    }

    fn write_target(&self, page: &mut String, target: &TargetStatus) -> fmt::Result {
        let (class, state) = match target.up {
            Some(true) => ("good", "up"),
            Some(false) => ("bad", "down"),
            None => ("wait", "not read yet"),
        };
        write!(
            page,
            r#"<section>
<div class="head"><h2>{name}</h2><span class="pill {class}">{state}</span></div>
<p class="from">from <code>{address}</code></p>
<ul>
"#,
            name = Escape(&target.name),
            address = Escape(&target.address),
        )?;
        for collector in &target.collectors {
            self.write_collector(page, collector)?;
        }
        writeln!(
            page,
            r#"</ul>
<p class="links"><a href="probe?target={query}">Probe this target alone</a></p>
</section>"#,
            query = Query(&target.name),
        )
    }

    fn write_collector(&self, page: &mut String, collector: &CollectorStatus) -> fmt::Result {
        let name = Escape(&collector.name);
        let Some(Outcome { at, duration, failure }) = &collector.last else {
            return writeln!(
                page,
                r#"<li><div class="row"><b>{name}</b><span class="pill wait">not read yet</span></div></li>"#
            );
        };
        let (class, state) = match failure {
            None => ("good", "OK"),
            Some(failure) => ("bad", failure.reason.as_str()),
        };
        write!(
            page,
            r#"<li><div class="row"><b>{name}</b><span class="pill {class}">{state}</span><span>took {}</span><span>{}</span></div>"#,
            Brief(*duration),
            Ago { now: self.now, at: *at },
        )?;
        if let Some(failure) = failure {
            write!(page, "\n<pre>{}</pre>", Escape(&failure.message))?;
            if let Some(hint) = &failure.hint {
                write!(page, "\n<p class=\"fix\"><b>What to fix</b>{}</p>", Escape(hint))?;
            }
        }
        for note in &collector.notes {
            write!(page, "\n<p class=\"fix\"><b>What to fix</b>{}</p>", Escape(note))?;
        }
        page.write_str("</li>\n")
    }
}

/// Text inside HTML, in an element or a quoted attribute.
struct Escape<'a>(&'a str);

impl fmt::Display for Escape<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for letter in self.0.chars() {
            match letter {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                // HTML does not allow these characters.
                '\0'..='\x08' | '\x0b'..='\x1f' | '\x7f' => f.write_char('\u{fffd}')?,
                _ => f.write_char(letter)?,
            }
        }
        Ok(())
    }
}

/// A value inside a query string inside an attribute.
struct Query<'a>(&'a str);

impl fmt::Display for Query<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for byte in self.0.bytes() {
            if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
                f.write_char(char::from(byte))?;
            } else {
                write!(f, "%{byte:02X}")?;
            }
        }
        Ok(())
    }
}

/// A duration in short: `40 µs`, `1.2 ms`, `12 ms`, `1.5 s`.
struct Brief(Duration);

impl fmt::Display for Brief {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs_f64();
        match seconds {
            ..0.001 => write!(f, "{:.0} µs", seconds * 1e6),
            ..0.01 => write!(f, "{:.1} ms", seconds * 1e3),
            ..1.0 => write!(f, "{:.0} ms", seconds * 1e3),
            _ => write!(f, "{seconds:.1} s"),
        }
    }
}

/// How long ago something was.
struct Ago {
    now: SystemTime,
    at: SystemTime,
}

impl fmt::Display for Ago {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // After the clock was set back, the time may be in the future; that is "just now", too.
        let seconds = self.now.duration_since(self.at).unwrap_or_default().as_secs();
        match seconds {
            0..2 => f.write_str("just now"),
            2..120 => write!(f, "{seconds} s ago"),
            120..7200 => write!(f, "{} min ago", seconds / 60),
            7200..172_800 => write!(f, "{} h ago", seconds / 3600),
            _ => write!(f, "{} days ago", seconds / 86_400),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scrape::{Reason, runner::FailureReport};

    fn page(targets: &[TargetStatus], web_problem: Option<&str>) -> String {
        Landing {
            exporter: "postgres-queue",
            about: "Depth & age of queues",
            version: "1.2.3",
            telemetry_path: "/metrics",
            targets,
            web_problem,
            now: SystemTime::UNIX_EPOCH + Duration::from_secs(100),
        }
        .render()
    }

    fn target(name: &str, up: Option<bool>, collectors: Vec<CollectorStatus>) -> TargetStatus {
        TargetStatus { name: name.to_owned(), address: "db:5432/app".to_owned(), up, collectors }
    }

    fn collector(failure: Option<FailureReport>) -> CollectorStatus {
        let at = SystemTime::UNIX_EPOCH + Duration::from_secs(88);
        let duration = Duration::from_micros(12_400);
        let last = Some(Outcome { at, duration, failure });
        CollectorStatus { name: "depth".into(), last, notes: Vec::new() }
    }

    #[test]
    fn a_failure_is_shown_with_its_cause_and_fix() {
        let failure = FailureReport {
            reason: Reason::Permission,
            message: "reading the depth of queue `mail`: permission denied for table jobs".into(),
            hint: Some("GRANT SELECT ON jobs TO pulso;".into()),
        };
        let page = page(&[target("default", Some(true), vec![collector(Some(failure))])], None);
        for expected in [
            "permission denied for table jobs",
            "GRANT SELECT ON jobs TO pulso;",
            "<span class=\"pill bad\">permission</span>",
            "took 12 ms",
            "12 s ago",
            "1 of 1 collectors fails",
            "db:5432/app",
            "href=\"metrics\"",
            "href=\"probe?target=default\"",
            "1.2.3",
            "Depth &amp; age",
        ] {
            assert!(page.contains(expected), "{expected} is missing in\n{page}");
        }
    }

    #[test]
    fn a_target_without_a_reading_is_not_down() {
        let unread = CollectorStatus { name: "depth".into(), last: None, notes: Vec::new() };
        let page = page(&[target("default", None, vec![unread])], None);
        assert!(
            page.contains("not read yet")
                && page.contains(
                    "not read yet: the first scrape reads \
                                                            it"
                )
        );
        assert!(!page.contains(">down<"), "{page}");
    }

    #[test]
    fn hostile_text_is_escaped() {
        let hostile = "\"><script>alert('1')</script>&\0";
        let failure = FailureReport {
            reason: Reason::Query,
            message: hostile.to_owned(),
            hint: Some(hostile.to_owned()),
        };
        let mut hostile_target = target(hostile, Some(false), vec![collector(Some(failure))]);
        hostile_target.address = hostile.to_owned();
        let page = page(&[hostile_target], Some(hostile));
        assert!(!page.contains("<script") && !page.contains('\0'), "{page}");
        assert!(page.contains("probe?target=%22%3E%3Cscript%3E"), "{page}");
        assert_eq!(page.matches("&lt;script&gt;alert(&#39;1&#39;)").count(), 5);
    }

    #[test]
    fn a_note_is_shown_though_every_collector_succeeds() {
        let notes = vec!["CREATE INDEX ON jobs (finished_at) <now>".to_owned()];
        let collector = CollectorStatus { notes, ..collector(None) };
        let page = page(&[target("default", Some(true), vec![collector])], None);
        assert!(page.contains("CREATE INDEX ON jobs (finished_at) &lt;now&gt;"), "{page}");
    }

    #[test]
    fn the_page_loads_nothing_from_elsewhere() {
        let page = page(&[target("default", Some(true), vec![collector(None)])], None);
        assert!(!page.contains("http://") && !page.contains("https://") && !page.contains("src="));
    }

    #[test]
    fn durations_are_short() {
        let brief = |micros| Brief(Duration::from_micros(micros)).to_string();
        assert_eq!(
            [40, 1_240, 12_400, 1_500_000].map(brief),
            ["40 µs", "1.2 ms", "12 ms", "1.5 s"]
        );
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000);
        let ago = |seconds| Ago { now, at: now - Duration::from_secs(seconds) }.to_string();
        assert_eq!(
            [0, 5, 600, 7200, 900_000].map(ago),
            ["just now", "5 s ago", "10 min ago", "2 h ago", "10 days ago"]
        );
        assert_eq!(Ago { now, at: now + Duration::from_secs(9) }.to_string(), "just now");
    }
}
