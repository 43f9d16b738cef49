//! Label sets and label values: which labels a metric carries, and which values they may take.
//!
//! [`labels!`](crate::labels!) makes a set; each of its fields is also a typed label name for
//! queries, so that a rule can use only labels that the metric has.

mod text;

use std::{fmt, marker::PhantomData};

use smallvec::SmallVec;

pub use text::LabelText;

/// The values of one series' labels; up to two, as most series have, are stored inline.
pub type Values = SmallVec<[LabelText; 2]>;

/// The labels of one metric family, in the order in which they are written.
pub trait LabelSet: 'static {
    /// The labels' names.
    const NAMES: &'static [&'static str];

    /// The values, in the order of [`Self::NAMES`].
    fn into_values(self) -> Values;
}

/// A metric without labels.
impl LabelSet for () {
    const NAMES: &'static [&'static str] = &[];

    fn into_values(self) -> Values {
        Values::new()
    }
}

/// A type whose values can be label values.
pub trait LabelValue {
    /// The value as it is written, before escaping.
    fn into_text(self) -> LabelText;
}

impl LabelValue for String {
    fn into_text(self) -> LabelText {
        self.into()
    }
}

impl LabelValue for &'static str {
    fn into_text(self) -> LabelText {
        self.into()
    }
}

impl LabelValue for LabelText {
    fn into_text(self) -> LabelText {
        self
    }
}

/// The name of one label of the set `Set`, whose values are of the type `Value`.
/// Only [`labels!`](crate::labels!) makes one.
pub struct Label<Set, Value> {
    name: &'static str,
    marker: PhantomData<fn() -> (Set, Value)>,
}

impl<Set, Value> Label<Set, Value> {
    #[doc(hidden)]
    pub const fn new(name: &'static str) -> Self {
        Self { name, marker: PhantomData }
    }

    /// The label's name.
    pub const fn name(&self) -> &'static str {
        self.name
    }
}

impl<Set, Value> Clone for Label<Set, Value> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<Set, Value> Copy for Label<Set, Value> {}

impl<Set, Value> fmt::Debug for Label<Set, Value> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// Defines a label set, and each field `f` once more as the constant `Set::f` for queries.
///
/// ```
/// common::labels! {
///     /// One queue.
///     pub struct QueueLabels {
///         /// The queue's name.
///         queue: String,
///     }
/// }
/// assert_eq!(QueueLabels::queue.name(), "queue");
/// ```
#[macro_export]
macro_rules! labels {
    ($(#[$meta:meta])* $vis:vis struct $Set:ident {
        $($(#[$field_meta:meta])* $field:ident: $Type:ty),+ $(,)?
    }) => {
        $(#[$meta])*
        #[allow(missing_docs, reason = "a label's name often says enough")]
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        $vis struct $Set {
            $($(#[$field_meta])* $vis $field: $Type),+
        }

        impl $crate::metric::LabelSet for $Set {
            const NAMES: &'static [&'static str] = &[$(stringify!($field)),+];

            fn into_values(self) -> $crate::metric::Values {
                let Self { $($field),+ } = self;
                let mut values = $crate::metric::Values::new();
                $(values.push($crate::metric::LabelValue::into_text($field));)+
                values
            }
        }

        #[allow(
            dead_code,
            missing_docs,
            non_upper_case_globals,
            reason = "a constant is named as its label, and not every label is queried"
        )]
        impl $Set {
            $($(#[$field_meta])*
            $vis const $field: $crate::metric::Label<Self, $Type> =
                $crate::metric::Label::new(stringify!($field));)+
        }
    };
}

/// Defines the closed set of values that a label may take.
///
/// ```
/// common::label_values! {
///     /// How a run ended.
///     pub enum Outcome {
///         /// It did its work.
///         Ok = "ok",
///         /// It did not.
///         Failed = "failed",
///     }
/// }
/// assert_eq!(Outcome::ALL.map(Outcome::as_str), ["ok", "failed"]);
/// ```
#[macro_export]
macro_rules! label_values {
    ($(#[$meta:meta])* $vis:vis enum $Name:ident {
        $($(#[$variant_meta:meta])* $Variant:ident = $text:literal),+ $(,)?
    }) => {
        $(#[$meta])*
        #[allow(missing_docs, reason = "a value's name often says enough")]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        $vis enum $Name {
            $($(#[$variant_meta])* $Variant),+
        }

        impl $Name {
            /// Every value, in the order of the definition.
            $vis const ALL: [Self; [$($text),+].len()] = [$(Self::$Variant),+];

            /// The label's value.
            $vis const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$Variant => $text),+
                }
            }
        }

        impl $crate::metric::LabelValue for $Name {
            fn into_text(self) -> $crate::metric::LabelText {
                $crate::metric::LabelText::of(self.as_str())
            }
        }
    };
}
