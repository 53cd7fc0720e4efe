//! Declares a request body once, for the parser and for the documentation.

use std::borrow::Cow;
use std::convert::Infallible;

use haat_domain::shared::{NumberValue, TextValue};
use serde_json::Value;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, Schema, SchemaFormat, SchemaType, Type};

use super::Fields;

/// Declares a request body: a struct, its [`Body`](super::Body) parser and its schema.
///
/// ```ignore
/// body! {
///     /// An alternative spelling to create.
///     pub(super) struct AliasBody as "NewPlaceAlias" {
///         /// Kind of the place.
///         kind: required text AliasedKind = "area",
///         /// Id of the place.
///         place: required id = 3,
///         /// True to overwrite.
///         force: optional flag,
///     }
/// }
/// ```
///
/// Kinds of values: `text T` (a [`TextValue`]), `number T` (a [`NumberValue`]), `id` (a whole number), `flag` (a
/// boolean), `secret` (a password, a token or a code), `secret T` (a [`TextValue`] that is secret) and `value T` (a
/// [`MemberValue`], such as a list of objects). Modes: `required`;
/// `optional`, where `null` counts as absent; `patch`, which must not be `null`; `nullable`, where `null` clears the
/// value. A `nullable` member is an `Option<Option<_>>`, an `optional` or `patch` member an `Option<_>`.
#[macro_export]
macro_rules! body {
    (
        $(#[doc = $doc:literal])+
        $vis:vis struct $body:ident as $schema:literal {
            $($(#[doc = $member_doc:literal])+ $member:ident: $mode:ident $kind:ident $($value:ident)? $(= $example:literal)?,)+
        }
    ) => {
        $(#[doc = $doc])+
        #[derive(Debug, Clone)]
        $vis struct $body {
            $($(#[doc = $member_doc])+ $vis $member: $crate::body!(@type $mode $kind $($value)?),)+
        }

        impl $crate::Body for $body {
            type Value = Self;

            fn read(fields: &mut $crate::Fields) -> Option<Self> {
                $(let $member = $crate::body!(@read $mode $kind $($value)?)(
                    fields,
                    &$crate::body_macro::camel_case(stringify!($member)),
                );)+
                Some(Self { $($member: $crate::body!(@unwrap $mode $member),)+ })
            }
        }

        impl utoipa::PartialSchema for $body {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                use $crate::body_macro as parts;
                parts::object(concat!($($doc, "\n"),+), vec![
                    $(parts::Member {
                        name: stringify!($member),
                        mode: parts::Mode::$mode,
                        doc: concat!($($member_doc, "\n"),+),
                        schema: $crate::body!(@schema $kind $($value)?).into(),
                        example: $crate::body!(@example $kind $($value)? $(= $example)?),
                    }),+
                ])
            }
        }

        impl utoipa::ToSchema for $body {
            fn name() -> std::borrow::Cow<'static, str> {
                std::borrow::Cow::Borrowed($schema)
            }
        }
    };
    (@type required $kind:ident $($value:ident)?) => { $crate::body!(@value $kind $($value)?) };
    (@type optional $kind:ident $($value:ident)?) => { Option<$crate::body!(@value $kind $($value)?)> };
    (@type patch $kind:ident $($value:ident)?) => { Option<$crate::body!(@value $kind $($value)?)> };
    (@type nullable $kind:ident $($value:ident)?) => { Option<Option<$crate::body!(@value $kind $($value)?)>> };
    (@value text $value:ident) => { $value };
    (@value number $value:ident) => { $value };
    (@value value $value:ident) => { $value };
    (@value secret) => { secrecy::SecretString };
    (@value secret $value:ident) => { $value };
    (@value id) => { i64 };
    (@value flag) => { bool };
    (@read $mode:ident text $value:ident) => { $crate::body_macro::$mode::text::<$value> };
    (@read $mode:ident number $value:ident) => { $crate::body_macro::$mode::number::<$value> };
    (@read $mode:ident value $value:ident) => { $crate::body_macro::$mode::value::<$value> };
    (@read $mode:ident secret) => { $crate::body_macro::$mode::secret };
    (@read $mode:ident secret $value:ident) => { $crate::body_macro::$mode::text::<$value> };
    (@read $mode:ident id) => { $crate::body_macro::$mode::id };
    (@read $mode:ident flag) => { $crate::body_macro::$mode::flag };
    (@unwrap required $member:ident) => { $member? };
    (@unwrap $mode:ident $member:ident) => { $member };
    (@schema text $value:ident) => { $crate::body_macro::text_schema::<$value>() };
    (@schema number $value:ident) => { $crate::body_macro::number_schema::<$value>() };
    (@schema value $value:ident) => { <$value as $crate::MemberValue>::schema() };
    (@schema secret) => { $crate::body_macro::secret_schema() };
    (@schema secret $value:ident) => { $crate::body_macro::secret_text_schema::<$value>() };
    (@schema id) => { $crate::body_macro::id_schema() };
    (@schema flag) => { $crate::body_macro::flag_schema() };
    (@example $kind:ident $($value:ident)? = $example:literal) => { Some(serde_json::Value::from($example)) };
    (@example text $value:ident) => { $crate::body_macro::example::<$value>() };
    (@example $kind:ident $($value:ident)?) => { None };
}

/// Returns the name of a member in JSON. A raw identifier such as `r#move` is a member whose name is a keyword of Rust.
#[must_use]
pub fn camel_case(name: &'static str) -> Cow<'static, str> {
    let name = name.strip_prefix("r#").unwrap_or(name);
    if !name.contains('_') {
        return Cow::Borrowed(name);
    }
    let mut words = name.split('_');
    let mut camel = words.next().unwrap_or_default().to_owned();
    for word in words {
        let mut letters = word.chars();
        camel.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        camel.push_str(letters.as_str());
    }
    Cow::Owned(camel)
}

/// The ways in which a member may be absent or `null`.
#[expect(non_camel_case_types, reason = "the macro uses the words of its input")]
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    required,
    optional,
    patch,
    nullable,
}

/// Readers of required members.
pub mod required {
    use secrecy::SecretString;

    use super::{Fields, Infallible, MemberValue, TextValue};

    pub fn text<T: TextValue>(fields: &mut Fields, name: &str) -> Option<T> {
        fields.required(name, T::parse)
    }

    pub fn secret(fields: &mut Fields, name: &str) -> Option<SecretString> {
        fields.text(name).map(SecretString::from)
    }

    pub fn value<T: MemberValue>(fields: &mut Fields, name: &str) -> Option<T> {
        let Some(json) = fields.take(name) else {
            fields.require(name);
            return None;
        };
        T::read(fields, name, json)
    }

    pub fn id(fields: &mut Fields, name: &str) -> Option<i64> {
        let id = fields.number(name, Ok::<_, Infallible>);
        if id.is_none() {
            fields.require(name);
        }
        id
    }
}

/// Readers of optional members, for which `null` counts as absent.
pub mod optional {
    use secrecy::SecretString;

    use super::{Fields, MemberValue, NumberValue, TextValue};

    pub fn secret(fields: &mut Fields, name: &str) -> Option<SecretString> {
        fields.optional_text(name).map(SecretString::from)
    }

    pub fn text<T: TextValue>(fields: &mut Fields, name: &str) -> Option<T> {
        fields.optional(name, T::parse)
    }

    pub fn number<T: NumberValue>(fields: &mut Fields, name: &str) -> Option<T> {
        super::nullable::number(fields, name).flatten()
    }

    pub fn flag(fields: &mut Fields, name: &str) -> Option<bool> {
        fields.boolean(name)
    }

    pub fn id(fields: &mut Fields, name: &str) -> Option<i64> {
        super::nullable::id(fields, name).flatten()
    }

    pub fn value<T: MemberValue>(fields: &mut Fields, name: &str) -> Option<T> {
        let json = fields.take(name)?;
        T::read(fields, name, json)
    }
}

/// Readers of members of a patch that must not be `null`.
pub mod patch {
    use super::{Fields, Infallible, TextValue};

    pub fn text<T: TextValue>(fields: &mut Fields, name: &str) -> Option<T> {
        fields.non_null(name, T::parse)
    }

    pub fn id(fields: &mut Fields, name: &str) -> Option<i64> {
        fields.number(name, Ok::<_, Infallible>)
    }
}

/// Readers of members that `null` clears.
pub mod nullable {
    use super::{Fields, Infallible, NumberValue, TextValue};

    pub fn text<T: TextValue>(fields: &mut Fields, name: &str) -> Option<Option<T>> {
        fields.nullable_text(name, |text| text.map(T::parse).transpose())
    }

    pub fn number<T: NumberValue>(fields: &mut Fields, name: &str) -> Option<Option<T>> {
        fields.nullable_number(name, |number| number.map(T::parse).transpose())
    }

    pub fn id(fields: &mut Fields, name: &str) -> Option<Option<i64>> {
        fields.nullable_number(name, Ok::<_, Infallible>)
    }
}

/// The value of a member that is neither a text nor a number, such as a list of objects.
pub trait MemberValue: Sized {
    /// Reads the value. Returns `None` if it has an error, which is recorded in `fields` under the name of the member.
    fn read(fields: &mut Fields, name: &str, json: Value) -> Option<Self>;

    /// Returns the schema of the value.
    #[must_use]
    fn schema() -> Schema;
}

/// A member of a body, for its schema.
pub struct Member {
    pub name: &'static str,
    pub mode: Mode,
    pub doc: &'static str,
    pub schema: Schema,
    pub example: Option<Value>,
}

/// Builds the schema of a body.
#[must_use]
pub fn object(doc: &str, members: Vec<Member>) -> RefOr<Schema> {
    let mut object = ObjectBuilder::new().schema_type(Type::Object).description(Some(paragraph(doc)));
    for Member { name, mode, doc, schema, example } in members {
        let (name, description) = (camel_case(name), Some(paragraph(doc)));
        let schema = match schema {
            Schema::Object(mut schema) => {
                (schema.description, schema.example) = (description, example.or(schema.example));
                if let (Mode::optional | Mode::nullable, SchemaType::Type(kind)) =
                    (mode, schema.schema_type.clone())
                {
                    schema.schema_type = SchemaType::from_iter([kind, Type::Null]);
                    if let Some(words) = &mut schema.enum_values {
                        words.push(Value::Null);
                    }
                }
                Schema::Object(schema)
            }
            Schema::Array(mut schema) => {
                (schema.description, schema.example) = (description, example.or(schema.example));
                Schema::Array(schema)
            }
            other => other,
        };
        object = object.property(name.clone(), schema);
        if mode == Mode::required {
            object = object.required(name);
        }
    }
    object.into()
}

/// Returns the schema of a text.
#[must_use]
pub fn text_schema<T: TextValue>() -> ObjectBuilder {
    let text = ObjectBuilder::new().schema_type(Type::String);
    if T::WORDS.is_empty() {
        text.min_length(Some(T::MIN_CHARS)).max_length(T::MAX_CHARS)
    } else {
        text.enum_values(Some(T::WORDS.iter().copied()))
    }
}

/// Returns the schema of a secret.
#[must_use]
pub fn secret_schema() -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Password)))
}

/// Returns the schema of a text that is secret.
#[must_use]
pub fn secret_text_schema<T: TextValue>() -> ObjectBuilder {
    text_schema::<T>().format(Some(SchemaFormat::KnownFormat(KnownFormat::Password)))
}

/// Returns the schema of a number.
#[must_use]
pub fn number_schema<T: NumberValue>() -> ObjectBuilder {
    let format = if i32::try_from(T::MAX).is_ok() { KnownFormat::Int32 } else { KnownFormat::Int64 };
    ObjectBuilder::new()
        .schema_type(Type::Integer)
        .format(Some(SchemaFormat::KnownFormat(format)))
        .minimum(Some(T::MIN))
        .maximum(Some(T::MAX))
}

/// Returns the example of a value type.
pub fn example<T: TextValue>() -> Option<Value> {
    T::EXAMPLE.map(Value::from)
}

/// Returns the schema of an id.
#[must_use]
pub fn id_schema() -> ObjectBuilder {
    let format = SchemaFormat::KnownFormat(KnownFormat::Int64);
    ObjectBuilder::new().schema_type(Type::Integer).format(Some(format))
}

/// Returns the schema of a boolean.
#[must_use]
pub fn flag_schema() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::Boolean)
}

/// Joins the lines of a doc comment as the derive macros of utoipa do.
fn paragraph(doc: &str) -> String {
    doc.lines().map(str::trim).collect::<Vec<_>>().join("\n").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;
    use serde_json::json;
    use utoipa::PartialSchema as _;

    use super::super::Body as _;
    use super::*;

    #[derive(Debug, Clone, PartialEq)]
    struct Short(String);

    impl TextValue for Short {
        type Rule = haat_domain::shared::TextError;
        const MAX_CHARS: Option<usize> = Some(3);
        const EXAMPLE: Option<&'static str> = Some("abc");

        fn parse(text: &str) -> Result<Self, Self::Rule> {
            haat_domain::shared::single_line(text, 3).map(Self)
        }
    }

    #[derive(Debug, Clone, PartialEq)]
    struct Few(i64);

    impl NumberValue for Few {
        type Rule = haat_domain::shared::LimitError;
        const MIN: i64 = 0;
        const MAX: i64 = 9;

        fn parse(number: i64) -> Result<Self, Self::Rule> {
            if (0..=9).contains(&number) { Ok(Self(number)) } else { Err(haat_domain::shared::LimitError) }
        }
    }

    body! {
        /// A body.
        struct Sample as "Sample" {
            /// A text.
            text: required text Short,
            /// An id.
            place: required id = 3,
            /// A choice.
            is_forced: optional flag,
            /// A patch.
            name: patch text Short,
            /// A text that
            /// can be cleared.
            name_bn: nullable text Short,
            /// A number.
            count: optional number Few,
            /// A number that can be cleared.
            limit: nullable number Few = 2,
            /// A secret.
            code: required secret = "287082",
        }
    }

    fn read(json: Value) -> (Option<Sample>, Vec<(String, &'static str)>) {
        let Value::Object(members) = json else { unreachable!() };
        let mut fields = Fields::new(members);
        let body = Sample::read(&mut fields);
        let errors = fields.finish().map_or_else(|problem| problem.errors, |()| Vec::new());
        (body, errors.into_iter().map(|error| (error.field.into_owned(), error.code)).collect())
    }

    #[test]
    fn reads_every_mode() {
        let (body, errors) = read(json!({
            "text": "abc", "place": 1, "isForced": true, "nameBn": null, "count": null, "limit": null, "code": "1"
        }));
        let body = body.unwrap();
        assert_eq!((body.text, body.place, body.is_forced), (Short("abc".into()), 1, Some(true)));
        assert_eq!((body.name, body.name_bn, errors), (None, Some(None), vec![]));
        assert_eq!((body.count, body.limit, body.code.expose_secret()), (None, Some(None), "1"));
    }

    #[test]
    fn reports_all_errors_at_once() {
        let (body, errors) =
            read(json!({"text": "abcd", "isForced": 1, "name": null, "nameBn": 2, "count": 10, "more": 1}));
        assert!(body.is_none());
        let expected = [
            ("text", "too-long"),
            ("place", "required"),
            ("isForced", "wrong-type"),
            ("name", "required"),
            ("nameBn", "wrong-type"),
            ("count", "out-of-range"),
            ("code", "required"),
            ("more", "unknown-field"),
        ];
        assert_eq!(errors, expected.map(|(field, code)| (field.to_owned(), code)));
    }

    #[test]
    fn the_schema_has_the_limits_of_the_values() {
        let schema = serde_json::to_value(Sample::schema()).unwrap();
        let expected = json!({
            "type": "object",
            "description": "A body.",
            "required": ["text", "place", "code"],
            "properties": {
                "text": {"type": "string", "description": "A text.", "minLength": 1, "maxLength": 3, "example": "abc"},
                "place": {"type": "integer", "format": "int64", "description": "An id.", "example": 3},
                "isForced": {"type": ["boolean", "null"], "description": "A choice."},
                "name": {"type": "string", "description": "A patch.", "minLength": 1, "maxLength": 3, "example": "abc"},
                "nameBn": {
                    "type": ["string", "null"], "description": "A text that\ncan be cleared.",
                    "minLength": 1, "maxLength": 3, "example": "abc"
                },
                "count": {
                    "type": ["integer", "null"], "format": "int32", "description": "A number.", "minimum": 0, "maximum": 9
                },
                "limit": {
                    "type": ["integer", "null"], "format": "int32", "description": "A number that can be cleared.",
                    "minimum": 0, "maximum": 9, "example": 2
                },
                "code": {"type": "string", "format": "password", "description": "A secret.", "example": "287082"},
            }
        });
        assert_eq!(schema, expected);
    }
}
