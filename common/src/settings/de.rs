//! Deserializes merged layers, with errors that name the key and its origin.
//!
//! The `config` crate's own deserializer quotes values in its errors and accepts `"5"` as a number from any
//! layer. Here a file's types are strict, and only variables and flags, which are always text, are parsed
//! as the expected type.

use std::{fmt::Display, vec};

use config::{Value, ValueKind};
use serde::de::{
    self, DeserializeOwned, DeserializeSeed, IntoDeserializer, Visitor, value::StringDeserializer,
};

use super::{SettingsError, layers::is_text};

type Result<T> = std::result::Result<T, SettingsError>;

/// Reads `value`, which is at the path `key`.
pub(super) fn read<T: DeserializeOwned>(key: &str, value: &Value) -> Result<T> {
    T::deserialize(Node(value.clone())).map_err(|it| located(it, key, value))
}

/// Where the value is; for a table without an origin, where its first value is.
pub(super) fn origin(value: &Value) -> Option<String> {
    let inner = || match &value.kind {
        ValueKind::Table(_) => entries(value).iter().find_map(|(_, it)| origin(it)),
        ValueKind::Array(items) => items.iter().find_map(origin),
        _ => None,
    };
    value.origin().map(str::to_owned).or_else(inner)
}

/// The entries of the section `name`, which must be a table.
pub(super) fn table<'v>(name: &str, value: &'v Value) -> Result<Vec<(&'v String, &'v Value)>> {
    match &value.kind {
        ValueKind::Table(_) => Ok(entries(value)),
        _ => Err(located(Node(value.clone()).mismatch("a table"), name, value)),
    }
}

/// The keys that the struct `T` takes, as its `Deserialize` declares them.
pub(super) fn keys<T: DeserializeOwned>() -> &'static [&'static str] {
    let mut keys: &[&str] = &[];
    // It fails after the struct has declared its keys, since there is no value to read.
    let _ = T::deserialize(KeyProbe(&mut keys));
    keys
}

/// Records the keys of the struct that is read from it.
struct KeyProbe<'k>(&'k mut &'static [&'static str]);

impl<'de> de::Deserializer<'de> for KeyProbe<'_> {
    type Error = SettingsError;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value> {
        Err(de::Error::custom("not a struct"))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        keys: &'static [&'static str],
        _: V,
    ) -> Result<V::Value> {
        *self.0 = keys;
        Err(de::Error::custom("no value"))
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

/// A table's entries in the order of their keys, so that the same error is always found first.
pub(super) fn entries(value: &Value) -> Vec<(&String, &Value)> {
    let ValueKind::Table(table) = &value.kind else { return Vec::new() };
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(key, _)| *key);
    entries
}

/// The value at the path `key` below `root`, or its deepest existing parent.
pub(super) fn nearest<'v>(root: &'v Value, key: &str) -> &'v Value {
    let mut value = root;
    for segment in key.split(['.', '[']) {
        let next = match &value.kind {
            ValueKind::Table(table) => table.get(segment),
            ValueKind::Array(items) => {
                let index = segment.trim_end_matches(']').parse::<usize>();
                index.ok().and_then(|it| items.get(it))
            }
            _ => None,
        };
        let Some(next) = next else { break };
        value = next;
    }
    value
}

/// Completes the error of something inside `value`, which is at `key`.
fn located(error: SettingsError, key: &str, value: &Value) -> SettingsError {
    let mut texts = Vec::new();
    collect_texts(value, &mut texts);
    error.scrubbed(texts).with_origin(|| origin(value)).in_table(key)
}

fn collect_texts<'v>(value: &'v Value, texts: &mut Vec<&'v str>) {
    match &value.kind {
        ValueKind::String(text) => texts.push(text),
        ValueKind::Array(items) => items.iter().for_each(|it| collect_texts(it, texts)),
        _ => entries(value).into_iter().for_each(|(_, it)| collect_texts(it, texts)),
    }
}

/// A value to deserialize.
struct Node(Value);

impl Node {
    /// The text of a variable or a flag, to be parsed as the expected type.
    fn loose_text(&self) -> Option<&str> {
        match &self.0.kind {
            ValueKind::String(text) if is_text(self.0.origin()) => Some(text.trim()),
            _ => None,
        }
    }

    fn mismatch(&self, expected: impl Display) -> SettingsError {
        let found = match &self.0.kind {
            ValueKind::Nil => "nothing",
            ValueKind::Boolean(_) => "true or false",
            ValueKind::Float(_) => "a number with a fraction",
            ValueKind::String(_) => "text",
            ValueKind::Table(_) => "a table",
            ValueKind::Array(_) => "a list",
            _ => "a whole number",
        };
        SettingsError::at("", format!("expected {expected}, found {found}"))
    }

    fn integer(&self) -> Option<i128> {
        match &self.0.kind {
            ValueKind::I64(number) => Some((*number).into()),
            ValueKind::U64(number) => Some((*number).into()),
            _ => self.loose_text()?.parse().ok(),
        }
    }

    fn float(&self) -> Option<f64> {
        match &self.0.kind {
            ValueKind::Float(number) => Some(*number),
            ValueKind::I64(number) => Some(*number as f64),
            ValueKind::U64(number) => Some(*number as f64),
            _ => self.loose_text()?.parse().ok(),
        }
    }

    fn boolean(&self) -> Option<bool> {
        match (&self.0.kind, self.loose_text()) {
            (ValueKind::Boolean(value), _) => Some(*value),
            (_, Some("true" | "1" | "yes" | "on")) => Some(true),
            (_, Some("false" | "0" | "no" | "off")) => Some(false),
            _ => None,
        }
    }

    /// A list's items; a variable separates them by commas.
    fn items(&self) -> Option<Vec<Value>> {
        if let ValueKind::Array(items) = &self.0.kind {
            return Some(items.clone());
        }
        let origin = self.0.origin().map(str::to_owned);
        let part = |it: &str| Value::new(origin.as_ref(), it.trim());
        Some(self.loose_text()?.split(',').map(part).collect())
    }
}

macro_rules! integers {
    ($($method:ident, $visit:ident, $Type:ty;)+) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
            let range = || format!("a whole number from {} to {}", <$Type>::MIN, <$Type>::MAX);
            let wide = self.integer().ok_or_else(|| self.mismatch(range()))?;
            let number = <$Type>::try_from(wide)
                .map_err(|_| SettingsError::at("", format!("out of range; expected {}", range())))?;
            visitor.$visit(number)
        }
    )+};
}

impl<'de> de::Deserializer<'de> for Node {
    type Error = SettingsError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.0.kind {
            ValueKind::Nil => visitor.visit_unit(),
            ValueKind::Boolean(value) => visitor.visit_bool(value),
            ValueKind::I64(number) => visitor.visit_i64(number),
            ValueKind::U64(number) => visitor.visit_u64(number),
            ValueKind::I128(number) => visitor.visit_i128(number),
            ValueKind::U128(number) => visitor.visit_u128(number),
            ValueKind::Float(number) => visitor.visit_f64(number),
            ValueKind::String(text) => visitor.visit_string(text),
            ValueKind::Array(_) => self.deserialize_seq(visitor),
            ValueKind::Table(_) => self.deserialize_map(visitor),
        }
    }

    integers! {
        deserialize_i8, visit_i8, i8;
        deserialize_i16, visit_i16, i16;
        deserialize_i32, visit_i32, i32;
        deserialize_i64, visit_i64, i64;
        deserialize_u8, visit_u8, u8;
        deserialize_u16, visit_u16, u16;
        deserialize_u32, visit_u32, u32;
        deserialize_u64, visit_u64, u64;
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.deserialize_f64(visitor)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_f64(self.float().ok_or_else(|| self.mismatch("a number"))?)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_bool(self.boolean().ok_or_else(|| self.mismatch("true or false"))?)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.0.kind {
            ValueKind::String(text) => visitor.visit_string(text),
            _ => Err(self.mismatch("text in quotes")),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.deserialize_str(visitor)
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.0.kind {
            ValueKind::Nil => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        let items = self.items().ok_or_else(|| self.mismatch("a list"))?;
        visitor.visit_seq(Items { next: 0, items: items.into_iter() })
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        let ValueKind::Table(_) = &self.0.kind else { return Err(self.mismatch("a table")) };
        let entries = entries(&self.0).into_iter().map(|(key, it)| (key.clone(), it.clone()));
        let entries: Vec<_> = entries.collect();
        visitor.visit_map(Entries { entries: entries.into_iter(), value: None })
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        self.deserialize_map(visitor)
    }

    /// A variant is named by text, or by a table's only key.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        match &self.0.kind {
            ValueKind::String(name) => visitor.visit_enum(name.clone().into_deserializer()),
            ValueKind::Table(table) if table.len() == 1 => {
                let entries: Vec<_> = table.clone().into_iter().collect();
                let entries = Entries { entries: entries.into_iter(), value: None };
                visitor.visit_enum(de::value::MapAccessDeserializer::new(entries))
            }
            _ => Err(self.mismatch(format!("one of `{}`", variants.join("`, `")))),
        }
    }

    serde::forward_to_deserialize_any! {
        i128 u128 bytes byte_buf unit unit_struct tuple tuple_struct identifier ignored_any
    }
}

struct Items {
    next: usize,
    items: vec::IntoIter<Value>,
}

impl<'de> de::SeqAccess<'de> for Items {
    type Error = SettingsError;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>> {
        let Some(item) = self.items.next() else { return Ok(None) };
        let key = format!("[{}]", self.next);
        self.next += 1;
        seed.deserialize(Node(item.clone())).map(Some).map_err(|it| located(it, &key, &item))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.items.len())
    }
}

struct Entries {
    entries: vec::IntoIter<(String, Value)>,
    value: Option<(String, Value)>,
}

impl<'de> de::MapAccess<'de> for Entries {
    type Error = SettingsError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>> {
        let Some((key, value)) = self.entries.next() else { return Ok(None) };
        let name: StringDeserializer<SettingsError> = key.clone().into_deserializer();
        let place = origin(&value);
        self.value = Some((key, value));
        seed.deserialize(name).map(Some).map_err(|it| it.with_origin(|| place))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value> {
        let (key, value) = self
            .value
            .take()
            .ok_or_else(|| de::Error::custom("a value was read before its key"))?;
        seed.deserialize(Node(value.clone())).map_err(|it| located(it, &key, &value))
    }
}
