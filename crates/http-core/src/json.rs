//! The one reader of JSON bodies.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// Parses JSON. Unlike `serde_json::from_slice`, it rejects an object that has a member twice: clients that send one do not
/// agree with servers on which of them counts (RFC 8259 section 4).
///
/// # Errors
/// The position and the reason.
pub(crate) fn parse(bytes: &[u8]) -> Result<Value, serde_json::Error> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let value = UniqueMembers.deserialize(&mut json)?;
    json.end()?;
    Ok(value)
}

/// Returns a whole number, also if it is written as `100.0` or `1e2`: JSON has one type of number, and in OpenAPI 3.1 an
/// integer is any number without a fraction.
#[must_use]
pub fn whole_number(value: &Value) -> Option<i64> {
    value.as_number().and_then(whole)
}

/// Writes equal values alike. (`serde_json` sorts members.)
pub(crate) fn canonical(value: &Value) -> Value {
    match value {
        Value::Number(number) => whole(number).map_or_else(|| value.clone(), Value::from),
        Value::Array(values) => values.iter().map(canonical).collect(),
        Value::Object(members) => {
            let members = members.iter().map(|(name, value)| (name.clone(), canonical(value)));
            Value::Object(members.collect())
        }
        other => other.clone(),
    }
}

fn whole(number: &Number) -> Option<i64> {
    /// 2^53: up to here, every whole number is a float.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if let Some(number) = number.as_i64() {
        return Some(number);
    }
    let float = number.as_f64().filter(|float| number.is_f64() && float.fract() == 0.0)?;
    #[expect(clippy::cast_possible_truncation, reason = "the number is whole and exact")]
    (float.abs() <= EXACT).then_some(float as i64)
}

/// Reads a value whose objects have no member twice.
struct UniqueMembers;

impl<'de> DeserializeSeed<'de> for UniqueMembers {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Value, D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for UniqueMembers {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = items.next_element_seed(Self)? {
            values.push(value);
        }
        Ok(values.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            if object.contains_key(&name) {
                return Err(A::Error::custom(format_args!("the member {name:?} is given twice")));
            }
            object.insert(name, members.next_value_seed(Self)?);
        }
        Ok(object.into())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn reads_what_serde_json_reads() {
        for text in [
            r#"{"a": [1, -2, 1.5, 18446744073709551615, true, null, "ক\n"], "b": {"c": {}}}"#,
            "[]",
            " 7 ",
            "\"x\"",
        ] {
            assert_eq!(
                parse(text.as_bytes()).unwrap(),
                serde_json::from_str::<Value>(text).unwrap(),
                "{text}"
            );
        }
        for bad in ["", "{", "{} {}", "[1,]", "nul", "\u{FEFF}{}"] {
            assert!(parse(bad.as_bytes()).is_err(), "{bad}");
        }
        let deep = "[".repeat(200);
        assert!(parse(deep.as_bytes()).unwrap_err().to_string().contains("recursion limit"));
    }

    #[test]
    fn rejects_members_that_are_given_twice() {
        for text in [r#"{"a": 1, "a": 1}"#, r#"{"b": [{"a": 1, "c": 2, "\u0061": 3}]}"#] {
            let error = parse(text.as_bytes()).unwrap_err();
            assert!(error.is_data() && error.to_string().contains("\"a\" is given twice"), "{error}");
        }
        assert!(parse(br#"{"a": {"a": 1}, "b": {"a": 1}}"#).is_ok());
    }

    #[test]
    fn whole_numbers_may_be_written_as_floats() {
        let whole = |text: &str| whole_number(&parse(text.as_bytes()).unwrap());
        for (text, expected) in
            [("100", 100), ("100.0", 100), ("1e2", 100), ("-0", 0), ("-0.0", 0), ("-12e0", -12)]
        {
            assert_eq!(whole(text), Some(expected), "{text}");
        }
        for other in ["1.5", "1e300", "18446744073709551615", "9007199254740994.0", "\"1\"", "null"] {
            assert_eq!(whole(other), None, "{other}");
        }
    }

    #[test]
    fn values_of_one_meaning_have_one_canonical_form() {
        let value = json!({"a": [1, {"b": 100, "c": 1.5}], "d": "x"});
        let text = r#" { "d": "x", "a": [1.0, {"c": 15e-1, "b": 1e2}] } "#;
        assert_eq!(canonical(&parse(text.as_bytes()).unwrap()).to_string(), value.to_string());
        assert_ne!(canonical(&json!({"a": "1"})), canonical(&json!({"a": 1})));
        assert_ne!(
            canonical(&json!([9_007_199_254_740_993_i64])),
            canonical(&json!([9_007_199_254_740_992_i64]))
        );
    }
}
