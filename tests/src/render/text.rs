//! Text panels, in the subset of Markdown that ours use: headings, lists, bold, code, links.

use super::{format, markup::Markup, model::Panel};

pub(super) fn text(panel: &Panel) -> String {
    let mut html = Markup::begin(r#"<div class="text">"#);
    for block in panel.options.content.split("\n\n") {
        let lines: Vec<&str> = block.lines().collect();
        if let Some(heading) = block.trim_start().strip_prefix('#') {
            html.add(format_args!("<h3>{}</h3>", inline(heading.trim_start_matches('#').trim())));
        } else if lines.iter().all(|it| it.starts_with("- ")) {
            html.add(format_args!("<ul>"));
            for line in lines {
                html.add(format_args!("<li>{}</li>", inline(&line[2..])));
            }
            html.add(format_args!("</ul>"));
        } else {
            html.add(format_args!("<p>{}</p>", inline(&lines.join(" "))));
        }
    }
    html.end("</div>")
}

fn inline(text: &str) -> String {
    let text = between(&between(&format::escaped(text), "**", "b"), "`", "code");
    let mut html = Markup::default();
    let mut rest = text.as_str();
    while let Some((before, label, after)) = next_link(rest) {
        html.add(format_args!("{before}<a>{label}</a>"));
        rest = after;
    }
    html.end(rest)
}

/// The text between two marks, in an element.
fn between(text: &str, mark: &str, element: &str) -> String {
    let mut html = Markup::default();
    for (index, part) in text.split(mark).enumerate() {
        if index % 2 == 1 {
            html.add(format_args!("<{element}>{part}</{element}>"));
        } else {
            html.add(format_args!("{part}"));
        }
    }
    html.end("")
}

/// The text before, the label, and the text after `[label](address)`.
fn next_link(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once('[')?;
    let (label, rest) = rest.split_once("](")?;
    let (_, after) = rest.split_once(')')?;
    Some((before, label, after))
}
