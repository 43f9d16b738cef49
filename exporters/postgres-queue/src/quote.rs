//! Quotes names and texts for a statement. Nothing from the settings gets into SQL unquoted.

use std::borrow::Cow;

pub(crate) use common::source::postgres::{ident, literal};

/// Texts as a list of literals, for `IN`.
pub(crate) fn literals<T: AsRef<str>>(texts: &[T]) -> String {
    texts.iter().map(|it| literal(it.as_ref())).collect::<Vec<_>>().join(", ")
}

/// Quotes each part of a table's name as it is written in SQL (`jobs`, `public.jobs`, `"Jobs"`,
/// `app."Job.s"`); unquoted parts are folded to lower case. `None` if it is no such name.
pub(crate) fn table(name: &str) -> Option<String> {
    let mut parts = Vec::new();
    let mut rest = name.trim();
    loop {
        let (part, tail) = part(rest)?;
        parts.push(ident(&part));
        match tail.strip_prefix('.') {
            Some(tail) => rest = tail,
            None if tail.is_empty() => break,
            None => return None,
        }
    }
    (parts.len() <= 2).then(|| parts.join("."))
}

fn part(text: &str) -> Option<(Cow<'_, str>, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find(|it: char| !is_plain(it)).unwrap_or(text.len());
        let (name, tail) = text.split_at(end);
        let starts_as_name = !name.starts_with(|it: char| it.is_ascii_digit() || it == '$');
        return (!name.is_empty() && starts_as_name).then(|| (name.to_lowercase().into(), tail));
    };
    let mut name = String::new();
    let mut letters = quoted.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' if letters.peek().is_some_and(|(_, it)| *it == '"') => {
                letters.next();
                name.push('"');
            }
            '"' => return (!name.is_empty()).then(|| (name.into(), &quoted[at + 1..])),
            '\0' => return None,
            letter => name.push(letter),
        }
    }
    None
}

fn is_plain(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_' || letter == '$'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_names_are_parsed_as_in_sql() {
        let cases = [
            ("queue_jobs", Some(r#""queue_jobs""#)),
            ("Public.Queue_Jobs", Some(r#""public"."queue_jobs""#)),
            (r#"app."Job.s""#, Some(r#""app"."Job.s""#)),
            (r#""a""b""#, Some(r#""a""b""#)),
            ("a.b.c", None),
            ("", None),
            ("a.", None),
            (".a", None),
            ("1a", None),
            ("a b", None),
            ("a; DROP TABLE b", None),
            (r#""a"#, None),
            (r#""""#, None),
            ("a--", None),
            ("a'", None),
        ];
        for (name, expected) in cases {
            assert_eq!(table(name).as_deref(), expected, "{name}");
        }
    }

    #[test]
    fn list_items_are_quoted() {
        assert_eq!(literals(&["a", "b'"]), "'a', 'b'''");
    }
}
