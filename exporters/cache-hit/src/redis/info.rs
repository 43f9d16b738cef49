//! The answer to `INFO`. Parsing never fails, because the server may be newer, older, patched or
//! broken: a line that is not a field is skipped, of a repeated field the first counts, and a value
//! that is not a number is unknown.

use std::{borrow::Cow, iter, str};

/// Fields by name.
#[derive(Debug, Default)]
pub struct Info<'a> {
    /// Sorted by name, each once.
    fields: Vec<(&'a str, &'a str)>,
    sections: Vec<&'a str>,
}

/// The answer as text; bytes that are not UTF-8 become `�`.
pub fn text(answer: &[u8]) -> Cow<'_, str> {
    str::from_utf8(answer).map_or_else(|_| String::from_utf8_lossy(answer), Cow::Borrowed)
}

impl<'a> Info<'a> {
    /// Reads the text.
    pub fn parse(text: &'a str) -> Self {
        let mut info = Self::default();
        for line in text.lines() {
            if let Some(section) = line.strip_prefix('#') {
                info.sections.push(section.trim());
            } else if let Some((name, value)) = cut(line, b':') {
                info.fields.push((name, value.trim()));
            }
        }
        // Equal names keep their order, of which the first is kept.
        info.fields.sort_by_key(|(name, _)| *name);
        info.fields.dedup_by_key(|(name, _)| *name);
        info
    }

    /// The text of a field.
    pub fn get(&self, name: &str) -> Option<&'a str> {
        let index = self.fields.binary_search_by_key(&name, |(known, _)| known).ok()?;
        Some(self.fields[index].1)
    }

    /// A field that is a finite number, with or without a percent sign.
    pub fn number(&self, name: &str) -> Option<f64> {
        number(self.get(name)?)
    }

    /// Whether the answer has the section, even an empty one.
    pub fn has_section(&self, name: &str) -> bool {
        self.sections.contains(&name)
    }

    /// The fields whose names begin with `prefix`, without the prefix.
    pub fn beginning<'s>(
        &'s self,
        prefix: &'s str,
    ) -> impl Iterator<Item = (&'a str, &'a str)> + 's {
        let from = self.fields.partition_point(|(name, _)| *name < prefix);
        let fields = self.fields[from..].iter();
        fields.map_while(move |(name, value)| Some((name.strip_prefix(prefix)?, *value)))
    }

    /// The fields whose names are `prefix` and a number: `db0`, `slave1`.
    pub fn numbered<'s>(
        &'s self,
        prefix: &'s str,
    ) -> impl Iterator<Item = (&'a str, Parts<'a>)> + 's {
        let is_number =
            |it: &str| !it.is_empty() && it.len() <= 9 && it.bytes().all(|it| it.is_ascii_digit());
        self.beginning(prefix)
            .filter(move |(rest, _)| is_number(rest))
            .map(|(rest, value)| (rest, Parts(value)))
    }
}

/// The value of a field that has parts: `keys=3,expires=1`.
#[derive(Clone, Copy, Debug)]
pub struct Parts<'a>(pub &'a str);

impl<'a> Parts<'a> {
    /// The text of a part.
    pub fn get(self, name: &str) -> Option<&'a str> {
        self.each().find(|(key, _)| *key == name).map(|(_, value)| value)
    }

    /// Several parts that are numbers, in one pass; of a repeated part the first counts.
    pub fn numbers<const N: usize>(self, names: [&str; N]) -> [Option<f64>; N] {
        let mut found = [None; N];
        for (key, value) in self.each() {
            if let Some(index) = names.iter().position(|it| *it == key)
                && found[index].is_none()
            {
                found[index] = number(value);
            }
        }
        found
    }

    /// A part that is a finite number.
    pub fn number(self, name: &str) -> Option<f64> {
        number(self.get(name)?)
    }

    fn each(self) -> impl Iterator<Item = (&'a str, &'a str)> {
        let mut rest = Some(self.0);
        let parts = iter::from_fn(move || {
            let (part, behind) = cut(rest?, b',').map_or((rest?, None), |(it, to)| (it, Some(to)));
            rest = behind;
            Some(part)
        });
        parts.filter_map(|it| cut(it, b'='))
    }
}

/// The text before and after the first `at`, an ASCII byte. It is faster than `split_once`, which
/// is made for long texts.
fn cut(text: &str, at: u8) -> Option<(&str, &str)> {
    let index = text.bytes().position(|it| it == at)?;
    Some((&text[..index], &text[index + 1..]))
}

fn number(text: &str) -> Option<f64> {
    let text = text.strip_suffix('%').unwrap_or(text);
    // Rust reads "inf" and "nan" as numbers, too.
    let plain = text.bytes().all(|it| matches!(it, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E'));
    text.parse().ok().filter(|it: &f64| plain && it.is_finite())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn fields_sections_and_parts_are_found() {
        let info = Info::parse(
            "# Server\r\nredis_version:7.0.15\r\n\r\n# Keyspace\r\ndb0:keys=3,expires=1\r\n\
             db10:keys=x\r\ndbsize:7\r\nused_memory_peak_perc:99.5%\r\n",
        );

        assert_eq!(info.get("redis_version"), Some("7.0.15"));
        assert_eq!(info.number("used_memory_peak_perc"), Some(99.5));
        assert!(info.has_section("Keyspace") && !info.has_section("Stats"));
        let databases: Vec<_> =
            info.numbered("db").map(|(db, parts)| (db, parts.number("keys"))).collect();
        assert_eq!(databases, [("0", Some(3.0)), ("10", None)]);
    }

    #[test]
    fn malformed_values_are_unknown() {
        let text = "a:1\na:2\nno field\n:\nb:\nc:inf\nd:nan\ne:1e999\nf:0x10\ng:--1\nh:1:2\n#\n";
        let info = Info::parse(text);

        assert_eq!(info.number("a"), Some(1.0), "the first counts");
        assert!(["b", "c", "d", "e", "f", "g", "h", ""].iter().all(|it| info.number(it).is_none()));
        assert_eq!(info.get("h"), Some("1:2"));
    }

    proptest! {
        #[test]
        fn any_bytes_can_be_read(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
            let text = text(&bytes);
            let info = Info::parse(&text);
            for name in ["", "db", "slave", "cmdstat_", "master"] {
                for (rest, parts) in info.numbered(name) {
                    prop_assert!(rest.parse::<u32>().is_ok());
                    prop_assert!(parts.number("keys").is_none_or(f64::is_finite));
                }
            }
        }

        #[test]
        fn a_number_comes_back(number in any::<i64>()) {
            let text = format!("x:{number}\r\n");
            prop_assert_eq!(Info::parse(&text).number("x"), Some(number as f64));
        }
    }
}
